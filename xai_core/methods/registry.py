"""Which attribution methods there are: those of this folder, one a file, and those of plug-ins."""

from __future__ import annotations

import pkgutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from importlib import import_module
from typing import Any, TypeVar

import numpy as np

from xai_core import plugins
from xai_core.errors import MethodError
from xai_core.types import Classifier, Estimate, Heatmaps, Method, Setting
from xai_core.types.method import Cost, Drawing, Need, Place

F = TypeVar("F", bound=Callable[..., Any])
GROUP = "xai_core.methods"
_ORDER: dict[str, int] = {name: place for place, name in enumerate(("pass", "passes", "samples"))}
_PLACES: dict[str, int] = {name: place for place, name in enumerate(("layer", "input", "superpixels"))}
_known: dict[str, Method] = {}
_lock = threading.RLock()
_own: list[str] = []  # modules of this folder that were imported
_SERVE = 4  # methods that a sentence names


def register(
    *,
    title: str,
    paper: str,
    unit: str,
    signed: bool,
    place: Place,
    drawing: Drawing,
    legend: str,
    reference: str = "",
    key: str = "",
    cost: Cost = "pass",
    needs: tuple[Need, ...] = (),
    caution: str = "",
    no_evidence: str = "",
    ranks: bool = True,
    settings: Sequence[Setting] = (),
    quick: Mapping[str, Any] | None = None,
    exact: str = "",
    usual: bool = True,
    combine: Callable[[Any, Any], Any] | None = None,
    score: Callable[..., Callable[[Any, Any], Any]] | None = None,
    grow: Callable[..., Iterator[Estimate]] | None = None,
) -> Callable[[F], F]:
    """Make a function an attribution method; everything that offers methods then offers it, too.

    Parameters
    ----------
    key : str
        Empty takes the function's name.
    needs : tuple
        Empty takes what `place` and `cost` imply: layers for a map at layers, gradients unless it draws samples.
    title, paper, unit, signed, place, drawing, legend, reference, cost, caution, no_evidence, ranks, settings, quick
        See `Method`.
    exact, usual, combine, score, grow
        See `Method`.

    Raises
    ------
    MethodError
        If the record is not consistent, or another method has that key.

    Examples
    --------
    >>> import xai_core as xai
    >>> @xai.register(
    ...     title="Gradient times activation", paper="an example", unit="logit", signed=True, place="layer",
    ...     drawing="evidence", legend="evidence for the class, bright is more",
    ... )
    ... def gradient_times_activation(model, images, **options):
    ...     return xai.layer_maps(model, images, lambda activation, gradient: (activation * gradient).sum(1), **options)
    >>> xai.unregister("gradient_times_activation")
    """

    def decorate(function: F) -> F:
        @wraps(function)
        def named(model: Classifier, images: Any, **options: Any) -> Heatmaps:
            return attributed(method, model, options, function(model, images, **options))

        implied: tuple[Need, ...] = () if cost == "samples" else ("gradients",)
        method = Method(
            key=key or function.__name__,
            title=title,
            paper=paper,
            reference=reference,
            unit=unit,
            signed=signed,
            place=place,
            cost=cost,
            drawing=drawing,
            legend=legend,
            compute=named,
            needs=needs or (*implied, *(("layers",) if place == "layer" else ())),
            caution=caution,
            no_evidence=no_evidence,
            ranks=ranks,
            settings=tuple(settings),
            quick=dict(quick or {}),
            exact=exact,
            usual=usual,
            combine=combine,
            score=score,
            grow=grow,
        )
        _add(method, function.__module__)
        return named  # type: ignore[return-value]

    return decorate


def _add(method: Method, module: str) -> None:
    """Offer a method that was made in a module, unless another one has its key or title."""
    with _lock:
        there = _known.get(method.key)
        if there is not None and there.compute.__module__ != module:
            raise MethodError(f"There is a method {method.key!r} already: {there.title}.")
        titled = next((one for one in _known.values() if one.title == method.title and one.key != method.key), None)
        if titled is not None:
            raise MethodError(f"There is a method with the title {method.title!r} already: {titled.key}.")
        _known[method.key] = method
    plugins.heard(module)


def attributed(method: Method, model: Classifier, options: Mapping[str, Any], found: Heatmaps) -> Heatmaps:
    """Maps that say by which method and settings they were made."""
    _check(method, found)
    offered = method.defaults(model)
    changed = {
        name: given
        for name, value in offered.items()
        if isinstance(given := options.get(name, value), np.ndarray) or given != value
    }
    return replace(found, method=method.title, unit=method.unit_with(changed), key=method.key, settings=changed)


