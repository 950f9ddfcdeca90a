from .attribution import LimeExplanation, evaluate, grad_cam, lime, lime_growing, predict, saliency, superpixels
from .data import (
    Dataset,
    DatasetInfo,
    Problem,
    download_dataset,
    from_uploads,
    list_datasets,
    list_splits,
    load_dataset,
    textured_digits,
)
from .errors import (
    DataError,
    DownloadError,
    LayerError,
    ModelError,
    PictureError,
    RecordError,
    TargetError,
    TrainingError,
    XaiError,
)
from .export import to_npz
from .maps import energy_inside, gini, is_flat, normalize, pool, rectify, upsample
from .models import ModelInfo, download_model, list_models, load_model, true_classes
from .records import TrainingRun
from .studies import layer_focus
from .training import Recorder, run_pictures
from .types import Classifier, Heatmaps, Layer, Predictions, Sample, StatResult

__version__: str
__all__ = [
    "Classifier",
    "DataError",
    "Dataset",
    "DatasetInfo",
    "DownloadError",
    "Heatmaps",
    "Layer",
    "LayerError",
    "LimeExplanation",
    "ModelError",
    "ModelInfo",
    "PictureError",
    "Predictions",
    "Problem",
    "RecordError",
    "Recorder",
    "Sample",
    "StatResult",
    "TargetError",
    "TrainingError",
    "TrainingRun",
    "XaiError",
    "download_dataset",
    "download_model",
    "energy_inside",
    "evaluate",
    "from_uploads",
    "gini",
    "grad_cam",
    "is_flat",
    "layer_focus",
    "lime",
    "lime_growing",
    "list_datasets",
    "list_models",
    "list_splits",
    "load_dataset",
    "load_model",
    "normalize",
    "pool",
    "predict",
    "rectify",
    "run_pictures",
    "saliency",
    "superpixels",
    "textured_digits",
    "to_npz",
    "true_classes",
    "upsample",
]
