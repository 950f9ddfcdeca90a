"""The frozen records that every part of the library passes around. No torch at run time."""

from xai_core.types.arrays import ByteArray, FloatArray, IntArray
from xai_core.types.classifier import Classifier
from xai_core.types.heatmaps import Heatmaps, Predictions
from xai_core.types.label_evaluation import LabelEvaluation
from xai_core.types.layers import Axes, Layer
from xai_core.types.method import Estimate, Method
from xai_core.types.outputs import OUTPUTS, Outputs
from xai_core.types.pictures import Preprocessing, Sample, content_id
from xai_core.types.results import StatResult
from xai_core.types.setting import Setting

__all__ = [
    "OUTPUTS",
    "Axes",
    "ByteArray",
    "Classifier",
    "Estimate",
    "FloatArray",
    "Heatmaps",
    "IntArray",
    "LabelEvaluation",
    "Layer",
    "Method",
    "Outputs",
    "Predictions",
    "Preprocessing",
    "Sample",
    "Setting",
    "StatResult",
    "content_id",
]
