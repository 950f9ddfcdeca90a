"""A network that is ready to be asked, and its layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from xai_core.errors import LayerError
from xai_core.turns import Turns
from xai_core.types.display import Displayed
from xai_core.types.pictures import Preprocessing

if TYPE_CHECKING:
    import torch

Layout = Literal["channels_first", "channels_last"]


@dataclass(frozen=True)
class Layer:
    """A layer that gives a map.

    Attributes
    ----------
    name : the module's dotted name in the network
    title : short name for people ("stage 4", "block 16", or the module's name)
    size : (h, w) of its map for one picture of the model's input size
    channels : number of channels (for transformers: the width of a token)
    """

    name: str
    title: str
    size: tuple[int, int]
    channels: int


@dataclass(frozen=True, eq=False)
class Classifier(Displayed):
    """A network that is ready to be asked: in eval mode, parameters frozen.

    Attributes
    ----------
    key : the registry's key, or "custom"
    title : the name for people
    net : the network; call it under `lock` only, since threads share it
    class_names : the K class names, unique, in the order of the outputs
    wnids : the K WordNet ids in the same order, or None
    preprocessing : from a picture to the network's input
    layers : every layer that gives a map, in the order in which they run
    groups : "stages" and "blocks": names of layers, in order of depth
    layout : where channels stand in four-dimensional outputs, unless the module's kind says otherwise
    device : where the parameters lie
    id : content id of weights and preprocessing (16 hex digits of a SHA-256)
    bytes_per_picture : what one picture's activations take, for choosing a batch size
    code : the Python expression that gives the same model again, with `import xai_core as xai`
    lock : held for every forward pass; threads have their turns in order
    """

    key: str
    title: str
    net: torch.nn.Module
    class_names: tuple[str, ...]
    wnids: tuple[str, ...] | None
    preprocessing: Preprocessing
    layers: tuple[Layer, ...]
    groups: Mapping[str, tuple[str, ...]]
    layout: Layout
    device: torch.device
    id: str
    bytes_per_picture: int
    code: str = ""
    lock: Turns = field(default_factory=Turns, repr=False)

    @property
    def gives(self) -> frozenset[str]:
        """What methods may ask of it: "gradients", and "layers" where it has any with a map."""
        return frozenset({"gradients", "layers"} if self.layers else {"gradients"})

    def select(self, layers: str | Sequence[str] = "stages") -> tuple[Layer, ...]:
        """The layers of a group ("stages", "blocks") or of a list of module names, titled for that choice.

        Raises
        ------
        LayerError
            If the model has no layer with a spatial map, or none of that name.
        """
        if not self.layers:
            raise LayerError(
                f"{self.title} has no layer with a spatial map, so Grad-CAM has nothing to draw. "
                "It needs a network with convolutions or with image tokens."
            )
        by_name = {layer.name: layer for layer in self.layers}
        if isinstance(layers, str) and layers in self.groups:
            word = layers.removesuffix("s")
            return tuple(
                Layer(name, f"{word} {depth}", by_name[name].size, by_name[name].channels)
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
