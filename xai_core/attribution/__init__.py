"""Attribution methods, one file each: a classifier and pictures in, raw maps out."""

from xai_core.attribution.grad_cam import grad_cam
from xai_core.attribution.prediction import predict

__all__ = ["grad_cam", "predict"]
