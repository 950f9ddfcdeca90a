"""The analyses, one file each: maps and labels in, tidy tables, tests and sentences out."""

from xai_core.studies.layer_focus import MEASURES, LayerFocus, MapMeasures, layer_focus, measure_maps, sweep
from xai_core.studies.verdict import Verdict, format_p, format_value, layer_verdict, sweep_sentence

__all__ = [
    "MEASURES",
    "LayerFocus",
    "MapMeasures",
    "Verdict",
    "format_p",
    "format_value",
    "layer_focus",
    "layer_verdict",
    "measure_maps",
    "sweep",
    "sweep_sentence",
]
