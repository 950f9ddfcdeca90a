"""One way to ask any method."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from xai_core.errors import LayerError, MethodError
from xai_core.methods.registry import DEFAULT, get_method, why_missing
from xai_core.types import Classifier, Heatmaps, Method

if TYPE_CHECKING:
    from xai_core.inference.batches import Pictures, Progress, Targets


def explain(
    model: Classifier,
    images: Pictures,
    *,
    method: str | Method = DEFAULT,
    targets: Targets = None,
    layers: str | Sequence[str] = "stages",
    batch_size: int | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> Heatmaps:
    """Maps of N pictures by any method, raw.

    Parameters
    ----------
    model : Classifier
    images : Sequence of Sample, PIL.Image.Image or uint8 (H, W, 3), or float (N, 3, H, W)
        Pictures; a float tensor is taken as preprocessed.
    method : str or Method
        One of `list_methods`, by its key or itself.
    targets : int, str, None or a sequence of them
        A class by index or name, or None for the prediction; one for all, or one a picture.
    layers : str or Sequence[str]
        "stages", "blocks", a module's name or several, for a method that gives a map for each layer.
    batch_size : int, optional
        None takes what memory allows.
    progress : callable, optional
        Called with (done, in all); what it raises ends the run.
    **settings
        Of the method: `Method.settings` lists them.

    Returns
    -------
    Heatmaps
        Layer name, or "input" or "superpixels", -> float32 (N, h, w).

    Raises
    ------
    MethodError, LayerError, TargetError, PictureError
        With a sentence that gives the choices.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")[:2]
    >>> maps = xai.explain(model, digits, method="saliency")
    >>> {name: values.shape for name, values in maps.items()}
    {'input': (2, 64, 64)}
    """
    known = get_method(method)
    if problem := why_missing(known, model):
        raise (LayerError if "layers" in known.needs and not model.layers else MethodError)(problem)
    offered = known.defaults(model)
    if unknown := [name for name in settings if name not in offered]:
        raise MethodError(
            f"{known.title} has no setting {unknown[0]!r}; its settings are: {', '.join(offered) or 'none'}."
        )
    where: dict[str, Any] = {"layers": layers} if known.at_layers else {}
    if not known.at_layers and layers != "stages":
        raise LayerError(f"{known.title} gives one map of the whole network, so layers cannot be chosen for it.")
    return known.compute(
        model, images, targets=targets, batch_size=batch_size, progress=progress, **where, **(offered | settings)
    )
