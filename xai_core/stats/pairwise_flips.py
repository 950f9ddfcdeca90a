"""Sign-flip tests of every two conditions on the same pictures, for a best one that the same pictures chose."""

from __future__ import annotations

import numpy as np

from xai_core.stats.corrections import holm
from xai_core.stats.sign_flips import DRAWS, EXACT_UP_TO
from xai_core.stats.tables import Table

_AT_ONCE = 4_000_000  # numbers that are held at a time
_ROUNDING = 1e-9  # sums that differ by so little of the largest possible one count as equal
_FINE = 100  # draws for each pair, so that Holm's factor leaves a p-value that can fall below the level


def pairwise_flips(table: Table, *, seed: int = 0) -> np.ndarray:
    """Sign-flip tests of the mean difference of every two columns, two-sided, Holm-corrected over all pairs.

    The best of several conditions was chosen by the pictures that it is then compared on, and the best of many equal
    ones looks better than the others by chance. Corrected over all pairs, and not only over those with the best, what
    is claimed of the best one holds whichever it turned out to be.

    Parameters
    ----------
    table : ndarray
        float (n, k), a row a picture, a column a condition, without NaN.
    seed : int
        Of the sign patterns beyond 14 pictures.

    Returns
    -------
    ndarray
        float64 (k, k), symmetric, adjusted p-values; NaN on the diagonal, and throughout for fewer than two pictures.

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> rng = np.random.default_rng(0)
    >>> table = rng.normal(size=(12, 3)) + [0, 0, 5]
    >>> p = stats.pairwise_flips(table)
    >>> bool(p[0, 1] > 0.05), bool(p[0, 2] < 0.01), bool(p[1, 2] < 0.01)
    (True, True, True)
    """
    n, k = table.shape
    found = np.full((k, k), np.nan)
    first, second = np.triu_indices(k, 1)
    if n < 2 or not len(first):
        return found
    adjusted = holm(_flipped(np.asarray(table, float)[:, first] - table[:, second], seed))
    found[first, second] = found[second, first] = adjusted
    return found


def _flipped(differences: np.ndarray, seed: int) -> np.ndarray:
    """p of each column (n, m): the share of sign patterns whose sum lies at least as far from zero."""
    n, m = differences.shape
    edge = np.abs(differences.sum(axis=0)) - _ROUNDING * np.abs(differences).sum(axis=0)
    exact = n <= EXACT_UP_TO
    draws = 2 ** (n - 1) if exact else max(DRAWS, _FINE * m)
    rng, extreme = np.random.default_rng(seed), np.zeros(m)
    size = max(1, _AT_ONCE // max(n, m))
    for start in range(0, draws, size):
        count = min(size, draws - start)
        if exact:  # of the other half, every sum has the opposite sign
            signs = 1.0 - 2.0 * ((np.arange(start, start + count)[:, None] >> np.arange(n)) & 1)
        else:
            signs = rng.integers(0, 2, (count, n), dtype=np.int8) * 2.0 - 1.0
        extreme += (np.abs(signs @ differences) >= edge).sum(axis=0)
    return extreme / draws if exact else (extreme + 1) / (draws + 1)
