"""Whether pictures look nearly the same: by where brightness rises, and by what else is known of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from xai_core.types import ByteArray, FloatArray

HASH = 8  # cells along a side of a difference hash, of 64 bits
SAME_BITS = 6  # bits in which hashes of near duplicates differ, at most
SAME_FEATURES = 0.98  # cosine of the features of near duplicates, at least


def difference_hash(thumbs: ByteArray) -> np.ndarray:
    """Whether brightness rises from cell to cell: uint8 (N, t, t, 3) -> bool (N, 64)."""
    from xai_core.maps import pool

    grey = thumbs.astype(np.float32).mean(axis=3)
    cells = pool(grey, (min(HASH, grey.shape[1]), min(HASH + 1, grey.shape[2])))
    return (np.diff(cells, axis=2) > 0).reshape(len(thumbs), -1)


def near_duplicates(thumbs: ByteArray, features: FloatArray) -> pd.DataFrame:
    """Pairs of pictures whose hashes and features are both nearly the same.

    Parameters
    ----------
    thumbs : ndarray
        uint8 (N, t, t, 3).
    features : ndarray
        float (N, C).

    Returns
    -------
    DataFrame
        first, second (rows), bits, cosine.

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core.alike import near_duplicates
    >>> noise = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
    >>> near_duplicates(noise[[0, 1, 2, 0]], np.eye(4)[[0, 1, 2, 0]])[["first", "second"]].values.tolist()
    [[0, 3]]
    """
    looks = Looks.of(thumbs, features)
    found = pairs(looks, looks)
    return found[found["first"] < found["second"]].reset_index(drop=True)


@dataclass(frozen=True, eq=False)
class Looks:
    """By what near duplicates are told: hashes as numbers, float32 (N, 64), and features of length 1, float (N, C)."""

    hashes: np.ndarray
    unit: np.ndarray

    @classmethod
    def of(cls, thumbs: ByteArray, features: FloatArray) -> Looks:
        """From reduced copies and features."""
        length = np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
        return cls(difference_hash(thumbs).astype(np.float32), features / length)


def pairs(one: Looks, other: Looks) -> pd.DataFrame:
    """Pairs of nearly the same pictures, one of each: first, second (rows), bits, cosine."""
    found = []
    step = 512  # rows at once, so that memory stays small
    for start in range(0, len(one.hashes), step):
        block = one.hashes[start : start + step]
        bits = _bits(block, other.hashes)
        cosine = one.unit[start : start + step] @ other.unit.T
        for row, column in zip(*np.nonzero((bits <= SAME_BITS) & (cosine >= SAME_FEATURES)), strict=True):
            found.append((int(row) + start, int(column), int(bits[row, column]), float(cosine[row, column])))
    return pd.DataFrame(found, columns=["first", "second", "bits", "cosine"])


def close_hashes(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of hashes, float32 (N, 64) and (M, 64), that differ in few bits: one of each for every such pair."""
    rows, columns = np.nonzero(_bits(one, other) <= SAME_BITS)
    return rows, columns


def _bits(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """In how many bits hashes differ, float32 (N, M)."""
    return np.asarray(one.sum(axis=1)[:, None] + other.sum(axis=1)[None] - 2 * one @ other.T)
