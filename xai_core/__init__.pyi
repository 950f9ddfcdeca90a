from .checks.deletion import deletion, insertion
from .checks.map_trust import MapTrust, trust_map
from .checks.method_comparison import MethodComparison, compare_methods
from .checks.randomisation import randomisation
from .checks.untrained import untrained
from .data import (
    Dataset,
    DatasetInfo,
    Problem,
    download_dataset,
    from_uploads,
    list_datasets,
    list_splits,
    load_dataset,
    open_picture,
    register_dataset,
    register_layout,
    textured_digits,
    unregister_dataset,
)
from .discovery.discover import discover
from .discovery.records import CarrierTest, Discovery, Strategy
from .errors import (
    DataError,
    DownloadError,
    LayerError,
    MemoryShortage,
    MethodError,
    ModelError,
    PictureError,
    RecordError,
    TargetError,
    TrainingError,
    XaiError,
)
from .export import arrays_to_npz, to_npz
from .inference.evaluation import evaluate, evaluate_batch
from .inference.given_maps import given_maps
from .inference.label_evaluation import evaluate_labels
from .inference.layer_maps import layer_maps
from .inference.prediction import predict
from .inference.superpixels import superpixels
from .inference.surrogate import LimeExplanation
from .interventions.adversarial import perturb
from .interventions.by_mask import intervene, intervention
from .interventions.edits import apply_edits, hottest
from .interventions.hiding import hide
from .interventions.lenders import partners, siblings
from .maps import energy_inside, gini, is_flat, normalize, pool, rectify, upsample
from .methods.explain import explain
from .methods.grad_cam import grad_cam
from .methods.lime import lime, lime_growing
from .methods.registry import get_method, list_methods, register, unregister
from .methods.saliency import saliency
from .methods.together import explain_together
from .models import ModelInfo, download_model, list_models, load_model, register_model, true_classes, unregister_model
from .questions.edited import with_edits
from .records import TrainingRun
from .studies import foreground_background, layer_focus
from .studies.quantus import to_quantus
from .training import Recorder, run_pictures
from .types import Classifier, Heatmaps, LabelEvaluation, Layer, Method, Predictions, Sample, Setting, StatResult
from .types.edits import Edit, Region

__version__: str
__all__ = [
    "CarrierTest",
    "Classifier",
    "DataError",
    "Dataset",
    "DatasetInfo",
    "Discovery",
    "DownloadError",
    "Edit",
    "Heatmaps",
    "LabelEvaluation",
    "Layer",
    "LayerError",
    "LimeExplanation",
    "MapTrust",
    "MemoryShortage",
    "Method",
    "MethodComparison",
    "MethodError",
    "ModelError",
    "ModelInfo",
    "PictureError",
    "Predictions",
    "Problem",
    "RecordError",
    "Recorder",
    "Region",
    "Sample",
    "Setting",
    "StatResult",
    "Strategy",
    "TargetError",
    "TrainingError",
    "TrainingRun",
    "XaiError",
    "apply_edits",
    "arrays_to_npz",
    "compare_methods",
    "deletion",
    "discover",
    "download_dataset",
    "download_model",
    "energy_inside",
    "evaluate",
    "evaluate_batch",
    "evaluate_labels",
    "explain",
    "explain_together",
    "foreground_background",
    "from_uploads",
    "get_method",
    "gini",
    "given_maps",
    "grad_cam",
    "hide",
    "hottest",
    "insertion",
    "intervene",
    "intervention",
    "is_flat",
    "layer_focus",
    "layer_maps",
    "lime",
    "lime_growing",
    "list_datasets",
    "list_methods",
    "list_models",
    "list_splits",
    "load_dataset",
    "load_model",
    "normalize",
    "open_picture",
    "partners",
    "perturb",
    "pool",
    "predict",
    "randomisation",
    "rectify",
    "register",
    "register_dataset",
    "register_layout",
    "register_model",
    "run_pictures",
    "saliency",
    "siblings",
    "superpixels",
    "textured_digits",
    "to_npz",
    "to_quantus",
    "true_classes",
    "trust_map",
    "unregister",
    "unregister_dataset",
    "unregister_model",
    "untrained",
    "upsample",
    "with_edits",
]
