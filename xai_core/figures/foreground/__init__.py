"""Figures of object against background: slopes and differences, forest, depth, interventions, dose and response."""

from xai_core.figures.foreground.differences import differences_figure
from xai_core.figures.foreground.groups import depth_figure, forest_figure
from xai_core.figures.foreground.interventions import dose_figure, intervention_figure
from xai_core.figures.foreground.pictures import magnified, outlined

__all__ = [
    "depth_figure",
    "differences_figure",
    "dose_figure",
    "forest_figure",
    "intervention_figure",
    "magnified",
    "outlined",
]
