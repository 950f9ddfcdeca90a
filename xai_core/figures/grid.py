"""The grid pictures x layers, as HTML for a page and as a PNG to take away."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from xai_core.figures.captions import Caption
from xai_core.figures.palettes import css_gradient, lookup_table
from xai_core.figures.tiles import Style, Tile, draw_tiles, fitted, jpeg_uri
from xai_core.studies.words import percent
from xai_core.types import Heatmaps, Layer, Sample

FLAT_TEXT = "no positive evidence"
FLAT_RAW_TEXT = "flat map"


def _percent(value: float) -> str:
    return "–" if not np.isfinite(value) else percent(value)


def _caption_html(caption: Caption) -> str:
    mark = {True: '<span class="xg-ok">✓</span>', False: '<span class="xg-no">✗</span>', None: ""}[caption.correct]
    lines = [f'<div class="xg-pred">{escape(caption.predicted)} <span>{_percent(caption.confidence)}</span></div>']
    if caption.true is not None:
        lines.append(f"<div>label: {escape(caption.true)} {mark}</div>")
    if caption.target != caption.predicted:
        lines.append(f'<div class="xg-target">map for: {escape(caption.target)}</div>')
    lines.append(f'<div class="xg-name" title="{escape(caption.name)}">{escape(caption.name)}</div>')
    return f'<div class="xg-what" role="rowheader">{"".join(lines)}</div>'


def _tile_html(tile: Tile, layer: Layer, caption: Caption, style: Style, method: str) -> str:
    text = FLAT_RAW_TEXT if style.view == "raw" else FLAT_TEXT
    what = text if tile.flat else f"{tile.low:.3g} to {tile.high:.3g}"
    alt = escape(f"{caption.name}, {layer.title} ({layer.name}), {method} for {caption.target}: {what}")
    flag = f'<span class="xg-flat">{text}</span>' if tile.flat else ""
    return f'<div class="xg-tile" role="cell"><img src="{jpeg_uri(tile.pixels)}" alt="{alt}" title="{alt}">{flag}</div>'


def bar_labels(tiles: dict[str, list[Tile]], style: Style, unit: str) -> tuple[str, str, str]:
    """(low end, high end, explanation) of the colour bar."""
    shown = [tile for row in tiles.values() for tile in row if not tile.flat]
    if style.scale == "all" and shown:
        top = max(tile.high for tile in shown)
        low = f"{-top:.3g}" if style.view == "raw" else "0"
        return low, f"{top:.3g}", f"{unit}, one scale for all maps"
    owner = "the map's" if style.scale == "map" else "the layer's"
    if style.view == "raw":
        return f"− {owner} maximum", f"+ {owner} maximum", "against and for the class that is explained"
    low = "the map's minimum" if style.scale == "map" else "0"
    return low, f"{owner} maximum", "evidence for the class that is explained"


_CSS = """<style>
.xg{--tile:minmax(88px,1fr);container-type:inline-size;overflow-x:auto;font-size:.82rem;line-height:1.35}
.xg-row{display:grid;grid-template-columns:minmax(118px,1.25fr) repeat(var(--n),var(--tile));gap:6px;
margin-bottom:6px;align-items:center;min-width:calc(124px + 94px*var(--n))}
.xg-head{font-weight:600;align-items:end}.xg-head small,.xg-name,.xg-target{font-weight:400;opacity:.78}
.xg-head small{display:block}.xg-tile{position:relative}
.xg-tile img{display:block;width:100%;aspect-ratio:1;border-radius:4px}
.xg-row>:first-child{position:sticky;left:0;z-index:2;background:var(--xg-page,transparent);align-self:stretch;
display:flex;flex-direction:column;justify-content:center}.xg-head>:first-child{justify-content:end}
.xg-what{padding-right:8px;overflow-wrap:anywhere}.xg-pred{font-weight:600;font-size:.95rem}
.xg-pred span{font-weight:400;opacity:.75;white-space:nowrap}
.xg-name{white-space:nowrap;overflow:hidden;text-overflow:ellipsis;font-size:.76rem}
.xg-ok{color:color-mix(in srgb,#2a9d63 75%,currentColor);font-weight:700}
.xg-no{color:color-mix(in srgb,#d1495b 75%,currentColor);font-weight:700}
.xg-flat{position:absolute;inset:auto 6px 6px 6px;background:rgba(20,22,28,.82);color:#fff;border-radius:3px;
padding:1px 4px;font-size:.72rem;text-align:center}
.xg-bar{display:flex;gap:10px;align-items:center;margin-top:4px;flex-wrap:wrap;font-size:.78rem;opacity:.9}
.xg-ends{display:flex;gap:10px;align-items:center;white-space:nowrap}
.xg-ends i{flex:0 1 180px;min-width:40px;height:10px;border-radius:5px}
@container (max-width:610px){
.xg-row{grid-template-columns:repeat(var(--n),minmax(54px,1fr));gap:4px;min-width:calc(58px*var(--n));
margin-bottom:12px}
.xg-row>:first-child{grid-column:1/-1;justify-self:start;max-width:100cqw}.xg-head>:first-child{display:none}}
</style>"""


def grid_html(
    samples: Sequence[Sample],
    heatmaps: Heatmaps,
    layers: Sequence[Layer],
    lines: Sequence[Caption],
    style: Style,
    among: Heatmaps | None = None,
) -> str:
    """The grid as one piece of HTML; names and labels are text, whatever they contain.

    Parameters
    ----------
    samples : sequence of Sample
        N, as the network saw them (`Preprocessing.prepare`).
    heatmaps : Heatmaps
        Of N pictures at L layers.
    layers : sequence of Layer
        The L layers of the maps, titled.
    lines : sequence of Caption
        N captions.
    style : Style
        How maps are drawn.
    among : Heatmaps, optional
        All maps that a shared scale is to cover, where `heatmaps` are some of them.

    Returns
    -------
    str
        HTML.
    """
    tiles = draw_tiles([sample.pixels for sample in samples], heatmaps, style, among)
    head = "".join(
        f'<div role="columnheader" title="{escape(layer.name)}">{escape(layer.title)}'
        f"<small>{layer.size[0]} × {layer.size[1]}</small></div>"
        for layer in layers
    )
    what = lines[0].what if lines else ""
    rows = [f'<div class="xg-row xg-head" role="row"><div>{what}</div><div>input</div>{head}</div>']
    for index, (sample, line) in enumerate(zip(samples, lines, strict=True)):
        cells = "".join(_tile_html(tiles[layer.name][index], layer, line, style, heatmaps.method) for layer in layers)
        image = f'<img src="{jpeg_uri(sample.pixels)}" alt="{escape(line.name)}, input">'
        picture = f'<div class="xg-tile" role="cell">{image}</div>'
        rows.append(f'<div class="xg-row" role="row">{_caption_html(line)}{picture}{cells}</div>')
    low, high, what = bar_labels(tiles, style, heatmaps.unit)
    bar = (
        ""
        if style.view == "input"
        else f'<div class="xg-bar"><span class="xg-ends">{escape(low)}'
        f'<i style="background:{css_gradient(style.shown_colours)}"></i>{escape(high)}</span>'
        f"<span>{escape(what)}</span></div>"
    )
    named = 'role="table" tabindex="0" aria-label="Maps of pictures by layer"'
    table = f'<div class="xg" {named} style="--n:{len(layers) + 1}">'
    return f"{_CSS}{table}{''.join(rows)}</div>{bar}"


_BAR_WIDTH = 860  # pixels that the colour bar takes with what its ends mean


def grid_png(
    samples: Sequence[Sample],
    heatmaps: Heatmaps,
    layers: Sequence[Layer],
    lines: Sequence[Caption],
    style: Style,
    *,
    slide: bool = False,
) -> Image.Image:
    """The same grid as a picture on white, with its captions and colour bar.

    Parameters
    ----------
    samples, heatmaps, layers, lines, style
        As `grid_html` takes them.
    slide : bool
        In the middle of a white page of 16:9.

    Returns
    -------
    PIL.Image.Image
    """
    tiles = draw_tiles([sample.pixels for sample in samples], heatmaps, style)
    side, left, top, gap, foot = heatmaps.input_size[0], 240, 52, 8, 56
    side = max(side, 112)
    width = max(left + (side + gap) * (len(layers) + 1), _BAR_WIDTH)
    height = top + (side + gap) * len(samples) + foot
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    big, small = ImageFont.load_default(18), ImageFont.load_default(14)
    heads = [("input", "")] + [(layer.title, f"{layer.size[0]} x {layer.size[1]}") for layer in layers]
    for column, (title, size) in enumerate(heads):
        x = left + column * (side + gap)
        draw.text((x, 6), fitted(draw, title, big, side), "black", big)
        draw.text((x, 30), size, "#555555", small)
    for row, (sample, line) in enumerate(zip(samples, lines, strict=True)):
        y = top + row * (side + gap)
        texts = [(f"{line.predicted} {_percent(line.confidence)}", big, "black")]
        if line.true is not None:
            mark = {True: " (right)", False: " (wrong)", None: ""}[line.correct]
            texts.append((f"label: {line.true}{mark}", small, "#333333"))
        texts += [(f"map for: {line.target}", small, "#333333"), (line.name, small, "#777777")]
        for index, (text, font, colour) in enumerate(texts):
            draw.text((8, y + 8 + 24 * index), fitted(draw, text, font, left - 16), colour, font)
        pictures = [Tile(sample.pixels, False, 0, 0)] + [tiles[layer.name][row] for layer in layers]
        for column, tile in enumerate(pictures):
            x = left + column * (side + gap)
            image.paste(Image.fromarray(tile.pixels).resize((side, side)), (x, y))
            if tile.flat:
                draw.rectangle((x, y + side - 22, x + side - 1, y + side - 1), fill="#14161c")
                text = FLAT_RAW_TEXT if style.view == "raw" else FLAT_TEXT
                draw.text((x + 6, y + side - 20), fitted(draw, text, small, side - 12), "white", small)
    if style.view != "input":
        low, high, what = bar_labels(tiles, style, heatmaps.unit)
        y = height - foot + 16
        x = 8 + int(draw.textlength(low, small)) + 10
        draw.text((8, y), low, "black", small)
        strip = Image.fromarray(np.broadcast_to(lookup_table(style.shown_colours), (14, 256, 3)).copy())
        image.paste(strip, (x, y + 2))
        draw.text((x + 266, y), f"{high}   ({what})", "black", small)
    page = max(width, -(-height * 16 // 9)), max(height, -(-width * 9 // 16))
    return ImageOps.pad(image, page, color="white") if slide else image
