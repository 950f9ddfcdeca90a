"""How results show themselves in a notebook: `register` tells the types, once the figures are loaded."""

from xai_core.figures.discovery import pictures_map_figure
from xai_core.figures.displays.collections import classifier_html, dataset_html, method_html, run_figure, run_html
from xai_core.figures.displays.discoveries import discovery_html
from xai_core.figures.displays.labels import evaluation_figure, evaluation_html
from xai_core.figures.displays.maps import (
    heatmaps_html,
    lime_figure,
    lime_html,
    maps_figure,
    predictions_figure,
    predictions_html,
)
from xai_core.figures.displays.results import (
    compared_html,
    effects_figure,
    focus_figure,
    focus_html,
    hypothesis_html,
    paired_html,
    stat_html,
)
from xai_core.figures.methods_compared import methods_figure
from xai_core.figures.trust import randomisation_figure, trust_html
from xai_core.types.display import display


def register() -> None:
    """Say of every type that shows itself how it does."""
    display("Heatmaps", heatmaps_html, maps_figure)
    display("Predictions", predictions_html, predictions_figure)
    display("LimeExplanation", lime_html, lime_figure)
    display("LabelEvaluation", evaluation_html, evaluation_figure)
    display("StatResult", stat_html, lambda result: effects_figure([result]))
    display("PairedTests", paired_html, lambda tests: effects_figure([tests.t, tests.wilcoxon]))
    display("Hypothesis", hypothesis_html, lambda card: effects_figure(card.results))
    display("LayerFocus", focus_html, focus_figure)
    display("MapTrust", lambda one: trust_html(one.trust), lambda one: randomisation_figure(one.randomisation))
    display("MethodComparison", compared_html, lambda one, *which: methods_figure(one.table, *which))
    display("Discovery", discovery_html, pictures_map_figure)
    display("TrainingRun", run_html, run_figure)
    display("Classifier", classifier_html)
    display("Dataset", dataset_html)
    display("Method", method_html)


__all__ = ["effects_figure", "lime_figure", "maps_figure", "predictions_figure", "register"]
