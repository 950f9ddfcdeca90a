"""Models: the registry, checkpoints, networks of one's own, and the layers that each offers."""

from xai_core.models.architectures import ARCHITECTURES
from xai_core.models.labels import best_classes, possible_classes, true_classes
from xai_core.models.registry import BUNDLED, ModelInfo, download_model, list_models, load_model

__all__ = [
    "ARCHITECTURES",
    "BUNDLED",
    "ModelInfo",
    "best_classes",
    "download_model",
    "list_models",
    "load_model",
    "possible_classes",
    "true_classes",
]
