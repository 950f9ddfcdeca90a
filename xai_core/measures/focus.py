"""Which measures of how focused a map is there are, and what is said of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from xai_core.errors import DataError
from xai_core.measures.known import Known, Seen

if TYPE_CHECKING:
    import numpy as np

    from xai_core.measures.seen import MapOnGrid

Compute = Callable[["MapOnGrid"], "float | np.ndarray"]
DEFAULT = "share"  # with which pages, commands and `layer_focus` begin
TAKEN = ("sample", "layer", "depth", "height", "width", "flat", "sizes")  # columns and arrays that are no measures


@dataclass(frozen=True)
class FocusMeasure:
    """A number for each map, and which way it goes when a map focuses more.

    Attributes
    ----------
    key : str
        Its name in code, commands and records, and its column of `layer_focus`.
    title : str
        Its name on controls and in addresses.
    words : str
        Its name within a sentence.
    focus_sign : {1, -1}
        +1 if a larger value is a more focused map, -1 if a smaller one is.
    help : str
        What it is, a sentence of the control's help.
    compute : callable
        ``compute(seen)`` gives the value for one `MapOnGrid`: a float, or a value for each threshold.
    percent : bool
        Whether it is printed as a percentage.
    by_threshold : bool
        Whether it has a value for each threshold.
    needs_mask : bool
        Whether it is NaN where a picture has no mask.
    at_threshold : str
        `words` with ``{threshold:g}`` in it; empty where it has none.
    axis : str
        Title of a figure's axis, with ``{threshold:g}`` in it; empty takes `words`.
    compared_why : str
        What this measure does without, a whole sentence; empty where nothing is said.
    order : int
        Its place in lists; measures of one place are sorted by title.
    """

    key: str
    title: str
    words: str
    focus_sign: Literal[1, -1]
    help: str
    compute: Compute
    percent: bool = False
    by_threshold: bool = False
    needs_mask: bool = False
    at_threshold: str = ""
    axis: str = ""
    compared_why: str = ""
    order: int = 100

    def words_at(self, threshold: float) -> str:
        """`words`, with the threshold where it has one."""
        return self.at_threshold.format(threshold=threshold) if self.at_threshold else self.words

    def axis_at(self, threshold: float) -> str:
        """The title of a figure's axis."""
        if self.axis:
            return self.axis.format(threshold=threshold)
        return f"{self.words} (%)" if self.percent else self.words


_known: Known[FocusMeasure] = Known()
FOCUS_MEASURES: Mapping[str, FocusMeasure] = _known
FOCUS_TITLES: Mapping[str, str] = Seen(_known, lambda one: one.title)


def register_focus_measure(
    *,
    title: str,
    words: str,
    focus_sign: Literal[1, -1],
    help: str,  # noqa: A002 (the record's word)
    key: str = "",
    percent: bool = False,
    by_threshold: bool = False,
    needs_mask: bool = False,
    at_threshold: str = "",
    axis: str = "",
    compared_why: str = "",
    order: int = 100,
) -> Callable[[Compute], Compute]:
    """Make a function a measure of how focused a map is; everything that offers such measures then offers it, too.

    Parameters
    ----------
    key : str
        Empty takes the function's name.
    title, words, focus_sign, help, percent, by_threshold, needs_mask, at_threshold, axis, compared_why
        See `FocusMeasure`.
    order : int
        Its place in lists.

    Returns
    -------
    callable
        A decorator that gives the function back.

    Raises
    ------
    DataError
        If another measure has that key or title, or the key is a column of another meaning.

    Examples
    --------
    >>> from xai_core.measures import FOCUS_MEASURES, register_focus_measure, unregister_focus_measure
    >>> @register_focus_measure(title="Peak", words="largest cell", focus_sign=1, help="Peak: the largest cell.")
    ... def peak(seen):
    ...     return float(seen.raw.max())
    >>> FOCUS_MEASURES["peak"].title
    'Peak'
    >>> unregister_focus_measure("peak")
    """

    def decorate(function: Compute) -> Compute:
        made = FocusMeasure(
            key or function.__name__,
            title,
            words,
            focus_sign,
            help,
            function,
            percent,
            by_threshold,
            needs_mask,
            at_threshold,
            axis,
            compared_why,
            order,
        )
        _known.add(made, _check)
        return function

    return decorate


def _check(made: FocusMeasure) -> None:
    if made.key in TAKEN:
        raise DataError(f"{made.title} cannot be called {made.key!r}: the table has a column of that name already.")
    _known.require_new(made)


def unregister_focus_measure(key: str) -> None:
    """Forget a measure, as tests and notebooks do with one of their own.

    Parameters
    ----------
    key : str
        Of the measure; one that is not there is passed over.
    """
    _known.forget(key)
