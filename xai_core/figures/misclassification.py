"""Figures of an evaluation: the confusion matrix and the gallery to click on, calibration, deletion curves."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from xai_core.figures.palettes import ACCENT, CLASS_COLOURS, CONTRAST, MUTED
from xai_core.figures.tiles import enlarged, jpeg_uri
from xai_core.figures.words import as_text
from xai_core.studies.misclassification import ShownConfusion
from xai_core.studies.words import percent
from xai_core.types import ByteArray

Normalised = Literal["counts", "row", "column"]
_THUMB = 112
_LONG = 6  # letters from which a column's name is turned
# Colours of the page that shows them; the fallbacks are for a file of its own.
_THEME = "<style>.cm,.gl{color:var(--st-text-color,#222);font-family:var(--st-font,sans-serif)}</style>"

_MATRIX_CSS = """<style>
.cm{overflow-x:auto;font-size:13px;line-height:1.2}
.cm table{border-collapse:separate;border-spacing:2px}
.cm th{font-weight:500;padding:0}.cm td{padding:0}
.cm button{all:unset;box-sizing:border-box;cursor:pointer;border-radius:4px}
.cm button:hover{outline:2px solid var(--st-primary-color,#159A92)}
.cm button:focus-visible{outline:2px solid var(--st-primary-color,#159A92);outline-offset:1px}
.cm .on{outline:2px solid var(--st-text-color,#222)}
.cm td button,.cm td span{display:grid;place-items:center;min-width:38px;height:34px;padding:0 4px}
.cm td span{opacity:.3}.cm td .sum{opacity:.75;font-size:12px}
.cm th[scope=row] button{padding:6px 8px;text-align:right;display:block;max-width:150px;overflow:hidden;
text-overflow:ellipsis;white-space:nowrap;margin-left:auto}
.cm th[scope=col] button{padding:6px 4px;max-height:140px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.cm th[scope=col].turned{vertical-align:bottom}
.cm th[scope=col].turned button{writing-mode:vertical-rl;transform:rotate(180deg)}
.cm .axis{opacity:.7;text-align:right;padding:2px 4px;font-size:12px}
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
    normalised : numbers are "counts", or per cent of the "row" (true class) or "column" (predicted class)
    selected : true and predicted classes that are picked out
    """
    turned = max((len(names[index]) for index in shown.columns), default=0) > _LONG
    row_on = {int(i) for i in selected[0]} if not len(selected[1]) else set()
    column_on = {int(j) for j in selected[1]} if not len(selected[0]) else set()
    cell_on = {(int(i), int(j)) for i in selected[0] for j in selected[1]}
    others = bool(shown.other_columns.any()) or bool(shown.other_rows.any())
    head = "".join(
        f'<th scope="col"{" class=turned" if turned else ""}><button data-pick="predicted:{int(j)}"'
        f'{" class=on" if int(j) in column_on else ""} title="All taken for {escape(names[j])}">{escape(names[j])}'
        "</button></th>"
        for j in shown.columns
    )
    extra = '<th scope="col" class="axis">others</th>' if others else ""
    corner = '<th class="axis">true ↓ &nbsp; predicted →</th>'
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
    return f'{_THEME}{_MATRIX_CSS}<div class="cm"><table aria-label="Confusion matrix">{"".join(lines)}</table></div>'


def _number(count: int, total: int, as_share: bool) -> str:
    if not as_share or not total:
        return f"{count:,}"
    share = 100 * _share(count, total)
    return f"{share:.0f}" if share >= 0.5 else "&lt;1"


def _sum(count: int, total: int, how: Normalised, along: Normalised) -> str:
    """What is not shown, in numbers of its own direction only: a count among per cents would mislead."""
    words = "·" if not count else "" if how not in ("counts", along) else _number(count, total, how != "counts")
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
    what = f"{names[true]} right" if true == predicted else f"{names[true]} taken for {names[predicted]}"
    words = f"{what}: {count:,} of {of_true:,} of the class, of {of_predicted:,} so predicted"
    return (
        f'<td><button data-pick="cell:{true}:{predicted}"{" class=on" if on else ""} title="{escape(words)}" '
        f'style="background:rgba({colour},{strength:.2f})">{_number(count, base, how != "counts")}</button></td>'
    )


@dataclass(frozen=True, eq=False)
class Card:
    """A picture in the gallery.

    Attributes
    ----------
    pick : what a click on it reports
    view : uint8 (S, S, 3), or None where the picture cannot be read any more
    name : of the picture
    predicted, confidence : the class in words and its probability in [0, 1]
    true : the label, or an empty text
    correct : None where that cannot be said
    note : one more thing to say
    hint : what a pointer that rests on it is told besides
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
.gl{display:grid;grid-template-columns:repeat(auto-fill,minmax(108px,1fr));gap:10px;
font-size:12.5px;line-height:1.3}
.gl button{all:unset;box-sizing:border-box;cursor:pointer;border-radius:8px;padding:4px;overflow:hidden;
border:1px solid var(--st-border-color,#ddd);display:flex;flex-direction:column;gap:1px}
.gl button:hover,.gl button:focus-visible{border-color:var(--st-primary-color,#159A92)}
.gl .on{border-color:var(--st-primary-color,#159A92);box-shadow:0 0 0 2px var(--st-primary-color,#159A92)}
.gl img,.gl i{width:100%;aspect-ratio:1;border-radius:5px;display:block;background:#8A8F9833;object-fit:cover}
.gl span{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}.gl b{font-weight:600}
.gl .was{opacity:.75}.gl .ok{color:#2a9d63}.gl .no{color:#d1495b}
</style>"""


def gallery_html(cards: Sequence[Card], selected: str | None = None) -> str:
    """Pictures to click on; a card's `data-pick` is its `pick`."""
    parts = []
    for card in cards:
        mark = {True: '<b class="ok">✓</b> ', False: '<b class="no">✗</b> ', None: ""}[card.correct]
        unsure = "" if card.hint else "NaN"
        sure = percent(card.confidence) if np.isfinite(card.confidence) else unsure
        said = f"{card.name}: {card.hint}" if card.hint else f"{card.name}: predicted {card.predicted}, {sure}"
        said += f", label {card.true}" if card.true else ""
        picture = f'<img src="{jpeg_uri(enlarged(card.view, _THUMB))}" alt="">' if card.view is not None else "<i></i>"
        true = f'<span class="was">is {escape(card.true)}</span>' if card.true else ""
        note = f'<span class="was">{escape(card.note)}</span>' if card.note else ""
        parts.append(
            f'<button data-pick="{escape(card.pick)}"{" class=on" if card.pick == selected else ""} '
            f'title="{escape(said)}" aria-label="{escape(said)}">{picture}'
            f"<span>{mark}<b>{escape(card.predicted)}</b> {sure}</span>{true}{note}</button>"
        )
    return f'{_THEME}{_GALLERY_CSS}<div class="gl">{"".join(parts)}</div>'


def reliability_figure(bins: pd.DataFrame) -> go.Figure:
    """Accuracy by confidence, with the diagonal of a model that can be believed; `bins` as `studies.calibration`."""
    figure = go.Figure()
    width = bins["high"] - bins["low"]
    figure.add_bar(
        x=(bins["low"] + bins["high"]) / 2,
        y=bins["accuracy"],
        width=width * 0.94,
        name="accuracy",
        marker={"color": ACCENT},
        customdata=np.stack([bins["n"], bins["confidence"]], axis=1),
        hovertemplate="%{customdata[0]:,} pictures, %{customdata[1]:.1%} sure on average<br>%{y:.1%} right"
        "<extra></extra>",
    )
    figure.add_scatter(
        x=bins["confidence"],
        y=bins["accuracy"],
        mode="markers",
        name="mean confidence",
        hoverinfo="skip",
        marker={"color": CONTRAST, "size": 7, "symbol": "diamond"},
    )
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        name="as sure as right",
        line={"color": MUTED, "dash": "dash"},
        hoverinfo="skip",
    )
    figure.update_xaxes(title="confidence", range=[0, 1], tickformat=".0%")
    figure.update_yaxes(title="right", range=[0, 1.02], tickformat=".0%")
    figure.update_layout(
        height=330,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        dragmode=False,
        bargap=0,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    return figure


def hidden_html(pictures: Sequence[tuple[str, ByteArray, Sequence[tuple[str, float]]]]) -> str:
    """Pictures with a part hidden: (method, uint8 (S, S, 3), (class, probability) ...) each."""
    parts = []
    for title, view, said in pictures:
        lines = "".join(f"<div>{escape(name)} <b>{100 * p:.1f} %</b></div>" for name, p in said)
        image = f'<img src="{jpeg_uri(enlarged(view, 160))}" alt="{escape(title)}, hidden">'
        parts.append(f"<figure>{image}<figcaption>{escape(title)}</figcaption>{lines}</figure>")
    return (
        "<style>.hd{display:flex;gap:16px;flex-wrap:wrap;font-size:.84rem;line-height:1.4}"
        ".hd figure{margin:0;width:150px}.hd img{width:150px;aspect-ratio:1;border-radius:5px;display:block}"
        ".hd figcaption{font-weight:600;margin-top:3px}"
        f'</style><div class="hd">{"".join(parts)}</div>'
    )


def deletion_figure(curves: pd.DataFrame, class_name: str, share: float) -> go.Figure:
    """The probability of a class against the share of the picture that is hidden, by method.

    Parameters
    ----------
    curves : of one class, as `xai.deletion` gives them
    share : hidden share to mark, in [0, 1]
    """
    figure = go.Figure()
    random = curves[curves["method"] == "random"].groupby("hidden")["p"].agg(["min", "max", "mean"]).reset_index()
    if len(random):
        figure.add_scatter(
            x=pd.concat([random["hidden"], random["hidden"][::-1]]),
            y=pd.concat([random["max"], random["min"][::-1]]),
            fill="toself",
            fillcolor="rgba(138,143,152,.22)",
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
        )
        figure.add_scatter(
            x=random["hidden"],
            y=random["mean"],
            mode="lines",
            name="random order",
            line={"color": MUTED, "dash": "dash"},
            hovertemplate="%{x:.0%} hidden: %{y:.1%}",
        )
    looks = zip(CLASS_COLOURS, itertools.cycle(("solid", "dash", "dot", "dashdot")), strict=False)
    named = curves[curves["method"] != "random"].groupby("method", sort=False)
    for (method, part), (colour, dash) in zip(named, looks, strict=False):
        figure.add_scatter(
            x=part["hidden"],
            y=part["p"],
            mode="lines",
            name=as_text(method),
            line={"color": colour, "dash": dash, "width": 2.5},
            hovertemplate="%{x:.0%} hidden: %{y:.1%}",
        )
    figure.add_vline(x=share, line={"color": CONTRAST, "width": 1.5})
    figure.update_xaxes(title="share of the picture hidden", range=[0, 1], tickformat=".0%")
    figure.update_yaxes(title=f"probability of {as_text(class_name)}", range=[0, 1.02], tickformat=".0%")
    figure.update_layout(
        height=340,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        dragmode=False,
        hovermode="x unified",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    return figure
