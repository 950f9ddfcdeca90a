"""Whether a result from the disk can be that of its request: whole, and as large as what was asked for.

Whoever may write there can put in another one. What a page then computes with it would end for everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from xai_core.questions.foreground.stored import interventions_fit
from xai_core.questions.misclassified.fits import labels_fit, table_fits
from xai_core.types.shapes import are_classes, has_shape, maps_fit

if TYPE_CHECKING:
    import xai_core as xai
    from xai_core.checks.map_trust import MapTrust
    from xai_core.studies import ObjectAttention
    from xai_core.types import Estimate

Right = Callable[..., bool]  # (result, **arguments of the function that gives it)
maps = maps_fit  # of pages as of studies
_DELETED = ("method", "draw", "hidden", "target", "p")


def anything(found: Any, **_: Any) -> bool:
    """Of functions that say nothing of what they give."""
    return True


def estimate(found: Estimate, classes: Sequence[int]) -> bool:
    """Whether an estimate is of one picture for these classes."""
    inner, count = found.heatmaps, len(classes)
    return (
        maps(inner, count, inner.predictions.probabilities.shape[-1], (), inner.input_size)
        and inner.targets.tolist() == list(classes)
        and has_shape(found.stability, count)
        and (found.errors is None or has_shape(found.errors, count, None))
        and all(has_shape(one, count) for one in found.quality.values())
    )


def map_batch(
    found: xai.Heatmaps, *, layers: Sequence[str], targets: Sequence[int | None], _model: xai.Classifier, **_: Any
) -> bool:
    """Of `cache.maps._map_batch` and those like it."""
    size = _model.preprocessing.size
    right = maps(found, len(targets), len(_model.class_names), layers, size)
    return right and all(one in (None, int(got)) for one, got in zip(targets, found.targets, strict=True))


def rivals(found: Estimate, *, classes: Sequence[int], layer: str | None, _model: xai.Classifier, **_: Any) -> bool:
    """Of `cache.maps.rival_maps`."""
    count, size = len(_model.class_names), _model.preprocessing.size
    where = (layer,) if layer else ()
    return estimate(found, classes) and maps(found.heatmaps, len(classes), count, where, size)


def same_as(found: xai.Heatmaps, *, layers: Sequence[str], _model: xai.Classifier, _heatmaps: Any, **_: Any) -> bool:
    """Of `cache.maps._untrained`: as large as the maps that they are held against."""
    size = _model.preprocessing.size
    return maps(found, _heatmaps.n_pictures, len(_model.class_names), layers, size) and all(
        found[name].shape == _heatmaps[name].shape for name in found
    )


def probabilities(found: np.ndarray, *, _model: xai.Classifier, **_: Any) -> bool:
    """Of one picture."""
    return has_shape(found, len(_model.class_names))


def film_frame(found: xai.Heatmaps, *, layer: str, true: int, **_: Any) -> bool:
    """Of `cache.films._film_frame`: both maps of a picture, for the predicted and for the true class."""
    classes = found.predictions.probabilities.shape[-1]
    return maps(found, 2, classes, (layer,), found.input_size) and int(found.targets[1]) == true


def attention(found: ObjectAttention, *, _samples: Sequence[Any], **_: Any) -> bool:
    """Of `cache.films._attention`."""
    return all(has_shape(one, len(_samples)) for one in found)


def agreements(found: Sequence[Any], *, ids: Sequence[str], **_: Any) -> bool:
    """Of `cache.agreement._disagreement_batch`."""
    return len(found) == len(ids)


def intervened(found: pd.DataFrame, *, ids: Sequence[str], _model: xai.Classifier, **_: Any) -> bool:
    """Of `cache.interventions._intervention_batch`: rows of each picture, and of no other."""
    return interventions_fit(found, len(ids), len(_model.class_names))


def deleted(found: pd.DataFrame, *, classes: Sequence[int], _maps: Mapping[str, Any], **_: Any) -> bool:
    """Of `cache.interventions.deletion`: curves of each map, and of none that is not there."""
    return (
        tuple(found.columns) == _DELETED
        and set(_maps) <= set(found["method"])
        and set(found["target"]) == set(classes)
        and all(pd.api.types.is_numeric_dtype(found[name]) for name in ("hidden", "p"))
    )


def layer_gains(found: np.ndarray, *, _maps: Mapping[str, Any], **_: Any) -> bool:
    """Of `cache.interventions.layer_deletion`: a difference of two probabilities for each layer, or NaN."""
    return has_shape(found, len(_maps)) and found.dtype.kind == "f" and not bool((np.abs(found) > 1).any())


def shortcut_table(found: pd.DataFrame, **_: Any) -> bool:
    """Of `cache.readings`: pictures that are right or wrong, and shares of energy, which may be unknown."""
    if list(found.columns) != ["kind", "value"] or set(found["kind"]) != {"tied", "untied", "share"}:
        return False
    values = found["value"].to_numpy()
    return values.dtype.kind == "f" and not bool(((values < 0) | (values > 1)).any())


def evaluated(found: tuple[pd.DataFrame, list[str]], pictures: int, model: xai.Classifier) -> bool:
    """Of `xai.evaluate_batch`: a row or a reason for each picture."""
    table, problems = found
    if len(table) + len(problems) != pictures:
        return False
    return table.empty or table_fits(table, pictures, model.class_names)


def evaluated_labels(found: tuple[xai.LabelEvaluation, list[str]], pictures: int, model: xai.Classifier) -> bool:
    """Of `evaluate_labels_batch`: a row or a reason for each picture."""
    part, problems = found
    return len(part.index) + len(problems) == pictures and labels_fit(part, pictures, model.class_names)


def trust(found: MapTrust, method: str, target: int) -> bool:
    """Of `trust_map`."""
    return found.method == method and found.target == target and has_shape(found.heatmap, None, None)


def discovered(found: xai.Discovery, *, names: Sequence[str], _data: Sequence[Any], **_: Any) -> bool:
    """Of `discovery.compute._discovered`: numbers of each picture, and groups of pictures that are there."""
    table = found.pictures
    if not {"place", "id", "picture", "label", "predicted", "correct", "x", "y", "strategy"} <= set(table.columns):
        return False
    n, places = len(table), table["place"].to_numpy()
    if not (are_classes(places, len(_data)) and has_shape(found.features, n, None)):
        return False
    known = set(places.tolist())
    return (
        tuple(found.class_names) == tuple(names)
        and has_shape(found.probabilities, n, len(names))
        and all(
            set(one.places) | set(one.typical) <= known
            and has_shape(one.mean_map, None, None)
            and one.region.shape == one.mean_map.shape
            and has_shape(one.typical_maps, len(one.typical), None, None)
            for one in found.strategies
        )
    )
