"""Near copies among pictures that a test counts one by one: they would count as independent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from xai_core.alike import near_duplicates
from xai_core.studies.hypothesis import INDEPENDENT, Checked, Hypothesis
from xai_core.types import Sample
from xai_core.types.counts import number_of, part_of

_SIDE = 32  # pixels of the reduced pictures that are compared


@dataclass(frozen=True)
class NearCopies:
    """Pictures that look nearly the same as another one to which they are not known to belong.

    Attributes
    ----------
    pictures : int
        That have a near copy.
    sets : int
        Of near copies.
    among : int
        Pictures.
    """

    pictures: int
    sets: int
    among: int

    @property
    def sentence(self) -> str:
        """What that means for tests, in words; empty where there are none."""
        if not self.pictures:
            return ""
        whole = part_of(self.pictures, self.among, "picture", "looks", "look")
        return (
            f"{whole} nearly the same as another one ({number_of(self.sets, 'set')} of near copies), but the tests "
            "count each as independent evidence: p-values are too small and intervals too narrow. Leave the copies "
            "out, or say which pictures belong together (groups)."
        )


def near_copies(samples: Sequence[Sample]) -> NearCopies:
    """Look for near copies: the same picture brighter, cropped a little, compressed or with noise; frames of a film.

    Both must be alike: the difference hash (64 bits, at most six differ) and the picture of 32 x 32 pixels itself
    (correlation of 0.98). Copies that are mirrored or turned are not found.

    Parameters
    ----------
    samples : Sequence[Sample]
        Those of a known group are not looked for among themselves.

    Returns
    -------
    NearCopies

    Examples
    --------
    >>> import xai_core as xai
    >>> from xai_core.studies import near_copies
    >>> photos = list(xai.load_dataset("photos"))
    >>> near_copies(photos).pictures, near_copies(photos + photos[:2]).sentence[:40]
    (0, '4 of 10 pictures look nearly the same as')
    """
    if len(samples) < 2:
        return NearCopies(0, 0, len(samples))
    small = np.stack([np.asarray(_reduced(sample)) for sample in samples])
    values = small.reshape(len(small), -1).astype(np.float32)
    pairs = near_duplicates(small, values - values.mean(axis=1, keepdims=True))
    group = [sample.group for sample in samples]
    linked = [
        (first, second)
        for first, second in zip(pairs["first"], pairs["second"], strict=True)
        if group[first] is None or group[first] != group[second]
    ]
    copies = {row for pair in linked for row in pair}
    return NearCopies(len(copies), _sets(linked), len(samples))


def _reduced(sample: Sample) -> Image.Image:
    return Image.fromarray(sample.pixels).resize((_SIDE, _SIDE), Image.Resampling.BOX)


def _sets(linked: Sequence[tuple[int, int]]) -> int:
    """How many sets pairs make, where what is linked to the same belongs together."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not linked:
        return 0
    rows, places = np.unique(np.array(linked), return_inverse=True)
    first, second = places.reshape(-1, 2).T
    graph = coo_array((np.ones(len(first)), (first, second)), shape=(len(rows), len(rows)))
    return int(connected_components(graph, directed=False, return_labels=False))


def with_copies(card: Hypothesis, found: NearCopies) -> Hypothesis:
    """A card whose test counts near copies as independent pictures: it says so, and its yes or no is marked.

    Others stay as they are.

    Parameters
    ----------
    card : Hypothesis
    found : NearCopies
        Among the pictures that were tested.
    """
    if not found.pictures:
        return card
    said = Checked(INDEPENDENT.name, False, found.sentence)
    counted = tuple(said if one == INDEPENDENT else one for one in card.assumptions)
    return replace(card, assumptions=counted, tone="caution" if card.tone in ("yes", "no") else card.tone)
