"""What a model says of a picture, as bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from xai_core.studies.words import percent
from xai_core.types import FloatArray

# A name is whole in up to three lines, and a longer one in its title. Rows that are divided otherwise say so by two
# classes: another chart's style, which may come later on the page, has one.
BARS_CSS = (
    ".pb-row{display:grid;grid-template-columns:minmax(90px,1.2fr) 2fr 5.6rem;gap:8px;align-items:center;"
    "font-size:.86rem;line-height:1.3;padding:.2em 0}.pb-name{overflow-wrap:anywhere;"
    "display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;overflow:hidden}"
    ".pb-name small{opacity:.78}.pb-bar{background:#8A8F9826;border-radius:4px;height:.8em;overflow:hidden}"
    ".pb-bar i{display:block;height:100%}.pb-row>:last-child{text-align:right;white-space:nowrap}"
)
_WRONG, _OTHER = "#D1495B", "#159A92"


def probabilities_html(probabilities: FloatArray, names: Sequence[str], marks: Mapping[int, str], top: int = 5) -> str:
    """The likeliest classes as bars, and the marked ones where they are not among them.

    Parameters
    ----------
    probabilities : ndarray
        (K,) in [0, 1].
    names : Sequence[str]
        K names of the classes.
    marks : Mapping of int to str
        class -> what it is here ("predicted", "label", "predicted and label"). A predicted class that is not the label
        beside it is red.
    top : int
        How many of the likeliest are shown.

    Returns
    -------
    str
        HTML with a style sheet of its own.
    """
    order = np.argsort(-np.nan_to_num(probabilities), kind="stable")[:top].tolist()
    order += [index for index in marks if index not in order]
    known = "label" in marks.values()
    rows = "".join(
        f'<div class="pb-row" role="listitem"><span class="pb-name" title="{escape(names[index])}">'
        f"{escape(names[index])}"
        + (f" <small>{escape(marks[index])}</small>" if index in marks else "")
        + f'</span><span class="pb-bar"><i style="width:{100 * float(np.nan_to_num(probabilities[index])):.1f}%;'
        f'background:{_WRONG if known and marks.get(index) == "predicted" else _OTHER}"></i></span>'
        f"<span>{percent_text(float(probabilities[index]))}</span></div>"
        for index in order
    )
    return f'<style>{BARS_CSS}</style><div role="list" aria-label="Likeliest classes">{rows}</div>'


def percent_text(value: float) -> str:
    """A probability to a tenth of a percent, which shows small changes; what is nearly certain does not become 100%."""
    if not np.isfinite(value):
        return "–"
    return "< 0.1%" if value < 0.001 else percent(value) if 0.9995 <= value < 1 else f"{100 * value:.1f}%"
