"""Models by name and other sources, one a file; architectures, labels, and the layers that each offers."""

from xai_core.models.architectures import ARCHITECTURES
from xai_core.models.kinds import ModelInfo, Network
from xai_core.models.label_matching import LabelMatch, ambiguous_sentence, match_label
from xai_core.models.labels import (
    best_classes,
    everyday_labels,
    everyday_sentence,
    explained_classes,
    judged_classes,
    match_labels,
    possible_classes,
    true_classes,
    true_labels,
)
from xai_core.models.loading import download_model, load_model
from xai_core.models.picture_size import size_note
from xai_core.models.registry import (
    cached_place,
    caches_of,
    list_models,
    register_model,
    register_source,
    unregister_model,
)
from xai_core.models.sources.imagenet_weights import BUNDLED

__all__ = [
    "ARCHITECTURES",
    "BUNDLED",
    "LabelMatch",
    "ModelInfo",
    "Network",
    "ambiguous_sentence",
    "best_classes",
    "cached_place",
    "caches_of",
    "download_model",
    "everyday_labels",
    "everyday_sentence",
    "explained_classes",
    "judged_classes",
    "list_models",
    "load_model",
    "match_label",
    "match_labels",
    "possible_classes",
    "register_model",
    "register_source",
    "size_note",
    "true_classes",
    "true_labels",
    "unregister_model",
]
