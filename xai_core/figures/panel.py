"""Rival explanations side by side: methods x {one class, another, their difference}, for a picture and its like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from xai_core.figures.palettes import AGAINST, FOR, SIGNED_SCALE, css_gradient
from xai_core.figures.tiles import (
    Style,
    Tile,
    draw_evidence,
    draw_magnitudes,
    draw_segments,
    draw_signed,
    enlarged,
    jpeg_uri,
)
from xai_core.types import ByteArray, FloatArray, IntArray, Method
from xai_core.types.method import Drawing
from xai_core.types.superpixels import segment_values

SIDE = 192  # pixels of a tile, at least
# Percentile of a map's magnitudes at full colour: a few pixels would else darken the rest, or hide what has a sign.
_CLIP: dict[Drawing, float] = {"magnitude": 99.5, "signed": 98.0}


@dataclass(frozen=True, eq=False)
class Explained:
    """A picture and what the methods say of it, for two classes.

    Attributes
    ----------
    title : str
        What this picture is here.
    lines : tuple of str
        What stands below it.
    view : ndarray
        uint8 (S, S, 3), as the network saw it.
    maps : Mapping[str, float32 (2, h, w)]
        Key of a method -> its maps, raw.
    segments : Mapping[str, int64 (S, S)]
        Key of a method -> the superpixels on which its maps are constant.
    """

    title: str
    lines: tuple[str, ...]
    view: ByteArray
    maps: Mapping[str, FloatArray]
    segments: Mapping[str, IntArray] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Block:
    """A picture's columns of the panel, drawn.

    Attributes
    ----------
    title : str
        Of the picture.
    lines : tuple of str
        What stands below it.
    view : ndarray
        uint8 (S, S, 3).
    heads : tuple of str
        Of its columns.
    tiles : Mapping[str, tuple of Tile or None]
        Key of a method -> a tile a column; None where the method did not run.
    """

    title: str
    lines: tuple[str, ...]
    view: ByteArray
    heads: tuple[str, ...]
    tiles: Mapping[str, tuple[Tile | None, ...]]


def _peak(drawing: Drawing, values: FloatArray) -> float:
    """The value at full colour for both maps and their difference, so that they can be compared; NaN without any."""
    first, second = values
    both = [values if drawing == "evidence" else np.abs(values), np.abs(first - second)]
    known = [found for one in both if (found := one[np.isfinite(one)]).size]
    for share in (_CLIP.get(drawing, 100.0), 100.0):
        peak = max((float(np.percentile(one, share, method="higher")) for one in known), default=0.0)
        if peak > 0:  # where nearly all is zero, the largest
            return peak
    return float("nan")


def _draw(drawing: Drawing, view: ByteArray, values: FloatArray, segments: IntArray | None, style: Style) -> list[Tile]:
    """Tiles for both classes and for their difference."""
    peak = _peak(drawing, values)
    size = (view.shape[0], view.shape[1])
    if drawing == "segments":
        assert segments is not None
        both = [draw_segments(view, segments, segment_values(one, segments), peak) for one in values]
        return [*both, draw_signed(view, values[0] - values[1], peak, smooth=False)]
    if drawing == "evidence":
        both = [draw_evidence(view, one, peak, style) for one in values]
    elif drawing == "magnitude":
        both = [draw_magnitudes(one, size, peak, style.colours) for one in values]
    else:
        both = [draw_signed(view, one, peak, smooth=False) for one in values]
    smooth = style.smooth and drawing == "evidence"
    return [*both, draw_signed(view, values[0] - values[1], peak, smooth=smooth)]


def draw_block(
    explained: Explained, methods: Sequence[Method], classes: tuple[str, str], style: Style, *, difference: bool = True
) -> Block:
    """Draw what the methods say of a picture.

    Parameters
    ----------
    explained : Explained
    methods : Sequence of Method
        In the order of the rows.
    classes : tuple of str
        Names of the two classes.
    style : Style
        Of the evidence; its scale is one for both classes.
    difference : bool
        Whether the third column, first minus second, is drawn.

    Returns
    -------
    Block
    """
    view, style = enlarged(explained.view, SIDE), replace(style, scale="all")
    columns = 3 if difference else 2
    tiles: dict[str, tuple[Tile | None, ...]] = {}
    for method in methods:
        key = method.key
        if key in explained.maps:
            drawn = _draw(method.drawing, view, explained.maps[key], explained.segments.get(key), style)
            tiles[key] = tuple(drawn[:columns])
        else:
            tiles[key] = (None,) * columns
    heads = (f"for {classes[0]}", f"for {classes[1]}", f"{classes[0]} − {classes[1]}")
    return Block(explained.title, explained.lines, view, heads[:columns], tiles)


def segments_picture(
    explained: Explained, method: Method, which: int, numbered: int = 8, side: int = 420
) -> Image.Image:
    """Superpixels of a method for one of the two classes, large, with the numbers of the weightiest ones.

    Parameters
    ----------
    explained : Explained
    method : Method
        One whose maps are constant on superpixels.
    which : int
        0 for the first class, 1 for the second.
    numbered : int
        How many superpixels get their number.
    side : int
        Of the picture, in pixels, at least.

    Returns
    -------
    PIL.Image.Image
    """
    values, segments = explained.maps[method.key], explained.segments[method.key]
    weights = segment_values(values[which], segments)
    view = enlarged(explained.view, side)
    image = Image.fromarray(draw_segments(view, segments, weights, _peak(method.drawing, values)).pixels)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(15)
    scale = view.shape[0] / segments.shape[0]
    for number in np.argsort(-np.abs(weights), kind="stable")[:numbered]:
        ys, xs = np.nonzero(segments == number)
        nearest = np.argmin((ys - ys.mean()) ** 2 + (xs - xs.mean()) ** 2)  # its own pixel, also where it is a ring
        place = (float(xs[nearest] * scale), float(ys[nearest] * scale))
        draw.text(place, str(number), "white", font, anchor="mm", stroke_width=3, stroke_fill="#14161c")
    return image


_CSS = """<style>
.xp-box{container-type:inline-size}.xp-on{display:none;font-size:.8rem;opacity:.8;margin:0 0 4px}
.xp{overflow-x:auto;font-size:.82rem;line-height:1.35}
.xp-grid{display:grid;gap:6px;align-items:center;justify-content:start;min-width:calc(118px + 92px*var(--n))}
.xp-row{display:contents}
.xp-block{align-self:start;font-weight:600;font-size:.92rem;border-bottom:3px solid #159A92;padding-bottom:3px;
overflow-wrap:anywhere}
.xp-block.xp-first{border-color:currentColor}
.xp-input{display:flex;gap:8px;align-items:flex-start}
.xp-input img{width:72px;aspect-ratio:1;border-radius:4px;flex:none}
.xp-input div{min-width:0;overflow-wrap:anywhere}
.xp-head{font-weight:600;align-self:end;overflow-wrap:anywhere}
.xp-what{font-weight:600;padding-right:6px}.xp-what small{display:block;font-weight:400;opacity:.78}
.xp-tile{position:relative}.xp-tile img{display:block;width:100%;aspect-ratio:1;border-radius:4px}
.xp-tile:has(.xp-none){align-self:stretch}
.xp-none{height:100%;min-height:2.5rem;box-sizing:border-box;border:1px dashed #8A8F9880;border-radius:4px;
display:grid;place-items:center;opacity:.8;
text-align:center;padding:4px}
.xp-flat{position:absolute;inset:auto 4px 4px 4px;background:rgba(20,22,28,.82);color:#fff;border-radius:3px;
padding:1px 4px;font-size:.7rem;text-align:center}
.xp-key{display:flex;gap:6px 18px;flex-wrap:wrap;margin-top:8px;font-size:.78rem;opacity:.9}
.xp-key span{display:inline-flex;gap:6px;align-items:center}.xp-key i{flex:none;width:64px;height:9px;border-radius:5px}
</style>"""


def flat_text(drawing: Drawing) -> str:
    return "no positive evidence" if drawing == "evidence" else "no evidence"


def _tile_html(tile: Tile | None, drawing: Drawing, alt: str, missing: str) -> str:
    if tile is None:
        return f'<div class="xp-tile" role="cell"><div class="xp-none">{escape(missing)}</div></div>'
    what = escape(f"{alt}: " + (flat_text(drawing) if tile.flat else f"{tile.low:.3g} to {tile.high:.3g}"))
    flag = f'<span class="xp-flat">{flat_text(drawing)}</span>' if tile.flat else ""
    image = f'<img src="{jpeg_uri(tile.pixels)}" alt="{what}" title="{what}">'
    return f'<div class="xp-tile" role="cell">{image}{flag}</div>'


def panel_html(blocks: Sequence[Block], notes: Mapping[Method, str], colours: str, missing: str = "not run") -> str:
    """The panel as one piece of HTML; names are text, whatever they contain.

    Parameters
    ----------
    blocks : Sequence of Block
        The picture itself first.
    notes : Mapping[Method, str]
        What stands below a method's name (seconds, layer), in the order of the rows.
    colours : str
        Of the evidence.
    missing : str
        What stands in place of a tile that was not made.

    Returns
    -------
    str
        HTML with a style sheet of its own.
    """
    gap = '<div role="cell"></div>'

    def row(label: str, groups: Sequence[str]) -> str:
        return f'<div class="xp-row" role="row">{label or gap}{gap.join(groups)}</div>'

    titles, inputs = [], []
    for index, block in enumerate(blocks):
        span = f'aria-colspan="{len(block.heads)}" style="grid-column:span {len(block.heads)}"'
        first = " xp-first" if index == 0 else ""
        titles.append(f'<div class="xp-block{first}" role="columnheader" {span}>{escape(block.title)}</div>')
        lines = "".join(f"<div>{escape(line)}</div>" for line in block.lines)
        image = f'<img src="{jpeg_uri(block.view)}" alt="{escape(block.title)}, input">'
        inputs.append(f'<div class="xp-input" role="cell" {span}>{image}<div>{lines}</div></div>')
    heads = [
        "".join(f'<div class="xp-head" role="columnheader">{escape(head)}</div>' for head in block.heads)
        for block in blocks
    ]
    rows = [row("", titles), row('<div class="xp-what" role="rowheader">Input</div>', inputs), row("", heads)]
    for method, note in notes.items():
        tiles = [
            "".join(
                _tile_html(tile, method.drawing, f"{block.title}, {method.title} {head}", missing)
                for tile, head in zip(block.tiles[method.key], block.heads, strict=True)
            )
            for block in blocks
        ]
        name = f'<div class="xp-what" role="rowheader">{escape(method.title)}<small>{escape(note)}</small></div>'
        rows.append(row(name, tiles))
    n = sum(len(block.heads) for block in blocks)
    columns = " 10px ".join(f"repeat({len(block.heads)},minmax(84px,clamp(96px,7.5vw,180px)))" for block in blocks)
    grid = f'style="--n:{n};grid-template-columns:minmax(104px,150px) {columns}"'
    table = f'<div class="xp-grid" role="table" aria-label="Explanations by method and class" {grid}>'
    key = _key_html(notes, colours, any(len(block.heads) > 2 for block in blocks))
    # Where the panel is wider than its place, which CSS can ask only for a width that is written out.
    narrow = f"<style>@container (max-width:{117 + 92 * n}px){{.xp-on-{n}{{display:block}}}}</style>"
    on = f'<p class="xp-on xp-on-{n}">It goes on to the right: swipe or scroll.</p>'
    body = f'{on}<div class="xp" tabindex="0">{table}{"".join(rows)}</div></div>'
    return f'{_CSS}{narrow}<div class="xp-box">{body}</div>{key}'


def _key_html(methods: Iterable[Method], colours: str, difference: bool) -> str:
    gradients = {
        "evidence": css_gradient(colours),
        "magnitude": css_gradient(colours),
        "signed": css_gradient(SIGNED_SCALE),
        "segments": f"linear-gradient(to right,rgb{AGAINST},#9a9a9a,rgb{FOR})",
    }
    parts = [
        f'<span><i style="background:{gradients[method.drawing]}"></i>{escape(method.title)}: '
        f"{escape(method.legend)}</span>"
        for method in methods
    ]
    if difference:
        parts.append(
            f'<span><i style="background:{gradients["signed"]}"></i>Difference, on one scale: red '
            "speaks for the class before the minus sign, blue for the one after it</span>"
        )
    return f'<div class="xp-key">{"".join(parts)}</div>'