def _check(method: Method, found: object) -> None:
    """Refuse what is no maps: a method may be somebody else's code.

    Raises
    ------
    MethodError
        With the method's title, what it gave, and what was expected.
    """
    if not isinstance(found, Heatmaps):
        raise MethodError(f"{method.title} gives {type(found).__name__} in place of heatmaps.")
    n = found.n_pictures
    if not found.maps or len(found.predictions) != n:
        raise MethodError(f"{method.title} gives {len(found)} maps and {len(found.predictions)} predictions for {n}.")
    for name, values in found.items():
        if not isinstance(values, np.ndarray) or values.ndim != 3 or len(values) != n or values.dtype.kind != "f":
            shape, kind = getattr(values, "shape", ""), getattr(values, "dtype", type(values).__name__)
            raise MethodError(f"{method.title} gives {kind} {shape} at {name!r} in place of float ({n}, h, w).")


def unregister(key: str) -> None:
    """Forget a method, as tests and notebooks do with one of their own.

    Parameters
    ----------
    key : str
        Of the method; one that is not there is passed over.

    Examples
    --------
    >>> import xai_core as xai
    >>> xai.unregister("no_such_method")
    """
    with _lock:
        _known.pop(key, None)


def _load() -> None:
    with _lock:
        if not _own:
            here = import_module("xai_core.methods")
            for found in pkgutil.iter_modules(here.__path__, "xai_core.methods."):
                import_module(found.name)
                _own.append(found.name)
    plugins.load(GROUP)


def list_methods() -> tuple[Method, ...]:
    """Every attribution method: those that are computed without being asked, then the others, the cheapest first.

    Returns
    -------
    tuple of Method
        Of each kind by cost, by where their maps lie (layers, the input, superpixels), and by title.

    Examples
    --------
    >>> import xai_core as xai
    >>> [method.key for method in xai.list_methods() if method.usual]
    ['grad_cam', 'saliency', 'saliency_signed', 'lime']
    """
    _load()
    with _lock:
        return tuple(sorted(_known.values(), key=_place_in_the_list))


def _place_in_the_list(method: Method) -> tuple[bool, int, int, str]:
    return not method.usual, _ORDER[method.cost], _PLACES[method.place], method.title


def no_evidence(title: str) -> str:
    """Why maps of the method with that title are no evidence for a class; empty for all others."""
    return next((method.no_evidence for method in list_methods() if method.title == title), "")


def get_method(key: str | Method) -> Method:
    """A method by its key.

    Parameters
    ----------
    key : str or Method
        One of `list_methods`; a record is given back as it is, since maps that were made elsewhere are in no list.

    Returns
    -------
    Method

    Raises
    ------
    MethodError
        If there is none, with the keys that there are.

    Examples
    --------
    >>> import xai_core as xai
    >>> xai.get_method("grad_cam").unit
    'logit'
    """
    if isinstance(key, Method):
        return key
    known = {method.key: method for method in list_methods()}
    if key not in known:
        wrong = f" {' '.join(plugins.problems())}" if plugins.problems() else ""
        raise MethodError(f"There is no method {key!r}. Choose one of: {', '.join(known)}.{wrong}")
    return known[key]


def usable_methods(
    model: Any, *, at_layers: bool | None = None, ranks: bool | None = None, usual: bool | None = None
) -> tuple[Method, ...]:
    """The methods that can explain a model.

    Parameters
    ----------
    model : Classifier
    at_layers : bool, optional
        Only those that give a map for each layer, or only the others.
    ranks : bool, optional
        Only those whose values say how much a place matters, or only the others.
    usual : bool, optional
        Only those that are computed without being asked, or only the others.
    """
    return tuple(
        method
        for method in list_methods()
        if not method.missing(model)
        and (at_layers is None or method.at_layers == at_layers)
        and (ranks is None or method.ranks == ranks)
        and (usual is None or method.usual == usual)
    )


def why_missing(method: Method, model: Classifier) -> str:
    """Why a method cannot explain a model, and what can; empty where it does.

    Parameters
    ----------
    method : Method
    model : Classifier
    """
    why = method.missing(model)
    if not why:
        return ""
    serve = [one for one in usable_methods(model) if one.ranks]
    alike = [one for one in serve if one.place == method.place] or serve  # the kind that was asked for, if there is one
    titles = [one.title for one in alike[:_SERVE]]
    more = f" and {len(alike) - _SERVE} more" if len(alike) > _SERVE else ""
    named = ", ".join(titles) if more else " and ".join([", ".join(titles[:-1]), titles[-1]] if titles[1:] else titles)
    return f"{why} {named}{more} can." if titles else why


DEFAULT = "grad_cam"  # what pages, commands and `explain` begin with
