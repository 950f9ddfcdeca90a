"""Maps of all asked layers in one forward and one backward pass: the engine of the methods of the CAM family.

Several methods share these passes; a method whose gradient is of another score takes a backward pass of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from xai_core.errors import LayerError
from xai_core.inference.batches import PREDICTION, Batches, Pictures, Progress, Targets, gradients, resolve_targets
from xai_core.inference.folded import folded
from xai_core.inference.half import AGREEMENT, COMPARED, agreement, in_precision
from xai_core.inference.prediction import to_predictions
from xai_core.models.axes import as_maps, first_tensor, with_first_tensor
from xai_core.types import Classifier, Heatmaps, IntArray

Combine = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
Score = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def target_logit(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The target's logit of each picture: (n, K) and (n,) -> (n,)."""
    return logits.gather(1, targets[:, None])[:, 0]


@dataclass(frozen=True)
class Rule:
    """How a method of this family makes its maps: what the gradient is of, and what is made of it."""

    combine: Combine
    score: Score = target_logit


class _Recorder:
    """Makes the maps of each layer as soon as a backward pass brings its gradient, which is then released.

    With parameters and input frozen, the graph begins at the first of the layers, so nothing before it is
    differentiated. What follows a layer works on a copy: an in-place operation would else overwrite the
    activation before its map is made.
    """

    def __init__(self, model: Classifier, names: Sequence[str], inputs: torch.Tensor) -> None:
        self._model, self._names = model, names
        self._layers = {layer.name: layer for layer in model.layers}
        self._picture = (inputs.shape[2], inputs.shape[3])
        self.starts: list[torch.Tensor] = [inputs] if inputs.requires_grad else []  # where the graph begins
        self.combines: Mapping[str, Combine] = {}  # what the backward pass under way makes, by the method's key
        self.maps: dict[str, dict[str, torch.Tensor]] = {}  # method's key -> layer -> (N, h, w)

    def _watch(self, name: str) -> Callable[..., Any]:
        layer, made_for = self._layers[name], self._model.preprocessing.size

        def on_forward(_module: torch.nn.Module, _inputs: Any, answer: Any) -> Any:
            output = first_tensor(answer)
            if output is None:
                raise LayerError(f"The layer {name!r} gives {type(answer).__name__}, which holds no tensor.")
            if not output.requires_grad:
                output = output.detach().requires_grad_()
                self.starts.append(output)
            activation = as_maps(output.detach(), layer, made_for, self._picture)

            def on_gradient(gradient: torch.Tensor) -> None:
                there = as_maps(gradient, layer, made_for, self._picture)
                for key, combine in self.combines.items():
                    self.maps.setdefault(key, {})[name] = combine(activation, there)

            output.register_hook(on_gradient)
            return with_first_tensor(answer, output.clone())

        return on_forward

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Hooks on the layers, taken off whatever happens."""
        handles = []
        try:
            for name in self._names:
                module = self._model.net.get_submodule(name)
                handles.append(module.register_forward_hook(self._watch(name)))
            yield
        finally:
            for handle in handles:
                handle.remove()
            self.starts.clear()  # their hooks hold this recorder: a cycle that would keep the whole graph


def _one_batch(
    model: Classifier, names: Sequence[str], rules: Mapping[str, Rule], inputs: torch.Tensor, targets: IntArray
) -> tuple[dict[str, dict[str, np.ndarray]], torch.Tensor, IntArray]:
    """Maps (n, h, w) by key and layer, logits (n, K) and targets (n,) of one batch (n, 3, H, W)."""
    if model.forward.needs_graph:
        with torch.inference_mode(False):
            inputs = inputs.clone().requires_grad_()
    recorder = _Recorder(model, names, inputs)
    scores = list(dict.fromkeys(rule.score for rule in rules.values()))  # a backward pass for each
    with gradients(model), recorder.watching():
        logits = model.scores(inputs)
        wanted = torch.from_numpy(targets).to(logits.device)
        chosen = torch.where(wanted == PREDICTION, logits.argmax(1), wanted)
        for score in scores:
            recorder.combines = {key: rule.combine for key, rule in rules.items() if rule.score is score}
            total = score(logits, chosen).sum()  # pictures do not mix, so one sum serves them all
            torch.autograd.grad(total, recorder.starts, allow_unused=True, retain_graph=score is not scores[-1])
        if unused := [name for key in rules for name in names if name not in recorder.maps.get(key, {})]:
            raise LayerError(f"The layer {unused[0]!r} has no influence on the output of {model.title}.")
        maps = {key: {name: recorder.maps[key][name].float().cpu().numpy() for name in names} for key in rules}
        return maps, logits.detach(), chosen.cpu().numpy()


def several_layer_maps(
    model: Classifier,
    images: Pictures,
    rules: Mapping[str, Rule],
    *,
    layers: str | Sequence[str] = "stages",
    targets: Targets = None,
    batch_size: int | None = None,
    fast: bool = False,
    progress: Progress | None = None,
) -> dict[str, Heatmaps]:
    """Maps by several rules from one forward pass, and one backward pass for each score that they are of.

    Parameters
    ----------
    model, images, layers, targets, batch_size, fast, progress
        As `layer_maps` takes them.
    rules : Mapping of str to Rule
        By a key of the caller's.

    Returns
    -------
    dict of str to Heatmaps
        By the same keys.
    """
    names = [layer.name for layer in model.select(layers)]
    batches = Batches(model, images, batch_size)
    wanted = resolve_targets(model, targets, len(batches))

    def explain(inputs: torch.Tensor, start: int, stop: int) -> dict[str, Heatmaps]:
        with in_precision(model, fast):
            asked = _sooner(model, names, inputs) if fast else model
            found, logits, chosen = _one_batch(asked, names, rules, inputs, wanted[start:stop])
        side = (inputs.shape[2], inputs.shape[3])
        answer = Heatmaps({}, chosen, to_predictions(model, logits.float()), side, "", "logit", view=batches.view)
        made = {key: replace(answer, maps=maps) for key, maps in found.items()}
        return _compared(model, names, rules, inputs, made, start) if fast else made

    parts = list(batches.run(explain, progress))
    return {key: Heatmaps.concatenate([part[key] for part in parts]) for key in rules}


def _sooner(model: Classifier, names: Sequence[str], inputs: torch.Tensor) -> Classifier:
    """The network with its normalisations folded, unless one of the layers is among what that changes."""
    with torch.autocast(model.device.type, enabled=False):
        made = folded(model, inputs[:1])
    return model if made.changed.intersection(names) else made.model


def _compared(
    model: Classifier,
    names: Sequence[str],
    rules: Mapping[str, Rule],
    inputs: torch.Tensor,
    made: Mapping[str, Heatmaps],
    start: int,
) -> dict[str, Heatmaps]:
    """Maps in bfloat16, and of the first pictures how far they agree with those in float32."""
    some = max(0, min(COMPARED - start, len(inputs)))
    rest = np.full(len(inputs) - some, np.nan)
    if not some:
        return {key: replace(maps, quality={AGREEMENT: rest}) for key, maps in made.items()}
    targets = next(iter(made.values())).targets[:some]
    exact, _, _ = _one_batch(model, names, rules, inputs[:some], targets)
    return {
        key: replace(
            maps, quality={AGREEMENT: np.concatenate([agreement(maps.take(slice(some)).maps, exact[key]), rest])}
        )
        for key, maps in made.items()
    }


def layer_maps(
    model: Classifier,
    images: Pictures,
    combine: Combine,
    *,
    score: Score | None = None,
    layers: str | Sequence[str] = "stages",
    targets: Targets = None,
    batch_size: int | None = None,
    fast: bool = False,
    progress: Progress | None = None,
) -> Heatmaps:
    """Maps made of each layer's activation and of the gradient of the target's logit there.

    Parameters
    ----------
    model : Classifier
    images : sequence of Sample, PIL.Image.Image or uint8 (H, W, 3), or float (N, 3, H, W)
        Pictures; a float tensor is taken as preprocessed.
    combine : callable
        ``combine(activation, gradient)``, (n, C, h, w) each, gives the maps (n, h, w) of a batch at a layer.
    score : callable, optional
        ``score(logits, targets)``, (n, K) and (n,), gives what the gradient is of, (n,); None for the target's logit.
    layers : str or sequence of str
        "stages", "blocks", a module's name or several.
    targets : int, str, None or a sequence of them
        A class by index or name, or None for the prediction; one for all, or one a picture.
    batch_size : int, optional
        None takes what memory allows.
    fast : bool
        Whether the passes are in bfloat16, where the machine computes in it. `Heatmaps.quality` then has the rank
        correlation with float32 of the first four pictures.
    progress : callable, optional
        Called with (done, in all); what it raises ends the run.

    Returns
    -------
    Heatmaps
        Layer name -> float32 (N, h, w), with the predictions of the same forward pass.

    Raises
    ------
    LayerError, TargetError, PictureError
        With a sentence that gives the choices.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")[:2]
    >>> maps = xai.layer_maps(model, digits, lambda activation, gradient: (activation * gradient).sum(1))
    >>> {layer: values.shape for layer, values in maps.items()}
    {'stages.0': (2, 32, 32), 'stages.1': (2, 16, 16), 'stages.2': (2, 8, 8)}
    """
    several = several_layer_maps(
        model,
        images,
        {"": Rule(combine, score or target_logit)},
        layers=layers,
        targets=targets,
        batch_size=batch_size,
        fast=fast,
        progress=progress,
    )
    return several[""]
