"""Maps that were made elsewhere as a method, so that whatever takes a method takes them, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from xai_core.errors import MethodError
from xai_core.types import Classifier, FloatArray, Heatmaps, Layer, Method

if TYPE_CHECKING:
    from xai_core.inference.batches import Pictures, Progress, Targets
    from xai_core.inference.map_sets import GivenMaps

UNIT = "as given"
_INPUT = "input"  # the place of maps of which there is one a picture


class MapsByName(Protocol):
    """Maps that are found by their pictures' names, as `GivenMaps`."""

    @property
    def title(self) -> str: ...
    @property
    def stamp(self) -> str: ...
    @property
    def signed(self) -> bool: ...
    @property
    def shapes(self) -> Mapping[str, tuple[int, int] | None]: ...
    def of(self, pictures: Sequence[str], size: tuple[int, int]) -> dict[str, FloatArray]: ...


def maps_in_files(files: Sequence[tuple[str, bytes]], pictures: Sequence[str]) -> GivenMaps:
    """Maps in files that were handed in: one for each picture, named as it is, or one file with all of them.

    Parameters
    ----------
    files : sequence of (str, bytes)
        Name and content of NPY, NPZ and grey PNG files.
    pictures : sequence of str
        Names of the pictures; of one alone, any name of the file will do.

    Raises
    ------
    DataError
        If they are no maps of these pictures.
    """
    from xai_core.inference.map_files import HANDED_IN, MapFile, require_handed_in
    from xai_core.inference.map_sets import GivenMaps

    handed_in = [MapFile(name, partial(bytes, content), HANDED_IN) for name, content in files]
    if len(handed_in) > 1:  # one alone says what is wrong with it
        require_handed_in(handed_in)
    return GivenMaps.open(handed_in, pictures)


def given_method(maps: MapsByName, model: Classifier) -> Method:
    """A method that gives somebody's maps of the pictures that they are of, and of no others.

    Parameters
    ----------
    maps : MapsByName
    model : Classifier
        What they explain.

    Returns
    -------
    Method
        Not in the registry, and not `repeatable`. With several maps a picture it has `layers` of its own.
    """
    size, several = model.preprocessing.size, len(maps.shapes) > 1
    layers = tuple(Layer(name, name, shape or size, 1) for name, shape in maps.shapes.items()) if several else ()

    def compute(
        model: Classifier,
        images: Pictures,
        *,
        targets: Targets = None,
        layers: str | Sequence[str] = "stages",
        batch_size: int | None = None,
        progress: Progress | None = None,
    ) -> Heatmaps:
        return _maps_of(maps, model, images, targets, () if isinstance(layers, str) else layers, batch_size)

    return Method(
        key=f"given_{maps.stamp}",
        title=maps.title,
        paper="made elsewhere",
        unit=UNIT,
        signed=maps.signed,
        place="layer" if several else "input",
        cost="pass",
        drawing="evidence",
        legend="as whoever made them defines them; here bright is more",
        compute=compute,
        needs=(),
        caution="How they were made is not known here. They cannot be made again for random weights, other classes or "
        "changed pictures, so whether they show what the model learned, and whether they are stable, is not tested.",
        usual=False,
        repeatable=False,
        layers=layers,
    )


def _maps_of(
    maps: MapsByName,
    model: Classifier,
    images: Pictures,
    targets: Targets,
    layers: Sequence[str],
    batch_size: int | None,
) -> Heatmaps:
    """The maps of some pictures, which have to be those that the maps are of."""
    from xai_core.inference.batches import resolve_targets
    from xai_core.inference.prediction import predict

    names: list[Any] = [
        getattr(image, "name", None) for image in (images if isinstance(images, Sequence) else [images])
    ]
    if None in names:
        raise MethodError(f"{maps.title} are found by the pictures' names, which arrays and tensors do not have.")
    said = predict(model, images, batch_size=batch_size)
    wanted = resolve_targets(model, targets, len(names))
    found = maps.of(names, model.preprocessing.size)
    if unknown := [name for name in layers if name not in found]:
        raise MethodError(f"There are no maps {unknown[0]!r}. Choose one of: {', '.join(found)}.")
    if len(found) == 1:
        found = dict(zip((_INPUT,), found.values(), strict=True))
    return Heatmaps(
        {name: values for name, values in found.items() if not layers or name in layers},
        np.where(wanted < 0, said.classes, wanted),
        said,
        model.preprocessing.size,
        maps.title,
        UNIT,
        view=model.preprocessing,
    )
