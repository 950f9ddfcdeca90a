"""Figures of trust: how a map changes while the model's weights become random, and the badge with its reasons."""

from __future__ import annotations

from html import escape

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from xai_core.figures.palettes import ACCENT, CONTRAST, MUTED
from xai_core.figures.words import as_text
from xai_core.studies.trust import CHANGED, Grade, Trust
from xai_core.studies.words import typeset

_LONG = 22  # letters of a module's name from which its front is cut
_LINES = (
    ("rank_correlation", "rank correlation", ACCENT, "solid"),
    ("ssim", "structural similarity", CONTRAST, "dash"),
)
# A colour, a sign and a word each, so that none carries it alone.
_LOOKS: dict[Grade | None, tuple[str, str, str]] = {
    "holds": ("42,157,99", "✓", "holds"),
    "care": ("222,138,28", "!", "care"),
    "fails": ("209,73,91", "✗", "fails"),
    "unknown": ("138,143,152", "?", "cannot tell"),
    None: ("138,143,152", "–", "not done"),
}


def _short(module: str) -> str:
    """A module's dotted name; where it is long, its last parts, or as much of the very last as fits."""
    parts = module.split(".")
    for start in range(len(parts)):
        rest = ".".join(parts[start:])
        if len(rest) < _LONG:
            return f"…{rest}" if start else rest
    return f"…{parts[-1][2 - _LONG :]}"


def randomisation_figure(table: pd.DataFrame) -> go.Figure:
    """Similarity with the trained model's map against the module down to which the weights are random.

    Parameters
    ----------
    table : DataFrame
        As `xai.randomisation` gives it; each draw is a thin line, their mean a thick one.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    steps = table.drop_duplicates("step").sort_values("step")
    places = steps["step"].to_numpy()
    names = [
        as_text(_short(name)) if step else "as trained" for step, name in zip(places, steps["down_to"], strict=True)
    ]
    hover = [
        f"{as_text(name)}<br>{share:.0%} of the weights random" if step else "as trained"
        for step, name, share in zip(places, steps["down_to"], steps["share"], strict=True)
    ]
    figure = go.Figure()
    for column, title, colour, dash in _LINES:
        wide = table.pivot(index="step", columns="draw", values=column).reindex(places)
        if wide.isna().all(axis=None):
            continue
        for draw in wide:
            figure.add_scatter(
                x=places,
                y=wide[draw],
                mode="lines",
                name=f"{title}, draw {draw}",
                showlegend=False,
                opacity=0.3,
                line={"color": colour, "width": 1, "dash": dash},
                hoverinfo="skip",
                legendgroup=title,
            )
        figure.add_scatter(
            x=places,
            y=wide.mean(axis=1),
            mode="lines+markers",
            name=title,
            customdata=hover,
            legendgroup=title,
            line={"color": colour, "width": 2.5, "dash": dash},
            marker={"size": 7},
            hovertemplate="%{customdata}<br>" + title + " %{y:.2f}<extra></extra>",
        )
    lowest = float(np.nanmin([0.0, table["rank_correlation"].min(), table["ssim"].min()]))
    figure.add_hline(y=0, line={"color": MUTED, "width": 1})
    figure.add_hline(y=CHANGED, line={"color": MUTED, "width": 1, "dash": "dot"})
    figure.update_xaxes(title="weights random from the output down to", tickvals=places, ticktext=names)
    figure.update_yaxes(title="similarity with the trained model's map", range=[lowest - 0.05, 1.05])
    figure.update_layout(
        height=340,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        dragmode=False,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    return figure


_CSS = """<style>
.tr{color:var(--st-text-color,currentColor);font-size:.86rem;line-height:1.4}
.tr ul{list-style:none;margin:8px 0 0;padding:0;display:grid;gap:6px}
.tr li{display:grid;grid-template-columns:1.5em 1fr;gap:6px;align-items:baseline;margin:0}
.tr .badge{display:inline-flex;gap:.5em;align-items:center;font-weight:600;padding:3px 12px 3px 8px;
border-radius:999px;border:1px solid}
.tr .sign{display:inline-grid;place-items:center;width:1.45em;height:1.45em;border-radius:50%;font-weight:700;
line-height:1}
</style>"""


def _sign(grade: Grade | None) -> str:
    colour, letter, word = _LOOKS[grade]
    return (
        f'<span class="sign" role="img" aria-label="{word}" title="{word}" '
        f'style="background:rgba({colour},.3)">{letter}</span>'
    )


def trust_html(trust: Trust) -> str:
    """A badge and its reasons; sentences are text, whatever they contain.

    Parameters
    ----------
    trust : Trust
        A grade and its checks.

    Returns
    -------
    str
        HTML.
    """
    colour = _LOOKS[trust.grade][0]
    badge = (
        f'<div class="badge" style="background:rgba({colour},.16);border-color:rgba({colour},.8)">'
        f"{_sign(trust.grade)}{escape(trust.headline)}</div>"
    )
    reasons = "".join(
        f"<li>{_sign(check.grade)}<span><b>{escape(check.name)}.</b> {escape(typeset(check.sentence))}</span></li>"
        for check in trust.checks
    )
    return f'{_CSS}<div class="tr">{badge}{f"<ul>{reasons}</ul>" if reasons else ""}</div>'
