"""What was discovered: a map of the pictures, and a card's pictures with their maps."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go

from xai_core.figures.palettes import CLASS_COLOURS, CONTRAST, MUTED
from xai_core.figures.tiles import Style, draw_evidence, enlarged, jpeg_uri
from xai_core.figures.words import as_text
from xai_core.types import ByteArray, FloatArray

_SIDE = 132  # pixels of a typical picture
_COLOURED = {"label": "Class", "correct": "Answer", "strategy": "Strategy"}
_CSS = """<style>
.ds{display:grid;grid-template-columns:repeat(auto-fill,minmax(104px,1fr));gap:8px;font-size:12px;line-height:1.3}
.ds figure{margin:0;min-width:0}.ds img{width:100%;aspect-ratio:1;display:block;border-radius:5px}
.ds figcaption{white-space:nowrap;overflow:hidden;text-overflow:ellipsis;opacity:.85}
.ds-map{position:relative}.ds-map i{position:absolute;box-sizing:border-box;border:0 solid #fff;
filter:drop-shadow(0 0 1px #000)}
.ds button{all:unset;display:block;width:100%;cursor:pointer;border-radius:5px}
.ds button:focus-visible{outline:2px solid currentColor;outline-offset:2px}
</style>"""


def _groups(table: Any, by: str) -> dict[str, Any]:
    """Name -> rows, in the order of the legend."""
    if by == "correct":
        return {"right": table[table["correct"]], "wrong": table[~table["correct"]]}
    names = [name for name in dict.fromkeys(table[by]) if name]
    found = {str(name): table[table[by] == name] for name in sorted(names)}
    rest = table[table[by] == ""] if by == "strategy" else table.iloc[:0]
    return ({"no group": rest} if len(rest) else {}) | found


def pictures_map_figure(found: Any, by: str = "label") -> go.Figure:
    """A point a picture, by the first two principal components of its features; to look at, not to test on.

    Parameters
    ----------
    found : Discovery
    by : {"label", "correct", "strategy"}
        What the colours mean.

    Returns
    -------
    plotly.graph_objects.Figure
        A point's `customdata` is its picture's place in the data set.
    """
    figure = go.Figure()
    groups = _groups(found.pictures, by)
    for number, (name, rows) in enumerate(groups.items()):
        colour = CLASS_COLOURS[number % len(CLASS_COLOURS)]
        if name == "no group":
            colour = MUTED
        elif by == "correct":
            colour = CONTRAST if name == "wrong" else CLASS_COLOURS[0]
        hints = [
            f"{as_text(row.picture)}<br>label {as_text(row.label)}, predicted {as_text(row.predicted)}"
            for row in rows.itertuples()
        ]
        figure.add_trace(
            go.Scattergl(
                x=rows["x"],
                y=rows["y"],
                mode="markers",
                name=as_text(name),
                marker={"color": colour, "size": 7, "opacity": 0.8, "symbol": number % 4 if by != "label" else 0},
                customdata=rows["place"].tolist(),
                text=hints,
                hovertemplate="%{text}<extra></extra>",
            )
        )
    figure.update_xaxes(title="first principal component of the features", zeroline=False)
    figure.update_yaxes(title="second principal component", zeroline=False)
    figure.update_layout(
        height=430,
        margin={"l": 10, "r": 10, "t": 30, "b": 10},
        legend={"title": {"text": _COLOURED[by]}, "orientation": "h", "yanchor": "bottom", "y": 1.01},
    )
    return figure


def strategy_html(
    strategy: Any,
    views: Sequence[ByteArray],
    names: Sequence[str],
    style: Style | None = None,
    picks: Sequence[str] = (),
) -> str:
    """Typical pictures of a strategy with their maps over them, and its mean map with the region that it points at.

    Parameters
    ----------
    strategy : Strategy
    views : Sequence of ndarray
        uint8 (H, W, 3), its typical pictures as the network sees them.
    names : Sequence[str]
        Of these.
    style : Style, optional
        How maps are drawn; None takes the pages' way.
    picks : Sequence[str], optional
        What a click on each picture reports; without them none can be clicked.

    Returns
    -------
    str
        HTML.
    """
    look = style or Style()
    tiles = []
    for at, (view, raw, name) in enumerate(zip(views, strategy.typical_maps, names, strict=True)):
        large = enlarged(view, _SIDE)
        over = draw_evidence(large, raw, float(raw.max()), look).pixels
        said = escape(name)
        shown = f'<img src="{jpeg_uri(large)}" alt="{said}">'
        if picks:
            shown = f'<button type="button" data-pick="{escape(picks[at])}">{shown}</button>'
        tiles.append(
            f'<figure>{shown}<img src="{jpeg_uri(over)}" alt="{said}, its map" '
            f'style="margin-top:3px"><figcaption title="{said}">{said}</figcaption></figure>'
        )
    return f'{_CSS}<div class="ds">{"".join(tiles)}{_mean_map(strategy.mean_map, strategy.region, look)}</div>'


def _mean_map(mean_map: FloatArray, region: np.ndarray, style: Style) -> str:
    """The mean map, and the outline of its region."""
    black = np.zeros((_SIDE, _SIDE, 3), np.uint8)
    peak = float(mean_map.max())
    drawn = draw_evidence(black, mean_map, peak, Style(colours=style.colours, opacity=1.0)).pixels
    high, wide = region.shape
    padded = np.pad(region, 1)
    cells = []
    for row, column in zip(*np.nonzero(region), strict=True):
        sides = {
            "top": not padded[row, column + 1],
            "bottom": not padded[row + 2, column + 1],
            "left": not padded[row + 1, column],
            "right": not padded[row + 1, column + 2],
        }
        width = "".join(f"border-{side}-width:2px;" for side, edge in sides.items() if edge)
        cells.append(
            f'<i style="top:{100 * row / high:.2f}%;left:{100 * column / wide:.2f}%;height:{100 / high:.2f}%;'
            f'width:{100 / wide:.2f}%;{width}"></i>'
        )
    return (
        f'<figure><div class="ds-map"><img src="{jpeg_uri(drawn)}" alt="mean map">{"".join(cells)}</div>'
        '<figcaption style="white-space:normal">mean map, outlined where it is brightest</figcaption></figure>'
    )
