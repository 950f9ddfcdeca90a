"""Shards as the package `webdataset` writes them: TAR archives whose times have fractions, so that pax says each."""

import io
import json
import tarfile

import numpy as np
from PIL import Image

SIDES = (9, 8)  # width and height
MASK = np.eye(*SIDES[::-1], dtype=np.uint8)


def pixels(number):
    return np.random.default_rng(number).integers(0, 256, (*SIDES[::-1], 3), dtype=np.uint8)


def png(values):
    file = io.BytesIO()
    Image.fromarray(values).save(file, "PNG")
    return file.getvalue()


def write(path, files, kind=tarfile.PAX_FORMAT):
    """An archive of names and contents: bytes, text, what is put in JSON, or a number, which is a seeded picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w", format=kind) as archive:
        for name, content in files:
            if isinstance(content, dict):
                content = json.dumps(content)
            content = content.encode() if isinstance(content, str) else content
            content = png(pixels(content)) if isinstance(content, int) else content
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(content), 1_700_000_000.25
            archive.addfile(member, io.BytesIO(content))
    return path
