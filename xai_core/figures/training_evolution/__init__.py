"""Figures of a training: predictions by epoch, losses and measures beside them, confusion, one picture's course."""

from xai_core.figures.training_evolution.axes import run_colours
from xai_core.figures.training_evolution.comparison import OUTCOME_COLOURS, comparison_figure
from xai_core.figures.training_evolution.courses import attention_figure, cell_lines, picture_lines
from xai_core.figures.training_evolution.films import MOST_FRAMES, confusion_film, evolution_film
from xai_core.figures.training_evolution.legends import (
    class_entries,
    class_legend_html,
    outcome_legend_html,
    probability_legend_html,
    right_legend_html,
)
from xai_core.figures.training_evolution.rows import EvolutionView, evolution_figure

__all__ = [
    "MOST_FRAMES",
    "OUTCOME_COLOURS",
    "EvolutionView",
    "attention_figure",
    "cell_lines",
    "class_entries",
    "class_legend_html",
    "comparison_figure",
    "confusion_film",
    "evolution_figure",
    "evolution_film",
    "outcome_legend_html",
    "picture_lines",
    "probability_legend_html",
    "right_legend_html",
    "run_colours",
]
