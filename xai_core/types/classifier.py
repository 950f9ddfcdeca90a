"""A network that is ready to be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from xai_core.errors import LayerError
from xai_core.turns import Turns
from xai_core.types.counts import number_of
from xai_core.types.display import Displayed
from xai_core.types.layers import Layer
from xai_core.types.outputs import Outputs
from xai_core.types.pictures import Preprocessing

if TYPE_CHECKING:
    import torch


class Forward(Protocol):
    """How a network is asked for its scores."""

    @property
    def outputs(self) -> Outputs:
        """What the network's outputs are."""

    @property
    def dtype(self) -> torch.dtype:
        """What it computes in."""

    @property
    def needs_graph(self) -> bool:
        """Whether its forward pass runs only where gradients are recorded."""

    def __call__(self, net: torch.nn.Module, inputs: torch.Tensor) -> torch.Tensor:
        """Inputs (N, C, H, W) -> scores (N, K)."""


@dataclass(frozen=True, eq=False)
class Classifier(Displayed):
    """A network that is ready to be asked: in eval mode, parameters frozen.

    Attributes
    ----------
    key : str
        The registry's key, or "custom".
    title : str
        The name for people.
    net : torch.nn.Module
        The network; call it under `lock` only, since threads share it.
    class_names : tuple of str
        The K class names, unique, in the order of the outputs.
    wnids : tuple of str, optional
        The K WordNet ids in the same order.
    preprocessing : Preprocessing
        From a picture to the network's input.
    layers : tuple of Layer
        Every layer that gives a map, in the order in which they run.
    groups : Mapping of str to tuple of str
        "stages" and "blocks": names of layers, in order of depth.
    device : torch.device
        Where the parameters lie.
    id : str
        Content id of weights and preprocessing (16 hex digits of a SHA-256).
    bytes_per_picture : int
        What one picture's activations take, for choosing a batch size.
    forward : callable
        ``forward(net, inputs) -> scores``; see `scores`.
    code : str
        The Python expression that gives the same model again, with `import xai_core as xai`.
    differentiable : bool
        Whether gradients can be taken; a black box gives predictions only.
    notes : tuple of str
        What was found or had to be assumed when it was loaded, a sentence each.
    attention : tuple of str
        Names of the modules whose attention can be read, in order.
    relu : bool
        Whether it computes a ReLU, whose backward pass a method may change.
    size_assumed : bool
        Whether nobody said what size its pictures have, so that its preprocessing's is a usual one.
    lock : Turns
        Held for every forward pass; threads have their turns in order.

    Examples
    --------
    >>> import xai_core as xai
    >>> model = xai.load_model("digits")
    >>> len(model.class_names), [layer.name for layer in model.select("stages")]
    (10, ['stages.0', 'stages.1', 'stages.2'])
    """

    key: str
    title: str
    net: torch.nn.Module
    class_names: tuple[str, ...]
    wnids: tuple[str, ...] | None
    preprocessing: Preprocessing
    layers: tuple[Layer, ...]
    groups: Mapping[str, tuple[str, ...]]
    device: torch.device
    id: str
    bytes_per_picture: int
    forward: Forward
    code: str = ""
    differentiable: bool = True
    notes: tuple[str, ...] = ()
    attention: tuple[str, ...] = ()
    relu: bool = False
    size_assumed: bool = False
    lock: Turns = field(default_factory=Turns)

    def __repr__(self) -> str:
        high, wide = self.preprocessing.size
        return f"<Classifier {self.title!r}: {number_of(len(self.class_names), 'class')}, input {high} x {wide}>"

    @property
    def outputs(self) -> Outputs:
        """What the network's outputs are."""
        return self.forward.outputs

    @property
    def gives(self) -> frozenset[str]:
        """What methods may ask of it: "gradients", and where it has them "layers" with a map, "attention", "relu"."""
        if not self.differentiable:
            return frozenset()
        there = {
            "gradients": True,
            "layers": bool(self.layers),
            "attention": bool(self.layers and self.attention),
            "relu": self.relu,
        }
        return frozenset(need for need, given in there.items() if given)

    def scores(self, inputs: torch.Tensor) -> torch.Tensor:
        """What is explained: one number for each picture and class. Call it under `lock` only.

        Parameters
        ----------
        inputs : torch.Tensor
            Preprocessed, float (N, C, H, W).

        Returns
        -------
        torch.Tensor
            (N, K), logits or what stands for them, as `outputs` says.
        """
        return self.forward(self.net, inputs)

    def select(self, layers: str | Sequence[str] = "stages") -> tuple[Layer, ...]:
        """The layers of a group ("stages", "blocks") or of a list of module names, titled for that choice.

        Raises
        ------
        LayerError
            If the model has no layer with a spatial map, or none of that name.
        """
        if not self.differentiable:
            raise LayerError(f"No gradients can be taken of {self.title}, so it has no layers to explain.")
        if not self.layers:
            raise LayerError(
                f"{self.title} has no layer with a spatial map, so Grad-CAM has nothing to draw. "
                "It needs a network with convolutions or with image tokens."
            )
        by_name = {layer.name: layer for layer in self.layers}
        if isinstance(layers, str) and layers in self.groups:
            word = layers.removesuffix("s")
            return tuple(
                replace(by_name[name], title=f"{word} {depth}")
                for depth, name in enumerate(self.groups[layers], start=1)
            )
        names = [layers] if isinstance(layers, str) else list(layers)
        if not names:
            raise LayerError("No layer was chosen: choose at least one.")
        unknown = [name for name in names if name not in by_name]
        if unknown:
            raise LayerError(
                f"{self.title} has no layer {unknown[0]!r} that gives a map. "
                f'Choose "stages", "blocks" or names such as {", ".join(list(by_name)[-4:])}.'
            )
        order = {name: index for index, name in enumerate(by_name)}
        return tuple(by_name[name] for name in sorted(dict.fromkeys(names), key=order.__getitem__))
