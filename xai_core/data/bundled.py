"""The photos that scikit-image and scikit-learn carry: there without any download."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from xai_core.data.dataset import Dataset, Item
from xai_core.data.pictures import make_sample
from xai_core.errors import DataError
from xai_core.types import Sample

KEY = "photos"
TITLE = "Photos that come along"

# file, name, label. Where ImageNet has no such class (motorcycle, rocket, astronaut, flower), the label says so
# by not being one, and the prediction becomes the target.
_PHOTOS = (
    ("skimage", "data/coffee.png", "coffee", "espresso"),
    ("skimage", "data/chelsea.png", "chelsea", "tabby"),
    ("skimage", "data/camera.png", "camera", "tripod"),
    ("sklearn", "datasets/images/china.jpg", "china", "palace"),
    ("skimage", "data/motorcycle_left.png", "motorcycle", "motorcycle"),
    ("skimage", "data/rocket.jpg", "rocket", "rocket"),
    ("skimage", "data/astronaut.png", "astronaut", "astronaut"),
    ("sklearn", "datasets/images/flower.jpg", "flower", "flower"),
)


def package_folder(package: str) -> Path:
    """Where an installed package lies."""
    spec = find_spec(package)  # finds the folder without importing the package
    if spec is None or not spec.submodule_search_locations:
        raise DataError(f"The package {package} is not installed, so its photos are not here.")
    return Path(next(iter(spec.submodule_search_locations)))


def _reader(path: Path, name: str, label: str):  # type: ignore[no-untyped-def]
    def read() -> Sample:
        return replace(make_sample(path, name), label=label)

    return read


def load(split: str | None = None) -> Dataset:
    """The eight photos.

    Raises
    ------
    DataError
        If a split is asked for: there are none.
    """
    if split is not None:
        raise DataError(f"{TITLE}: there is no split {split!r}, nor any other.")
    items = (
        Item(name, label, _reader(package_folder(package) / file, name, label))
        for package, file, name, label in _PHOTOS
    )
    return Dataset(KEY, TITLE, tuple(items))
