"""Results that show and draw themselves, as in a notebook, without knowing who draws them.

A type says here that it can be shown; `xai_core.figures` says how, when it is loaded. Types import nothing of the
library otherwise: loading the figures by name, when a result is first shown, is the one exception.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go

_FIGURES = "xai_core.figures"  # whose import fills the two tables
_markups: dict[str, Callable[[Any], str]] = {}
_drawers: dict[str, Callable[..., Any]] = {}


def display(kind: str, html: Callable[[Any], str], plot: Callable[..., Any] | None = None) -> None:
    """Say how results of a type are shown.

    Parameters
    ----------
    kind : str
        The name of the class, which need not be imported for that.
    html : callable
        From a result, its HTML; whatever the result says in words must be escaped.
    plot : callable, optional
        From a result and the arguments of its `plot`, a Plotly figure.
    """
    _markups[kind] = html
    if plot is not None:
        _drawers[kind] = plot


class Displayed:
    """A result that a notebook shows as a table, a card or pictures."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return _found(_markups, self)(self)


class Plotted(Displayed):
    """A result that also has a figure of its own."""

    __slots__ = ()

    def plot(self, *arguments: Any, **options: Any) -> go.Figure:
        """The Plotly figure that the pages draw of it.

        Parameters
        ----------
        *arguments, **options
            Passed on to the function of `xai_core.figures` that draws it, which has its defaults.

        Returns
        -------
        plotly.graph_objects.Figure
        """
        return _found(_drawers, self)(self, *arguments, **options)


def _found(table: dict[str, Callable[..., Any]], result: object) -> Callable[..., Any]:
    import_module(_FIGURES)
    return next(table[kind.__name__] for kind in type(result).__mro__ if kind.__name__ in table)
