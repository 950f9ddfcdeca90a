"""The photos that scikit-image and scikit-learn carry, each with its object's mask: there without any download."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from xai_core.data import photo_masks
from xai_core.data.dataset import Dataset, Item
from xai_core.data.pictures import make_sample
from xai_core.data.registry import register_dataset
from xai_core.errors import DataError, PictureError
from xai_core.types import Sample, content_id

KEY = "photos"
TITLE = "Sample photos"

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
_DISPARITY = "motorcycle_disp.npz"  # beside motorcycle_left.png


def package_folder(package: str) -> Path:
    """Where an installed package lies.

    Parameters
    ----------
    package : str
        Its name for imports.

    Returns
    -------
    pathlib.Path
    """
    spec = find_spec(package)  # finds the folder without importing the package
    if spec is None or not spec.submodule_search_locations:
        raise DataError(f"The package {package} is not installed, so its photos are not here.")
    return Path(next(iter(spec.submodule_search_locations)))


def _sample(path: Path, name: str, label: str) -> Sample:
    sample = make_sample(path, name, label=label)
    try:
        if name in photo_masks.OUTLINES:
            mask = photo_masks.from_outlines(name, *sample.pixels.shape[:2])
        else:
            mask = photo_masks.from_disparity(path.with_name(_DISPARITY))
    except PictureError as reason:
        return replace(sample, notes=(*sample.notes, f"no mask: {reason}"))
    return replace(sample, id=content_id(sample.pixels, mask), mask=mask)


@register_dataset(KEY, TITLE, order=0)
def load(split: str | None = None) -> Dataset:
    """The eight photos, each with a mask of what its label names.

    Raises
    ------
    DataError
        If a split is asked for: there are none.
    """
    if split is not None:
        raise DataError(f"{TITLE}: there is no split {split!r}, nor any other.")
    items = (
        Item(name, label, partial(_sample, package_folder(package) / file, name, label))
        for package, file, name, label in _PHOTOS
    )
    note = "Masks come with the photos: outlines drawn by hand; the motorcycle's is what a depth camera found near."
    return Dataset(KEY, TITLE, tuple(items), notes=(note,))
