"""What is usual for a map and a mask, a second way."""

import numpy as np
from scipy.optimize import minimize_scalar


def usual_by_hand(table, own):
    """What each row and its own column give, of a square table without its diagonal: solved as one system.

    Of what the column adds to the row's mean, as much as leaves the smallest differences to `own`.
    """
    n = len(table)
    cells = [(i, j) for i in range(n) for j in range(n) if np.isfinite(table[i, j])]
    design = np.zeros((len(cells), 2 * n))
    for turn, (i, j) in enumerate(cells):
        design[turn, i] = design[turn, n + j] = 1
    found = np.linalg.lstsq(design, np.array([table[cell] for cell in cells]), rcond=None)[0]
    alone = np.array([np.nanmean(row) if np.isfinite(row).any() else np.nan for row in table])
    added = found[:n] + found[n:] - alone
    there = np.isfinite(added + own)
    share = minimize_scalar(
        lambda part: ((own - alone - part * added)[there] ** 2).sum(), bounds=(0, 1), options={"xatol": 1e-9}
    ).x
    return alone + share * added
