"""Texts in which a user states something of a model, and the values that they mean.

What says nothing of the kind raises a ValueError with a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping

from xai_core.errors import LayerError
from xai_core.types.layers import parse_axes


def as_text(text: str) -> str:
    """A text that stands for itself."""
    return text


def parse_size(text: str) -> int | tuple[int, int]:
    """A side, or height and width: "224", "224x112"."""
    sides = "".join(text.split()).lower().replace("×", "x").split("x")
    if len(sides) > 2 or not all(side.isdecimal() and int(side) for side in sides):
        raise ValueError(f"{text!r} is no size: write one number of pixels, or height x width such as 224x112.")
    high, wide = int(sides[0]), int(sides[-1])
    return high if high == wide else (high, wide)


def size_text(value: int | tuple[int, int]) -> str:
    """A size as text."""
    return str(value) if isinstance(value, int) else "x".join(map(str, value))


def parse_numbers(text: str) -> tuple[float, ...]:
    """Numbers with commas or spaces between: "0.5, 0.5, 0.5"."""
    try:
        values = tuple(float(part) for part in text.replace(",", " ").replace(";", " ").split())
    except ValueError:
        values = ()
    if not values:
        raise ValueError(f"{text!r} is no list of numbers: write one a channel, such as 0.5, 0.5, 0.5.")
    return values


def numbers_text(values: tuple[float, ...]) -> str:
    """Numbers as text."""
    return ",".join(f"{value:.12g}" for value in values)


def parse_white(text: str) -> float:
    """The value of white."""
    try:
        return float(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no value of white: usually it is 1 or 255.") from error


def parse_channels(text: str) -> str:
    """Letters of channels."""
    return text.strip().upper()


def parse_entry(text: str) -> str | int:
    """The place of a tensor in a tuple, or its name."""
    return int(text) if text.strip().isdecimal() else text.strip()


def parse_layers(text: str) -> dict[str, str]:
    """Lines "blocks.3 = NTC+1"."""
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, equals, axes = map(str.strip, line.partition("="))
        if not (name and equals):
            raise ValueError(f"{line!r} states no layer: write a module's name and its axes, such as blocks.3 = NTC+1.")
        try:
            parse_axes(axes)
        except LayerError as error:
            raise ValueError(str(error)) from error
        found[name] = " ".join(axes.split())
    return found


def layers_text(layers: Mapping[str, str]) -> str:
    """Layers with their axes as lines."""
    return "\n".join(f"{name}={axes}" for name, axes in layers.items())
