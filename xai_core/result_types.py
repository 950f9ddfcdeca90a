"""Whether a value read from a disk is of the kind that the code expects, by its annotations."""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Union

import numpy as np

_NUMBERS = {float: (float, int, np.floating, np.integer), int: (int, np.integer), bool: (bool, np.bool_)}


def fits(value: Any, kind: Any) -> bool:
    """Whether a value is of a kind; what the annotation leaves open, fits.

    Parameters
    ----------
    value : object
    kind : type or annotation

    Returns
    -------
    bool
    """
    if kind is Any or kind is object:
        return True
    kind = _meant(kind)
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin in (Union, types.UnionType):
        return any(fits(value, one) for one in inside)
    if origin is Literal:
        return value in inside
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if len(inside) == 2 and inside[1] is ...:
            return all(fits(one, inside[0]) for one in value)
        return len(value) == len(inside) and all(map(fits, value, inside))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        whole = isinstance(value, Mapping)
        return whole and all(fits(key, inside[0]) and fits(one, inside[1]) for key, one in value.items())
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return isinstance(value, Sequence | np.ndarray) and all(fits(one, inside[0]) for one in value)
    if kind is None:
        return value is None
    known = origin if isinstance(origin, type) else kind
    return not isinstance(known, type) or isinstance(value, _NUMBERS.get(known, (known,)))


def _meant(kind: Any) -> Any:
    """What a name for a kind stands for; since numpy 2.5, NDArray is one that Python 3.12 and later know as such."""
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if isinstance(origin or kind, getattr(typing, "TypeAliasType", ())):
        named = (origin or kind).__value__
        return _meant(named[inside] if inside else named)
    return kind


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    """The annotations of a record's fields; none where they name what is only there for type checkers."""
    try:
        return typing.get_type_hints(kind)
    except NameError:
        return {}


def returned(function: Any) -> Any:
    """What a function says that it gives; anything where it does not say, or in names that are not there.

    Parameters
    ----------
    function : callable

    Returns
    -------
    type or annotation
    """
    try:
        return typing.get_type_hints(function).get("return", Any)
    except NameError:
        return Any


def require_fields(record: Any) -> None:
    """That the fields of a dataclass or a named tuple are of their kinds.

    Parameters
    ----------
    record : object

    Raises
    ------
    ValueError
        With the first that is not.
    """
    kind: Any = type(record)
    hints = _hints(kind)
    names = getattr(record, "_fields", None) or [one.name for one in dataclasses.fields(record)]
    for name in names:
        if not fits(getattr(record, name), hints.get(name, Any)):
            raise ValueError(f"{type(record).__name__}.{name} is of another kind.")
