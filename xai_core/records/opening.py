"""Opens whatever a training was recorded in: our folder, InstanceFlow's JSON, a table of predictions, a run of
Weights & Biases."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import TypeVar

import pandas as pd

from xai_core import apart, regular
from xai_core.errors import NO_PATH, RecordError
from xai_core.records import instanceflow, predictions
from xai_core.records.curves import beside, with_curves
from xai_core.records.event_files import NAMED
from xai_core.records.frames import (
    Table,
    first_mark,
    frame_table,
    is_kept_by_wandb,
    is_lines,
    table_of,
    table_of_json,
    titles_of,
)
from xai_core.records.json_file import parsed
from xai_core.records.limits import MAX_ROWS, MAX_SENT, require_size
from xai_core.records.prediction_columns import EXPECTED, Columns, find_columns
from xai_core.records.store import is_run, open_run, record_files
from xai_core.records.wandb_files import log_beside

Run = TypeVar("Run")
MAX_BYTES = 512 << 20  # of a file: a thousand epochs of a hundred thousand pictures
TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
_LOOKED_AT = 1000  # files of a folder that is no record
NAMELESS = "The file"  # what a run is called whose record has no name
_TABLE = re.compile(r"(?P<key>.+)_(?P<step>\d+)_[0-9a-f]{6,64}\.table\.json")
_EXPECTED = "Expected InstanceFlow's JSON or a table of predictions."


def open_source(source: str | Path | bytes | pd.DataFrame, make: Callable[..., Run], name: str | None = None) -> Run:
    """See `TrainingRun.open`.

    Parameters
    ----------
    source : str, Path, bytes or DataFrame
    make : callable
        Called with the fields of a `TrainingRun`, which this module does not know.
    name : str, optional
    """
    if isinstance(source, pd.DataFrame):
        return predictions.read(frame_table(source), make, called="The table", name=name or "Table of predictions")
    if isinstance(source, bytes):
        return _opened(source, make, NAMELESS, name, None)
    try:
        place = Path(source).expanduser()
        folder, record = place.is_dir(), is_run(place)
    except NO_PATH as error:
        raise RecordError(f"{str(source)[-80:]} cannot be opened: there can be no such path.") from error
    if record:
        return open_run(place, make)
    tables = tables_of_wandb(place) if folder else _series(place)
    if not folder and not tables:
        return _opened(_content(place), with_curves(make, place), place.name, name, place)
    if tables:
        title = name or _key(place)[0] or place.name
        root = next(str(one.parent.parent) for one in tables[0].parents if one.name == "table")
        table, noticed = _together(tables, place.name)
        made = with_curves(make, place)
        return predictions.read(table, made, called=place.name, name=title, place=place, root=root, noticed=noticed)
    if any(place.glob(f"*{NAMED}*")):
        return open_source(_table_beside(place, "curves of TensorBoard"), make, name or place.name)
    if folder and log_beside(place):
        return open_source(_table_beside(place, "a run of Weights & Biases"), make, name or place.name)
    try:
        return open_run(place, make)
    except RecordError as error:
        inside = _json_inside(place)
        if len(inside) == 1:  # as InstanceFlow's record lies beside its pictures
            with suppress(RecordError):
                return open_source(inside[0], make, name)
        instead = f" If {inside[0].name} is the record, open that file instead." if inside else ""
        raise RecordError(f"{error}{instead}") from error


def _json_inside(folder: Path) -> list[Path]:
    """The files of a folder that is no record that may be one."""
    try:
        with os.scandir(folder) as entries:
            return sorted(folder / entry.name for entry in islice(entries, _LOOKED_AT) if entry.name.endswith(".json"))
    except OSError:
        return []


def _table_beside(folder: Path, what: str) -> Path:
    """The one table of predictions in a folder with logs; `what` they are of, if there is none."""
    tables = sorted(path for path in folder.iterdir() if path.is_file() and holds_predictions(path))
    if len(tables) == 1:
        return tables[0]
    if tables:
        names = ", ".join(path.name for path in tables)
        raise RecordError(f"{folder} holds {len(tables)} tables of predictions ({names[:400]}). Open one of them.")
    raise RecordError(
        f"{folder} holds {what}, and not what was predicted of each picture. Record that with xai.Recorder, or log a "
        "table with the columns epoch, picture, label and predicted: losses and accuracies are then read from here."
    )


def open_instanceflow(source: str | Path | bytes, make: Callable[..., Run], name: str | None = None) -> Run:
    """See `TrainingRun.from_instanceflow`; parameters as `open_source`."""
    if isinstance(source, bytes):
        return instanceflow.read(source, make, called=NAMELESS, name=name)
    try:
        place = Path(source).expanduser()
    except NO_PATH as error:
        raise RecordError(f"{str(source)[-80:]} cannot be read: there can be no such path.") from error
    return instanceflow.read(_content(place), make, called=place.name, name=name, place=place)


def holds_predictions(path: Path) -> bool:
    """Whether a path is a table of predictions at several epochs, or a folder of such tables; only its start is read.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    bool
    """
    try:
        if path.is_dir():
            return bool(tables_of_wandb(path))
        if path.suffix.lower() not in TABLES:
            return False
        found = find_columns(titles_of(path))
    except (RecordError, *NO_PATH):
        return False
    return found is not None and found.epoch is not None


def files_read(place: Path) -> list[Path]:
    """The files that opening a run reads, weights apart, which change when it does.

    Parameters
    ----------
    place : pathlib.Path
        What it is opened from.

    Returns
    -------
    list of Path
    """
    try:
        if not place.is_dir():
            return [*_steps(place), place, *beside(place)]
        if is_run(place):
            return record_files(place)
        tables, events = list(tables_of_wandb(place)), beside(place)
        if events and not tables:
            tables = [path for path in place.iterdir() if path.suffix.lower() in TABLES]
        return [*tables, *events] or _json_inside(place)
    except NO_PATH:
        return []


def tables_of_wandb(folder: Path) -> tuple[Path, ...]:
    """The tables that a run of Weights & Biases logged, by step.

    Parameters
    ----------
    folder : pathlib.Path
        Of a run, its `files` or what it links to; of whatever.

    Returns
    -------
    tuple of Path
        Empty where it is no such run.
    """
    for root in (folder / "files" / "media" / "table", folder / "media" / "table"):
        if root.is_dir():
            found = [path for path in root.rglob("*.table.json") if _TABLE.fullmatch(path.name)]
            return tuple(sorted(found, key=lambda path: (str(path.parent), *_key(path))))
    return ()


def _name(called: str) -> str:
    """Of a run, by its file."""
    return _key(Path(called))[0] or Path(called).stem


def _key(path: Path) -> tuple[str, int]:
    said = _TABLE.fullmatch(path.name)
    return ("", 0) if said is None else (said["key"], int(said["step"][:18]))


def _series(path: Path) -> tuple[Path, ...]:
    """A table of Weights & Biases that says no epoch, with those of other steps beside it; empty of other files."""
    if not _TABLE.fullmatch(path.name) or not path.is_file():
        return ()
    columns = find_columns(table_of(_content(path), path.name).titles)
    return _steps(path) if columns is not None and columns.epoch is None else ()


def _steps(path: Path) -> tuple[Path, ...]:
    """The tables of Weights & Biases that are of one key with a file; empty of another file."""
    if not _TABLE.fullmatch(path.name):
        return ()
    return tuple(sorted(one for one in path.parent.glob("*.table.json") if _key(one)[0] == _key(path)[0]))


def _content(path: Path) -> bytes:
    """The content of a file, not more than a record may have."""
    try:
        content = regular.read_bytes(path, MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise RecordError(f"There is no folder or file {str(path)[-300:]!r} on this computer.") from error
    except NO_PATH as error:
        why = error.strerror if isinstance(error, OSError) else "there can be no such path"
        raise RecordError(f"{path.name} cannot be read: {why}.") from error
    if len(content) > MAX_BYTES:
        raise RecordError(f"{path.name} has more than {MAX_BYTES >> 20} MB; so large a record is not read.")
    return content


def _opened(content: bytes, make: Callable[..., Run], called: str, name: str | None, place: Path | None) -> Run:
    """A file's content, told by what it holds; what is called JSON is held to it."""
    is_json = first_mark(content) in (b"[", b"{") or called.lower().endswith(".json")
    if is_json and not is_lines(content):
        data = parsed(content, called, _EXPECTED)
        if not is_kept_by_wandb(data):
            return instanceflow.read_json(data, make, called=called, name=name, place=place)
        table = table_of_json(data, called)
    else:
        table = table_of(content, called, MAX_SENT if place is None and apart.is_on() else MAX_ROWS)
    root = "" if place is None else str(place.absolute().parent)
    return predictions.read(table, make, called=called, name=name or _name(called), place=place, root=root)


