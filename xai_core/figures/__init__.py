"""Figures: results in, pictures, HTML or Plotly figures out."""

from xai_core.figures.captions import Caption, captions, label_captions
from xai_core.figures.discovery import pictures_map_figure, strategy_html
from xai_core.figures.displays import effects_figure, lime_figure, maps_figure, predictions_figure, register
from xai_core.figures.edited import changed_html, edited_maps_html, ghost_uri, pictures_html
from xai_core.figures.export import to_html
from xai_core.figures.foreground import (
    depth_figure,
    differences_figure,
    dose_figure,
    forest_figure,
    intervention_figure,
    magnified,
    outlined,
)
from xai_core.figures.grid import grid_html, grid_png
from xai_core.figures.grid_studies import intervals_figure
from xai_core.figures.guess import guess_html
from xai_core.figures.label_probabilities import label_probabilities_html
from xai_core.figures.layer_focus import focus_boxes, sweep_lines
from xai_core.figures.methods_compared import criterion_figure, methods_figure
from xai_core.figures.misclassification import (
    Card,
    Normalised,
    Together,
    both_maps_html,
    co_occurrence_html,
    confusion_html,
    deletion_figure,
    gallery_html,
    hidden_html,
    labels_figure,
    precision_recall_figure,
    reliability_figure,
)
from xai_core.figures.palettes import CLASS_COLOURS, MAP_SCALES
from xai_core.figures.panel import Block, Explained, draw_block, panel_html, segments_picture
from xai_core.figures.panel_png import panel_png
from xai_core.figures.probabilities import probabilities_html
from xai_core.figures.read_files import ReadExample, read_example, read_files_html
from xai_core.figures.seen import SeenPart, all_seen_html, seen_html, seen_part
from xai_core.figures.shortcut_dial import dial_figure
from xai_core.figures.tiles import Scale, Style, View, draw_evidence, draw_tiles, enlarged, to_png
from xai_core.figures.training_evolution import (
    MOST_FRAMES,
    EvolutionView,
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
from xai_core.figures.trust import randomisation_figure, trust_html
from xai_core.figures.votes import votes_html

__all__ = [
    "CLASS_COLOURS",
    "MAP_SCALES",
    "MOST_FRAMES",
    "Block",
    "Caption",
    "Card",
    "EvolutionView",
    "Explained",
    "Normalised",
    "ReadExample",
    "Scale",
    "SeenPart",
    "Style",
    "Together",
    "View",
    "all_seen_html",
    "attention_figure",
    "both_maps_html",
    "captions",
    "cell_lines",
    "changed_html",
    "class_entries",
    "class_legend_html",
    "co_occurrence_html",
    "comparison_figure",
    "confusion_film",
    "confusion_html",
    "criterion_figure",
    "deletion_figure",
    "depth_figure",
    "dial_figure",
    "differences_figure",
    "dose_figure",
    "draw_block",
    "draw_evidence",
    "draw_tiles",
    "edited_maps_html",
    "effects_figure",
    "enlarged",
    "evolution_figure",
    "evolution_film",
    "focus_boxes",
    "forest_figure",
    "gallery_html",
    "ghost_uri",
    "grid_html",
    "grid_png",
    "guess_html",
    "hidden_html",
    "intervals_figure",
    "intervention_figure",
    "label_captions",
    "label_probabilities_html",
    "labels_figure",
    "lime_figure",
    "magnified",
    "maps_figure",
    "methods_figure",
    "outcome_legend_html",
    "outlined",
    "panel_html",
    "panel_png",
    "picture_lines",
    "pictures_html",
    "pictures_map_figure",
    "precision_recall_figure",
    "predictions_figure",
    "probabilities_html",
    "probability_legend_html",
    "randomisation_figure",
    "read_example",
    "read_files_html",
    "reliability_figure",
    "right_legend_html",
    "run_colours",
    "seen_html",
    "seen_part",
    "segments_picture",
    "strategy_html",
    "sweep_lines",
    "to_html",
    "to_png",
    "trust_html",
    "votes_html",
]

register()  # results can show themselves from now on
