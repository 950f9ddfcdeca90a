"""Files of tables as frames, of which only the columns that are asked for are read.

CSV and TSV, JSON objects one a line, Parquet, and the JSON in which Weights & Biases keeps a table.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from xai_core import bounded_json, regular
from xai_core.errors import RecordError
from xai_core.inflated import parquet_size, repeated_size
from xai_core.records.json_file import parsed
from xai_core.records.limits import MAX_ROWS, MAX_ROWS_OF_JSON, MAX_SENT, line_count, require_brief, require_rows
from xai_core.records.prediction_columns import EXPECTED
from xai_core.records.tables import require_unpacked

MAX_COLUMNS = 1_000
_MAX_TEXTS, _PACKED = 128 << 20, 64  # bytes of texts in Parquet, or so many times as many as its file has
_SENT = 32 << 20  # bytes of texts in CSV that is sent: 200,000 names of 60 letters
_REPEATED = 80 << 20  # bytes of texts, most of which may repeat: a name of 40 letters a million times
_MAX_LINE = 1 << 20  # bytes of the line of titles
_BLANK = b"\xef\xbb\xbf \t\r\n"  # before the first character of a text


@dataclass(frozen=True)
class Table:
    """A table whose cells are not read yet.

    Attributes
    ----------
    titles : tuple of str
        Of its columns.
    read : callable
        Titles -> a frame of those columns.
    """

    titles: tuple[str, ...]
    read: Callable[[Sequence[str]], pd.DataFrame]


def is_kept_by_wandb(data: Any) -> bool:
    """Whether JSON is a table as Weights & Biases writes it."""
    return isinstance(data, dict) and isinstance(data.get("columns"), list) and isinstance(data.get("data"), list)


def table_of(content: bytes, called: str, most: int = MAX_ROWS) -> Table:
    """The table that a file holds, whatever it is called.

    Parameters
    ----------
    content : bytes
    called : str
        What sentences call the file.
    most : int
        Rows that it may have.

    Returns
    -------
    Table

    Raises
    ------
    RecordError
        If it holds none, or one that is too large.
    """
    if content.startswith(b"PAR1"):
        return _parquet(content, called, most)
    content = _text(content, called).encode()
    require_rows(called, line_count(content) - 1, most)  # without that of the titles
    if is_lines(content):
        return _lines(content, called)
    if first_mark(content) == b"{":
        return table_of_json(parsed(content, called, EXPECTED), called)
    return _delimited(content, called, most)


def titles_of(path: Path) -> tuple[str, ...]:
    """The titles of the columns of a table in a file, of which only the start is read.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    tuple of str

    Raises
    ------
    OSError, RecordError
        If there is none.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with regular.opened(path) as file:
        start = file.read(_MAX_LINE)
        if start.startswith(b"PAR1"):
            file.seek(0)
            try:
                return tuple(pq.read_schema(file).names)
            except (pa.ArrowException, OSError, ValueError) as error:
                raise RecordError(f"{path.name} is damaged, and cannot be read as Parquet.") from error
    first = start.lstrip(_BLANK).partition(b"\n")[0]
    return table_of(first + b"\n" + first, path.name).titles


def first_mark(content: bytes) -> bytes:
    """The first character of a text that is no blank, by which JSON is told."""
    return content[:_MAX_LINE].lstrip(_BLANK)[:1]


def is_lines(content: bytes) -> bool:
    """Whether a file is JSON, an object a line."""
    if first_mark(content) != b"{":
        return False
    first, _, rest = content.lstrip(_BLANK).partition(b"\n")
    if len(first) > _MAX_LINE or not rest.strip():
        return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def frame_table(frame: pd.DataFrame) -> Table:
    """A frame in memory as such a table."""
    titles = {str(title): title for title in frame.columns}
    return Table(tuple(titles), lambda asked: frame[[titles[title] for title in asked]].set_axis(list(asked), axis=1))


def table_of_json(data: Any, called: str) -> Table:
    """The table in JSON as Weights & Biases writes it.

    Parameters
    ----------
    data : object
        What the file holds.
    called : str
        What sentences call the file.

    Returns
    -------
    Table

    Raises
    ------
    RecordError
        If it is JSON of another kind.
    """
    if not is_kept_by_wandb(data):
        raise RecordError(f"{called} is JSON, but no training run. {EXPECTED}")
    titles, rows = [str(title) for title in data["columns"]], data["data"]
    _require_few(titles, called)
    require_rows(called, len(rows), MAX_ROWS_OF_JSON)
    if not all(isinstance(row, list) and len(row) == len(titles) for row in rows):
        raise RecordError(f"{called} is damaged: not all of its rows have {len(titles)} cells.")

    def read(asked: Sequence[str]) -> pd.DataFrame:
        places = [titles.index(title) for title in asked]
        return pd.DataFrame(
            [[_cell(row[place]) for place in places] for row in rows], columns=list(asked), dtype=object
        )

    return Table(tuple(titles), read)


