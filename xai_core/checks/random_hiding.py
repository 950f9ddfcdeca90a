"""A picture of which patches are hidden at random, many times over: what any map can be held against without asking
the model again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xai_core.inference.batches import Picture, Progress, seen
from xai_core.inference.perturbed import PerturbedPicture
from xai_core.interventions.hiding import Fill, filling, patch_numbers
from xai_core.types import Classifier

PATCHES = 7  # along a side: as many as the last stage of most networks for photos has cells
SAMPLES = 160  # pictures with hidden patches, as the calibration has them
_SHOWN = (0.25, 0.5, 0.75)  # of the patches, one of them in each picture


@dataclass(frozen=True, eq=False)
class RandomHiding:
    """What a class keeps while patches are hidden at random.

    Attributes
    ----------
    shown : ndarray
        bool (S, P), whether each of P patches is there, row by row from the upper left.
    p : ndarray
        float64 (S,), probability of the class.
    """

    shown: np.ndarray
    p: np.ndarray


def hide_at_random(
    model: Classifier,
    image: Picture,
    target: int,
    *,
    samples: int = SAMPLES,
    patches: int = PATCHES,
    fill: Fill = "blur",
    seed: int = 0,
    progress: Progress | None = None,
) -> RandomHiding:
    """Hide patches of a picture at random, and see what is left of a class.

    Parameters
    ----------
    model : Classifier
    image : Sample, PIL.Image.Image or uint8 (H, W, 3)
    target : int
        Number of the class.
    samples : int
        Pictures with hidden patches.
    patches : int
        Along a side.
    fill : {"blur", "mean", "noise"}
        What hidden patches are filled with.
    seed : int
        Of what is hidden.
    progress : callable, optional
        Called with (samples done, samples in all).

    Returns
    -------
    RandomHiding

    Examples
    --------
    >>> import xai_core as xai
    >>> from xai_core.checks.random_hiding import hide_at_random
    >>> found = hide_at_random(xai.load_model("digits"), xai.load_dataset("textured_digits")[0], 3, samples=8)
    >>> found.shown.shape, found.p.shape
    ((8, 49), (8,))
    """
    view, rng = seen(model, image), np.random.default_rng(seed)
    shares = rng.choice(_SHOWN, samples)
    shown = rng.random((samples, patches**2)) < shares[:, None]
    forwards = PerturbedPicture(model, view, filling(view, fill, seed), patch_numbers(view.shape[:2], patches))
    p = []
    for start in range(0, samples, forwards.size):
        p.append(forwards(shown[start : start + forwards.size], "float32").probabilities[:, target].astype(float))
        if progress:
            progress(min(start + forwards.size, samples), samples)
    return RandomHiding(shown, np.concatenate(p))
