"""Imagenette: ten easily told classes of ImageNet, downloaded by torchvision when asked for.

Jeremy Howard, https://github.com/fastai/imagenette; the pictures whose shorter side has 320 pixels.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from xai_core.data.dataset import Dataset, Item, Problem
from xai_core.data.folders import is_picture, stamp, visible
from xai_core.data.pictures import make_sample
from xai_core.data.torchvision_download import TorchvisionSource
from xai_core.errors import DataError

LABELS = {
    "n01440764": "tench",
    "n02102040": "English springer",
    "n02979186": "cassette player",
    "n03000684": "chain saw",
    "n03028079": "church",
    "n03394916": "French horn",
    "n03417042": "garbage truck",
    "n03425413": "gas pump",
    "n03445777": "golf ball",
    "n03888257": "parachute",
}
SPLITS = ("val", "train")


def _complete(root: Path) -> bool:
    return all((root / split / wnid).is_dir() for split in SPLITS for wnid in LABELS)


SOURCE = TorchvisionSource(
    key="imagenette",
    title="Imagenette",
    splits=SPLITS,
    build=lambda datasets, folder: datasets.Imagenette(folder, split="val", size="320px", download=True),
    archives={"imagenette2-320.tgz": 341_663_724},
    unpacked="imagenette2-320",
    complete=_complete,
)


@SOURCE.registered(order=30)
def load(split: str | None = None) -> Dataset:
    """One split: 3,925 validation or 9,469 training pictures, each with its WordNet id.

    Parameters
    ----------
    split : str, optional
        None takes the validation split.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If there is no such split, or the data set is not on disk or without pictures.
    """
    split, root = SOURCE.find(split)
    items: list[Item] = []
    skipped: list[Problem] = []
    for wnid, label in LABELS.items():
        for path in visible(root / split / wnid):
            name = f"{wnid}/{path.name}"
            if is_picture(path):
                items.append(Item(name, label, partial(make_sample, path, name, label=label, wnid=wnid), stamp(path)))
            else:
                skipped.append(Problem(name, "Not a picture by its name."))
    if not items:
        raise DataError(f"{root / split} holds no pictures: delete {root} and download {SOURCE.title} again.")
    return Dataset(SOURCE.key, SOURCE.title, tuple(items), tuple(skipped))
