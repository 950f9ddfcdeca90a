"""Reads a network's answer: which tensor it is, what its numbers mean, and the scores and probabilities in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from xai_core.errors import ModelError
from xai_core.types.outputs import LOGITS, OUTPUTS, Outputs

Entry = str | int | None
_USUAL = ("logits", "output", "out", "prediction", "predictions", "scores", "probs", "y")
_SUMS = 1e-3  # how far the sum of a row of probabilities may be from 1, half precision included
_OF_LABELS = ("label_logits", "label_probabilities")
_MOST_CERTAIN = 1e-7  # closest to 0 and 1 that a probability's logit is taken
# Operations that leave values as they are: the last one that does not says what the outputs are.
_SHAPING = ("View", "Squeeze", "Unsqueeze", "Flatten", "Reshape", "Select", "Slice", "Clone", "ToCopy", "Alias")
_SUMS_OF_PRODUCTS = ("AddmmBackward", "MmBackward", "ConvolutionBackward", "LinearBackward")  # at the end of logits
_MAKERS = {
    "SoftmaxBackward": "probabilities",
    "LogSoftmaxBackward": "log_probabilities",
    "SigmoidBackward": "label_probabilities",
}


def choices(answer: Any) -> dict[str | int, torch.Tensor]:
    """The tensors of an answer that is no tensor, by name or place."""
    if isinstance(answer, Mapping):
        items = [(str(name), value) for name, value in answer.items()]
    elif isinstance(answer, tuple | list) and not hasattr(answer, "_fields"):
        items = list(enumerate(answer))  # type: ignore[arg-type]
    else:
        names = getattr(answer, "_fields", None) or list(getattr(answer, "__dict__", {}))
        items = [(name, getattr(answer, name)) for name in names]
    return {name: value for name, value in items if isinstance(value, torch.Tensor)}


def find_entry(answer: Any, n: int, title: str) -> Entry:
    """Which tensor of an answer for n pictures holds a row of outputs a picture; None where it is the answer itself.

    Raises
    ------
    ModelError
        If there is none, or if it is not clear which.
    """
    if isinstance(answer, torch.Tensor):
        return None
    there = choices(answer)
    rows = [name for name, tensor in there.items() if _is_rows(tensor, n)]
    usual = [name for name in _USUAL if name in rows]
    if usual or len(rows) == 1:
        return usual[0] if usual else rows[0]
    listed = ", ".join(f"{name!r} {tuple(tensor.shape)}" for name, tensor in list(there.items())[:6])
    if rows:
        raise ModelError(f"{title} gives several outputs: {listed}. Say which holds the classes' by entry={rows[0]!r}.")
    of = f" with {listed}" if listed else ""
    raise ModelError(
        f"{title} gives {type(answer).__name__}{of or ' without a tensor'}; a classifier gives one row of outputs a "
        "picture, (N, classes)."
    )


def _is_rows(tensor: torch.Tensor, n: int) -> bool:
    shape = tensor.shape
    return len(shape) >= 2 and shape[0] == n and all(side == 1 for side in shape[2:]) and tensor.is_floating_point()


def rows_of(answer: Any, entry: Entry, title: str) -> torch.Tensor:
    """The rows of outputs (N, K) of an answer.

    Raises
    ------
    ModelError
        If there are none.
    """
    tensor = answer
    if entry is not None:
        there = choices(answer)
        if entry not in there:
            raise ModelError(f"{title} gives no output {entry!r}. It gives: {', '.join(map(repr, there)) or 'none'}.")
        tensor = there[entry]
    if not isinstance(tensor, torch.Tensor):
        raise ModelError(f"{title} gives {type(tensor).__name__}, not a row of outputs a picture.")
    if tensor.ndim == 1:
        tensor = tensor[:, None]  # one number a picture
    if tensor.ndim > 2 and all(side == 1 for side in tensor.shape[2:]):
        tensor = tensor.flatten(1)  # (N, K, 1, 1)
    if tensor.ndim != 2:
        raise ModelError(
            f"{title} gives {tuple(tensor.shape)}; a classifier gives one row of outputs a picture, (N, classes)."
        )
    return tensor


@dataclass(frozen=True)
class Reading:
    """What is read of a network's answer.

    Attributes
    ----------
    outputs : Outputs
        What the numbers mean.
    entry : str, int or None
        Which tensor of the answer they are; None where it is the answer itself.
    title : str
        The network's name for people, for errors.
    """

    outputs: Outputs
    entry: Entry = None
    title: str = "The network"

    def __call__(self, answer: Any) -> torch.Tensor:
        """The scores that are explained, float (N, K), of a network's answer."""
        raw = rows_of(answer, self.entry, self.title)
        raw = raw if raw.dtype == torch.float64 else raw.float()
        if self.outputs.form == "probability":
            if self.outputs.link == "softmax":
                raw = raw.clamp_min(torch.finfo(raw.dtype).tiny).log()
            else:
                raw = raw.clamp(_MOST_CERTAIN, 1 - _MOST_CERTAIN).logit()
        return torch.cat([-raw, raw], 1) if self.outputs.single else raw


