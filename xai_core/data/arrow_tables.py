"""Tables with pictures in them, as Hugging Face's library saves them: Arrow streams and Parquet, a row at a time."""

from __future__ import annotations

import mmap
import os
import struct
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xai_core.data import roots
from xai_core.data.arrow_sizes import MAX_ARRAYS, TooManyArrays, unpacked_size
from xai_core.data.counting import count_listed
from xai_core.data.folders import stamp, state
from xai_core.errors import DataError, PictureError
from xai_core.inflated import AT_A_TIME, MAX_ROWS, parquet_size, repeated_size, text_leaves, value_count

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

ENDINGS = (".arrow", ".parquet")
MAX_ROW_GROUP = 4 << 30  # bytes of a column of a row group, which Parquet unpacks at once
_PACKED = 4  # a row group of pictures, which are packed already, hardly unpacks to so many times its file
MAX_VALUES = 5_000_000  # of a column, those in lists included
MAX_COLUMN = 512 << 20  # bytes of labels or names, with every text written out
_ONCE = (2 << 30) - 1  # bytes of values that are kept once each, however often they repeat: Arrow counts no more
_IN_CELL = 1_000  # values that a picture may be made of: bytes, a path and whatever else
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
        if content[: len(_FILE_FORMAT)].to_pybytes() == _FILE_FORMAT:
            content = content[_STREAM:]  # of which the end might name one batch a million times
        if (size := unpacked_size(content)) > MAX_UNPACKED:
            raise DataError(
                f"{path} unpacks to {size >> 20:,} MB; of what is compressed at most {MAX_UNPACKED >> 20:,} are read. "
                "Save it without compression."
            )
        table = pa.ipc.open_stream(content).read_all()
        table.validate(full=True)
    except DataError:
        raise
    except TooManyArrays as error:
        raise DataError(
            f"{path} has more than {MAX_ARRAYS:,} arrays, a column of a batch being one, and is not read. Write it in "
            "larger batches."
        ) from error
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
    if files:
        count_listed(files[0].path, count)
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
                with roots.opened(file.path) as opened:
                    _bound(file.path, name, parquet_size(read.metadata, opened, [name]))
                values = _read(file.path, file.state, name, range(read.metadata.num_row_groups), MAX_COLUMN)
            else:
                values = _arrow(file.path, file.state).select([name.partition(".")[0]])
            while "." in name and pa.types.is_struct(values.schema[0].type):
                values = values.flatten()
                values = values.select([next(one for one in values.column_names if one == name)])
            _bound(file.path, name, repeated_size(values))
            if (count := value_count(values.column(0))) > MAX_VALUES:
                raise DataError(
                    f"{file.path}: the column {name!r} holds {count:,} values; at most {MAX_VALUES:,} are read."
                )
            found += values.column(0).to_pylist()
        except DataError:
            raise
        except (pa.ArrowException, OSError, ValueError, TypeError, MemoryError, StopIteration) as error:
            raise _guarded(file.path, error) from error
    return found


def _read(path: Path, own: str, name: str, groups: Collection[int], most: int) -> pa.Table:
    """A column of row groups, with each text or picture once where pyarrow can, and else within a bound."""
    import pyarrow as pa

    try:
        return _by_value(path, own).read_row_groups(list(groups), columns=[name])
    except pa.ArrowNotImplementedError:  # of parts of a struct whose row groups or pages have several dictionaries
        file = _parquet(path, own)
    size, batches = 0, []
    for batch in file.iter_batches(AT_A_TIME, row_groups=list(groups), columns=[name]):
        if (size := size + batch.nbytes) > most:
            raise DataError(f"{path}: the column {name!r} unpacks to more than {most >> 20:,} MB, which is not read.")
        batches.append(batch)
    return pa.Table.from_batches(batches)


@lru_cache(maxsize=64)
def _group_ends(path: Path, own: str) -> list[int]:
    """How many rows there are up to the end of each row group."""
    metadata = _parquet(path, own).metadata
    return list(accumulate(metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)))


@lru_cache(maxsize=2)
def _row_group(path: Path, own: str, group: int, name: str) -> pa.ChunkedArray:
    with roots.opened(path) as opened:
        size = parquet_size(_parquet(path, own).metadata, opened, [name], [group])
        packed = os.fstat(opened.fileno()).st_size
    if size > min(MAX_ROW_GROUP, max(MAX_COLUMN, _PACKED * packed)):
        raise PictureError(f"{path.name} has {size >> 20:,} MB in a row group, which is not read.")
    if size > _ONCE:
        return _parquet(path, own).read_row_group(group, columns=[name]).column(0)
    return _read(path, own, name, [group], max(size, MAX_COLUMN)).column(0)


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
        if _is_parquet(file.path):
            ends = _group_ends(file.path, file.state)
            group = bisect_right(ends, row)
            row -= ends[group - 1] if group else 0
            values = _row_group(file.path, file.state, group, name)
        else:
            values = _arrow(file.path, file.state).column(name)
        if value_count(values[row : row + 1]) > _IN_CELL:
            raise ValueError
        return values[row].as_py()
    except (pa.ArrowException, DataError, OSError, ValueError, TypeError, LookupError, MemoryError) as error:
        if isinstance(error, PictureError):
            raise
        raise PictureError(f"{file.path.name}, row {row + 1}, column {name!r}, cannot be read.") from error
