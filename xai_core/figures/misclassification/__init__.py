"""Figures of an evaluation: the confusion matrix and the gallery to click on, calibration, deletion curves."""

from xai_core.figures.misclassification.both_maps import both_maps_html
from xai_core.figures.misclassification.curves import deletion_figure, reliability_figure
from xai_core.figures.misclassification.gallery import Card, gallery_html, hidden_html
from xai_core.figures.misclassification.label_curves import labels_figure, precision_recall_figure
from xai_core.figures.misclassification.label_matrix import Together, co_occurrence_html
from xai_core.figures.misclassification.matrix import Normalised, confusion_html

__all__ = [
    "Card",
    "Normalised",
    "Together",
    "both_maps_html",
    "co_occurrence_html",
    "confusion_html",
    "deletion_figure",
    "gallery_html",
    "hidden_html",
    "labels_figure",
    "precision_recall_figure",
    "reliability_figure",
]
