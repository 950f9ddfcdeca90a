"""Whether a method and a model that draw at random give the same answer again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xai_core.studies.trust import Check
from xai_core.studies.words import percent

# Of the most important superpixels that two seeds share, and where those are not known of the rank correlation of the
# weights between two seeds. From 0.8 on neighbours in rank change places and little else; below a half most is chance.
STEADY, SWAYS = 0.8, 0.5
REPEATED = 1e-3  # between two answers to one picture; rounding on accelerators stays below it


def chance_check(first: np.ndarray, again: np.ndarray) -> Check | None:
    """Cautions of a model that answers the same picture differently each time; None where it does not.

    Parameters
    ----------
    first, again : ndarray
        float (K,), probabilities of the same picture asked twice.
    """
    apart = float(np.abs(np.asarray(first, float) - np.asarray(again, float)).max())
    if apart <= REPEATED:
        return None
    return Check(
        "The model answers the same twice",
        "care",
        f"Asked twice, the model gives this picture probabilities that differ by up to {percent(apart)}: it draws "
        "random numbers at each call, so every number here would come out differently again. Look for dropout that is "
        "always on.",
    )


def seeds_check(correlations: Sequence[float] | np.ndarray, shared: Sequence[float] | np.ndarray = ()) -> Check:
    """Whether a method that draws at random, such as LIME, gives the same answer again.

    By the mean share of the most important parts that two seeds have in common, since the order among hardly important
    ones is mostly chance and is not what a map is read for; without those by the mean rank correlation. From STEADY on
    it holds, from SWAYS on it needs care, below it fails. The limits are ours.

    Parameters
    ----------
    correlations : Sequence[float] or ndarray
        float (P,), rank correlation of the weights of every two seeds; NaN where it is not defined.
    shared : Sequence[float] or ndarray
        float (P,), as `shared_top` gives it for the same pairs.
    """
    name, values = "Same answer again", np.asarray(correlations, float).ravel()
    known = values[np.isfinite(values)]
    if not len(known):
        return Check(name, None, "No two runs with different seeds could be compared, so this is not known.")
    over = f"mean of {len(known)} pairs of seeds" if len(known) > 1 else "one pair of seeds"
    number = f"rank correlation {known.mean():.2f} (1 means the same order of parts, 0 no relation; {over})"
    decides = float(known.mean())
    if len(shared):
        decides = float(np.mean(shared))
        number = f"{percent(decides)} of the most important superpixels are the same; {number}"
    if decides >= STEADY:
        return Check(name, "holds", f"Drawn again with another seed, the answer is much the same: {number}.")
    if decides >= SWAYS:
        return Check(
            name, "care", f"Drawn again with another seed, the answer shifts: {number}. More samples steady it."
        )
    return Check(
        name,
        "fails",
        f"Drawn again with another seed, the answer differs: {number}. Most of it is chance, so take more samples.",
    )
