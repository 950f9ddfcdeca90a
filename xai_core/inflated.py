"""How large compressed files are once they are unpacked: asked before, since a few kilobytes may hold gigabytes."""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from xai_core.archives import archive_of
from xai_core.errors import RecordError
from xai_core.parquet_pages import CELL, Pages

if TYPE_CHECKING:
    import pandas as pd

_PIECE = 1 << 24  # bytes that are unpacked at a time to be counted
AT_A_TIME = 64  # rows that are read where each text or picture is written out: one that repeats may have 1 MB
_VIEW = 16  # bytes of the place of a text in an array of views
MAX_ROWS = 2_000_000  # pictures that a file may say to hold: each takes some hundred bytes of memory before it is read


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


def deflated_beyond(content: bytes, most: int, wbits: int = zlib.MAX_WBITS) -> bool:
    """Whether what was packed by zlib unpacks to more bytes than it may; the bytes are counted and not kept.

    Parameters
    ----------
    content : bytes
        Packed; what is cut off counts as far as it goes.
    most : int
        Bytes.
    wbits : int
        As zlib takes it: negative where no head stands before.

    Returns
    -------
    bool

    Raises
    ------
    zlib.error
        If it is damaged.
    """
    inflater, found = zlib.decompressobj(wbits), 0
    while found <= most and not inflater.eof:
        part = inflater.decompress(content, min(_PIECE, most + 1 - found))
        content = inflater.unconsumed_tail
        if not part and not content:
            break
        found += len(part)
    return found > most


@contextmanager
def stored_archive(file: BinaryIO, called: str) -> Iterator[zipfile.ZipFile]:
    """An archive that holds its members as they are.

    Parameters
    ----------
    file : BinaryIO
        Opened.
    called : str
        What the sentence calls it.

    Yields
    ------
    zipfile.ZipFile

    Raises
    ------
    RecordError
        If it unpacks to more than it has.
    """
    with archive_of(file) as archive:
        if is_inflated(archive, os.fstat(file.fileno()).st_size):
            raise RecordError(f"{called} is compressed, which it should not be: it is damaged.")
        yield archive


def parquet_size(
    head: Any, file: BinaryIO, columns: Collection[str] | None = None, groups: Collection[int] | None = None
) -> int:
    """Bytes of a table of Parquet, without repeated texts.

    Parameters
    ----------
    head : pyarrow.parquet.FileMetaData
        Of the file.
    file : BinaryIO
        The file.
    columns : Collection[str], optional
        Those that are read, or parts of them ("image.path"); None counts all.
    groups : Collection[int], optional
        Numbers of the row groups that are read; None counts all.

    Returns
    -------
    int
        A column whose values repeat is tiny in the file, so each value counts at least as a number.

    Raises
    ------
    ValueError
        If it is damaged, or has too many pages.
    """
    size, pages = 0, Pages(file)
    for group in map(head.row_group, range(head.num_row_groups) if groups is None else groups):
        chunks = map(group.column, range(group.num_columns))
        read = [chunk for chunk in chunks if columns is None or _is_in(chunk.path_in_schema, columns)]
        size += sum(max(pages.size(chunk), CELL * max(group.num_rows, chunk.num_values)) for chunk in read)
    return size


def _is_in(leaf: str, columns: Collection[str]) -> bool:
    return leaf in columns or leaf.split(".")[0] in columns


def text_leaves(schema: Any) -> list[str]:
    """The columns of texts or bytes of a file of Parquet, those within lists and structs too.

    Parameters
    ----------
    schema : pyarrow.parquet.ParquetSchema
        Of the file.

    Returns
    -------
    list of str
        As `read_dictionary` of pyarrow takes them, which then reads each value once, however often it repeats.
    """
    leaves = map(schema.column, range(len(schema)))
    return [leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY"]


def repeated_size(table: Any) -> int:
    """Bytes of the texts of a table that was read with texts that repeat as numbers.

    Parameters
    ----------
    table : pyarrow.Table or pyarrow.RecordBatch

    Returns
    -------
    int
        Of those columns, also within lists and structs, as they would be with every text written out.
    """
    import pyarrow as pa

    return sum(
        _written_out(chunk)
        for column in table.columns
        for chunk in (column.chunks if isinstance(column, pa.ChunkedArray) else [column])
    )


def _written_out(array: Any) -> int:
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(array, pa.DictionaryArray):
        if array.null_count == len(array):
            return 0
        return pc.sum(pc.take(_lengths(array.dictionary), array.indices)).as_py() or 0
    if _is_views(array.type):
        return pc.sum(_lengths(array)).as_py() or 0
    return sum(map(_written_out, _inner(array)))


def _is_views(kind: Any) -> bool:
    """Whether values are views of bytes, which may all lie in one place."""
    import pyarrow as pa

    return bool(pa.types.is_string_view(kind) or pa.types.is_binary_view(kind))


def _lengths(array: Any) -> Any:
    """Bytes of each text; of views, which pyarrow does not measure, as they say."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not _is_views(array.type):
        return pc.binary_length(array)
    lengths = np.frombuffer(array.buffers()[1], np.int32)[:: _VIEW // np.dtype(np.int32).itemsize]
    return pa.array(lengths[array.offset :][: len(array)])


def _inner(array: Any) -> list[Any]:
    """What lies within an array of lists or structs; nothing within another."""
    import pyarrow as pa

    kind = array.type
    if pa.types.is_struct(kind):
        return list(array.flatten())
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return [array.flatten()]
    if pa.types.is_nested(kind) and not pa.types.is_dictionary(kind):
        raise TypeError(f"Values of the kind {kind} are not read.")
    return []


def value_count(array: Any) -> int:
    """How many values Python would make of an array: lists of a million nulls take no room in it.

    Parameters
    ----------
    array : pyarrow.Array or pyarrow.ChunkedArray

    Returns
    -------
    int
        Lists and structs and what lies in them.

    Raises
    ------
    TypeError
        If it holds values of a kind that is not read.
    """
    import pyarrow as pa

    if isinstance(array, pa.ChunkedArray):
        return sum(map(value_count, array.chunks))
    return len(array) + sum(map(value_count, _inner(array)))


def parquet_frame(content: bytes, most: int) -> pd.DataFrame:
    """A table of Parquet.

    Parameters
    ----------
    content : bytes
        Of the file.
    most : int
        Bytes that it may have once it is unpacked.

    Returns
    -------
    DataFrame

    Raises
    ------
    ValueError
        If it has more.
    """
    import pandas as pd
    import pyarrow.parquet as pq

    file = pq.ParquetFile(io.BytesIO(content))
    texts = text_leaves(file.schema)
    if parquet_size(file.metadata, io.BytesIO(content)) > most:
        raise ValueError("The table is too large.")
    by_value, size = pq.ParquetFile(io.BytesIO(content), read_dictionary=texts), 0
    for group in range(file.num_row_groups):  # pyarrow joins no texts within lists of several
        size += repeated_size(by_value.read_row_group(group, columns=texts))
        if size > most:
            raise ValueError("The texts of the table are too large.")
    return pd.read_parquet(io.BytesIO(content))
