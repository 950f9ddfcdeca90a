"""Measures of where a map lies on an object's mask, one file each in `on_object`, in a registry.

A measure is a function with the decorator `register_measure`: tests, verdict, card, page, command, address and report
read its record. Nothing here imports numpy before it computes, since the command's help names the measures.
"""

import pkgutil
from importlib import import_module

from xai_core.measures import on_object
from xai_core.measures.registry import (
    FOREGROUND_MEASURES,
    FOREGROUND_TITLES,
    ForegroundMeasure,
    columns,
    register_measure,
    unregister_measure,
)

__all__ = [
    "FOREGROUND_MEASURES",
    "FOREGROUND_TITLES",
    "ForegroundMeasure",
    "columns",
    "register_measure",
    "unregister_measure",
]

for _found in pkgutil.iter_modules(on_object.__path__, f"{on_object.__name__}."):
    import_module(_found.name)
