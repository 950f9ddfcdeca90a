"""Tables with pictures in them, as Hugging Face's library saves them: Arrow streams and Parquet, a row at a time."""

from __future__ import annotations

import json
import mmap
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xai_core.data import roots
from xai_core.data.folders import stamp, state
from xai_core.errors import DataError, PictureError

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

ENDINGS = (".arrow", ".parquet")
MAX_ROW_GROUP = 4 << 30  # bytes of a column of a row group, which Parquet unpacks at once
_METADATA = b"huggingface"
_FILE_FORMAT = b"ARROW1"  # with which Arrow's other format begins


@dataclass(frozen=True)
class TableFile:
    """A file of a table, how many rows it has, and its `stamp` and `state`."""

    path: Path
    stamp: str
    rows: int
    state: str


def _mapped(path: Path) -> pa.Buffer:
    import pyarrow as pa

    with roots.opened(path) as file:
        try:
            return pa.py_buffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except ValueError:  # an empty file cannot be mapped
            return pa.py_buffer(b"")


def _guarded(path: Path, error: Exception) -> DataError:
    return DataError(f"{path} is damaged or no {path.suffix[1:].capitalize()} file, and cannot be read.")


@lru_cache(maxsize=8)
def _arrow(path: Path, _stamp: str) -> pa.Table:
    """A table that lies where the file does, checked, since what a damaged one says of itself would be believed."""
    import pyarrow as pa

    try:
        content = _mapped(path)
        begins = content[: len(_FILE_FORMAT)].to_pybytes()
        reader = pa.ipc.open_file(content) if begins == _FILE_FORMAT else pa.ipc.open_stream(content)
        table = reader.read_all()
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError, TypeError, MemoryError) as error:
        raise _guarded(path, error) from error
    return table


@lru_cache(maxsize=8)
def _parquet(path: Path, _stamp: str) -> pq.ParquetFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(pa.BufferReader(_mapped(path)))
    except (pa.ArrowException, OSError, ValueError, TypeError, MemoryError) as error:
        raise _guarded(path, error) from error


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() == ".parquet"


def table_file(path: Path) -> TableFile:
    """A file, opened for its number of rows.

    Parameters
    ----------
    path : pathlib.Path
        With one of `ENDINGS`.

    Returns
    -------
    TableFile

    Raises
    ------
    DataError
        If it is damaged or may not be read.
    """
    own = state(path)
    rows = _parquet(path, own).metadata.num_rows if _is_parquet(path) else _arrow(path, own).num_rows
    return TableFile(path, stamp(path), rows, own)


def schema_of(path: Path) -> pa.Schema:
    """The columns of a file, with what they are.

    Raises
    ------
    DataError
        If it is damaged or may not be read.
    """
    try:
        own = state(path)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error
    return _parquet(path, own).schema_arrow if _is_parquet(path) else _arrow(path, own).schema


def features(schema: pa.Schema) -> dict[str, Any]:
    """What Hugging Face's library says of the columns: name -> what it is; empty where it wrote nothing."""
    try:
        said = json.loads((schema.metadata or {}).get(_METADATA, b"{}"))
        found = said["info"]["features"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def column(files: Sequence[TableFile], name: str) -> list[Any]:
    """All values of a column, or of a part of one ("image.path").

    Raises
    ------
    DataError
        If a file is damaged.
    """
    import pyarrow as pa

    found: list[Any] = []
    for file in files:
        try:
            if _is_parquet(file.path):
                values = _parquet(file.path, file.state).read(columns=[name])
            else:
                values = _arrow(file.path, file.state).select([name.partition(".")[0]])
            while "." in name and pa.types.is_struct(values.schema[0].type):
                values = values.flatten()
                values = values.select([next(one for one in values.column_names if one == name)])
            found += values.column(0).to_pylist()
        except (pa.ArrowException, OSError, ValueError, TypeError, MemoryError, StopIteration) as error:
            raise _guarded(file.path, error) from error
    return found


@lru_cache(maxsize=2)
def _row_group(path: Path, own: str, group: int, name: str) -> pa.ChunkedArray:
    file = _parquet(path, own)
    size = file.metadata.row_group(group).total_byte_size
    if size > MAX_ROW_GROUP:
        raise PictureError(f"{path.name} has {size >> 20:,} MB in a row group; at most {MAX_ROW_GROUP >> 20} are read.")
    return file.read_row_group(group, columns=[name]).column(0)


def cell(files: Sequence[TableFile], name: str, row: int) -> Any:
    """One value.

    Parameters
    ----------
    files : Sequence of TableFile
        The table.
    name : str
        Of the column.
    row : int
        Counted through all files.

    Raises
    ------
    PictureError
        If it cannot be read.
    """
    import pyarrow as pa

    ends = list(accumulate(file.rows for file in files))
    place = bisect_right(ends, row)
    file = files[place]
    row -= ends[place] - file.rows
    try:
        if not _is_parquet(file.path):
            return _arrow(file.path, file.state).column(name)[row].as_py()
        metadata = _parquet(file.path, file.state).metadata
        inner = list(accumulate(metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)))
        group = bisect_right(inner, row)
        start = inner[group] - metadata.row_group(group).num_rows
        return _row_group(file.path, file.state, group, name)[row - start].as_py()
    except (pa.ArrowException, DataError, OSError, ValueError, TypeError, LookupError, MemoryError) as error:
        if isinstance(error, PictureError):
            raise
        raise PictureError(f"{file.path.name}, row {row + 1}, column {name!r}, cannot be read.") from error
