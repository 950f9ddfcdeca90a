"""Whether a result from the disk can be that of its request: whole, and as large as what was asked for.

Whoever may write there can put in another one. What a page then computes with it would end for everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import xai_core as xai
    from xai_core.checks.map_trust import MapTrust
    from xai_core.studies import ObjectAttention
    from xai_core.types import Estimate

Right = Callable[..., bool]  # (result, **arguments of the function that gives it)
_INTERVENED = ("picture", "sample", "kind", "target", "p", "predicted", "other")
_NUMBERS, _FLAGS = ("confidence", "p_true", "margin", "loss"), ("correct", "in_top5", "usable")
_TEXTS = ("picture", "id", "label", "true_class", "predicted_class")
_DELETED = ("method", "draw", "hidden", "target", "p")


def anything(found: Any, **_: Any) -> bool:
    """Of functions that say nothing of what they give."""
    return True


def _has(values: Any, *shape: int | None) -> bool:
    """Whether an array has a shape; None leaves a side open, but not empty."""
    wanted = [values.shape[at] or -1 if side is None else side for at, side in enumerate(shape) if at < values.ndim]
    return isinstance(values, np.ndarray) and values.shape == tuple(wanted) and values.ndim == len(shape)


def _are_classes(values: np.ndarray, count: int, least: int = 0) -> bool:
    """Whether all are numbers of classes; from -1 on where a picture may have none."""
    return values.dtype.kind == "i" and bool(((values >= least) & (values < count)).all())


def predicted(found: xai.Predictions, pictures: int, classes: int) -> bool:
    """Whether predictions are of so many pictures and classes."""
    right = _has(found.classes, pictures) and _has(found.probabilities, pictures, classes)
    return right and _are_classes(found.classes, classes)


def maps(found: xai.Heatmaps, pictures: int, classes: int, layers: Sequence[str], size: tuple[int, int]) -> bool:
    """Whether maps are of so many pictures, at these layers where any are named, for an input of a size."""
    several = {} if found.quality is None else found.quality
    return (
        bool(found.maps)
        and (not layers or set(found.maps) == set(layers))
        and all(_has(one, pictures, None, None) for one in found.maps.values())
        and _has(found.targets, pictures)
        and _are_classes(found.targets, classes)
        and predicted(found.predictions, pictures, classes)
        and tuple(found.input_size) == tuple(size)
        and (found.segments is None or _has(found.segments, pictures, *size))
        and all(_has(one, pictures) for one in several.values())
    )


def estimate(found: Estimate, classes: Sequence[int]) -> bool:
    """Whether an estimate is of one picture for these classes."""
    inner, count = found.heatmaps, len(classes)
    return (
        maps(inner, count, inner.predictions.probabilities.shape[-1], (), inner.input_size)
        and inner.targets.tolist() == list(classes)
        and _has(found.stability, count)
        and (found.errors is None or _has(found.errors, count, None))
        and all(_has(one, count) for one in found.quality.values())
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
    return _has(found, len(_model.class_names))


def film_frame(found: xai.Heatmaps, *, layer: str, true: int, **_: Any) -> bool:
    """Of `cache.films._film_frame`: both maps of a picture, for the predicted and for the true class."""
    classes = found.predictions.probabilities.shape[-1]
    return maps(found, 2, classes, (layer,), found.input_size) and int(found.targets[1]) == true


def attention(found: ObjectAttention, *, _samples: Sequence[Any], **_: Any) -> bool:
    """Of `cache.films._attention`."""
    return all(_has(one, len(_samples)) for one in found)


def agreements(found: Sequence[Any], *, ids: Sequence[str], **_: Any) -> bool:
    """Of `cache.agreement._disagreement_batch`."""
    return len(found) == len(ids)


def intervened(found: pd.DataFrame, *, ids: Sequence[str], _model: xai.Classifier, **_: Any) -> bool:
    """Of `cache.interventions._intervention_batch`: rows of each picture, and of no other."""
    if tuple(found.columns) != _INTERVENED or not pd.api.types.is_numeric_dtype(found["p"]):
        return False
    classes = len(_model.class_names)
    return set(found["picture"]) == set(range(len(ids))) and all(
        _are_classes(found[name].to_numpy(), classes, -1) for name in ("target", "predicted")
    )


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
    return _has(found, len(_maps)) and found.dtype.kind == "f" and not bool((np.abs(found) > 1).any())


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
    if table.empty:
        return True
    classes = len(model.class_names)
    return (
        {*_NUMBERS, *_FLAGS, *_TEXTS, "index", "true", "predicted"} <= set(table.columns)
        and _are_classes(table["index"].to_numpy(), pictures)
        and all(_are_classes(table[name].to_numpy(), classes, -1) for name in ("true", "predicted"))
        and all(pd.api.types.is_numeric_dtype(table[name]) for name in _NUMBERS)
        and all(pd.api.types.is_bool_dtype(table[name]) for name in _FLAGS)
    )


def evaluated_labels(found: tuple[xai.LabelEvaluation, list[str]], pictures: int, model: xai.Classifier) -> bool:
    """Of `evaluate_labels_batch`: a row or a reason for each picture."""
    part, problems = found
    count, classes = len(part.index), len(model.class_names)
    return (
        count + len(problems) == pictures
        and tuple(part.label_names) == tuple(model.class_names)
        and _are_classes(part.index, pictures)
        and len(part.pictures) == len(part.ids) == len(part.labels) == count
        and part.truth.shape == part.probabilities.shape == (count, classes)
        and _has(part.thresholds, classes)
    )


def trust(found: MapTrust, method: str, target: int) -> bool:
    """Of `trust_map`."""
    return found.method == method and found.target == target and _has(found.heatmap, None, None)


def discovered(found: xai.Discovery, *, names: Sequence[str], _data: Sequence[Any], **_: Any) -> bool:
    """Of `discovery.compute._discovered`: numbers of each picture, and groups of pictures that are there."""
    table = found.pictures
    if not {"place", "id", "picture", "label", "predicted", "correct", "x", "y", "strategy"} <= set(table.columns):
        return False
    n, places = len(table), table["place"].to_numpy()
    if not (_are_classes(places, len(_data)) and _has(found.features, n, None)):
        return False
    known = set(places.tolist())
    return (
        tuple(found.class_names) == tuple(names)
        and _has(found.probabilities, n, len(names))
        and all(
            set(one.places) | set(one.typical) <= known
            and _has(one.mean_map, None, None)
            and one.region.shape == one.mean_map.shape
            and _has(one.typical_maps, len(one.typical), None, None)
            for one in found.strategies
        )
    )
