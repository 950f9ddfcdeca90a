"""The methods by where they look for an explanation, for pages that offer all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from xai_core.types import Method


@dataclass(frozen=True)
class MethodGroup:
    """Methods of a kind.

    Attributes
    ----------
    key, title : str
        Its name in addresses, and for people.
    help : str
        What they have in common, in a sentence or two.
    methods : tuple of Method
        In the order of `list_methods`.
    """

    key: str
    title: str
    help: str
    methods: tuple[Method, ...]


@dataclass(frozen=True)
class _Kind:
    key: str
    title: str
    help: str
    holds: Callable[[Method], bool]


_KINDS = (  # a method belongs to the first that holds it
    _Kind("given", "Made elsewhere", "Maps that somebody brought.", lambda method: not method.repeatable),
    _Kind(
        "transformer",
        "For transformers",
        "They read the attention of a transformer's blocks.",
        lambda method: "attention" in method.needs,
    ),
    _Kind(
        "perturbation",
        "Superpixels and perturbation",
        "They hide parts of the picture and look at the score: no gradients, so black boxes can be explained, but "
        "hundreds of passes of the network a picture.",
        lambda method: method.draws_samples,
    ),
    _Kind(
        "layer",
        "Layers",
        "One forward and one backward pass give a map of each layer, as coarse as the layer is.",
        lambda method: method.at_layers,
    ),
    _Kind("input", "Input", "Gradients at the input: a value for each pixel.", lambda method: True),
)
_SHOWN = ("layer", "input", "perturbation", "transformer", "given")  # the order on pages


def method_groups(methods: Sequence[Method]) -> tuple[MethodGroup, ...]:
    """Methods in groups: layers, input, superpixels and perturbation, transformers; empty ones are left out.

    Parameters
    ----------
    methods : sequence of Method
        Those that are offered.
    """
    kinds = {kind.key: kind for kind in _KINDS}
    own = {method.key: next(kind.key for kind in _KINDS if kind.holds(method)) for method in methods}
    groups = (
        MethodGroup(key, kinds[key].title, kinds[key].help, tuple(one for one in methods if own[one.key] == key))
        for key in _SHOWN
    )
    return tuple(group for group in groups if group.methods)
