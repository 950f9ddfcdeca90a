"""What people write into an address by hand: a path or a key where widgets wait for a title."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from math import isinf
from typing import Any

import xai_core as xai
from xai_core.shipped import RUNS

# Titles of the choices whose place is typed.
FOLDER, CHECKPOINT, RECORD = "Folder", "Checkpoint", "A record on disk"
# Parameter -> (the choice whose place is typed, the parameter of the place).
_TYPED = {"data": (FOLDER, "path"), "model": (CHECKPOINT, "weights"), "run": (RECORD, "record")}
_LISTS: dict[str, Callable[[], Iterable[Any]]] = {
    "data": xai.list_datasets,
    "model": xai.list_models,
    "method": xai.list_methods,
}
_WORDS = ("class", "classes", "labels")  # parameters whose values are names of anybody's choosing
_PLACE = re.compile(r"[/\\~]|\.{1,2}[/\\]|[A-Za-z]:[/\\]|(hf|timm):")  # how a place begins, which no title does


def spelled_out(address: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """An address as the widgets write it.

    A place stands for the choice that takes one (``data=/home/me/pictures``, or ``path=/home/me/pictures`` alone, for
    *Folder*), and a key of the library for its title (``model=digits``). A number without end, which no field for whole
    numbers takes, is none.
    """
    found = {
        key: [value for value in values if key in _WORDS or not _is_endless(value)] for key, values in address.items()
    }
    found = {key: values for key, values in found.items() if values}
    for key, (choice, place) in _TYPED.items():
        said, typed = _first(address, key), _first(address, place)
        if _PLACE.match(said) and not typed:
            found |= {key: [choice], place: [said]}
        elif typed and not said:
            found[key] = [choice]
    for key in found.keys() & {*_LISTS, "run"}:
        known = titles(key)
        found[key] = [known.get(value, value) for value in found[key]]
    return found


def titles(key: str) -> dict[str, str]:
    """Key of the library -> title, of what a parameter of the address offers."""
    if key == "run":
        return {run: title for run, (title, _) in RUNS.items()}
    return {one.key: one.title for one in _LISTS[key]()}


def _is_endless(value: str) -> bool:
    """Whether a text is a number that is infinite, or too large to be told from it."""
    try:
        return isinf(float(value))
    except ValueError:
        return False


def _first(address: Mapping[str, list[str]], key: str) -> str:
    return next(iter(address.get(key, ())), "")
