"""Near copies among pictures that a test counts one by one: they would count as independent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from xai_core.alike import SAME_FEATURES, close_hashes, difference_hash
from xai_core.studies.groups import group_numbers, marked_dependent
from xai_core.studies.hypothesis import Hypothesis
from xai_core.types import ByteArray, Sample
from xai_core.types.counts import number_of, part_of

_SIDE = 32  # pixels of the reduced pictures that are compared
_SAME, _ALIKE = 0.99999, 0.9  # correlation of the same picture, and of what near copies differ by from the mean
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
    sets, copied = _sets(small, groups, small)
    return NearCopies(int(copied.sum()), len(np.unique(sets[copied])), len(small))


def kin(small: ByteArray, groups: Sequence[str | None]) -> tuple[str | None, ...]:
    """What each picture belongs to, near copies included, for tests that count what belongs together once.

    Parameters
    ----------
    small : ndarray
        uint8 (N, t, t, 3), reduced pictures.
    groups : Sequence of str or None
        What each of the N pictures is known to belong to.

    Returns
    -------
    tuple of str or None
        N. A set of near copies is a group, together with the groups of its pictures. Pictures of one scene, such as a
        fixed camera's, differ in little and are no copies: near ones are alike in how they differ from the mean, too.
    """
    own_part = small - small.mean(axis=0, dtype=np.float64) if len(small) else small
    sets, copied = _sets(small, groups, own_part)
    own = group_numbers(groups)
    for number in np.unique(own[copied]):  # a film of which one frame is a copy goes along with the others
        of = np.unique(sets[(own == number) & copied])
        sets[np.isin(sets, of) | (own == number)] = of[0]
        copied[own == number] = True
    return tuple(f"near copies {at}" if near else one for at, near, one in zip(sets, copied, groups, strict=True))


def _sets(small: ByteArray, groups: Sequence[str | None], parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The number of each picture's set, int64 (N,), and which pictures have a near copy outside their group.

    `parts` (N, t, t, 3) have to be alike, too, but for pictures that are the same to the last bit or nearly so.
    """
    n = len(small)
    sets, copied = np.arange(n), np.zeros(n, bool)
    if n < 2:
        return sets, copied
    blocks = [difference_hash(small[at : at + _AT_ONCE]) for at in range(0, n, _AT_ONCE)]
    hashes = np.concatenate(blocks).astype(np.float32)
    own = group_numbers(groups)
    for start in range(0, n, _ROWS):
        rows, others = close_hashes(hashes[start : start + _ROWS], hashes)
        rows = rows + start
        new = (rows < others) & (own[rows] != own[others]) & (sets[rows] != sets[others])
        first, second, value = _correlated(small, rows[new], others[new], SAME_FEATURES)
        if len(first) and parts is not small:
            same = value >= _SAME
            alike, beside, _ = _correlated(parts, first[~same], second[~same], _ALIKE)
            first, second = np.concatenate([first[same], alike]), np.concatenate([second[same], beside])
        if len(first):
            copied[first] = copied[second] = True
            sets = _joined(sets, first, second)
    return sets, copied


def _correlated(
    values: np.ndarray, first: np.ndarray, second: np.ndarray, least: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Those of the pairs that correlate at least so much, and how much."""
    found = np.zeros(len(first))
    for start in range(0, len(first), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        one, other = (_centred(values[places[some]]) for places in (first, second))
        found[some] = np.einsum("ij,ij->i", one, other)
    kept = found >= least
    return first[kept], second[kept], found[kept]


def _centred(small: np.ndarray) -> np.ndarray:
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
    return marked_dependent(card, found.sentence) if found.pictures else card
