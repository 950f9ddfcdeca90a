"""Maps that were made elsewhere, in arrays or in files of them beside the pictures, as maps of ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from xai_core.errors import DataError
from xai_core.inference.map_reading import Given, Stack, read_maps
from xai_core.inference.map_sets import at_size
from xai_core.types import Classifier, Heatmaps, Sample
from xai_core.types.heatmaps import GIVEN

if TYPE_CHECKING:
    from xai_core.inference.batches import Targets


def given_maps(
    maps: Given,
    model: Classifier,
    samples: Sequence[Sample],
    *,
    targets: Targets = None,
    method: str = GIVEN,
    unit: str = "as given",
) -> Heatmaps:
    """Anybody's maps as maps of ours, which statistics, deletion, agreement and reports take.

    Parameters
    ----------
    maps : str, pathlib.Path, ndarray, Mapping of str to ndarray, or sequence of ndarray
        Numbers (N, h, w), such by name, or N of (h, w), each of any resolution; or a file of these: NPY, NPZ, as
        `xai.to_npz` writes it, or with a map by each picture's name; or a folder with a map for each picture, NPY, NPZ
        of one array, or a grey PNG, named as the picture is. They cover the network's input edge to edge.
    model : Classifier
        What they explain.
    samples : sequence of Sample
        N pictures, in the order of the maps.
    targets : int, str, None or a sequence of them
        The classes that they explain, by index or name; None is the prediction.
    method, unit : str
        Who made them, and what a value means, for people.

    Returns
    -------
    Heatmaps
        Without a key, since no method of ours can make them again.

    Raises
    ------
    DataError, TargetError
        If a file cannot be read or is missing, or a map is not one of these pictures.

    Examples
    --------
    >>> import numpy as np
    >>> import xai_core as xai
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")[:2]
    >>> maps = xai.given_maps([np.eye(8), np.ones((5, 5)) - np.eye(5)], model, digits)
    >>> maps["given"].shape
    (2, 64, 64)
    """
    from xai_core.inference.batches import resolve_targets
    from xai_core.inference.prediction import predict

    size = model.preprocessing.size
    named = {name: _stacked(one, size) for name, one in read_maps(maps, [sample.name for sample in samples]).items()}
    said = predict(model, list(samples))
    wanted = resolve_targets(model, targets, len(samples))
    classes = np.where(wanted < 0, said.classes, wanted)
    view = model.preprocessing
    return Heatmaps.from_arrays(named, said, size, targets=classes, method=method, unit=unit, view=view)


def _stacked(maps: Stack, size: tuple[int, int]) -> np.ndarray:
    """Maps of one resolution as they are; of several, each at the input's."""
    if isinstance(maps, np.ndarray):
        return maps
    every = [np.asarray(one) for one in maps]
    if any(one.ndim != 2 or one.dtype.kind not in "fiub" or not one.size for one in every):
        got = ", ".join(f"{one.shape} of {one.dtype}" for one in every[:4])
        raise DataError(f"Maps are real numbers of shape (h, w); got {got}.")
    if len({one.shape for one in every}) == 1:
        return np.stack(every)
    return np.stack([at_size(one.astype(np.float32), size) for one in every]) if every else np.zeros((0, 1, 1))
