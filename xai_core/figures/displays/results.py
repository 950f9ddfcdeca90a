"""Tests, cards and studies in a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from xai_core.figures.displays.markup import facts_html, table_html
from xai_core.figures.layer_focus import focus_boxes
from xai_core.figures.palettes import ACCENT, MUTED
from xai_core.figures.words import as_text
from xai_core.studies import CRITERIA, OUTCOMES, Checked, Hypothesis, LayerFocus, PairedTests, format_p
from xai_core.types import Layer, StatResult

_MARKS = {True: "✓", False: "!", None: "–"}


def _row(result: StatResult) -> dict[str, str]:
    def number(value: float, text: str) -> str:
        return text if np.isfinite(value) else "–"

    low, high = result.interval
    return {
        "test": result.name,
        "n": str(result.n),
        "statistic": number(result.value, f"{result.statistic} = {result.value:.4g}"),
        "p": number(result.p, format_p(result.p)),
        "effect": number(result.effect, f"{result.effect_name} = {result.effect:.2f}"),
        f"{100 * result.confidence:.0f}% interval": number(low, f"{low:.2f} to {high:.2f}"),
        "note": result.reason,
    }


def stat_html(result: StatResult) -> str:
    """One test as a row."""
    return table_html(pd.DataFrame([_row(result)]))


def effects_figure(results: Sequence[StatResult]) -> go.Figure:
    """The effects of tests with their intervals, a row each.

    Parameters
    ----------
    results : sequence of StatResult
        Those whose effect cannot be computed are left out.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    shown = [result for result in results if np.isfinite(result.effect)]
    effects = np.array([result.effect for result in shown])
    bounds = np.array([result.interval for result in shown], float).reshape(-1, 2)
    figure = go.Figure(
        go.Scatter(
            x=effects,
            y=np.arange(len(shown)),
            mode="markers",
            marker={"color": ACCENT, "size": 10},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": np.nan_to_num(bounds[:, 1] - effects),
                "arrayminus": np.nan_to_num(effects - bounds[:, 0]),
                "color": ACCENT,
            },
            text=[f"{as_text(result.name)}, n = {result.n:,}, {format_p(result.p)}" for result in shown],
            hovertemplate="%{text}: %{x:.3f}<extra></extra>",
        )
    )
    figure.add_vline(0, line={"color": MUTED, "dash": "dash"})
    names = [
        f"{as_text(result.name)}<br><span style='font-size:10px'>{as_text(result.effect_name)}</span>"
        for result in shown
    ]
    figure.update_xaxes(title="effect", zeroline=False)
    figure.update_yaxes(tickvals=np.arange(len(shown)), ticktext=names, range=[len(shown) - 0.5, -0.5])
    figure.update_layout(
        height=110 + 50 * len(shown), margin={"l": 10, "r": 10, "t": 10, "b": 10}, dragmode=False, showlegend=False
    )
    return figure


def compared_html(comparison: Any) -> str:
    """The recommendation of `MethodComparison`, on what it rests, and its table."""
    table = comparison.table
    shown = table[["name", *CRITERIA, "seconds"]].round(3).assign(outcome=table["outcome"].map(OUTCOMES))
    said = f"<p><b>{escape(comparison.recommendation)}</b> {escape(comparison.sampled)}</p>"
    return said + table_html(shown.rename(columns={key: one.title for key, one in CRITERIA.items()}))


def paired_html(tests: PairedTests) -> str:
    """The test that decides, and those beside it."""
    facts = {"pictures": f"{tests.n:,}", "primary test": f"{tests.result.name}, chosen before looking at the data"}
    rows = [_row(one) for one in (tests.result, *tests.beside)]
    return facts_html("Paired tests", facts) + table_html(pd.DataFrame(rows))


def hypothesis_html(card: Hypothesis) -> str:
    """The card of a hypothesis: the verdict first, then what it rests on."""
    caveats = "".join(f"<li>{escape(caveat)}</li>" for caveat in card.caveats)
    return (
        f"<p><b>{escape(card.question)}</b></p><p><b>{escape(card.headline)}</b></p><p>{escape(card.sentence)}</p>"
        f"{table_html(card.tests())}{f'<ul>{caveats}</ul>' if caveats else ''}"
        f"{_checks('Robustness checks', card.changes)}{_checks('Assumptions', card.assumptions)}"
        f"<p><small>{escape(card.h0)}<br>{escape(card.h1)}<br>{escape(card.measured)}</small></p>"
    )


def _checks(title: str, checks: Sequence[Checked]) -> str:
    lines = "".join(
        f"<li>{_MARKS[check.fine]} <b>{escape(check.name)}.</b> {escape(check.sentence)}</li>" for check in checks
    )
    return f"<p><b>{escape(title)}</b></p><ul>{lines}</ul>" if lines else ""


def focus_html(focus: LayerFocus) -> str:
    """The tests over all layers and the medians of each."""
    facts = {
        "measure": focus.measure.words,
        "pictures": f"{focus.n:,}" + (f", {focus.n_left_out:,} left out" if focus.n_left_out else ""),
    }
    tests = pd.DataFrame([_row(result) for result in focus.results])
    return facts_html("Focus by layer", facts) + table_html(tests) + table_html(focus.medians)


def focus_figure(
    focus: LayerFocus,
    layers: Sequence[Layer] | None = None,
    names: Sequence[str] | None = None,
    selected: int | None = None,
) -> go.Figure:
    """`focus_boxes` with layers and pictures as the study calls them.

    Parameters
    ----------
    focus : LayerFocus
        Of N pictures at L layers.
    layers : sequence of Layer, optional
        L layers with the titles that people read; None takes the names in the table.
    names : sequence of str, optional
        N names of the pictures; None takes those in the table.
    selected : int, optional
        Index of the picture whose line stands out.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    each = focus.table.drop_duplicates("depth").sort_values("depth")
    if layers is None:
        sizes = zip(each["layer"], each["height"], each["width"], strict=True)
        layers = [Layer(str(name), str(name), (int(h), int(w)), 0) for name, h, w in sizes]
    if names is None:
        names = [str(name) for name in focus.table["sample"][:: len(layers)]]
    return focus_boxes(focus, layers, names, selected)
