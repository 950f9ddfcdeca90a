"""The analyses, one file each: maps and labels in, tidy tables, tests and sentences out."""

from xai_core.studies.layer_focus import MEASURES, LayerFocus, MapMeasures, layer_focus, measure_maps, sweep
from xai_core.studies.training_evolution import (
    EVOLUTION_MEASURES,
    EvolutionRows,
    Only,
    RunComparison,
    attention_sentence,
    attention_table,
    choose_rows,
    compare_runs,
    comparison_sentence,
    confused_classes,
    evolution_findings,
    evolution_rows,
    object_attention,
    settled_since,
    top_confusions,
)
from xai_core.studies.verdict import Verdict, format_value, layer_verdict, sweep_sentence
from xai_core.studies.words import Finding, format_p, listed, percent

__all__ = [
    "EVOLUTION_MEASURES",
    "MEASURES",
    "EvolutionRows",
    "Finding",
    "LayerFocus",
    "MapMeasures",
    "Only",
    "RunComparison",
    "Verdict",
    "attention_sentence",
    "attention_table",
    "choose_rows",
    "compare_runs",
    "comparison_sentence",
    "confused_classes",
    "evolution_findings",
    "evolution_rows",
    "format_p",
    "format_value",
    "layer_focus",
    "layer_verdict",
    "listed",
    "measure_maps",
    "object_attention",
    "percent",
    "settled_since",
    "sweep",
    "sweep_sentence",
    "top_confusions",
]
