"""The rows of a table as people keep it beside pictures: CSV, TSV, a JSON object a line, or Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from xai_core import bounded_json, regular
from xai_core.data import roots
from xai_core.data.arrow_columns import is_bytes
from xai_core.data.counting import count_listed, counted
from xai_core.errors import DataError
from xai_core.inflated import AT_A_TIME, MAX_ROWS, parquet_size, repeated_size, text_leaves, value_count

ENDINGS = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
MAX_BYTES = 512 << 20  # of a table, of Parquet with every text written out: some million lines
MAX_COLUMNS = 10_000
MAX_CELLS = 20_000_000  # of all lines: two gigabytes in memory
LOOKED_AT = 20  # lines from which the columns are told
_PEEK = 1 << 20  # bytes of a file that are read for those
Cell = str | tuple[str, ...]


class Row(NamedTuple):
    """A row and where it stands.

    Attributes
    ----------
    number : int
        Of its line, the first being 1; in Parquet of its row, the first being 1.
    cells : tuple
        Of each column a text, or texts where a cell is a list.
    """

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Rows:
    """A table, before anybody decides what its columns are.

    Attributes
    ----------
    path : pathlib.Path
        Of its file.
    header : tuple of str
        The columns' titles.
    rows : tuple of Row
        Those below the header.
    """

    path: Path
    header: tuple[str, ...]
    rows: tuple[Row, ...]


def _bound(path: Path, columns: int, rows: int, cells: int) -> None:
    """That a table is not too large.

    Raises
    ------
    DataError
        If it is.
    """
    for count, most, what in (
        (columns, MAX_COLUMNS, "columns"),
        (rows, MAX_ROWS, "lines"),
        (cells, MAX_CELLS, "cells"),
    ):
        if count > most:
            raise DataError(f"{path} has {count:,} {what}; a table of at most {most:,} is read.")
    count_listed(path, rows)


def _bound_bytes(path: Path, size: int) -> None:
    if size > MAX_BYTES:
        raise DataError(f"{path} unpacks to more than {MAX_BYTES >> 20} MB; a table of at most that is read.")


def _is_json(path: Path) -> bool:
    return path.suffix.lower() in (".jsonl", ".ndjson")


def _delimited(path: Path, text: str, most: int | None) -> Iterator[Row]:
    first = text.partition("\n")[0]
    between = "\t" if path.suffix.lower() == ".tsv" else max(",;\t", key=first.count)
    if most is None:
        _bound(path, 1 + first.count(between), text.count("\n"), text.count(between))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=between)
    return (Row(reader.line_num, tuple(cells)) for cells in counted(reader, path, 0) if any(cells))


def _cell(value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, list | tuple) and not any(isinstance(one, list | tuple | dict) for one in value):
        return tuple(str(_cell(one)) for one in value)
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, list | tuple | dict) else str(value)


def _objects(path: Path, text: str) -> tuple[tuple[str, ...], list[tuple[int, dict[str, Any]]]]:
    """Titles and (line, object) of a JSON object a line.

    Raises
    ------
    DataError
        If a line is none.
    """
    if bounded_json.is_dense(text.encode("utf-8", "surrogatepass")):
        raise DataError(f"{path} has more lists and objects than a table of its size.")
    objects = []
    _bound(path, 0, text.count("\n"), 0)
    for number, line in enumerate(counted(text.split("\n"), path, 0), start=1):
        if line.strip():
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                value = None
            if not isinstance(value, dict):
                raise DataError(
                    f"{path}, line {number}, is no JSON object: {line.strip()[:60]!r}. Expected one a line."
                )
            objects.append((number, value))
    titles = tuple(dict.fromkeys(str(title) for _, value in objects for title in value))
    _bound(path, len(titles), len(objects), len(titles) * len(objects))
    return titles, objects


def _of_objects(titles: tuple[str, ...], objects: Iterable[tuple[int, dict[str, Any]]]) -> list[Row]:
    return [Row(number, tuple(_cell(value.get(title)) for title in titles)) for number, value in objects]


def _decoded(path: Path, content: bytes) -> str:
    """The text of a file: UTF-8, or UTF-16 as Excel writes it."""
    try:
        wide = content[:2] in (b"\xff\xfe", b"\xfe\xff") and len(content) % 2 == 0
        text = content.decode("utf-16" if wide and b"\x00" in content[:64] else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path} cannot be read as a table of labels: it is no text in UTF-8.") from error
    return text


def _batches(path: Path, content: bytes, names: list[str], most: int | None, texts: list[str]) -> list[Any]:
    """The rows of Parquet in parts, within the bounds; small ones where a text that repeats is written out."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(pa.BufferReader(content), read_dictionary=texts)
    groups = range(min(1, file.num_row_groups)) if most else None
    values, size, batches = 0, parquet_size(file.metadata, io.BytesIO(content), names, groups), []
    _bound_bytes(path, size)
    for batch in file.iter_batches(batch_size=most or (1 << 14 if texts else AT_A_TIME), columns=names):
        size += repeated_size(batch) if texts else batch.nbytes
        values += sum(map(value_count, batch.columns))
        _bound(path, len(names), 0, values)
        _bound_bytes(path, size)
        batches.append(batch)
        if most:
            break
    return batches


