"""Which measures on an object's mask there are, and what is said of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.errors import DataError
from xai_core.measures.known import Known, Seen

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from xai_core.measures.seen import MapOnMask

Compute = Callable[["MapOnMask"], Mapping[str, float]]


@dataclass(frozen=True)
class ForegroundMeasure:
    """A measure of where a map lies.

    Attributes
    ----------
    key : str
        Its name in code, commands and records.
    title : str
        For people; its text in an address, too.
    inside : str
        Column of `foreground_background` with its value on the object.
    chance : str or float
        What that is compared with: another column, or a number.
    help : str
        What it is, a sentence of the control's help.
    columns : tuple of str
        Columns that it fills, in their order; `inside` is among them.
    compute : callable
        ``compute(seen)`` gives the value of each column for one `MapOnMask`.
    beside : str
        What the object's value is held against, in a word or two.
    against_words : str
        The same, as the card's sentence has it.
    percent : bool
        Whether it is printed as a percentage.
    min_max : bool
        Whether it depends on the min-max with which maps are drawn.
    order : int
        Its place in lists; measures of one place are sorted by title.
    """

    key: str
    title: str
    inside: str
    chance: str | float
    help: str
    columns: tuple[str, ...]
    compute: Compute
    beside: str = "by chance"
    against_words: str = "in an even map"
    percent: bool = True
    min_max: bool = False
    order: int = 100

    def against(self, table: pd.DataFrame) -> np.ndarray:
        """What the measure is compared with, for each row: float (n,)."""
        import numpy as np

        if isinstance(self.chance, float):
            return np.full(len(table), self.chance)
        return table[self.chance].to_numpy()

    def mean_chance(self, table: pd.DataFrame) -> float:
        """The mean of `against`; a number stays itself, also where there is no row."""
        return self.chance if isinstance(self.chance, float) else float(table[self.chance].mean())


_known: Known[ForegroundMeasure] = Known()
FOREGROUND_MEASURES: Mapping[str, ForegroundMeasure] = _known
FOREGROUND_TITLES: Mapping[str, str] = Seen(_known, lambda one: one.title)


def columns() -> tuple[str, ...]:
    """The columns that all measures fill, in the order of the measures."""
    return tuple(column for one in FOREGROUND_MEASURES.values() for column in one.columns)


def register_measure(
    *,
    title: str,
    chance: str | float,
    help: str,  # noqa: A002 (the record's word)
    key: str = "",
    inside: str = "",
    columns: tuple[str, ...] = (),
    beside: str = "by chance",
    against_words: str = "in an even map",
    percent: bool = True,
    min_max: bool = False,
    order: int = 100,
) -> Callable[[Compute], Compute]:
    """Make a function a measure on the object's mask; everything that offers measures then offers it, too.

    Parameters
    ----------
    key : str
        Empty takes the function's name.
    inside : str
        Empty takes the key.
    columns : tuple of str
        Empty takes `inside` alone.
    title, chance, help, beside, against_words, percent, min_max, order
        See `ForegroundMeasure`.

    Returns
    -------
    callable
        A decorator that gives the function back.

    Raises
    ------
    DataError
        If another measure has that key, that title or one of those columns, or `inside` is not among its columns.

    Examples
    --------
    >>> from xai_core.measures import FOREGROUND_MEASURES, register_measure, unregister_measure
    >>> @register_measure(title="Peak", chance=0.5, help="Peak: the largest value.", min_max=True)
    ... def peak(seen):
    ...     return {"peak": float(seen.shown[seen.inside].max())}
    >>> FOREGROUND_MEASURES["peak"].title
    'Peak'
    >>> unregister_measure("peak")
    """

    def decorate(function: Compute) -> Compute:
        name = key or function.__name__
        value = inside or name
        filled = columns or (value,)
        made = ForegroundMeasure(
            name, title, value, chance, help, filled, function, beside, against_words, percent, min_max, order
        )
        _known.add(made, _check)
        return function

    return decorate


def _check(made: ForegroundMeasure) -> None:
    if made.inside not in made.columns:
        raise DataError(f"{made.title} does not fill its own column {made.inside!r}, but {', '.join(made.columns)}.")
    for other in _known.require_new(made):
        if shared := set(other.columns) & set(made.columns):
            raise DataError(f"{other.title} has the columns {', '.join(sorted(shared))} already.")


def unregister_measure(key: str) -> None:
    """Forget a measure, as tests and notebooks do with one of their own.

    Parameters
    ----------
    key : str
        Of the measure; one that is not there is passed over.
    """
    _known.forget(key)
