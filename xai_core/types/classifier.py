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
    name : str
        The module's dotted name in the network.
    title : str
        Short name for people ("stage 4", "block 16", or the module's name).
    size : tuple of int
        (h, w) of its map for one picture of the model's input size.
    channels : int
        Number of channels (for transformers: the width of a token).

    Examples
    --------
    >>> import xai_core as xai
    >>> layer = xai.load_model("digits").select("stages")[-1]
    >>> layer.name, layer.title, layer.size
    ('stages.2', 'stage 3', (8, 8))
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
    layout : {"channels_first", "channels_last"}
        Where channels stand in four-dimensional outputs, unless the module's kind says otherwise.
    device : torch.device
        Where the parameters lie.
    id : str
        Content id of weights and preprocessing (16 hex digits of a SHA-256).
    bytes_per_picture : int
        What one picture's activations take, for choosing a batch size.
    code : str
        The Python expression that gives the same model again, with `import xai_core as xai`.
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
