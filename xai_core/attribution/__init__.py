"""Attribution methods, one file each: a classifier and pictures in, raw maps out."""

from xai_core.attribution.adversarial import perturb
from xai_core.attribution.deletion import deletion, hide, insertion
from xai_core.attribution.evaluation import evaluate, evaluate_batch
from xai_core.attribution.grad_cam import grad_cam
from xai_core.attribution.intervention import intervene, intervention, partners
from xai_core.attribution.lime import LimeExplanation, lime, lime_growing, superpixels
from xai_core.attribution.prediction import predict
from xai_core.attribution.randomisation import randomisation
from xai_core.attribution.saliency import saliency

__all__ = [
    "LimeExplanation",
    "deletion",
    "evaluate",
    "evaluate_batch",
    "grad_cam",
    "hide",
    "insertion",
    "intervene",
    "intervention",
    "lime",
    "lime_growing",
    "partners",
    "perturb",
    "predict",
    "randomisation",
    "saliency",
    "superpixels",
]
