"""Small pieces of HTML for a notebook. Whatever is text is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import pandas as pd

from xai_core.figures.tiles import enlarged, jpeg_uri
from xai_core.types import ByteArray

THUMB = 96  # pixels along the shorter side of a picture in a notebook


def facts_html(title: str, facts: Mapping[str, object]) -> str:
    """A heading, and a row for each thing to know; what is empty is left out."""
    rows = "".join(
        f'<tr><th scope="row" style="text-align:left">{escape(name)}</th>'
        f'<td style="text-align:left">{escape(str(value))}</td></tr>'
        for name, value in facts.items()
        if value not in ("", None, ())
    )
    return f"<p><b>{escape(title)}</b></p><table>{rows}</table>"


def table_html(table: pd.DataFrame) -> str:
    """A table without its index."""
    return table.to_html(index=False, escape=True, border=0, float_format=lambda value: f"{value:.3g}")


def strip_html(pictures: Sequence[tuple[str, ByteArray]]) -> str:
    """Pictures uint8 (H, W, 3) side by side, each with its name."""
    return "".join(
        '<figure style="display:inline-block;margin:4px;text-align:center">'
        f'<img src="{jpeg_uri(enlarged(pixels, THUMB))}" alt="{escape(name)}" style="height:{THUMB}px">'
        f'<figcaption style="font-size:.8em">{escape(name)}</figcaption></figure>'
        for name, pixels in pictures
    )


def few(names: Sequence[str], limit: int = 8) -> str:
    """The first names, and how many more there are."""
    rest = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {rest:,} more" if rest > 0 else "")