def _parquet(path: Path, content: bytes, most: int | None) -> Rows:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        names = [field.name for field in file.schema_arrow if not is_bytes(field.type)]
        count = file.metadata.num_rows
        if most is None:
            _bound(path, len(names), count, len(names) * count)
        try:
            batches = _batches(path, content, names, most, text_leaves(file.schema))
        except pa.ArrowNotImplementedError:  # texts in lists or structs, of which there are several dictionaries
            batches = _batches(path, content, names, most, [])
        columns = ([column.to_pylist() for column in batch] for batch in batches)
        rows = [tuple(map(_cell, row)) for own in columns for row in zip(*own, strict=True)]
    except DataError:
        raise
    except (pa.ArrowException, OSError, ValueError, TypeError) as error:
        raise DataError(f"{path} is damaged or no Parquet file, and cannot be read as a table.") from error
    return Rows(path, tuple(names), tuple(Row(number, row) for number, row in enumerate(rows[:most], start=1)))


def _content(path: Path) -> bytes:
    try:
        if (size := path.stat().st_size) > MAX_BYTES:
            raise DataError(f"{path} has {size >> 20:,} MB; a table of at most {MAX_BYTES >> 20} is read.")
        return roots.read_bytes(path)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error


def _parsed(path: Path, text: str, most: int | None = None) -> Rows:
    if _is_json(path):
        titles, objects = _objects(path, text)
        return Rows(path, titles, tuple(_of_objects(titles, objects[:most])))
    try:
        header, *rows = list(islice(_delimited(path, text, most), most and most + 1)) or [Row(1, ())]
    except csv.Error as error:
        raise DataError(f"{path} cannot be read as a table of labels: {error}.") from error
    return Rows(path, tuple(map(str, header.cells)), tuple(rows))


def read_rows(path: Path) -> Rows:
    """All rows of a table.

    Parameters
    ----------
    path : pathlib.Path
        With one of `ENDINGS`.

    Returns
    -------
    Rows

    Raises
    ------
    DataError
        If it cannot be read, with the line where there is one.
    """
    content = _content(path)
    return (
        _parquet(path, content, None) if path.suffix.lower() == ".parquet" else _parsed(path, _decoded(path, content))
    )


def peek_rows(path: Path) -> Rows:
    """The first rows of a table, from which its columns are told.

    Parameters
    ----------
    path : pathlib.Path
        With one of `ENDINGS`.

    Returns
    -------
    Rows
        At most `LOOKED_AT` of them.

    Raises
    ------
    DataError
        If they cannot be read.
    """
    if path.suffix.lower() == ".parquet":
        return _parquet(path, _content(path), LOOKED_AT)
    try:
        with regular.opened(path) as file:
            lines = list(islice(iter(lambda: file.readline(_PEEK), b""), LOOKED_AT + 1))
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error
    return _parsed(path, _decoded(path, b"".join(lines)), LOOKED_AT)
