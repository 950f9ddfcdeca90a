"""Object or background: where the maps lie by segmentation mask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats as scipy_stats

from xai_core.errors import DataError
from xai_core.maps import is_flat
from xai_core.measures import columns
from xai_core.measures.seen import FineMap
from xai_core.studies.groups import with_groups
from xai_core.studies.lent_masks import labels_or_classes
from xai_core.studies.mask_control import control_table, own_differences
from xai_core.studies.masks import Masked, masks_in_view
from xai_core.studies.on_mask import map_problem, mask_problem, measured
from xai_core.types import FloatArray, Heatmaps, Sample

ALPHA = 0.05
FEW = 15  # pictures below which a small effect goes unseen
FEWEST = 3


def foreground_background(
    heatmaps: Heatmaps, samples: Masked, names: Sequence[str] | None = None, *, control: bool = True
) -> pd.DataFrame:
    """Where each map lies: on the object or off it.

    Parameters
    ----------
    heatmaps : Heatmaps
        Of N pictures at L layers.
    samples : Iterable of Sample, or of uint8 (H, W) or None
        N samples, whole or as the network saw them, such as a `Dataset`; or their masks: 0 background, 1 foreground,
        255 ignore. What is whole is put through the view of the maps; a bare mask of the input's size is cut already.
    names : Sequence[str], optional
        N names of the pictures; None takes the samples' own, or numbers.
    control : bool
        Whether each map is held against other pictures' masks, too, which costs most of the time.

    Returns
    -------
    DataFrame
        A row for each picture and layer: sample, layer; mean_inside, mean_outside of the map as it is shown (ReLU,
        min-max, bilinear), in [0, 1]; of its positive part energy_inside (share of the energy on the object), pointing
        (1 where the maximum lies on it; Zhang et al., arXiv 1608.00507), rank_accuracy (share of the hottest pixels, as
        many as the object has, that lie on it; Arras et al., arXiv 2003.07258), iou (of those pixels and the object),
        auc (the map as a score for the object); mask_area, the object's share of the picture, which is what an even
        map would have; the columns of further measures (`xai_core.measures`); group, where pictures have one; reason
        where the measures are NaN. Ignored pixels count nowhere. With `control` also, for each measure, control_ and
        its key: the difference that is usual for the map and the mask, by other masks and other maps; others, how many
        masks; likeness, their mean intersection over union with the picture's own; same_label, whether all pictures
        have a label: else the explained class stands for it; unit, what counts once, by number
        (`xai_core.studies.mask_control`).

    Raises
    ------
    DataError
        If there are not as many masks as maps, or a mask has another size than the input and the maps do not know
        their view.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")[:2]
    >>> table = xai.foreground_background(xai.grad_cam(model, digits), digits)
    >>> len(table) == 2 * len(model.select("stages"))
    True
    """
    given: list[Any] = list(samples)
    masks = masks_in_view(heatmaps, given)
    own = [item.name if isinstance(item, Sample) else f"{i + 1}" for i, item in enumerate(given)]
    called = own if names is None else list(names)
    if len(called) != len(masks):
        raise DataError(f"Names: {len(called)}; pictures: {len(masks)}. Give one for each.")
    rows = []
    for layer, maps in heatmaps.items():
        for index, (raw, mask) in enumerate(zip(maps, masks, strict=True)):
            reason = mask_problem(mask) or map_problem(raw)
            found = measured(FineMap(raw, mask.shape), mask) if mask is not None and not reason else None
            if found is None:
                found = dict.fromkeys(columns(), np.nan)
                reason = reason or "Its evidence lies on ignored pixels alone."
            rows.append({"picture": index, "sample": called[index], "layer": layer, **found, "reason": reason})
    groups = [item.group if isinstance(item, Sample) else None for item in given]
    table = with_groups(pd.DataFrame(rows), groups * len(heatmaps))
    if not control:
        return table
    labels = [item.label if isinstance(item, Sample) else None for item in given]
    alike = labels_or_classes(labels, heatmaps.targets, heatmaps.predictions.classes)
    control_of = control_table(own_differences(table), heatmaps, masks, alike, groups=groups)
    return table.join(control_of).assign(same_label=all(labels))


def map_similarity(first: FloatArray, second: FloatArray) -> float:
    """Spearman's rank correlation of two raw maps of the same size, in [-1, 1]; NaN where one is flat."""
    if is_flat(np.stack([first, second])).any():
        return float("nan")
    return float(scipy_stats.spearmanr(first.ravel(), second.ravel()).statistic)
