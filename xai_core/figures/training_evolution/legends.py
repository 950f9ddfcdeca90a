"""Legends of the figures of a training, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from xai_core.figures.palettes import OTHER_CLASS, css_gradient
from xai_core.figures.training_evolution.axes import RIGHT_SCALE, run_colours
from xai_core.figures.training_evolution.comparison import OUTCOME_COLOURS, outcomes
from xai_core.records import TrainingRun
from xai_core.studies.runs_compared import RunComparison


def _legend(entries: Sequence[tuple[str, str]]) -> str:
    spans = "".join(
        f'<span style="display:inline-flex;align-items:center;gap:.35em;margin:0 1em .2em 0">'
        f'<i style="width:.85em;height:.85em;border-radius:2px;background:{colour}"></i>{escape(name)}</span>'
        for colour, name in entries
    )
    return f'<div style="font-size:.85rem;line-height:1.6">{spans}</div>'


def class_legend_html(run: TrainingRun) -> str:
    """The classes and their colours; classes beyond the colours share one entry.

    Parameters
    ----------
    run : TrainingRun
        Of K classes, N pictures and E epochs.

    Returns
    -------
    str
        HTML.
    """
    entries = class_entries(run)
    if rest := len(run.class_names) - len(entries):
        entries.append((OTHER_CLASS, f"{rest:,} others"))
    return _legend(entries)


def right_legend_html() -> str:
    """The colours of the view "correct"."""
    return _legend([(str(RIGHT_SCALE[0][1]), "wrong"), (str(RIGHT_SCALE[2][1]), "right")])


def probability_legend_html() -> str:
    """The colours of the view "p_true"."""
    return (
        '<div style="font-size:.85rem;line-height:1.6;display:flex;gap:.6em;align-items:center">0%'
        f'<i style="width:160px;height:.85em;border-radius:4px;background:{css_gradient("Cividis")}"></i>'
        "100% probability of the true class</div>"
    )


def class_entries(run: TrainingRun) -> list[tuple[str, str]]:
    """The classes that have a colour of their own.

    Parameters
    ----------
    run : TrainingRun
        Of K classes, N pictures and E epochs.

    Returns
    -------
    list of tuple of str
        (colour, name) each.
    """
    return [pair for pair in zip(run_colours(run), run.class_names, strict=True) if pair[0] != OTHER_CLASS]


def outcome_legend_html(comparison: RunComparison) -> str:
    """The four colours of `comparison_figure`.

    Parameters
    ----------
    comparison : RunComparison

    Returns
    -------
    str
        HTML.
    """
    return _legend(list(zip(OUTCOME_COLOURS, outcomes(comparison), strict=True)))