def _cell(value: Any) -> Any:
    """A picture in a table of Weights & Biases is an object with its path."""
    if isinstance(value, dict):
        return str(value.get("path") or value.get("caption") or json.dumps(value, sort_keys=True))
    return json.dumps(value) if isinstance(value, list) else value


def _require_few(titles: Collection[str], called: str) -> None:
    if len(titles) > MAX_COLUMNS:
        raise RecordError(f"{called} has {len(titles):,} columns; at most {MAX_COLUMNS:,} are read.")


def _text(content: bytes, called: str) -> str:
    """UTF-8, or UTF-16 as spreadsheets write it."""
    try:
        return content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecordError(f"{called} is no table: it is neither text in UTF-8 nor Parquet.") from error


def _delimited(content: bytes, called: str, most: int) -> Table:
    first = content[:_MAX_LINE].partition(b"\n")[0].decode(errors="replace")
    between = max(",;\t", key=first.count)
    try:
        titles = next(csv.reader([first], delimiter=between), [])
    except csv.Error as error:
        raise RecordError(f"{called} is no table: {error}.") from error
    _require_few(titles, called)

    def read(asked: Sequence[str]) -> pd.DataFrame:
        import pyarrow as pa
        import pyarrow.csv as pc

        # Texts that repeat stay numbers of texts, and no text but an empty one is missing: a class may be called NA.
        kept = dict.fromkeys(asked, pa.dictionary(pa.int32(), pa.string()))
        try:
            found = pc.read_csv(
                pa.BufferReader(content),
                pc.ReadOptions(block_size=_MAX_LINE, use_threads=False),
                pc.ParseOptions(delimiter=between, newlines_in_values=True),
                pc.ConvertOptions(
                    include_columns=list(asked), column_types=kept, null_values=[""], strings_can_be_null=True
                ),
            )
            if most == MAX_SENT:
                require_brief(called, found.unify_dictionaries(), _SENT)
            return found.to_pandas()
        except RecordError:
            raise
        except (pa.ArrowException, ValueError, OverflowError) as error:
            why = str(error).splitlines()[0][:200]
            raise RecordError(f"{called} is damaged, and cannot be read as a table: {why}") from error

    return Table(tuple(titles), read)


def _lines(content: bytes, called: str) -> Table:
    """A JSON object a line."""
    if bounded_json.is_dense(content):
        raise RecordError(f"{called} has more lists and objects than a table of predictions. {EXPECTED}")
    rows: list[dict[str, Any]] = []
    titles: dict[str, None] = {}
    for number, line in enumerate(content.decode().split("\n"), start=1):
        if line.strip():
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            if not isinstance(row, dict):
                raise RecordError(f"{called}, line {number}, is no JSON object. {EXPECTED}")
            rows.append(row)
            titles |= dict.fromkeys(row)
            _require_few(titles, called)
    return Table(
        tuple(titles),
        lambda asked: pd.DataFrame(
            [[_cell(row.get(title)) for title in asked] for row in rows], columns=list(asked), dtype=object
        ),
    )


def _parquet(content: bytes, called: str, most: int) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    damaged = f"{called} is damaged, and cannot be read as Parquet."
    try:
        head = pq.read_metadata(pa.BufferReader(content))
        fields = {field.name: field.type for field in pq.read_schema(pa.BufferReader(content))}
    except (pa.ArrowException, OSError, ValueError) as error:
        raise RecordError(damaged) from error
    _require_few(fields, called)
    texts = [name for name, kind in fields.items() if pa.types.is_string(kind) or pa.types.is_large_string(kind)]
    titles = (
        name
        for name, kind in fields.items()
        if name in texts or pa.types.is_primitive(kind) or pa.types.is_dictionary(kind)
    )
    require_rows(called, head.num_rows, most)

    def read(asked: Sequence[str]) -> pd.DataFrame:
        try:
            file = io.BytesIO(content)
            require_unpacked(called, parquet_size(head, file, list(asked)))
            few = most * max(_MAX_TEXTS, _PACKED * len(content)) // MAX_ROWS
            if parquet_size(head, file, [one for one in asked if one in texts]) > max(few, _REPEATED):
                raise RecordError(f"{called} unpacks to so many texts from so few bytes that it is not read.")
            found = pq.read_table(pa.BufferReader(content), columns=list(asked), read_dictionary=texts)
            require_unpacked(called, repeated_size(found))
            found = found.unify_dictionaries()
            require_brief(called, found, few)
        except RecordError:
            raise
        except (pa.ArrowException, OSError, ValueError, TypeError) as error:
            raise RecordError(damaged) from error
        return found.replace_schema_metadata().to_pandas()  # pandas reads there JSON of whoever wrote it

    return Table(tuple(titles), read)
