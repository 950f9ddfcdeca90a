"""Pictures to click on, and pictures with a part hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from xai_core.figures.misclassification.theme import THEME
from xai_core.figures.tiles import enlarged, jpeg_uri
from xai_core.studies.words import percent
from xai_core.types import ByteArray

_THUMB = 192  # pixels: as large as a room sees it, and sharp on a dense screen


@dataclass(frozen=True, eq=False)
class Card:
    """A picture in the gallery.

    Attributes
    ----------
    pick : str
        What a click on it reports.
    view : ndarray, optional
        uint8 (S, S, 3); None where the picture cannot be read any more.
    name : str
        Of the picture.
    predicted : str
        The class in words.
    confidence : float
        Its probability, in [0, 1].
    true : str
        The label, or empty.
    correct : bool, optional
        None where that cannot be said.
    note : str
        One more thing to say.
    hint : str
        What a pointer that rests on it is told besides.
    """

    pick: str
    view: ByteArray | None
    name: str
    predicted: str
    confidence: float
    true: str
    correct: bool | None
    note: str = ""
    hint: str = ""


_GALLERY_CSS = """<style>
.gl{display:grid;grid-template-columns:repeat(auto-fill,minmax(var(--card,108px),1fr));gap:10px;
font-size:.78rem;line-height:1.3}
.gl button{all:unset;box-sizing:border-box;cursor:pointer;border-radius:8px;padding:4px;overflow:hidden;
border:1px solid var(--st-border-color,#ddd);display:flex;flex-direction:column;gap:1px}
.gl button:hover,.gl button:focus-visible{border-color:var(--st-primary-color,#159A92)}
.gl .on{border-color:var(--st-primary-color,#159A92);box-shadow:0 0 0 2px var(--st-primary-color,#159A92)}
.gl img,.gl i{width:100%;aspect-ratio:1;border-radius:5px;display:block;background:#8A8F9833;object-fit:cover}
.gl span{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}.gl b{font-weight:600}
.gl .was{opacity:.75}.gl .ok{color:color-mix(in srgb,#2a9d63 75%,currentColor)}
.gl .no{color:color-mix(in srgb,#d1495b 75%,currentColor)}
</style>"""


def gallery_html(cards: Sequence[Card], selected: str | None = None) -> str:
    """Pictures to click on; a card's `data-pick` is its `pick`.

    Parameters
    ----------
    cards : sequence of Card
        In order.
    selected : str, optional
        The `pick` of the card to mark.

    Returns
    -------
    str
        HTML.
    """
    parts = []
    for card in cards:
        mark = {True: '<b class="ok">✓</b> ', False: '<b class="no">✗</b> ', None: ""}[card.correct]
        unsure = "" if card.hint else "NaN"
        sure = percent(card.confidence) if np.isfinite(card.confidence) else unsure
        said = f"{card.name}: {card.hint}" if card.hint else f"{card.name}: predicted {card.predicted}, {sure}"
        said += f", label {card.true}" if card.true else ""
        picture = (
            f'<img src="{jpeg_uri(enlarged(card.view, _THUMB))}" alt="{escape(card.name)}">'
            if card.view is not None
            else "<i></i>"
        )
        true = f'<span class="was">is {escape(card.true)}</span>' if card.true else ""
        note = f'<span class="was">{escape(card.note)}</span>' if card.note else ""
        parts.append(
            f'<button data-pick="{escape(card.pick)}"{" class=on" if card.pick == selected else ""} '
            f'title="{escape(said)}">{picture}'
            f"<span>{mark}<b>{escape(card.predicted)}</b> {sure}</span>{true}{note}</button>"
        )
    return f'{THEME}{_GALLERY_CSS}<div class="gl">{"".join(parts)}</div>'


def hidden_html(
    pictures: Sequence[tuple[str, ByteArray, Sequence[tuple[str, float]]]], shows: str = "hidden", width: int = 150
) -> str:
    """Pictures with a part hidden, or something else done to them.

    Parameters
    ----------
    pictures : sequence of tuple
        (method, uint8 (S, S, 3), ((class, probability in [0, 1]), ...)) each.
    shows : str
        What was done to them, for those who do not see it.
    width : int
        Of a picture on the page, in pixels.

    Returns
    -------
    str
        HTML.
    """
    parts = []
    for title, view, said in pictures:
        lines = "".join(f"<div>{escape(name)} <b>{100 * p:.1f}%</b></div>" for name, p in said)
        image = f'<img src="{jpeg_uri(enlarged(view, 160))}" alt="{escape(title)}, {escape(shows)}">'
        parts.append(f"<figure>{image}<figcaption>{escape(title)}</figcaption>{lines}</figure>")
    return (
        "<style>.hd{display:flex;gap:16px;flex-wrap:wrap;font-size:.84rem;line-height:1.4}"
        ".hd figure{margin:0;width:var(--w)}.hd img{width:100%;aspect-ratio:1;border-radius:5px;display:block}"
        ".hd figcaption{font-weight:600;margin-top:3px}"
        f'</style><div class="hd" style="--w:{width}px">{"".join(parts)}</div>'
    )
