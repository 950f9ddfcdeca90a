"""A picture with superpixels to hide: what stands in for them, and which of two covers changes the answer more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xai_core.errors import ModelError
from xai_core.inference.perturbed import PerturbedPicture
from xai_core.inference.superpixels import Cover, Hide, hidden
from xai_core.types import ByteArray, Classifier, IntArray, Predictions

GREY = (127, 127, 127)
COVERS: tuple[Cover, ...] = ("mean", GREY)  # a superpixel of one colour is not hidden by its mean colour
PROBED = 32  # perturbations by which two covers are told apart
_WORDS = {"mean": "their mean colour", GREY: "grey"}


@dataclass(frozen=True, eq=False)
class Covered:
    """How superpixels of a picture are hidden.

    Attributes
    ----------
    forwards : PerturbedPicture
        Asks the model with some of them hidden.
    whole : Predictions
        Of the picture itself.
    targets : ndarray
        int64 (T,), the classes; the prediction stands where none was named.
    cover : "mean" or tuple of int
        What hidden ones become.
    sentence : str
        Why, where two covers were tried; else empty.
    """

    forwards: PerturbedPicture
    whole: Predictions
    targets: IntArray
    cover: Cover
    sentence: str = ""


def covered(
    model: Classifier, view: ByteArray, segments: IntArray, hide: Hide, rows: np.ndarray, targets: IntArray
) -> Covered:
    """How superpixels are hidden; with "larger", by what changes the answers more.

    Parameters
    ----------
    model : Classifier
    view : ndarray
        uint8 (H, W, 3), as the network sees it.
    segments : ndarray
        int64 (H, W).
    hide : "mean", "larger" or tuple of int
        What hidden superpixels become.
    rows : ndarray
        bool (n, S), perturbations, the picture itself first; the first `PROBED` of the others tell two covers apart.
    targets : ndarray
        int64 (T,), below zero for the prediction.

    Returns
    -------
    Covered

    Raises
    ------
    ModelError
        If the model answers NaN to the picture.
    """
    covers = COVERS if hide == "larger" else (hide,)
    asked = [PerturbedPicture(model, view, hidden(view, segments, one), segments) for one in covers]
    whole = asked[0](rows[:1], "float32")
    if not np.isfinite(whole.probabilities).all():
        raise ModelError(f"{model.title} answers NaN to this picture, so nothing can be explained.")
    wanted = np.where(targets < 0, whole.classes[0], targets)
    if len(covers) == 1:
        return Covered(asked[0], whole, wanted, covers[0])
    changes = [_change(forwards, whole, wanted, rows[1 : 1 + PROBED]) for forwards in asked]
    best = int(np.argmax(changes))
    said = [f"{_WORDS[cover]} by {100 * change:.1f} points" for cover, change in zip(covers, changes, strict=True)]
    sentence = (
        f"Hidden superpixels become {_WORDS[covers[best]]}, which changes the answer more: {said[best]} on average, "
        f"{said[1 - best]}."
    )
    return Covered(asked[best], whole, wanted, covers[best], sentence)


def _change(forwards: PerturbedPicture, whole: Predictions, targets: IntArray, rows: np.ndarray) -> float:
    """Mean distance of the classes' probabilities to those of the picture itself, in [0, 1]."""
    size = forwards.size
    parts = [forwards(rows[start : start + size], "float32") for start in range(0, len(rows), size)]
    there = np.concatenate([part.probabilities[:, targets] for part in parts]).astype(float)
    return float(np.abs(there - whole.probabilities[:, targets]).mean())
