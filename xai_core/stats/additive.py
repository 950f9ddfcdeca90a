"""Two-way tables with cells left empty: what a row and a column give by themselves (Fisher and Mackenzie 1923)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_ROUNDS = 200  # of the fit: with three pictures, all of which lend to the others, each leaves a quarter of the error
_CLOSE = 1e-10  # of the largest value: a round that changes less is the last


class Additive(NamedTuple):
    """The fit of a two-way table: a cell is what its row gives plus what its column gives.

    Attributes
    ----------
    rows : ndarray
        float (N,); NaN for a row without a value.
    columns : ndarray
        float (C,); zero for a column without a value.
    """

    rows: np.ndarray
    columns: np.ndarray


def additive_fit(values: np.ndarray, columns: np.ndarray, count: int) -> Additive:
    """Least squares of row plus column, by fitting one after the other to what the other leaves.

    Where no cell says how rows and columns lie to one another (two rows with one cell each), columns give nothing.

    Parameters
    ----------
    values : ndarray
        float (N, K), K cells of each row; NaN where there are fewer.
    columns : ndarray
        int (N, K), the column of each cell, from 0; anything where the cell is NaN.
    count : int
        Columns, C.

    Returns
    -------
    Additive

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> table = np.array([[1.0, 2.0, np.nan], [np.nan, 3.0, 4.0]])
    >>> rows, columns = stats.additive_fit(table, np.tile(np.arange(3), (2, 1)), 3)
    >>> np.round(rows[:, None] + columns, 6).tolist()
    [[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]]
    """
    known = np.isfinite(values)
    row, cell = np.nonzero(known)[0], np.asarray(values, float)[known]
    column = np.asarray(columns)[known]
    in_row, in_column = np.bincount(row, minlength=len(values)), np.bincount(column, minlength=count)
    close = _CLOSE * float(np.abs(cell).max(initial=0.0))
    of_columns = np.zeros(count)
    for _ in range(_ROUNDS):
        of_rows = np.bincount(row, cell - of_columns[column], len(values)) / np.maximum(in_row, 1)
        before = of_columns
        of_columns = np.bincount(column, cell - of_rows[row], count) / np.maximum(in_column, 1)
        if np.abs(of_columns - before).max(initial=0.0) <= close:
            break
    return Additive(np.where(in_row > 0, of_rows, np.nan), of_columns)
