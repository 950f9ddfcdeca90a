"""The file of a finished batch: arrays of numbers, and `about`, JSON with its texts; each is bounded before it is read.

A file may have holes, which take no room on the disk and gigabytes in memory.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from xai_core import bounded_json, regular
from xai_core.errors import RecordError
from xai_core.inflated import stored_archive
from xai_core.types.names import is_cut

ABOUT = "about"
_PICTURES = 64  # of a batch, at most
_MAX_MAPS = (512 << 20) + (1 << 16)  # bytes: of 8 pictures of 4,096 pixels a side, and what is said of them
_BESIDE = 64 << 20  # bytes: of 64 pictures, probabilities of 100,000 classes in double precision
MAX_ABOUT = 16 << 20  # bytes: names, labels and reasons of a batch of pictures


def largest_array(head: Mapping[str, Any]) -> int:
    """Bytes that an array of a part of a study may have.

    Parameters
    ----------
    head : Mapping of str to object
        All of `study.json`.

    Returns
    -------
    int
        So that maps fit in that are as large as the network's input.
    """
    height, width = head["input_size"]
    return max(_BESIDE, min(_MAX_MAPS, _PICTURES * height * width * np.dtype(np.float32).itemsize))


def is_too_large(archive: zipfile.ZipFile, most: int) -> bool:
    """Whether a part says that it holds an array that is not read.

    Parameters
    ----------
    archive : zipfile.ZipFile
    most : int
        Bytes that an array may have.

    Returns
    -------
    bool
    """
    return any(member.file_size > most for member in archive.infolist())


def read_array(path: Path, name: str, called: str, most: int) -> np.ndarray:
    """One array of a part; the others are not read.

    Parameters
    ----------
    path : pathlib.Path
    name : str
        Of the array.
    called : str
        What sentences call the part.
    most : int
        Bytes that it may have.

    Returns
    -------
    ndarray
        Of numbers, or of true and false.

    Raises
    ------
    OSError, ValueError, KeyError, zipfile.BadZipFile
        If there is no such part, it is damaged, or it holds no such array.
    RecordError
        If the array is too large, or none of numbers.
    """
    with regular.opened(path) as file, stored_archive(file, called) as part:
        member = part.getinfo(f"{name}.npy")
        if (size := member.file_size) > most:
            raise RecordError(f"{called} has {size >> 20:,} MB in its {name!r}; at most {most >> 20} MB are read.")
        with part.open(member) as content:
            found = np.lib.format.read_array(content, allow_pickle=False)
    if found.dtype.kind not in "biuf" or not found.ndim:
        raise RecordError(f"{called} is damaged: its {name!r} is no array of numbers.")
    return found


def read_about(path: Path, called: str) -> dict[str, Any]:
    """The texts of a part.

    Parameters
    ----------
    path : pathlib.Path
    called : str
        What sentences call the part.

    Returns
    -------
    dict of str to object

    Raises
    ------
    OSError, ValueError, KeyError, zipfile.BadZipFile
        If there is no such part, or it is damaged.
    RecordError
        If they are too long, or no texts of a part.
    """
    found = bounded_json.loads(read_array(path, ABOUT, called, MAX_ABOUT).tobytes())
    if not isinstance(found, dict) or not _are_texts(found):
        raise RecordError(f"{called} is damaged: it does not say what it holds.")
    return found


def _are_texts(about: Mapping[str, Any]) -> bool:
    """Whether what every part says of its pictures is in words, or nothing where there may be none."""
    said = [about[name] for name in ("ids", "names", "labels", "groups") if name in about]
    left_out = [about[name] for name in ("problems", "masks") if name in about]
    return (
        all(isinstance(one, list) for one in (*said, *left_out))
        and all(len(one) == len(about["ids"]) for one in said)
        and all(isinstance(text, str) for name in ("ids", "names") for text in about.get(name, ()))
        and all(text is None or (isinstance(text, str) and not is_cut(text)) for one in said for text in one)
        and all(isinstance(pair, list) and [*map(type, pair)] == [str, str] for one in left_out for pair in one)
    )
