"""Which labels are predicted where which are true, as a table of buttons."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Literal

from xai_core.figures.misclassification.matrix import LONG, MATRIX_CSS, Normalised, number_text
from xai_core.figures.misclassification.theme import THEME
from xai_core.studies import NO_LABEL, CoOccurrence

Together = Literal["predicted", "true"]
_NONE = "no label"


def co_occurrence_html(
    shown: CoOccurrence,
    names: Sequence[str],
    *,
    together: Together = "predicted",
    normalised: Normalised = "counts",
    selected: tuple[int | None, int | None] = (None, None),
) -> str:
    """Labels by labels: rows are true; columns are predicted, or true as well. False positives are red.

    A button's `data-pick` says what it stands for: "cell:true:predicted", "true:label" or "predicted:label", with -1
    for pictures without a label that is known to be true.

    Parameters
    ----------
    shown : CoOccurrence
        The labels to show.
    names : sequence of str
        Of the K labels.
    together : {"predicted", "true"}
        What the columns stand for.
    normalised : {"counts", "row", "column"}
        Numbers, or per cent of the row's pictures; by columns, which overlap, there is no share.
    selected : tuple of int or None
        Row's and column's label that are picked out.

    Returns
    -------
    str
        HTML.
    """
    labels = [int(one) for one in shown.labels]
    rows = [*labels, NO_LABEL] if shown.totals[-1] else labels
    turned = max((len(names[index]) for index in labels), default=0) > LONG
    word = "predicted" if together == "predicted" else "true"
    head = "".join(_column(one, names, word, turned, selected) for one in labels)
    if together == "predicted":
        head += f'<th scope="col" class="axis{" turned" if turned else ""}">none</th>'
    corner = f'<th class="axis">true&nbsp;↓ {word}&nbsp;→</th>'
    lines = [f'<tr>{corner}{head}<th scope="col" class="axis">pictures</th></tr>']
    for place, row in enumerate(rows):
        place = place if row != NO_LABEL else len(labels)
        cells = "".join(
            _cell(shown, place, at, row, names, together, normalised, selected == (row, column))
            for at, column in enumerate(labels)
        )
        if together == "predicted":
            cells += _nothing(int(shown.predicted[place, -1]), int(shown.totals[place]), normalised)
        name = _NONE if row == NO_LABEL else names[row]
        on = " class=on" if selected == (row, None) else ""
        lines.append(
            f'<tr><th scope="row"><button data-pick="true:{row}"{on} title="{escape(_all_of(row, names))}">'
            f'{escape(name)}</button></th>{cells}<td><span class="sum">{int(shown.totals[place]):,}</span></td></tr>'
        )
    return f'{THEME}{MATRIX_CSS}<div class="cm"><table aria-label="Labels together">{"".join(lines)}</table></div>'


def _all_of(row: int, names: Sequence[str]) -> str:
    return "All pictures without a label" if row == NO_LABEL else f"All pictures that have {names[row]}"


def _column(label: int, names: Sequence[str], word: str, turned: bool, selected: tuple[int | None, int | None]) -> str:
    pick = f"{word}:{label}"
    on = " class=on" if selected == (None, label) and word == "predicted" else ""
    title = f"All pictures in which {names[label]} is {word}"
    return (
        f'<th scope="col"{" class=turned" if turned else ""}><button data-pick="{pick}"{on} title="{escape(title)}">'
        f"{escape(names[label])}</button></th>"
    )


def _nothing(count: int, total: int, normalised: Normalised) -> str:
    """Pictures of a row in which no label is predicted; they are no button, since no label of theirs can be shown."""
    words = "·" if not count else number_text(count, total, normalised == "row")
    return f'<td><span class="sum">{words}</span></td>'


def _cell(
    shown: CoOccurrence,
    place: int,
    at: int,
    row: int,
    names: Sequence[str],
    together: Together,
    normalised: Normalised,
    on: bool,
) -> str:
    total, column = int(shown.totals[place]), int(shown.labels[at])
    count = int((shown.predicted if together == "predicted" else shown.true)[place, at])
    if not count:
        return "<td><span>·</span></td>"
    false = int(shown.false[place, at]) if together == "predicted" else 0
    right = count - false
    first = "no label" if row == NO_LABEL else names[row]
    if together == "true":
        said = f"{count:,} of {total:,} pictures with {first} have {names[column]}"
    else:
        said = f"{names[column]} is predicted in {count:,} of {total:,} pictures with {first}, falsely in {false:,}"
    # The share of a cell that is red is that of false positives; they are worth seeing long before they are frequent.
    green = f"rgba(21,154,146,{0.08 + 0.6 * right / total:.2f})"
    red = f"rgba(209,73,91,{0.5 + 0.4 * (false / total) ** 0.5:.2f})"
    stop = f"{100 * right / count:.0f}%"
    fill = f"linear-gradient(to right,{green} {stop},{red} {stop})" if false else green
    return (
        f'<td><button data-pick="cell:{row}:{column}"{" class=on" if on else ""} title="{escape(said)}" '
        f'style="background:{fill}">{number_text(count, total, normalised == "row")}</button></td>'
    )
