"""How large compressed files are once they are unpacked: asked before, since a few kilobytes may hold gigabytes."""

from __future__ import annotations

import zipfile
from collections.abc import Collection
from typing import Any

_CELL = 8  # bytes of a number, or of the place of a text


def is_inflated(archive: zipfile.ZipFile, size: int) -> bool:
    """Whether an archive of members that are stored as they are says that it unpacks to more than it has.

    Parameters
    ----------
    archive : zipfile.ZipFile
        Which stops reading a member where it has more than it says.
    size : int
        Bytes of the file.

    Returns
    -------
    bool
    """
    return sum(member.file_size for member in archive.infolist()) > size


def parquet_size(head: Any, columns: Collection[str] | None = None) -> int:
    """Bytes of a table of Parquet, without repeated texts.

    Parameters
    ----------
    head : pyarrow.parquet.FileMetaData
        Of the file.
    columns : Collection[str], optional
        Those that are read; None counts all.

    Returns
    -------
    int
        A column whose values repeat is tiny in the file, so each cell counts at least as a number.
    """
    size = 0
    for group in map(head.row_group, range(head.num_row_groups)):
        chunks = map(group.column, range(group.num_columns))
        read = [chunk for chunk in chunks if columns is None or chunk.path_in_schema.split(".")[0] in columns]
        size += sum(max(chunk.total_uncompressed_size, _CELL * group.num_rows) for chunk in read)
    return size


def repeated_size(table: Any) -> int:
    """Bytes of the texts of a table that was read with texts that repeat as numbers.

    Parameters
    ----------
    table : pyarrow.Table

    Returns
    -------
    int
        Of those columns, as they would be with every text written out.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    size = 0
    for chunk in (chunk for column in table.columns for chunk in column.chunks):
        if isinstance(chunk, pa.DictionaryArray) and chunk.null_count < len(chunk):
            size += pc.sum(pc.take(pc.binary_length(chunk.dictionary), chunk.indices)).as_py() or 0
    return size
