"""A picture with superpixels to hide: what stands in for them, and which of two covers changes the answer more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xai_core.errors import ModelError
from xai_core.inference.perturbed import PerturbedPicture, Precision
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
    precision : str
        Of the passes so far, and what to go on with.
    known : ndarray
        float64 (m, T), the classes' probabilities for the first m perturbations, which have been asked for.
    sentence : str
        Why, where two covers were tried; else empty.
    """

    forwards: PerturbedPicture
    whole: Predictions
    targets: IntArray
    cover: Cover
    precision: str
    known: np.ndarray
    sentence: str = ""


def covered(
    model: Classifier,
    view: ByteArray,
    segments: IntArray,
    hide: Hide,
    rows: np.ndarray,
    targets: IntArray,
    precision: Precision = "auto",
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
    precision : {"auto", "float32", "bfloat16"}
        Of the passes; that of the picture itself is in float32.

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
    said = whole.probabilities[:, wanted].astype(float)
    taken = asked[0].choose(rows[: asked[0].size], wanted) if precision == "auto" else precision
    for other in asked[1:]:
        other.sooner = asked[0].sooner
    if len(covers) == 1:
        return Covered(asked[0], whole, wanted, covers[0], taken, said)
    tried = rows[1 : 1 + PROBED]
    given = [one(tried, taken).probabilities[:, wanted].astype(float) for one in asked]
    changes = [float(np.abs(there - said).mean()) for there in given]
    best = int(np.argmax(changes))
    words = [f"{100 * change:.1f}" for change in changes]
    sentence = (
        f"Hidden superpixels become {_WORDS[covers[best]]}, since that changes the answer more: by {words[best]} "
        f"points on average, against {words[1 - best]} points for {_WORDS[covers[1 - best]]}."
    )
    known = np.concatenate([said, given[best]])
    return Covered(asked[best], whole, wanted, covers[best], taken, known, sentence)
