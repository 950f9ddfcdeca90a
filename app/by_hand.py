"""What people write into an address by hand: a path or a key where widgets wait for a title."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache as once

import xai_core as xai
from xai_core.shipped import RUNS

# Titles of the choices whose place is typed.
FOLDER, CHECKPOINT, RECORD = "Folder", "Checkpoint", "A record on disk"
# Parameter -> (the choice whose place is typed, the parameter of the place).
_TYPED = {"data": (FOLDER, "path"), "model": (CHECKPOINT, "weights"), "run": (RECORD, "record")}
_PLACE = re.compile(r"[/\\~]|\.{1,2}[/\\]|[A-Za-z]:[/\\]|(hf|timm):")  # how a place begins, which no title does


def spelled_out(address: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """An address as the widgets write it.

    A place stands for the choice that takes one (``data=/home/me/pictures``, or ``path=/home/me/pictures`` alone, for
    *Folder*), and a key of the library for its title (``model=digits``).
    """
    found = dict(address)
    for key, (choice, place) in _TYPED.items():
        said, typed = _first(address, key), _first(address, place)
        if _PLACE.match(said) and not typed:
            found |= {key: [choice], place: [said]}
        elif typed and not said:
            found[key] = [choice]
    for key in found.keys() & _TITLES.keys():
        titles = _TITLES[key]()
        found[key] = [titles.get(value, value) for value in found[key]]
    return found


def _first(address: Mapping[str, list[str]], key: str) -> str:
    return next(iter(address.get(key, ())), "")


@once
def _of_data() -> dict[str, str]:
    return {info.key: info.title for info in xai.list_datasets()}


@once
def _of_models() -> dict[str, str]:
    return {info.key: info.title for info in xai.list_models()}


@once
def _of_methods() -> dict[str, str]:
    return {method.key: method.title for method in xai.list_methods()}


def _of_runs() -> dict[str, str]:
    return {key: title for key, (title, _) in RUNS.items()}


_TITLES: dict[str, Callable[[], dict[str, str]]] = {
    "data": _of_data,
    "model": _of_models,
    "method": _of_methods,
    "run": _of_runs,
}
