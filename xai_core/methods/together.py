"""Several methods asked at once: those that are made of activations and gradients share their passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from xai_core.methods.explain import explain
from xai_core.methods.precision import FAST
from xai_core.methods.registry import attributed, get_method
from xai_core.types import Classifier, Heatmaps, Method

if TYPE_CHECKING:
    from xai_core.inference.batches import Pictures, Progress, Targets


def explain_together(
    model: Classifier,
    images: Pictures,
    *,
    methods: Sequence[str],
    targets: Targets = None,
    layers: str | Sequence[str] = "stages",
    batch_size: int | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    progress: Progress | None = None,
) -> dict[str, Heatmaps]:
    """Maps of N pictures by several methods, the same as from `explain` one by one, in fewer passes.

    Parameters
    ----------
    model : Classifier
    images : Sequence of Sample, PIL.Image.Image or uint8 (H, W, 3), or float (N, 3, H, W)
        Pictures; a float tensor is taken as preprocessed.
    methods : sequence of str
        Keys of some of `list_methods`.
    targets : int, str, None or a sequence of them
        A class by index or name, or None for the prediction; one for all, or one a picture.
    layers : str or Sequence[str]
        "stages", "blocks", a module's name or several, for methods that give a map for each layer.
    batch_size : int, optional
        None takes what memory allows.
    settings : Mapping of str to Mapping, optional
        Key of a method -> its settings.
    progress : callable, optional
        Called with (done, in all), counted anew for each pass over the pictures; what it raises ends the run.

    Returns
    -------
    dict of str to Heatmaps
        By key, in the order in which they were asked for.

    Raises
    ------
    MethodError, LayerError, TargetError, PictureError
        With a sentence that gives the choices.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")[:2]
    >>> both = xai.explain_together(model, digits, methods=["grad_cam", "hires_cam"])
    >>> {key: len(maps) for key, maps in both.items()}
    {'grad_cam': 3, 'hires_cam': 3}
    """
    known = [get_method(key) for key in methods]
    asked = dict(settings or {})
    ask: dict[str, Any] = {"targets": targets, "batch_size": batch_size, "progress": progress}
    shared = [one for one in known if one.combine is not None and not one.missing(model)]
    found: dict[str, Heatmaps] = {}
    for fast in (False, True):  # passes are of one precision
        alike = [one for one in shared if bool(asked.get(one.key, {}).get(FAST.key)) == fast]
        if len(alike) > 1:
            found |= _in_shared_passes(model, images, alike, asked, layers, ask | ({FAST.key: True} if fast else {}))
    for one in known:
        if one.key not in found:
            where: dict[str, Any] = {"layers": layers} if one.at_layers else {}
            found[one.key] = explain(model, images, method=one.key, **ask, **where, **asked.get(one.key, {}))
    return {one.key: found[one.key] for one in known}


def _of_score(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a method's settings that say what the gradient is of."""
    return {name: value for name, value in settings.items() if name != FAST.key}


def _in_shared_passes(
    model: Classifier,
    images: Pictures,
    methods: Sequence[Method],
    settings: Mapping[str, Mapping[str, Any]],
    layers: str | Sequence[str],
    ask: Mapping[str, Any],
) -> dict[str, Heatmaps]:
    from xai_core.inference.layer_maps import Rule, several_layer_maps, target_logit

    own = {one.key: one.defaults(model) | dict(settings.get(one.key, {})) for one in methods}
    rules = {
        one.key: Rule(one.combine, one.score(**_of_score(own[one.key])) if one.score else target_logit)
        for one in methods
        if one.combine is not None
    }
    found = several_layer_maps(model, images, rules, layers=layers, **ask)
    return {one.key: attributed(one, model, own[one.key], found[one.key]) for one in methods}
