"""Maps as Quantus takes them (Hedström et al., arXiv 2202.06861), which has more than thirty measures of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xai_core.errors import DataError, LayerError
from xai_core.maps import upsample
from xai_core.studies.masks import masks_in_view
from xai_core.types import Classifier, Heatmaps, Sample

_OBJECT = 1  # of a mask


def to_quantus(
    model: Classifier, heatmaps: Heatmaps, samples: Sequence[Sample], *, layer: str | None = None
) -> dict[str, np.ndarray]:
    """What a metric of Quantus is called with, beside the network itself, `model.net`.

    Parameters
    ----------
    model : Classifier
        What the maps are of.
    heatmaps : Heatmaps
        Of N pictures.
    samples : sequence of Sample
        The N pictures, such as a `Dataset`.
    layer : str, optional
        Whose maps; None takes the last, deepest one.

    Returns
    -------
    dict of str to ndarray
        `x_batch` float32 (N, C, H, W), the network's input; `y_batch` int64 (N,), the classes that the maps explain;
        `a_batch` float32 (N, 1, H, W), the raw maps, enlarged bilinearly; and where every picture has a mask,
        `s_batch` uint8 (N, 1, H, W), 1 on the object: what a mask says to ignore is 0 there.

    Raises
    ------
    DataError
        If there are not as many pictures as maps.
    LayerError
        If there are no maps of that layer.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")[:2]
    >>> batch = xai.to_quantus(model, xai.grad_cam(model, digits, layers="stages"), digits)
    >>> {name: values.shape for name, values in batch.items() if name != "y_batch"}
    {'x_batch': (2, 3, 64, 64), 'a_batch': (2, 1, 64, 64), 's_batch': (2, 1, 64, 64)}

    With Quantus installed, ``quantus.RelevanceRankAccuracy()(model=model.net, **batch)`` is a number for each picture.
    """
    pictures = list(samples)
    if len(pictures) != heatmaps.n_pictures:
        raise DataError(f"Pictures: {len(pictures)}; pictures with maps: {heatmaps.n_pictures}. Give one for each.")
    layer = list(heatmaps)[-1] if layer is None else layer
    if layer not in heatmaps:
        raise LayerError(f"There are no maps of the layer {layer!r}. There are some of: {', '.join(heatmaps)}.")
    batch: dict[str, np.ndarray] = {
        "x_batch": np.stack([model.preprocessing.array(picture) for picture in pictures]),
        "y_batch": heatmaps.targets.astype(np.int64),
        "a_batch": upsample(heatmaps[layer], heatmaps.input_size)[:, None],
    }
    masks = [mask for mask in masks_in_view(heatmaps, pictures) if mask is not None]
    if len(masks) == len(pictures):
        batch["s_batch"] = (np.stack(masks) == _OBJECT).astype(np.uint8)[:, None]
    return batch
