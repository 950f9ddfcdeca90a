"""Tables (n, k) of values: a row a picture, a column a condition."""

from __future__ import annotations

import numpy as np
from scipy import stats

Table = np.ndarray


def complete_rows(table: Table) -> Table:
    """The rows without NaN: a paired test needs every condition of a picture."""
    return table[np.isfinite(table).all(axis=1)]


def ranks(table: Table) -> Table:
    """Rank of each condition within its picture, 1 the smallest, ties shared: (n, k) -> (n, k)."""
    return stats.rankdata(table, axis=1)
