"""What a class answered."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from xai_core.figures.probabilities import BARS_CSS
from xai_core.studies.words import percent

_CSS = (
    "<style>" + BARS_CSS + ".pb-row.vt-row{grid-template-columns:1fr 84px;gap:0 8px;margin:.3rem 0}"
    ".vt-row .pb-name{grid-column:1/-1}</style>"
)


def votes_html(choices: Sequence[str], votes: Sequence[int], right: int) -> str:
    """How many chose what, as bars.

    Parameters
    ----------
    choices : Sequence[str]
        All that could be chosen.
    votes : Sequence[int]
        How many chose each.
    right : int
        The place of the right one, which is marked.

    Returns
    -------
    str
        HTML with a style sheet of its own.
    """
    n = sum(votes)
    rows = []
    for place, (choice, number) in enumerate(zip(choices, votes, strict=True)):
        share, mark = number / n if n else 0.0, " <small>right</small>" if place == right else ""
        colour = "#159A92" if place == right else "#8A94A0"
        rows.append(
            f'<div class="pb-row vt-row" role="listitem"><span class="pb-name">{escape(choice)}{mark}</span>'
            f'<span class="pb-bar"><i style="width:{100 * share:.1f}%;background:{colour}"></i></span>'
            f"<span>{number:,} ({percent(share)})</span></div>"
        )
    return f'{_CSS}<div role="list" aria-label="Answers of the class">{"".join(rows)}</div>'
