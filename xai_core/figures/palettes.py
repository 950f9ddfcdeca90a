"""Colours: one palette for maps, one for signed maps, one for classes, on all pages."""

from __future__ import annotations

from functools import cache

import numpy as np
from plotly import colors

from xai_core.types import ByteArray

# Perceptually even ones first; Turbo and Jet are here since many expect them.
MAP_SCALES = ("Inferno", "Viridis", "Cividis", "Magma", "Turbo", "Jet")
SIGNED_SCALE = "RdBu_r"

# Okabe and Ito's eight colours (2008), which people with any kind of colour vision tell apart, then lighter and
# darker neighbours of them for up to twenty classes.
CLASS_COLOURS = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#D55E00",
    "#56B4E9",
    "#F0E442",
    "#7F7F7F",
    "#332288",
    "#882255",
    "#117733",
    "#DDCC77",
    "#88CCEE",
    "#AA4499",
    "#44AA99",
    "#999933",
    "#661100",
    "#6699CC",
    "#AA7744",
    "#BBBBBB",
)
# Superpixels for and against a class: the green is the lighter one, so that they also differ without colour vision.
FOR, AGAINST = (52, 190, 110), (214, 39, 40)
ACCENT = "#159A92"
CONTRAST = "#D1495B"
MUTED = "#8A8F98"
OTHER_CLASS = "#D9DBDE"


@cache
def lookup_table(name: str) -> ByteArray:
    """256 colours of a scale, low to high: uint8 (256, 3)."""
    stops = colors.sample_colorscale(colors.get_colorscale(name), np.linspace(0, 1, 256).tolist())
    table = np.array([colors.unlabel_rgb(stop) for stop in stops]).round().astype(np.uint8)
    table.setflags(write=False)
    return table


def colourise(values: np.ndarray, scale: str) -> ByteArray:
    """Values in [0, 1] as colours: (..., h, w) -> uint8 (..., h, w, 3). Values beyond are clipped."""
    return lookup_table(scale)[np.rint(np.clip(values, 0, 1) * 255).astype(np.intp)]


def css_gradient(scale: str) -> str:
    """The scale as a CSS gradient, low at the left."""
    table = lookup_table(scale)
    stops = ", ".join(f"rgb({table[i][0]},{table[i][1]},{table[i][2]})" for i in range(0, 256, 15))
    return f"linear-gradient(to right, {stops})"


def class_colours(counts: np.ndarray) -> list[str]:
    """A colour for each of K classes: the same for a class on every page, as long as there are colours.

    Parameters
    ----------
    counts : ndarray
        int (K,), how often each class occurs; beyond twenty classes the most frequent get colours and the others a
        grey.
    """
    if len(counts) <= len(CLASS_COLOURS):
        return list(CLASS_COLOURS[: len(counts)])
    chosen = np.sort(np.argsort(-np.asarray(counts), kind="stable")[: len(CLASS_COLOURS)])
    colours = [OTHER_CLASS] * len(counts)
    for colour, index in zip(CLASS_COLOURS, chosen, strict=True):
        colours[index] = colour
    return colours


def steps(colours: list[str]) -> list[list[object]]:
    """A Plotly scale of steps, one an integer, for values 0 to K - 1 between -0.5 and K - 0.5."""
    k = len(colours)
    return [[edge, colour] for i, colour in enumerate(colours) for edge in (i / k, (i + 1) / k)]
