"""Maps that a checked map has to beat: of other classes, of other pictures, of the network with random weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from xai_core.checks.untrained import has_weights, untrained
from xai_core.studies.map_references import CLASS, PICTURE, RANDOM_WEIGHTS
from xai_core.types import Classifier, FloatArray, Sample

CLASSES = 12  # others, drawn by chance; with as many, a map of one of them beats the rest in one case of thirteen
PICTURES = 8  # others, from the first on
# maps_of(model, samples, targets) gives a map (h, w) of each sample for its class; a target of None is the prediction.
MapsOf = Callable[[Classifier, Sequence[Sample], Sequence["int | None"]], Sequence[FloatArray]]


def reference_maps(
    model: Classifier,
    sample: Sample,
    target: int,
    maps_of: MapsOf,
    *,
    others: Sequence[Sample] = (),
    draws: int = 3,
    seed: int = 0,
) -> dict[str, list[FloatArray]]:
    """Maps of what is not this class of this picture in this network.

    Parameters
    ----------
    model : Classifier
    sample : Sample
        The picture, as the network sees it.
    target : int
        Number of the class.
    maps_of : callable
        ``maps_of(model, samples, targets)`` gives a map (h, w) of each.
    others : Sequence[Sample]
        Other pictures, as the network sees them; their maps are those of their predictions.
    draws : int
        Of random weights.
    seed : int
        Of the other classes and of the random weights.

    Returns
    -------
    dict of str to list of ndarray
        Kind, as `reference_scores` names them -> maps.
    """
    rng = np.random.default_rng(seed)
    classes = np.setdiff1d(np.arange(len(model.class_names)), [target])
    drawn = rng.permutation(classes)[:CLASSES].tolist()
    found = {CLASS: list(maps_of(model, [sample] * len(drawn), drawn))}
    if pictures := [one for one in others if one.id != sample.id][:PICTURES]:
        found[PICTURE] = list(maps_of(model, pictures, [None] * len(pictures)))
    random: list[FloatArray] = []
    for net in untrained(model, draws=draws, seed=seed) if has_weights(model) else ():
        random += maps_of(net, [sample], [target])
    return found | {RANDOM_WEIGHTS: random}
