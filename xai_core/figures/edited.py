"""What an edit did: the likeliest classes before and after, and the maps on one scale."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

import numpy as np
from PIL import Image

from xai_core.figures.foreground.pictures import OUTLINE, edges
from xai_core.figures.probabilities import BARS_CSS, percent_text
from xai_core.figures.tiles import Style, draw_tiles, enlarged, jpeg_uri, to_png
from xai_core.types import ByteArray, FloatArray, Heatmaps

_GHOST = 140  # of 255, its opacity
_CSS = (
    "<style>"
    + BARS_CSS
    + ".pb-row.ed-row{grid-template-columns:minmax(90px,1.7fr) 2fr 9rem}.ed-row .pb-bar{position:relative}"
    ".ed-row b{position:absolute;top:0;bottom:0;width:3px;background:currentColor}"
    ".ed-key{font-size:.8rem;opacity:.78;margin:.3rem 0}</style>"
)
_MAPS_CSS = (
    "<style>.em{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(140px,100%),1fr));gap:14px}"
    ".em figure{margin:0;max-width:320px;min-width:0}"
    ".em img{width:100%;border-radius:4px;display:block}.em figcaption{font-size:.86rem;margin-top:4px}</style>"
)


def ghost_uri(view: ByteArray, mask: ByteArray, side: int) -> str:
    """What follows the pointer while an object is dragged: the object, half transparent, with its outline.

    Parameters
    ----------
    view : ndarray
        uint8 (H, W, 3).
    mask : ndarray
        uint8 (H, W); what is not 0 moves.
    side : int
        Pixels of its shorter side, at least.

    Returns
    -------
    str
        The source of an HTML image, a PNG that is transparent where nothing moves.
    """
    large = enlarged(view, side)
    inside, edge, thick = edges(mask != 0, large.shape[:2])
    drawn = np.dstack([large * inside[..., None], _GHOST * inside]).astype(np.uint8)
    drawn[thick] = (20, 20, 20, 255)
    drawn[edge] = (*OUTLINE, 255)
    return "data:image/png;base64," + base64.b64encode(to_png(Image.fromarray(drawn))).decode()


def changed_html(before: FloatArray, after: FloatArray, names: Sequence[str], explained: int, top: int = 5) -> str:
    """The likeliest classes of two pictures: a bar for the second, a mark where the first was.

    Parameters
    ----------
    before, after : ndarray
        (K,) in [0, 1].
    names : Sequence[str]
        K names of the classes.
    explained : int
        The class that the maps explain, which is always among them.
    top : int
        How many of the likeliest of each are shown.

    Returns
    -------
    str
        HTML with a style sheet of its own.
    """
    order = []
    for p in (after, before):
        order += [index for index in np.argsort(-np.nan_to_num(p), kind="stable")[:top].tolist() if index not in order]
    shown = order[:top]
    shown += [index for index in (int(np.nan_to_num(before).argmax()), explained) if index not in shown]
    rows = []
    for index in dict.fromkeys(shown):
        old, new = (float(np.nan_to_num(p[index])) for p in (before, after))
        small = " <small>explained</small>" if index == explained else ""
        rows.append(
            f'<div class="pb-row ed-row" role="listitem"><span class="pb-name" title="{escape(names[index])}">'
            f'{escape(names[index])}{small}</span><span class="pb-bar">'
            f'<i style="width:{100 * new:.1f}%;background:#159A92"></i>'
            f'<b style="left:{100 * old:.1f}%;transform:translateX(-{100 * old:.1f}%)"></b></span>'
            f"<span>{percent_text(float(before[index]))} → {percent_text(float(after[index]))}</span></div>"
        )
    key = '<div class="ed-key">Bar: the edited picture. Line: the picture before all edits.</div>'
    label = "Likeliest classes before and after the edits"
    return f'{_CSS}<div role="list" aria-label="{label}">{"".join(rows)}</div>{key}'


def edited_maps_html(
    views: Sequence[ByteArray],
    heatmaps: Heatmaps,
    captions: Sequence[str],
    side: int = 320,
    *,
    pictures: Sequence[str] = (),
    one_scale: bool = True,
    smooth: bool = True,
) -> str:
    """Maps of the same layer over their pictures.

    Parameters
    ----------
    views : sequence of ndarray
        N pictures, uint8 (H, W, 3).
    heatmaps : Heatmaps
        Of the N pictures at one layer.
    captions : sequence of str
        N lines.
    side : int
        Pixels of a picture's shorter side, at least.
    pictures : sequence of str
        N lines of the pictures themselves, each of which then stands before its map; none leaves them out.
    one_scale : bool
        Whether all maps share a scale, so that a weaker one looks weaker.
    smooth : bool
        Bilinear between the cells of a map, or its cells as they are.

    Returns
    -------
    str
        HTML with a style sheet of its own.
    """
    (tiles,) = draw_tiles(views, heatmaps, Style(scale="layer" if one_scale else "map", smooth=smooth)).values()
    parts = []
    for place, (view, tile, caption) in enumerate(zip(views, tiles, captions, strict=True)):
        if pictures:
            parts.append(_figure(view, pictures[place], side))
        parts.append(_figure(tile.pixels, caption + (" No place speaks for the class." if tile.flat else ""), side))
    return f'{_MAPS_CSS}<div class="em">{"".join(parts)}</div>'


def pictures_html(views: Sequence[ByteArray], captions: Sequence[str], side: int = 112) -> str:
    """Pictures without maps, side by side.

    Parameters
    ----------
    views : sequence of ndarray
        N pictures, uint8 (H, W, 3).
    captions : sequence of str
        N lines.
    side : int
        Pixels of a picture's width.

    Returns
    -------
    str
        HTML with a style sheet of its own.
    """
    parts = "".join(_figure(view, caption, side) for view, caption in zip(views, captions, strict=True))
    columns = f"<style>.em.of-{side}{{grid-template-columns:repeat(auto-fill,{side}px)}}</style>"
    return f'{_MAPS_CSS}{columns}<div class="em of-{side}">{parts}</div>'


def _figure(pixels: ByteArray, caption: str, side: int) -> str:
    said = escape(caption)
    return (
        f'<figure><img src="{jpeg_uri(enlarged(pixels, side))}" alt="{said}"><figcaption>{said}</figcaption></figure>'
    )
