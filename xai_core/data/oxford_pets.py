"""Oxford-IIIT Pet: 37 breeds of cats and dogs with the animal's outline, downloaded by torchvision when asked for.

Parkhi, Vedaldi, Zisserman and Jawahar, Cats and Dogs, CVPR 2012.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from xai_core.data.dataset import Dataset, Item, Problem
from xai_core.data.files import FORMATS
from xai_core.data.folders import is_picture, stamp
from xai_core.data.pictures import make_sample
from xai_core.data.torchvision_download import TorchvisionSource
from xai_core.errors import DataError, PictureError
from xai_core.types import ByteArray, Sample, content_id

LISTS = {"test": "test.txt", "train": "trainval.txt"}
_MASK_OF_TRIMAP = np.array([255, 1, 0, 255], np.uint8)  # (none), animal, background, border: its outline is not sure
MASKS_NOTE = "Masks are the set's trimaps: 1 is the animal, 2 the background; 3, the border, is ignored."
_ORIENTATION = 0x0112


def _complete(root: Path) -> bool:
    return (root / "images").is_dir() and all((root / "annotations" / name).is_file() for name in LISTS.values())


SOURCE = TorchvisionSource(
    key="oxford_pets",
    title="Oxford-IIIT Pet",
    splits=tuple(LISTS),
    build=lambda datasets, folder: datasets.OxfordIIITPet(folder, split="test", download=True),
    archives={"oxford-iiit-pet/images.tar.gz": 791_918_971, "oxford-iiit-pet/annotations.tar.gz": 19_173_078},
    unpacked="oxford-iiit-pet",
    complete=_complete,
)


def _mask(trimap: Path, picture: Path) -> ByteArray:
    """uint8 (H, W) of the upright picture: 1 animal, 0 background, 255 border.

    Raises
    ------
    PictureError
        With the reason in a few words, where there is none that fits.
    """
    if not trimap.is_file():
        raise PictureError("its trimap is missing")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd metadata and of large pictures
            with Image.open(picture, formats=FORMATS) as image:
                orientation = image.getexif().get(_ORIENTATION, 1)
                size = image.size
            with Image.open(trimap, formats=["PNG"]) as image:
                if image.size != size:  # before anything is decoded
                    raise PictureError("its trimap is of another size ({} x {})".format(*image.size))
                # A trimap is drawn on the pixels as they are stored, so it is turned as the picture is.
                image.getexif()[_ORIENTATION] = orientation
                values = np.asarray(ImageOps.exif_transpose(image))
    except PictureError:
        raise
    except Exception as error:  # decoders raise a dozen kinds for damaged files
        raise PictureError("its trimap is damaged") from error
    if values.ndim != 2 or values.dtype != np.uint8 or values.min() < 1 or values.max() > 3:
        raise PictureError("its trimap holds other values than 1, 2 and 3")
    return _MASK_OF_TRIMAP[values]


def _sample(path: Path, trimap: Path, name: str, label: str) -> Sample:
    sample = make_sample(path, name, label=label)
    try:
        mask = _mask(trimap, path)
    except PictureError as reason:
        return replace(sample, notes=(*sample.notes, f"no mask: {reason}"))
    return replace(sample, id=content_id(sample.pixels, mask), mask=mask)


def _listed(path: Path) -> list[str]:
    """Names such as "Abyssinian_100", of lines such as "Abyssinian_100 1 1 1"."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        root = path.parents[1]
        raise DataError(
            f"{path.name} of {SOURCE.title} is damaged: delete {root} and download the data set again."
        ) from error
    return list(dict.fromkeys(line.split()[0] for line in lines if line.strip() and not line.startswith("#")))


def read_split(root: Path, split: str) -> tuple[list[Item], list[Problem]]:
    """The pictures of a split, and those that it lists and are not there.

    Parameters
    ----------
    root : pathlib.Path
        The folder that holds images/ and annotations/.
    split : str
        Whose list is there.

    Raises
    ------
    DataError
        If the list is damaged, or none of its pictures is there.
    """
    items: list[Item] = []
    missing: list[Problem] = []
    table = root / "annotations" / LISTS[split]
    for listed in _listed(table):
        name = f"{listed}.jpg"
        label = listed.rpartition("_")[0].replace("_", " ") or listed
        path, trimap = root / "images" / name, root / "annotations" / "trimaps" / f"{listed}.png"
        if is_picture(path):
            both = f"{stamp(path)}|{stamp(trimap) if trimap.is_file() else ''}"
            items.append(Item(name, label, partial(_sample, path, trimap, name, label), both))
        else:
            missing.append(Problem(name, f"Listed in {table.name}, but not there."))
    if not items:
        raise DataError(f"{table} lists no picture that is there: delete {root} and download {SOURCE.title} again.")
    return items, missing


@SOURCE.registered(order=40)
def load(split: str | None = None) -> Dataset:
    """One split: 3,669 test or 3,680 training pictures, each with its animal's mask; the border is left open (255).

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
    split, root = SOURCE.find(split)
    items, missing = read_split(root, split)
    return Dataset(SOURCE.key, SOURCE.title, tuple(items), tuple(missing), notes=(MASKS_NOTE,))
