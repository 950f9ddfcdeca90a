"""CIFAR-10 in its authors' binary form: downloaded when asked for, read without unpickling anything."""

from __future__ import annotations

import os
import tarfile
import zlib
from functools import cache, partial
from pathlib import Path

import numpy as np

from xai_core.data.dataset import Dataset, Item
from xai_core.data.registry import register_dataset
from xai_core.download import Progress, download
from xai_core.errors import DataError, DownloadError
from xai_core.types import ByteArray, IntArray, Sample, content_id

KEY, TITLE, SPLITS = "cifar10", "CIFAR-10", ("test", "train")
URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
SHA256 = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
MB = 170.1
CLASS_NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_FILES = {"test": ("test_batch.bin",), "train": tuple(f"data_batch_{i}.bin" for i in range(1, 6))}
_RECORD = 1 + 3 * 32 * 32  # a class, then the red, green and blue planes


def folder() -> Path:
    """Where it lies: below XDG_CACHE_HOME, or ~/.cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "xai-core" / KEY


def on_disk() -> bool:
    """Whether both splits are there."""
    return all((folder() / name).is_file() for names in _FILES.values() for name in names)


def fetch(progress: Progress | None = None) -> None:
    """Download and unpack it; nothing happens if it is there.

    Parameters
    ----------
    progress : callable, optional
        Called with (bytes so far, bytes in all).

    Raises
    ------
    DownloadError
        If it cannot be fetched, is not what it should be, or cannot be written.
    """
    if on_disk():
        return
    archive = download(URL, folder() / "cifar-10-binary.tar.gz", sha256_prefix=SHA256, progress=progress)
    try:
        with tarfile.open(archive) as packed:
            for name in (name for names in _FILES.values() for name in names):
                member = packed.extractfile(f"cifar-10-batches-bin/{name}")
                draft = folder() / f".{name}.draft"
                draft.write_bytes(member.read() if member else b"")
                draft.replace(folder() / name)
    except (OSError, EOFError, KeyError, zlib.error, tarfile.TarError) as error:
        raise DownloadError(f"{TITLE} arrived but could not be unpacked into {folder()}: {error}.") from error
    finally:
        for leftover in (archive, *folder().glob(".*.draft")):
            leftover.unlink(missing_ok=True)


@cache
def _read(path: Path, stamp: int) -> tuple[ByteArray, IntArray]:
    """Pixels uint8 (N, 32, 32, 3) and classes (N,) of a file."""
    content = np.fromfile(path, np.uint8)
    if not len(content) or len(content) % _RECORD or content[::_RECORD].max() >= len(CLASS_NAMES):
        raise DataError(f"{path.name} of {TITLE} is damaged: delete {path.parent} and download it again.")
    records = content.reshape(-1, _RECORD)
    pixels = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(pixels), records[:, 0].astype(np.int64)


def _sample(pixels: ByteArray, label: str, name: str) -> Sample:
    return Sample(content_id(pixels), pixels, label, None, None, name)


@register_dataset(KEY, TITLE, splits=SPLITS, download_mb=MB, is_there=on_disk, fetch=fetch, order=20)
def load(split: str | None = None) -> Dataset:
    """One split: 10,000 test or 50,000 training pictures.

    Parameters
    ----------
    split : str, optional
        None takes the test split.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If there is no such split, or the data set is not on disk or damaged.
    """
    split = split or SPLITS[0]
    if split not in SPLITS:
        raise DataError(f"{TITLE} has no split {split!r}. Choose one of: {', '.join(SPLITS)}.")
    if not on_disk():
        raise DataError(f'{TITLE} is not on this disk. Fetch it ({MB:.0f} MB) with xai.download_dataset("{KEY}").')
    items: list[Item] = []
    for file in _FILES[split]:
        path = folder() / file
        pixels, labels = _read(path, path.stat().st_mtime_ns)
        for i, label in enumerate(labels):
            name = f"{split}-{len(items):05d}"
            items.append(Item(name, CLASS_NAMES[label], partial(_sample, pixels[i], CLASS_NAMES[label], name), name))
    return Dataset(KEY, TITLE, tuple(items))
