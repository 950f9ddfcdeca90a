"""What a network is, in numbers: parameters, bytes, precision."""

from __future__ import annotations

from dataclasses import dataclass

from xai_core.types import Classifier


@dataclass(frozen=True)
class Facts:
    """A network in numbers.

    Attributes
    ----------
    parameters : int
        Weights, those that are shared counted once; 0 where the network keeps them to itself, as an ONNX file does.
    megabytes : float
        Of parameters and buffers, in MB (10**6 bytes); 0 where the network keeps them to itself.
    precision : str
        What it computes in ("float32").
    """

    parameters: int
    megabytes: float
    precision: str


def facts(model: Classifier) -> Facts:
    """A model's network in numbers.

    Parameters
    ----------
    model : Classifier

    Returns
    -------
    Facts

    Examples
    --------
    >>> import xai_core as xai
    >>> from xai_core.models.facts import facts
    >>> found = facts(xai.load_model("digits"))
    >>> found.parameters, round(found.megabytes, 2), found.precision
    (164410, 0.66, 'float32')
    """
    parameters = list(model.net.parameters())
    tensors = [*parameters, *model.net.buffers()]
    return Facts(
        sum(one.numel() for one in parameters),
        sum(one.numel() * one.element_size() for one in tensors) / 1e6 if parameters else 0.0,
        str(model.forward.dtype).removeprefix("torch."),
    )
