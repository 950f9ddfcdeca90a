"""What examples are drawn with: small pictures, their captions and a sentence, as HTML."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


# Streamlit's variables for colours are known in clickable HTML only, so everything follows the colour of the text.
STYLE = """<style>
.ex{font-size:.8rem;line-height:1.35;color:var(--st-text-color,inherit);font-family:var(--st-font,inherit)}
.ex figure{margin:0;min-width:0}.ex figcaption{overflow-wrap:anywhere}.ex b{font-weight:600}
.ex img{width:100%;aspect-ratio:1;border-radius:6px;display:block;object-fit:cover}
.ex p{margin:10px 0 0;font-size:.95rem;line-height:1.5}
.ex button{all:unset;box-sizing:border-box;cursor:pointer;display:block;border-radius:8px;padding:2px;min-width:0;
text-align:center;border:2px solid transparent}
.ex button:hover{border-color:color-mix(in srgb,currentColor 35%,transparent)}
.ex button:focus-visible,.ex .on{border-color:var(--st-primary-color,#159A92)}
.ex{container-type:inline-size}
.ex-strip{display:grid;gap:4px;grid-template-columns:repeat(var(--wide),minmax(0,1fr))}
@container (max-width:340px){.ex-strip{grid-template-columns:repeat(var(--narrow),minmax(0,1fr))}}
.ex-depth{display:grid;gap:4px 10px;grid-template-columns:minmax(0,2.2fr) minmax(0,1fr)}
.ex-depth figure:first-child{grid-row:span 2}
.ex-row{display:grid;gap:10px;grid-template-columns:repeat(3,minmax(0,1fr));margin-bottom:8px}
.ex-row h3{grid-column:1/-1;margin:0 0 -4px;padding:0;font-size:.85rem;font-weight:600}
.ex-epoch{display:grid;gap:4px;grid-template-columns:repeat(8,minmax(0,1fr));text-align:center}
.ex-epoch img{border:2px solid #159A92}.ex-epoch .no img{border:2px dashed #D1495B;opacity:.55}
.ex-course{display:flex;gap:10px;align-items:flex-end;margin-top:10px}
.ex-course div{flex:1;height:40px;display:flex;gap:2px;align-items:flex-end}
.ex-course i{flex:1;background:#159A92;opacity:.35;border-radius:2px 2px 0 0}.ex-course .on{opacity:1}
</style>"""


def image_source(pixels: np.ndarray) -> str:
    """uint8 (H, W, 3) as the source of an HTML image; that of `figures` would load Plotly first."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=82)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def figure_html(pixels: np.ndarray, title: str, *lines: str) -> str:
    """A picture with its name and what else is to say of it."""
    more = "".join(f"<br>{escape(line)}" for line in lines)
    return (
        f'<figure><img src="{image_source(pixels)}" alt="{escape(title)}">'
        f"<figcaption><b>{escape(title)}</b>{more}</figcaption></figure>"
    )


def strip_html(thumbnails: Sequence[tuple[str, str, str, str]], selected: str) -> str:
    """Small pictures to click on: (what a click reports, image source, what it is, what stands below) each."""
    buttons = "".join(
        f'<button data-pick="{escape(pick)}"{" class=on" if pick == selected else ""} title="{escape(said)}" '
        f'aria-pressed="{str(pick == selected).lower()}">'
        f'<img src="{source}" alt="{escape(said)}">{escape(below)}</button>'
        for pick, source, said, below in thumbnails
    )
    wide = 8 if len(thumbnails) % 8 == 0 else 6
    return f'{STYLE}<div class="ex"><div class="ex-strip" style="--wide:{wide};--narrow:4">{buttons}</div></div>'


@dataclass(frozen=True)
class Example:
    """What an example shows.

    Attributes
    ----------
    html : its pictures and, below them, what one sees, in a sentence with its numbers
    query : the address of the page that goes on from here
    """

    html: str
    query: Mapping[str, str]


def complete(pictures: str, sentence: str, query: Mapping[str, str]) -> Example:
    return Example(f'{STYLE}<div class="ex">{pictures}<p>{escape(sentence)}</p></div>', query)
