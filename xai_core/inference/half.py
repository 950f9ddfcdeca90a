"""Passes in bfloat16: whether this machine computes in it by itself, and how far maps then agree with float32."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np
import torch

from xai_core.errors import MethodError
from xai_core.types import Classifier

COMPARED = 4  # pictures of a call whose maps are made in float32, too
AGREEMENT = "rank correlation with float32"
_INFO = Path("/proc/cpuinfo")
_FLAGS = ("avx512_bf16", "amx_bf16", " bf16")  # of x86 and ARM processors, as Linux names them


def computes_in_bfloat16(device: torch.device) -> bool:
    """Whether a device multiplies in bfloat16 itself, as far as it says so; elsewhere it would be slower than float32.

    Parameters
    ----------
    device : torch.device
    """
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type != "cpu":
        return False
    return _INFO.is_file() and any(flag in _INFO.read_text(encoding="utf-8", errors="replace") for flag in _FLAGS)


def in_precision(model: Classifier, fast: bool) -> AbstractContextManager[object]:
    """Passes in bfloat16, or as the network has it.

    Raises
    ------
    MethodError
        If the model's device does not compute in bfloat16.
    """
    if not fast:
        return nullcontext()
    if model.forward.dtype == torch.float64 or not computes_in_bfloat16(model.device):
        raise MethodError(
            f"{model.title} runs on {model.device.type}, which does not compute in bfloat16 itself: fast passes would "
            "be slower there than those in float32. Leave out fast."
        )
    return torch.autocast(model.device.type, torch.bfloat16)


def agreement(fast: Mapping[str, np.ndarray], exact: Mapping[str, np.ndarray]) -> np.ndarray:
    """Rank correlation of maps in both precisions, the mean over layers, of each picture: float (n,).

    Parameters
    ----------
    fast, exact : Mapping of str to ndarray
        Layer -> (n, h, w). A layer on which one of a picture's maps is flat does not count for it.
    """
    from scipy.stats import spearmanr

    rows: list[Sequence[float]] = []
    for layer, values in exact.items():
        pairs = zip(fast[layer], values, strict=True)
        rows.append([_ranks(one, other, spearmanr) for one, other in pairs])
    known = np.array(rows, float)
    with np.errstate(invalid="ignore"):
        counts = np.isfinite(known).sum(0)
        return np.where(counts > 0, np.nansum(known, 0) / np.maximum(counts, 1), np.nan)


def _ranks(one: np.ndarray, other: np.ndarray, spearmanr: object) -> float:
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return float("nan")
    return float(spearmanr(one.ravel(), other.ravel()).statistic)  # type: ignore[operator]
