"""Tables of a record as Parquet files, checked on reading."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from xai_core import bounded_json, regular
from xai_core.errors import RecordError
from xai_core.inflated import MAX_ROWS, parquet_size, repeated_size

MAX_UNPACKED = 1 << 30  # bytes of the columns that are read
_META = b"xai"
# What a column of numbers must hold, without gaps.
_KINDS = {"label": "is_integer", "predicted": "is_integer", "p_predicted": "is_floating", "p_true": "is_floating"}


def packed(columns: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(dict(columns))
    if metadata is not None:
        table = table.replace_schema_metadata({_META: json.dumps(metadata, allow_nan=False).encode()})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", write_page_checksum=True)
    return sink.getvalue().to_pybytes()


def require_unpacked(called: str, size: int) -> None:
    """That what is read of a file is not too large once it is unpacked: `size` in bytes."""
    if size > MAX_UNPACKED:
        raise RecordError(f"{called} unpacks to {size >> 20:,} MB; at most {MAX_UNPACKED >> 20:,} are read.")


class Table(NamedTuple):
    """What a file holds: columns by name, numpy arrays or lists, and its metadata."""

    columns: dict[str, Any]
    metadata: dict[str, Any]


def read_table(path: Path, columns: Sequence[str]) -> Table:
    """Columns as numpy arrays or lists, and the metadata.

    Parameters
    ----------
    path : pathlib.Path
        A Parquet file.
    columns : Sequence[str]
        Names of those that are read.

    Returns
    -------
    Table

    Raises
    ------
    RecordError
        If the file is damaged or lacks a column.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with regular.opened(path) as file:
            head = pq.read_metadata(file)
            if head.num_rows > MAX_ROWS:
                raise RecordError(f"{path.name} has more than {MAX_ROWS:,} rows; so large a record is not read.")
            require_unpacked(path.name, parquet_size(head, file, columns))
            file.seek(0)
            # Texts that repeat stay as numbers until it is known how much they are.
            texts = [name for name in columns if name not in _KINDS]
            table = pq.read_table(
                file, columns=list(columns), partitioning=None, page_checksum_verification=True, read_dictionary=texts
            )
        require_unpacked(path.name, repeated_size(table))
        for name in columns:
            column = table.column(name)
            kind = _KINDS.get(name)
            if kind and (column.null_count or not getattr(pa.types, kind)(column.type)):
                raise ValueError(name)
        values = {
            name: table.column(name).to_numpy() if name in _KINDS else table.column(name).to_pylist()
            for name in columns
        }
        metadata = bounded_json.loads((table.schema.metadata or {}).get(_META, b"{}"))
    except RecordError:
        raise
    except (OSError, pa.ArrowException, KeyError, ValueError, TypeError) as error:
        raise RecordError(f"{path.name} is damaged or cut off.") from error
    return Table(values, metadata if isinstance(metadata, dict) else {})
