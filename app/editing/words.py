"""Edits in words."""

from __future__ import annotations

import xai_core as xai
from xai_core.types.counts import number_of

FILLS = {
    "blur": "Blur",
    "around": "Fill from the surroundings",
    "grey": "Fill with grey",
    "black": "Fill with black",
    "white": "Fill with white",
    "paste": "Paste from another picture",
}


def in_words(edit: xai.Edit) -> str:
    """What was done, in a line."""
    if edit.region is not None:
        source = f" ({edit.source})" if edit.source else ""
        return f"{FILLS[edit.what]}{source}: {_where(edit.region)}"
    if edit.what == "move":
        across, down, percent = edit.amount
        return f"Move the object by {across / 10:+g}% to the right and {down / 10:+g}% down, at {percent}% of its size"
    (amount,) = edit.amount
    return {
        "brightness": f"Brightness {amount:+}%",
        "noise": f"Noise with a standard deviation of {amount}%",
        "rotate": f"Rotate by {amount:+} degrees, anticlockwise",
    }[edit.what]


def _where(region: xai.Region) -> str:
    numbers = region.numbers
    if region.shape == "box":
        left, top, right, bottom = (one / 10 for one in numbers)
        said = f"the box from {left:g}% to {right:g}% across and {top:g}% to {bottom:g}% down"
    elif region.shape == "stroke":
        said = f"a stroke of {number_of(len(numbers) // 2, 'point')}, {numbers[0] / 10:g}% wide"
    elif region.shape == "cells":
        said = f"{len(numbers) - 1} of {numbers[0] ** 2} cells, where the map was strongest"
    else:
        said = "the object"
    return f"all but {said}" if region.outside else said
