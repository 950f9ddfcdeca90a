"""What labels stand for among a model's classes, as users write it: a dict, a CSV or JSON file, lines of text."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from xai_core import regular
from xai_core.data import roots
from xai_core.errors import DataError
from xai_core.regular import named_path
from xai_core.types.counts import number_of

NO_CLASS = "None of the classes"  # as an address has it
SUFFIXES = (".csv", ".tsv", ".json")
_HEADERS = {"label", "labels", "name", "folder", "from"}, {"class", "classes", "class name", "model class", "to"}
_AT_MOST = 4 << 20  # bytes of a file: the 22,000 labels of ImageNet-21k take one
_SHOWN = 80  # letters of a value that sentences repeat


def label_address(label: str) -> str:
    """The parameter, in the address of a page, that says what a label stands for.

    Parameters
    ----------
    label : str

    Returns
    -------
    str

    Examples
    --------
    >>> label_address("chat")
    'as-chat'
    """
    return f"as-{label}"


def read_label_map(source: Mapping[Any, Any] | str | Path) -> dict[str, str]:
    """Label -> the class that it stands for, by name or number; empty for none.

    Parameters
    ----------
    source : Mapping, str or pathlib.Path
        A dict; a CSV or TSV file with two columns, label and class, with or without a header; or a JSON file with an
        object.

    Returns
    -------
    dict of str to str

    Raises
    ------
    DataError
        If it cannot be read, or says two things of a label.

    Examples
    --------
    >>> read_label_map({"chat": "cat", "autre": None, "chien": 1})
    {'chat': 'cat', 'autre': '', 'chien': '1'}
    """
    if isinstance(source, Mapping):
        return _of_pairs(source.items(), "label_map")
    path = named_path(source)
    if path.suffix.lower() not in SUFFIXES:
        raise DataError(f"A file of labels and classes ends in {', '.join(SUFFIXES)}; got {path.name!r}.")
    if roots.is_outside(path):
        raise DataError(roots.refusal(source))
    try:
        if path.stat().st_size > _AT_MOST:
            raise DataError(f"{path.name} has more than {_AT_MOST >> 20} MB; it is no file of labels and classes.")
        text = regular.read_bytes(path, _AT_MOST).decode("utf-8-sig")
    except DataError:
        raise
    except (OSError, ValueError) as error:
        raise DataError(f"The labels and classes cannot be read from {path.name}.") from error
    return _of_json(text, path.name) if path.suffix.lower() == ".json" else _of_table(text, path)


def _of_json(text: str, name: str) -> dict[str, str]:
    try:
        pairs = json.loads(text, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{name} is no JSON with labels and classes.") from error
    if not isinstance(pairs, _Pairs):
        raise DataError(f'{name} holds no object such as {{"chat": "cat"}}.')
    return _of_pairs(pairs, name)


class _Pairs(list[tuple[str, Any]]):
    """An object's entries, also those that occur twice."""


def _of_table(text: str, path: Path) -> dict[str, str]:
    lines = text.splitlines()
    between = "\t" if path.suffix.lower() == ".tsv" else max(",;\t", key=(lines or [""])[0].count)
    try:
        rows = [(number, row) for number, row in enumerate(csv.reader(lines, delimiter=between), 1) if any(row)]
    except csv.Error as error:
        raise DataError(f"{path.name} cannot be read as a table of labels and classes: {error}.") from error
    if wrong := next(((number, row) for number, row in rows if len(row) != 2), None):
        cells = number_of(len(wrong[1]), "cell")
        raise DataError(f"{path.name}, line {wrong[0]}, has {cells}. Expected two: a label and a class.")
    pairs = [(row[0], row[1]) for _, row in rows]
    if pairs and all(
        cell.strip().lower().replace("_", " ") in known for cell, known in zip(pairs[0], _HEADERS, strict=True)
    ):
        pairs = pairs[1:]
    return _of_pairs(pairs, path.name)


def _of_pairs(pairs: Iterable[tuple[Any, Any]], where: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for label, stands_for in pairs:
        if isinstance(stands_for, bool) or not isinstance(stands_for, str | int | None):
            raise DataError(
                f"{where} says that {_shown(label)} stands for {_shown(stands_for)}. Expected a class's name or number."
            )
        key, value = str(label).strip(), "" if stands_for is None else str(stands_for).strip()
        if not key:
            raise DataError(f"{where} has an empty label, for {_shown(value)}.")
        if found.setdefault(key, value) != value:
            raise DataError(
                f"{where} says of {_shown(key)} that it stands for {_shown(found[key])} and for {_shown(value)}."
            )
    if not found:
        raise DataError(f"{where} holds no label.")
    return found


def _shown(value: Any) -> str:
    """A value in a sentence; of a long one its beginning."""
    said = repr(value)
    return said if len(said) <= _SHOWN else f"{said[:_SHOWN]} …"
