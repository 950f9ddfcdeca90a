"""Tables with pictures in them, as Hugging Face's library saves them: Arrow streams and Parquet, a row at a time."""

from __future__ import annotations

import json
import mmap
import struct
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xai_core.data import roots
from xai_core.data.arrow_sizes import unpacked_size
from xai_core.data.folders import stamp, state
from xai_core.errors import DataError, PictureError
from xai_core.inflated import MAX_ROWS, parquet_size, repeated_size, text_leaves

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

ENDINGS = (".arrow", ".parquet")
MAX_ROW_GROUP = 4 << 30  # bytes of a column of a row group, which Parquet unpacks at once
MAX_COLUMN = 512 << 20  # bytes of labels or names, with every text written out
_ONCE = (2 << 30) - 1  # bytes of values that are kept once each, however often they repeat: Arrow counts no more
_METADATA = b"huggingface"
MAX_UNPACKED = 2 << 30  # bytes of what is compressed in an Arrow file, which is unpacked whole
_FILE_FORMAT, _STREAM = b"ARROW1", 8  # with which Arrow's other format begins, and where its stream does


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
        is_file = content[: len(_FILE_FORMAT)].to_pybytes() == _FILE_FORMAT
        if (size := unpacked_size(content[_STREAM:] if is_file else content)) > MAX_UNPACKED:
            raise DataError(
                f"{path} unpacks to {size >> 20:,} MB; of what is compressed at most {MAX_UNPACKED >> 20:,} are read. "
                "Save it without compression."
            )
        reader = pa.ipc.open_file(content) if is_file else pa.ipc.open_stream(content)
        table = reader.read_all()
        table.validate(full=True)
    except DataError:
        raise
    except (pa.ArrowException, OSError, ValueError, TypeError, MemoryError, struct.error) as error:
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


@lru_cache(maxsize=8)
def _by_value(path: Path, own: str) -> pq.ParquetFile:
    """The same file, read with each text or picture once, however often it repeats."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    return pq.ParquetFile(pa.BufferReader(_mapped(path)), read_dictionary=text_leaves(_parquet(path, own).schema))


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


def row_count(files: Sequence[TableFile]) -> int:
    """How many rows a table has.

    Raises
    ------
    DataError
        If they are too many.
    """
    count = sum(file.rows for file in files)
    if count > MAX_ROWS:
        raise DataError(f"{files[0].path.parent} has {count:,} rows; a table of at most {MAX_ROWS:,} is read.")
    return count


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


def is_bytes(kind: pa.DataType) -> bool:
    """Whether a column holds bytes, as pictures are, and no texts.

    Parameters
    ----------
    kind : pyarrow.DataType
        Of the column; the values of a dictionary count.

    Returns
    -------
    bool
    """
    import pyarrow as pa

    own = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_binary(own) or pa.types.is_large_binary(own))


def holds_pictures(kind: pa.DataType, feature: Any) -> bool:
    """Whether a column holds pictures.

    Parameters
    ----------
    kind : pyarrow.DataType
        Of the column.
    feature : object
        What `features` says of it.

    Returns
    -------
    bool
    """
    import pyarrow as pa

    if isinstance(feature, dict) and feature.get("_type") == "Image":
        return True
    if pa.types.is_struct(kind):
        return any(kind.field(place).name == "bytes" for place in range(kind.num_fields))
    return is_bytes(kind)


def features(schema: pa.Schema) -> dict[str, Any]:
    """What Hugging Face's library says of the columns: name -> what it is; empty where it wrote nothing."""
    try:
        said = json.loads((schema.metadata or {}).get(_METADATA, b"{}"))
        found = said["info"]["features"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _bound(path: Path, name: str, size: int) -> None:
    if size > MAX_COLUMN:
        raise DataError(
            f"{path}: the column {name!r} unpacks to {size >> 20:,} MB; at most {MAX_COLUMN >> 20} are read."
        )


def column(files: Sequence[TableFile], name: str) -> list[Any]:
    """All values of a column, or of a part of one ("image.path").

    Raises
    ------
    DataError
        If a file is damaged, or the column is too large.
    """
    import pyarrow as pa

    found: list[Any] = []
    for file in files:
        try:
            if _is_parquet(file.path):
                read = _by_value(file.path, file.state)
                _bound(file.path, name, parquet_size(read.metadata, [name]))
                values = read.read(columns=[name])
            else:
                values = _arrow(file.path, file.state).select([name.partition(".")[0]])
            while "." in name and pa.types.is_struct(values.schema[0].type):
                values = values.flatten()
                values = values.select([next(one for one in values.column_names if one == name)])
            _bound(file.path, name, repeated_size(values))
            found += values.column(0).to_pylist()
        except DataError:
            raise
        except (pa.ArrowException, OSError, ValueError, TypeError, MemoryError, StopIteration) as error:
            raise _guarded(file.path, error) from error
    return found


@lru_cache(maxsize=2)
def _row_group(path: Path, own: str, group: int, name: str) -> pa.ChunkedArray:
    size = _parquet(path, own).metadata.row_group(group).total_byte_size
    if size > MAX_ROW_GROUP:
        raise PictureError(f"{path.name} has {size >> 20:,} MB in a row group; at most {MAX_ROW_GROUP >> 20} are read.")
    file = (_by_value if size <= _ONCE else _parquet)(path, own)
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
