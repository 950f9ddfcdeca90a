"""Near copies among pictures that a test counts one by one: they would count as independent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from xai_core.alike import SAME_FEATURES, close_hashes, difference_hash
from xai_core.studies.groups import group_numbers
from xai_core.studies.hypothesis import INDEPENDENT, Checked, Hypothesis
from xai_core.types import ByteArray, Sample
from xai_core.types.counts import number_of, part_of

_SIDE = 32  # pixels of the reduced pictures that are compared
_AT_ONCE, _ROWS = 1024, 256  # pictures or pairs, and rows of the table of all pairs, so that memory stays small


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
    return copies_among(reduced(samples), [sample.group for sample in samples])


def reduced(samples: Sequence[Sample]) -> ByteArray:
    """By what near copies are told, small enough to be kept of many pictures.

    Parameters
    ----------
    samples : Sequence[Sample]
        N.

    Returns
    -------
    ndarray
        uint8 (N, 32, 32, 3).
    """
    size = (_SIDE, _SIDE)
    small = [np.asarray(Image.fromarray(one.pixels).resize(size, Image.Resampling.BOX)) for one in samples]
    return np.stack(small) if small else np.zeros((0, _SIDE, _SIDE, 3), np.uint8)


def copies_among(small: ByteArray, groups: Sequence[str | None]) -> NearCopies:
    """`near_copies` of pictures that were reduced before; two that are in one set already are not compared again.

    Parameters
    ----------
    small : ndarray
        uint8 (N, 32, 32, 3), of `reduced`.
    groups : Sequence of str or None
        What each of the N pictures belongs to.

    Returns
    -------
    NearCopies
    """
    n = len(small)
    if n < 2:
        return NearCopies(0, 0, n)
    blocks = [difference_hash(small[at : at + _AT_ONCE]) for at in range(0, n, _AT_ONCE)]
    hashes = np.concatenate(blocks).astype(np.float32)
    own = group_numbers(groups)
    sets, copied = np.arange(n), np.zeros(n, bool)
    for start in range(0, n, _ROWS):
        rows, others = close_hashes(hashes[start : start + _ROWS], hashes)
        rows = rows + start
        new = (rows < others) & (own[rows] != own[others]) & (sets[rows] != sets[others])
        first, second = _correlated(small, rows[new], others[new])
        if len(first):
            copied[first] = copied[second] = True
            sets = _joined(sets, first, second)
    return NearCopies(int(copied.sum()), len(np.unique(sets[copied])), n)


def _correlated(small: ByteArray, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Those of the pairs whose reduced pictures correlate."""
    kept = np.zeros(len(first), bool)
    for start in range(0, len(first), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        one, other = (_centred(small[places[some]]) for places in (first, second))
        kept[some] = np.einsum("ij,ij->i", one, other) >= SAME_FEATURES
    return first[kept], second[kept]


def _centred(small: ByteArray) -> np.ndarray:
    """float32 (n, 3072), each with mean 0 and length 1; a picture of one colour is nothing."""
    values = small.reshape(len(small), -1).astype(np.float32)
    values -= values.mean(axis=1, keepdims=True)
    length = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.maximum(length, 1e-12))


def _joined(sets: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The number of each picture's set, where what is linked to the same belongs together."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(sets)
    graph = coo_array((np.ones(len(first)), (sets[first], sets[second])), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1][sets])


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
