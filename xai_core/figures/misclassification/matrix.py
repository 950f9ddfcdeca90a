"""The confusion matrix as a table of buttons."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Literal

from xai_core.figures.misclassification.theme import THEME
from xai_core.studies.evaluation import ShownConfusion

Normalised = Literal["counts", "row", "column"]
LONG = 6  # letters from which a column's name is turned
MATRIX_CSS = """<style>
.cm{container-type:inline-size;overflow-x:auto;scrollbar-color:#8A8F98 transparent;font-size:13px;line-height:1.2}
.cm table{border-collapse:separate;border-spacing:2px}
.cm th{font-weight:500;padding:0}.cm td{padding:0}
.cm button{all:unset;box-sizing:border-box;cursor:pointer;border-radius:4px}
.cm button:hover{outline:2px solid var(--st-primary-color,#159A92)}
.cm button:focus-visible{outline:2px solid var(--st-primary-color,#159A92);outline-offset:1px}
.cm .on{outline:2px solid var(--st-text-color,#222)}
.cm td button,.cm td span{display:grid;box-sizing:border-box;place-items:center;min-width:30px;height:30px;
padding:0 3px}
.cm td span{opacity:.3}.cm td .sum{opacity:.75;font-size:12px}
.cm th[scope=row] button{padding:5px 6px;text-align:right;display:block;max-width:110px;overflow:hidden;
text-overflow:ellipsis;white-space:nowrap;margin-left:auto}
.cm th[scope=col] button{padding:6px 4px;max-height:110px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.cm th[scope=col].turned{vertical-align:bottom}
.cm th[scope=col].turned button{writing-mode:vertical-rl;transform:rotate(180deg)}
.cm .axis{opacity:.7;text-align:right;padding:2px 4px;font-size:12px}
@container (max-width:450px){.cm table{border-spacing:1px}.cm td button,.cm td span{min-width:24px;height:26px;
padding:0 1px;font-size:12px}.cm .axis{padding:2px;font-size:11px}}
</style>"""


def _share(count: float, total: float) -> float:
    return count / total if total else float("nan")


def confusion_html(
    shown: ShownConfusion,
    names: Sequence[str],
    *,
    normalised: Normalised = "counts",
    selected: tuple[Sequence[int], Sequence[int]] = ((), ()),
) -> str:
    """The confusion matrix as a table of buttons: right ones in green, mistakes in red, by their share of the class.

    A button's `data-pick` says what it stands for: "cell:true:predicted", "true:class" or "predicted:class".

    Parameters
    ----------
    shown : ShownConfusion
        The classes to show, and what the others add up to.
    names : sequence of str
        Of the K classes.
    normalised : {"counts", "row", "column"}
        Numbers, or per cent of the true or of the predicted class.
    selected : tuple of sequence of int
        True and predicted classes that are picked out.

    Returns
    -------
    str
        HTML.
    """
    turned = max((len(names[index]) for index in shown.columns), default=0) > LONG
    row_on = {int(i) for i in selected[0]} if not len(selected[1]) else set()
    column_on = {int(j) for j in selected[1]} if not len(selected[0]) else set()
    cell_on = {(int(i), int(j)) for i in selected[0] for j in selected[1]}
    others = bool(shown.other_columns.any()) or bool(shown.other_rows.any())
    head = "".join(
        f'<th scope="col"{" class=turned" if turned else ""}><button data-pick="predicted:{int(j)}"'
        f'{" class=on" if int(j) in column_on else ""} title="All predicted as {escape(names[j])}">{escape(names[j])}'
        "</button></th>"
        for j in shown.columns
    )
    extra = '<th scope="col" class="axis">others</th>' if others else ""
    corner = '<th class="axis">true&nbsp;↓ predicted&nbsp;→</th>'
    lines = [f'<tr>{corner}{head}{extra}<th scope="col" class="axis">pictures</th></tr>']
    for row, i in enumerate(shown.rows):
        total = int(shown.true_totals[row])
        cells = "".join(
            _cell(
                int(shown.counts[row, column]),
                total,
                int(shown.predicted_totals[column]),
                int(i),
                int(j),
                names,
                normalised,
                (int(i), int(j)) in cell_on,
            )
            for column, j in enumerate(shown.columns)
        )
        more = _sum(int(shown.other_columns[row]), total, normalised, "row") if others else ""
        lines.append(
            f'<tr><th scope="row"><button data-pick="true:{int(i)}"{" class=on" if int(i) in row_on else ""} '
            f'title="All pictures of {escape(names[i])}">{escape(names[i])}</button></th>{cells}{more}'
            f'<td><span class="sum">{total:,}</span></td></tr>'
        )
    sums = "".join(
        _sum(int(shown.other_rows[column]), int(shown.predicted_totals[column]), normalised, "column")
        for column in range(len(shown.columns))
    )
    if others and shown.other_rows.any():
        lines.append(f'<tr><th scope="row" class="axis">others</th>{sums}</tr>')
    totals = "".join(f'<td><span class="sum">{int(total):,}</span></td>' for total in shown.predicted_totals)
    lines.append(f'<tr><th scope="row" class="axis">predicted</th>{totals}</tr>')
    return f'{THEME}{MATRIX_CSS}<div class="cm"><table aria-label="Confusion matrix">{"".join(lines)}</table></div>'


def number_text(count: int, total: int, as_share: bool) -> str:
    if not as_share or not total:
        return f"{count:,}"
    share = 100 * _share(count, total)
    return f"{share:.0f}" if share >= 0.5 else "&lt;1"


def _sum(count: int, total: int, how: Normalised, along: Normalised) -> str:
    """What is not shown, in numbers of its own direction only: a count among per cents would mislead."""
    words = "·" if not count else "" if how not in ("counts", along) else number_text(count, total, how != "counts")
    return f'<td><span class="sum">{words}</span></td>'


def _cell(
    count: int,
    of_true: int,
    of_predicted: int,
    true: int,
    predicted: int,
    names: Sequence[str],
    how: Normalised,
    on: bool,
) -> str:
    if not count:
        return "<td><span>·</span></td>"
    base = of_predicted if how == "column" else of_true
    share = _share(count, base)
    colour = "21,154,146" if true == predicted else "209,73,91"
    # A mistake is worth seeing long before it is as frequent as being right.
    strength = 0.08 + 0.6 * (share if true == predicted else share**0.5)
    what = f"{names[true]} right" if true == predicted else f"{names[true]} predicted as {names[predicted]}"
    words = f"{what}: {count:,} of {of_true:,} of the class, of {of_predicted:,} so predicted"
    return (
        f'<td><button data-pick="cell:{true}:{predicted}"{" class=on" if on else ""} title="{escape(words)}" '
        f'style="background:rgba({colour},{strength:.2f})">{number_text(count, base, how != "counts")}</button></td>'
    )
