"""A layer that gives a map, and where the axes of its output stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from xai_core.errors import LayerError

Order = Literal["NCHW", "NHWC", "NTC", "NCT", "TNC"]
ORDERS: dict[Order, str] = {
    "NCHW": "batch, channels, height, width",
    "NHWC": "batch, height, width, channels",
    "NTC": "batch, tokens, channels",
    "NCT": "batch, channels, tokens",
    "TNC": "tokens, batch, channels",
}
_PATTERN = re.compile(r"(?P<order>[A-Z]+)(\+(?P<front>\d+))?(\s+(?P<h>\d+)x(?P<w>\d+))?")


@dataclass(frozen=True)
class Axes:
    """Where the axes of a layer's output stand.

    Attributes
    ----------
    order : {"NCHW", "NHWC", "NTC", "NCT", "TNC"}
        N batch, C channels, H height, W width, T tokens.
    front : int
        Tokens before those of the picture: class, distillation and register tokens.

    Examples
    --------
    >>> from xai_core.types import Axes
    >>> str(Axes("NTC", front=1))
    'NTC+1'
    """

    order: Order = "NCHW"
    front: int = 0

    @property
    def tokens(self) -> bool:
        """Whether height and width are one axis."""
        return "T" in self.order

    def __str__(self) -> str:
        return f"{self.order}+{self.front}" if self.front else self.order


@dataclass(frozen=True)
class StatedAxes:
    """Axes as a user states them.

    Attributes
    ----------
    axes : Axes
        Where they stand.
    grid : tuple of int, optional
        (h, w) of the tokens; None where the picture's proportions say it.
    """

    axes: Axes
    grid: tuple[int, int] | None = None


def parse_axes(text: str) -> StatedAxes:
    """Axes from words such as "NHWC" or "NTC+1 14x16" (one token in front, a grid of 14 rows and 16 columns).

    Raises
    ------
    LayerError
        If they say nothing that is known.
    """
    found = _PATTERN.fullmatch(text.strip())
    if found is None or found["order"] not in ORDERS:
        known = ", ".join(f"{order} ({words})" for order, words in ORDERS.items())
        raise LayerError(
            f"{text!r} says no axes. Known are {known}; tokens before the picture's are added as in NTC+1, "
            "and a grid that is not the picture's as in NTC+1 14x16."
        )
    grid = (int(found["h"]), int(found["w"])) if found["h"] else None
    return StatedAxes(Axes(found["order"], int(found["front"] or 0)), grid)


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
    axes : Axes
        Where the axes of its output stand.

    Examples
    --------
    >>> import xai_core as xai
    >>> layer = xai.load_model("digits").select("stages")[-1]
    >>> layer.name, layer.title, layer.size, str(layer.axes)
    ('stages.2', 'stage 3', (8, 8), 'NCHW')
    """

    name: str
    title: str
    size: tuple[int, int]
    channels: int
    axes: Axes = Axes()
