"""Options of data sets and layouts as they are given: checked, and without those that say nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xai_core.data.registry import data_options
from xai_core.errors import DataError, MethodError


def check_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options that a data set or layout may be loaded with.

    Parameters
    ----------
    given : Mapping[str, object]
        Option's key -> value, or its text as the command and addresses have it.

    Returns
    -------
    dict[str, object]
        Without those that are at their default, so that it says the same however it was asked for.

    Raises
    ------
    DataError
        If no data set or layout has such an option, or it cannot have that value.

    Examples
    --------
    >>> check_options({"others": "ignore"})
    {'others': 'ignore'}
    """
    known = {option.key: option for option in data_options()}
    found: dict[str, Any] = {}
    for key, value in given.items():
        if key not in known:
            raise DataError(f"There is no option {key!r} of a data set. Choose one of: {', '.join(known) or 'none'}.")
        option = known[key]
        if option.choices and value not in option.choices:
            raise DataError(f"{key} must be one of {', '.join(map(repr, option.choices))}, got {value!r}.")
        try:
            if option.normal is not None:
                parsed = option.normal(value)
            else:
                parsed = value if option.choices else option.parsed(str(value))
        except MethodError as error:
            raise DataError(str(error)) from None
        if parsed != option.default:
            found[key] = parsed
    return found
