"""Measures of maps in registries, one file each: where a map lies on an object's mask, and how focused it is.

Those of `on_object` are functions with the decorator `register_measure`, those of `of_focus` with
`register_focus_measure`: tests, verdict, card, page, command, address and report read their records. Nothing here
imports numpy before it computes, since the command's help names the measures.
"""

import pkgutil
from importlib import import_module

from xai_core.measures import of_focus, on_object
from xai_core.measures.focus import (
    FOCUS_MEASURES,
    FOCUS_TITLES,
    FocusMeasure,
    register_focus_measure,
    unregister_focus_measure,
)
from xai_core.measures.registry import (
    FOREGROUND_MEASURES,
    FOREGROUND_TITLES,
    ForegroundMeasure,
    columns,
    register_measure,
    unregister_measure,
)

__all__ = [
    "FOCUS_MEASURES",
    "FOCUS_TITLES",
    "FOREGROUND_MEASURES",
    "FOREGROUND_TITLES",
    "FocusMeasure",
    "ForegroundMeasure",
    "columns",
    "register_focus_measure",
    "register_measure",
    "unregister_focus_measure",
    "unregister_measure",
]

for _folder in (on_object, of_focus):
    for _found in pkgutil.iter_modules(_folder.__path__, f"{_folder.__name__}."):
        import_module(_found.name)