def _together(tables: Sequence[Path], called: str) -> tuple[Table, list[str]]:
    """The one table that tables of several steps make, and what is to be said of it."""
    require_size(called, epochs=len(tables))
    by_key: dict[tuple[str, str], list[tuple[int, Table, Columns]]] = {}
    for path in tables:
        key, step = _key(path)
        table = table_of(_content(path), path.name)
        if (columns := find_columns(table.titles)) is not None:
            by_key.setdefault((str(path.parent), key), []).append((step, table, columns))
    if not by_key:
        raise RecordError(f"{called} holds no table of predictions. {EXPECTED}")
    if len(by_key) > 1:
        names = ", ".join(sorted(key for _, key in by_key))
        raise RecordError(
            f"{called} holds {len(by_key)} tables of predictions ({names[:400]}), so which one is meant is not known. "
            "Open a file of that table in files/media/table instead."
        )
    (found,) = by_key.values()
    frames = []
    for number, (_, table, columns) in enumerate(sorted(found, key=itemgetter(0)), start=1):
        frame = table.read(columns.all)
        frames.append(frame if columns.epoch is not None else frame.assign(epoch=number))
    numbered = [one for one in found if one[2].epoch is None]
    noticed = ["The tables do not say the epoch: they are numbered from 1, in the order of their steps."]
    return frame_table(pd.concat(frames, ignore_index=True)), noticed if numbered else []
