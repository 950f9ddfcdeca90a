"""Figures: results in, pictures, HTML or Plotly figures out."""

from xai_core.figures.grid import Caption, captions, grid_html, grid_png
from xai_core.figures.layer_focus import focus_boxes, sweep_lines
from xai_core.figures.palettes import CLASS_COLOURS, MAP_SCALES
from xai_core.figures.tiles import Scale, Style, View, to_png

__all__ = [
    "CLASS_COLOURS",
    "MAP_SCALES",
    "Caption",
    "Scale",
    "Style",
    "View",
    "captions",
    "focus_boxes",
    "grid_html",
    "grid_png",
    "sweep_lines",
    "to_png",
]
