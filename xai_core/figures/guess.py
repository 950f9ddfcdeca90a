"""A picture with a grid of squares: to mark where a model may look, and then to see where it does."""

from __future__ import annotations

from collections.abc import Collection
from html import escape

from xai_core.figures.tiles import enlarged, jpeg_uri
from xai_core.types import ByteArray

# Squares are outlined in white and black at once, so that one of the two stands out from any picture or map; marked
# ones are solid and strongest ones dashed, so that nothing rests on colour alone. Text has the colour of its page.
_CSS = """<style>
.gs{max-width:100%}
.gs-box{position:relative;line-height:0;border-radius:6px;overflow:hidden}
.gs-box img{width:100%;display:block}
.gs-grid{position:absolute;inset:0;display:grid}
.gs-grid button{all:unset;box-sizing:border-box;cursor:pointer;position:relative;
box-shadow:inset 0 0 0 .5px #fff9,inset 0 0 0 1px #0004}
.gs-grid button:hover{background:#fff4}
.gs-grid span{position:relative}
.gs .on{box-shadow:inset 0 0 0 1px #111,inset 0 0 0 4px #fff,inset 0 0 0 5px #111}
.gs-grid button.on{background:#fff6}.gs-grid button:active{background:#fff9}
.gs-grid button:focus-visible{outline:3px solid var(--st-primary-color,#159A92);outline-offset:-3px;
box-shadow:inset 0 0 0 5px #fff}
.gs-grid button.on:focus-visible{box-shadow:inset 0 0 0 6px #fff,inset 0 0 0 7px #111}
.gs .top::after{content:"";position:absolute;inset:8px;border:2px dashed #fff;border-radius:3px;
box-shadow:0 0 0 1px #111a,inset 0 0 0 1px #111a}
.gs-key{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13px;line-height:1.4;margin-top:8px}
.gs-key span{display:flex;align-items:center;gap:7px}
.gs-key i{position:relative;flex:none;width:28px;height:28px;background:#8A8F98;border-radius:3px}
.gs-key .top::after{inset:3px;border-radius:1px}
</style>"""


def _where(cell: int, grid: int) -> str:
    return f"row {cell // grid + 1}, column {cell % grid + 1}"


def _listed(cells: Collection[int], grid: int) -> str:
    return "; ".join(_where(cell, grid) for cell in sorted(cells)) or "none"


def guess_html(
    pixels: ByteArray,
    cells: Collection[int],
    *,
    grid: int = 7,
    side: int = 448,
    overlay: ByteArray | None = None,
    strongest: Collection[int] = (),
    name: str = "",
) -> str:
    """A picture under a grid of squares to mark, or, with `overlay`, the map with the marked and the strongest squares.

    Before the map is shown every square is a button whose `data-pick` is "cell:" and its number.

    Parameters
    ----------
    pixels : ndarray
        uint8 (H, W, 3).
    cells : Collection[int]
        The marked squares, row * grid + column.
    grid : int
        Squares a side.
    side : int
        Width at which it is shown, in CSS pixels; narrower where there is less room.
    overlay : ndarray, optional
        uint8 (H, W, 3), the map over the picture, or None while it is to be guessed.
    strongest : Collection[int]
        The model's own squares, shown with `overlay` only.
    name : str
        Of the picture, for those who cannot see it.

    Returns
    -------
    str
        HTML with a style sheet of its own.
    """
    marked = set(cells)
    top = set(strongest) if overlay is not None else set()
    what = f"Picture {name}" if name else "The picture"
    parts = []
    for cell in range(grid * grid):
        classes = " ".join(word for word, there in (("on", cell in marked), ("top", cell in top)) if there)
        look = f' class="{classes}"' if classes else ""
        if overlay is not None:
            parts.append(f"<span{look}></span>")
        else:
            pressed = "true" if cell in marked else "false"
            parts.append(
                f'<button data-pick="cell:{cell}" aria-label="{_where(cell, grid)}" aria-pressed="{pressed}"{look}>'
                "</button>"
            )
    tracks = f"grid-template:repeat({grid},1fr)/repeat({grid},1fr)"
    if overlay is None:
        alt, legend = what, ""
        hold = f'<div class="gs-grid" role="group" aria-label="Squares to mark" style="{tracks}">'
    else:
        alt = f"{what} with the heatmap over it. Marked: {_listed(marked, grid)}. Strongest: {_listed(top, grid)}."
        hold = f'<div class="gs-grid" aria-hidden="true" style="{tracks}">'  # the picture's text says the same
        keys = [("on", "your squares")] * bool(marked) + [("top", "the model's strongest")] * bool(top)
        legend = "".join(f'<span><i class="{look}"></i>{words}</span>' for look, words in keys)
        legend = f'<div class="gs-key">{legend}</div>' if legend else ""
    shown = pixels if overlay is None else overlay
    return (
        f'{_CSS}<div class="gs" style="width:{side}px"><div class="gs-box">'
        f'<img src="{jpeg_uri(enlarged(shown, side))}" alt="{escape(alt)}">{hold}{"".join(parts)}</div></div>'
        f"{legend}</div>"
    )
