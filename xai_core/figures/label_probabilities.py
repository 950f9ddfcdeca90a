"""What a model of independent labels says of a picture, as bars with each label's threshold."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from xai_core.figures.probabilities import BARS_CSS, percent_text
from xai_core.types import FloatArray

_MARK_CSS = (
    ".pb-at{position:relative}.pb-at b{position:absolute;top:0;bottom:0;width:2px;background:currentColor;opacity:.6}"
)
_MARKS = {True: "true", False: "absent", None: "not annotated"}


def label_probabilities_html(
    probabilities: FloatArray,
    names: Sequence[str],
    thresholds: FloatArray,
    truth: Sequence[int],
    looked_at: int | None = None,
    top: int = 5,
) -> str:
    """The likeliest labels as bars, and besides them all that are true or predicted.

    Parameters
    ----------
    probabilities : ndarray
        (K,), each label's own, in [0, 1].
    names : Sequence[str]
        K names of the labels.
    thresholds : ndarray
        (K,), from which on each label counts as predicted.
    truth : Sequence of int
        K times 1 (true), 0 (not) or -1 (not known).
    looked_at : int, optional
        The label that is explained.
    top : int
        How many of the likeliest are shown at least.

    Returns
    -------
    str
        HTML with a style sheet of its own.
    """
    values = np.nan_to_num(probabilities)
    order = np.argsort(-values, kind="stable")
    shown = [
        int(one)
        for place, one in enumerate(order)
        if place < top or one == looked_at or truth[one] == 1 or probabilities[one] >= thresholds[one]
    ]
    rows = []
    for index in shown:
        p, said = float(values[index]), bool(probabilities[index] >= thresholds[index])
        known = None if truth[index] < 0 else truth[index] == 1
        wrong = known is not None and known != said
        colour = "#D1495B" if wrong else "#159A92" if known is not None else "#8A8F98"
        name = escape(names[index])
        what = f"<b>{name}</b>" if index == looked_at else name
        verdict = ("false positive" if said else "missed") if wrong else _MARKS[known]
        rows.append(
            f'<div class="pb-row" role="listitem"><span class="pb-name" title="{name}">{what} <small>{verdict}</small>'
            f'</span><span class="pb-bar pb-at"><i style="width:{100 * p:.1f}%;background:{colour}"></i>'
            f'<b style="left:{100 * float(thresholds[index]):.1f}%"></b></span>'
            f"<span>{percent_text(float(probabilities[index]))}</span></div>"
        )
    return (
        f"<style>{BARS_CSS}{_MARK_CSS}</style>"
        f'<div role="list" aria-label="Probabilities of labels, each by itself">{"".join(rows)}</div>'
    )
