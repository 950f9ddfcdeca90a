"""Whether class names seem to be in another order than the outputs of the network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from xai_core.studies.evaluation import confusion
from xai_core.studies.words import Finding, first_listed
from xai_core.types.counts import number_of

_FEWEST = 5  # pictures of a class from which on most of them say something
_NAMED = 3  # classes that are named


def name_order(table: pd.DataFrame, names: Sequence[str]) -> Finding | None:
    """What speaks for class names in the wrong order: classes whose pictures go by one another's names.

    Two classes or more of which more than half of the pictures (of five at least) are predicted as one other class,
    which itself is predicted as another. A network confuses two classes in one direction; it hardly swaps them.

    Parameters
    ----------
    table : DataFrame
        Of `evaluate`.
    names : Sequence[str]
        The model's classes.

    Returns
    -------
    Finding, optional
        None where nothing speaks for it.

    Examples
    --------
    >>> import pandas as pd
    >>> from xai_core import studies
    >>> table = pd.DataFrame({"true": [0] * 5 + [1] * 5, "predicted": [1] * 5 + [0] * 5, "usable": True})
    >>> print(studies.name_order(table, ["cat", "dog"]).sentence[:58])
    Most pictures of 2 classes are predicted as another class,
    """
    matrix = confusion(table, len(names))
    pictures, called = matrix.sum(1), matrix.argmax(1)
    most = (pictures >= _FEWEST) & (2 * matrix.max(1) > pictures)
    moved = most & (called != np.arange(len(names)))
    passed = np.flatnonzero(moved & moved[called])
    if len(passed) < 2:
        return None
    few = first_listed([f"{names[one]} as {names[int(called[one])]}" for one in passed.tolist()], _NAMED)
    return Finding(
        "Class names",
        f"Most pictures of {number_of(len(passed), 'class')} are predicted as another class, which is predicted as "
        f"another one itself: {few}. Class names in the wrong order look like this: compare them with the order of the "
        "network's outputs before you trust any of these numbers.",
        warning=True,
    )
