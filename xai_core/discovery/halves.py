"""One half of the pictures to look at, the other to test on: nothing is tested on what suggested it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xai_core.types import IntArray


def test_half(targets: IntArray, groups: Sequence[str | None], seed: int) -> np.ndarray:
    """Which pictures are held back for tests: about half of each class, and of a group all or none.

    Parameters
    ----------
    targets : ndarray
        int64 (N,), classes.
    groups : Sequence of str or None
        N times what a picture belongs to with others.
    seed : int
        Of the order in which pictures and groups are dealt out.

    Returns
    -------
    ndarray
        bool (N,).

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core.discovery.halves import test_half
    >>> held = test_half(np.array([0, 0, 0, 0]), ["a", "a", "b", "b"], seed=0)
    >>> int(held.sum()), bool(held[0] == held[1])
    (2, True)
    """
    rng = np.random.default_rng(seed)
    units = [f"group {group}" if group else f"picture {row}" for row, group in enumerate(groups)]
    held: dict[str, bool] = {}
    for target in np.unique(targets):
        rows = rng.permutation(np.flatnonzero(targets == target))
        balance = sum(1 if held[units[row]] else -1 for row in rows if units[row] in held)
        sizes: dict[str, int] = {}
        for row in rows:
            if units[row] not in held:
                sizes[units[row]] = sizes.get(units[row], 0) + 1
        for unit, size in sizes.items():
            held[unit] = balance < 0 or (balance == 0 and bool(rng.integers(2)))
            balance += size if held[unit] else -size
    return np.array([held[unit] for unit in units], bool)
