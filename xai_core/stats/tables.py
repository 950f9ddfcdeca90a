"""Tables (n, k) of values: a row a picture, a column a condition."""

from __future__ import annotations

import numpy as np
from scipy import stats

Table = np.ndarray


def complete_rows(table: Table) -> Table:
    """The rows without NaN: a paired test needs every condition of a picture.

    Parameters
    ----------
    table : ndarray
        float (n, k).

    Returns
    -------
    ndarray
        float (m, k), m at most n.

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> stats.complete_rows(np.array([[1, 2], [3, np.nan]])).tolist()
    [[1.0, 2.0]]
    """
    return table[np.isfinite(table).all(axis=1)]


def ranks(table: Table) -> Table:
    """Rank of each condition within its picture, 1 the smallest, ties shared.

    Parameters
    ----------
    table : ndarray
        float (n, k).

    Returns
    -------
    ndarray
        float (n, k).

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> stats.ranks(np.array([[0.2, 0.1, 0.2]])).tolist()
    [[2.5, 1.0, 2.5]]
    """
    return stats.rankdata(table, axis=1)
