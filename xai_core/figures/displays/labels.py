"""Evaluations of independent labels in a notebook."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from xai_core.figures.displays.markup import facts_html, table_html
from xai_core.figures.misclassification.label_curves import labels_figure
from xai_core.studies import label_report, percent, summarise_labels
from xai_core.types import LabelEvaluation

_SHOWN = ("label", "pictures", "prevalence", "threshold", "precision", "recall", "f1", "average_precision")


def evaluation_html(evaluation: LabelEvaluation) -> str:
    """The numbers over all labels, and a row a label."""
    summary = summarise_labels(evaluation)
    facts = {
        "pictures": f"{len(evaluation):,}",
        "decisions that are right": f"{summary.decisions - summary.wrong:,} of {summary.decisions:,}",
        "labels not annotated, left out": f"{summary.unknown:,}" if summary.unknown else "",
        "every label right": f"{summary.exact:,} of {summary.n:,} pictures ({percent(summary.exact_share)})"
        if summary.n
        else "",
        "mean average precision": f"{summary.mean_average_precision:.3f}"
        if np.isfinite(summary.mean_average_precision)
        else "",
        "macro F1": f"{summary.macro_f1:.3f}" if np.isfinite(summary.macro_f1) else "",
        "could not be read": f"{len(evaluation.problems):,}" if evaluation.problems else "",
    }
    return facts_html("Evaluation of labels", facts) + table_html(label_report(evaluation)[list(_SHOWN)])


def evaluation_figure(evaluation: LabelEvaluation, **options: Any) -> go.Figure:
    """Precision, recall, F1 and average precision label by label.

    Parameters
    ----------
    evaluation : LabelEvaluation
    **options
        As `labels_figure` takes them.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    return labels_figure(label_report(evaluation), **options)
