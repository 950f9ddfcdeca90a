"""What an image classifier looks at, and whether that is evidence.

`import xai_core as xai`: models, data, attribution and statistics behind a short list of names. Nothing here
knows of Streamlit; the pages of the dashboard call the same functions.
"""

from importlib.metadata import PackageNotFoundError, version

from xai_core.attribution import grad_cam, predict
from xai_core.data import Dataset, DatasetInfo, Problem, from_uploads, list_datasets, load_dataset
from xai_core.errors import (
    DataError,
    DownloadError,
    LayerError,
    ModelError,
    PictureError,
    TargetError,
    XaiError,
)
from xai_core.export import to_npz
from xai_core.maps import energy_inside, gini, is_flat, normalize, pool, rectify, upsample
from xai_core.models import ModelInfo, download_model, list_models, load_model, true_classes
from xai_core.studies import layer_focus
from xai_core.types import Classifier, Heatmaps, Layer, Predictions, Sample, StatResult

try:
    __version__ = version("xai-core")
except PackageNotFoundError:  # a checkout that was not installed
    __version__ = "unknown"

__all__ = [
    "Classifier",
    "DataError",
    "Dataset",
    "DatasetInfo",
    "DownloadError",
    "Heatmaps",
    "Layer",
    "LayerError",
    "ModelError",
    "ModelInfo",
    "PictureError",
    "Predictions",
    "Problem",
    "Sample",
    "StatResult",
    "TargetError",
    "XaiError",
    "download_model",
    "energy_inside",
    "from_uploads",
    "gini",
    "grad_cam",
    "is_flat",
    "layer_focus",
    "list_datasets",
    "list_models",
    "load_dataset",
    "load_model",
    "normalize",
    "pool",
    "predict",
    "rectify",
    "to_npz",
    "true_classes",
    "upsample",
]