def probabilities(scores: torch.Tensor, outputs: Outputs) -> torch.Tensor:
    """Probabilities (N, K) of scores (N, K)."""
    return scores.softmax(1) if outputs.link == "softmax" else scores.sigmoid()


def computes(raw: torch.Tensor, operation: str) -> bool:
    """Whether an operation, by the beginning of its node's name, stands anywhere before outputs that carry their graph.

    Parameters
    ----------
    raw : (N, K)
        Outputs with their graph.
    operation : str
        Such as "ReluBackward".
    """
    ahead, seen = [raw.grad_fn], set[Any]()
    while ahead:
        node = ahead.pop()
        if node is None or node in seen:
            continue
        if type(node).__name__.startswith(operation):
            return True
        seen.add(node)
        ahead += [before for before, _ in node.next_functions]
    return False


def _maker(raw: torch.Tensor) -> str:
    """The key of what the last operation of the network makes; empty where it says nothing."""
    node = raw.grad_fn
    while node is not None:
        name = type(node).__name__
        if name.startswith(_SUMS_OF_PRODUCTS):
            return LOGITS.key
        for maker, key in _MAKERS.items():
            if name.startswith(maker):
                return key
        if not name.startswith(_SHAPING) or not node.next_functions:
            return ""
        node = node.next_functions[0][0]
    return ""


def contradicts(raw: torch.Tensor, key: str) -> str:
    """Why outputs of several different pictures cannot be what was stated; empty where they can.

    Parameters
    ----------
    raw : (N, K)
        Outputs of at least two pictures.
    key : str
        Of `OUTPUTS`.
    """
    values = raw.detach().double().cpu()
    values = values[values.isfinite().all(1)]
    if not len(values):
        return ""
    sums = {"probabilities": values.sum(1), "log_probabilities": values.exp().sum(1)}
    if OUTPUTS[key].form == "probability" and bool(((values < -_SUMS) | (values > 1 + _SUMS)).any()):
        return f"of noise pictures they go from {float(values.min()):.3g} to {float(values.max()):.3g}, beyond 0 and 1"
    if key in sums and float((sums[key] - 1).abs().max()) > _SUMS:
        return f"of noise pictures all probabilities add up to {float(sums[key].max()):.3g}, not to 1"
    if values.shape[1] == 1:
        return ""
    if key in ("logits", *_OF_LABELS) and bool((values >= 0).all() & ((sums["probabilities"] - 1).abs() < _SUMS).all()):
        exclusive = " of classes that exclude each other" if key in _OF_LABELS else ""
        return f"of noise pictures they lie between 0 and 1 and add up to 1, as probabilities{exclusive} do"
    if key in _OF_LABELS and bool((values <= 0).all() & ((sums["log_probabilities"] - 1).abs() < _SUMS).all()):
        return (
            "of noise pictures they are logarithms of probabilities that add up to 1, so the classes exclude each other"
        )
    return ""


def detect(raw: torch.Tensor) -> tuple[Outputs, str]:
    """What the outputs of several different pictures are, and a sentence on what had to be assumed.

    By the network's last operation where it is differentiated, and by the values otherwise.

    Parameters
    ----------
    raw : (N, K)
        Outputs of at least two pictures.

    Returns
    -------
    outputs : Outputs
    assumed : str
        Empty where it is certain.
    """
    made = _maker(raw)
    values = raw.detach().float().cpu()
    within = bool(((values >= 0) & (values <= 1)).all())
    if raw.shape[1] == 1:
        key = "one_probability" if made == "label_probabilities" or (within and not raw.requires_grad) else "one_logit"
        return OUTPUTS[key], "The network has one output, which is read as that of the second of two classes."
    if made in ("probabilities", "log_probabilities"):
        return OUTPUTS[made], ""
    if within and bool(((values.sum(1) - 1).abs() < _SUMS).all()):
        return OUTPUTS["probabilities"], ""
    if bool((values <= 0).all()) and bool(((values.exp().sum(1) - 1).abs() < _SUMS).all()):
        return OUTPUTS["log_probabilities"], ""
    if made:
        return OUTPUTS[made], ""
    if within:
        return OUTPUTS["logits"], (
            "All outputs lie between 0 and 1 and are read as logits. If they are probabilities of independent "
            'labels, say outputs="label_probabilities".'
        )
    return OUTPUTS["logits"], ""
