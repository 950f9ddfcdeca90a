"""Figures: results in, pictures, HTML or Plotly figures out."""

from xai_core.figures.export import to_html
from xai_core.figures.grid import Caption, captions, grid_html, grid_png
from xai_core.figures.layer_focus import focus_boxes, sweep_lines
from xai_core.figures.palettes import CLASS_COLOURS, MAP_SCALES
from xai_core.figures.tiles import Scale, Style, View, draw_tiles, enlarged, to_png
from xai_core.figures.training_evolution import (
    EvolutionView,
    Normalised,
    attention_figure,
    cell_lines,
    class_entries,
    class_legend_html,
    comparison_figure,
    confusion_film,
    evolution_figure,
    evolution_film,
    outcome_legend_html,
    picture_lines,
    probability_legend_html,
    right_legend_html,
    run_colours,
)

__all__ = [
    "CLASS_COLOURS",
    "MAP_SCALES",
    "Caption",
    "EvolutionView",
    "Normalised",
    "Scale",
    "Style",
    "View",
    "attention_figure",
    "captions",
    "cell_lines",
    "class_entries",
    "class_legend_html",
    "comparison_figure",
    "confusion_film",
    "draw_tiles",
    "enlarged",
    "evolution_figure",
    "evolution_film",
    "focus_boxes",
    "grid_html",
    "grid_png",
    "outcome_legend_html",
    "picture_lines",
    "probability_legend_html",
    "right_legend_html",
    "run_colours",
    "sweep_lines",
    "to_html",
    "to_png",
]
