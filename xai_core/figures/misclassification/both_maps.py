"""Pictures of the gallery with the maps of both classes: what is predicted, what is true, and the difference."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from xai_core.figures.panel import Explained, draw_block
from xai_core.figures.tiles import Style, jpeg_uri
from xai_core.types import Method

_STYLE = (
    "<style>.bm{display:grid;gap:18px;grid-template-columns:repeat(auto-fill,minmax(330px,1fr));font-size:.82rem;"
    "line-height:1.35}.bm section{min-width:0}.bm header{font-weight:600;overflow-wrap:anywhere}"
    ".bm .row{display:grid;grid-template-columns:repeat(4,1fr);gap:4px;margin-top:3px}.bm figure{margin:0;min-width:0}"
    ".bm img{width:100%;aspect-ratio:1;border-radius:4px;display:block}"
    ".bm figcaption{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}"
    "@media (max-width:380px){.bm{grid-template-columns:1fr}}</style>"
)


def both_maps_html(pictures: Sequence[tuple[Explained, tuple[str, str]]], method: Method) -> str:
    """Each picture in a row: as it is, the map of the predicted class, that of the true one, and their difference.

    Parameters
    ----------
    pictures : sequence of tuple
        (picture with its two maps, names of the two classes) each.
    method : Method
        That made the maps.

    Returns
    -------
    str
        HTML; both maps of a picture share a scale.
    """
    parts = []
    for explained, names in pictures:
        block = draw_block(explained, [method], names, Style())
        drawn = [tile.pixels if tile is not None else np.zeros_like(block.view) for tile in block.tiles[method.key]]
        said = ("picture", f"for {names[0]}", f"for {names[1]}", "difference")
        figures = "".join(
            f'<figure><img src="{jpeg_uri(pixels)}" alt="{escape(explained.title)}, {escape(words)}">'
            f'<figcaption title="{escape(words)}">{escape(words)}</figcaption></figure>'
            for pixels, words in zip((block.view, *drawn), said, strict=True)
        )
        lines = "".join(f"<div>{escape(line)}</div>" for line in explained.lines)
        parts.append(
            f'<section><header>{escape(explained.title)}</header>{lines}<div class="row">{figures}</div></section>'
        )
    return f'{_STYLE}<div class="bm">{"".join(parts)}</div>'
