"""How large a record may be: what pages and studies can show, within the memory and time of a server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from xai_core.errors import RecordError
from xai_core.types.names import MAX_NAME, unusable

if TYPE_CHECKING:
    import pyarrow as pa

MAX_CLASSES = 25_000  # ImageNet-21k has 21,841
MAX_EPOCHS = 10_000
MAX_PREDICTIONS = 100_000_000  # epochs times pictures: 800 MB as whole numbers
MAX_ROWS = 5_000_000  # of a table of predictions: 50,000 pictures at 100 epochs
MAX_SENT = 1_000_000  # of one that a visitor of a server sends: 10,000 pictures at 100 epochs
MAX_ROWS_OF_JSON = 400_000  # of one that Weights & Biases keeps, which by itself writes at most 200,000

_TEXT = 100  # bytes that each text takes in memory beyond its letters
_PIECE = 1 << 22  # bytes that are looked through at a time


def require_size(called: str, *, classes: int = 0, epochs: int = 0, pictures: int = 0) -> None:
    """That a record is not larger than what is read.

    Parameters
    ----------
    called : str
        What the sentence calls it.
    classes, epochs, pictures : int
        As many as it has; 0 where that is not known yet.

    Raises
    ------
    RecordError
        With the number that is too large and what it may be.
    """
    for number, most, what in ((classes, MAX_CLASSES, "classes"), (epochs, MAX_EPOCHS, "epochs")):
        if number > most:
            raise RecordError(f"{called} has {number:,} {what}; at most {most:,} are read.")
    if epochs * pictures > MAX_PREDICTIONS:
        raise RecordError(
            f"{called} has {epochs:,} epochs of {pictures:,} pictures; at most {MAX_PREDICTIONS // 10**6} million "
            "predictions are read."
        )


def require_rows(called: str, rows: int, most: int) -> None:
    """That a table of predictions is not longer than what is read.

    Parameters
    ----------
    called : str
        What the sentence calls it.
    rows : int
        As many as it has, or lines that may be blank.
    most : int
        `MAX_ROWS`, `MAX_SENT` of what was sent, or `MAX_ROWS_OF_JSON`.

    Raises
    ------
    RecordError
        With both numbers.
    """
    if rows > most:
        instead = " where they are sent. Have the file opened from the server's disk" if most == MAX_SENT else ""
        raise RecordError(f"{called} has {rows:,} rows; at most {most:,} are read{instead}.")


def line_count(content: bytes) -> int:
    """How many lines of a text are not empty, however they end: some programs write two ends a line.

    Parameters
    ----------
    content : bytes
        In UTF-8.

    Returns
    -------
    int

    Examples
    --------
    >>> from xai_core.records.limits import line_count
    >>> line_count(b"epoch,picture" + bytes([13, 13, 10]) + b"1,cat" + bytes([10, 10]))
    2
    """
    count, at_end = 0, True
    for start in range(0, len(content), _PIECE):
        piece = np.frombuffer(content, np.uint8, min(_PIECE, len(content) - start), start)
        ends = np.isin(piece, list(b"\r\n"))
        count += int(np.count_nonzero(~ends & np.append(at_end, ends[:-1])))
        at_end = bool(ends[-1])
    return count


def require_brief(called: str, table: pa.Table, most: int | None = None) -> None:
    """That no text of a table is longer than a name, since sentences and pages repeat names.

    Parameters
    ----------
    called : str
        What the sentence calls it.
    table : pyarrow.Table
        Whose texts are numbers of texts.
    most : int, optional
        Bytes of all texts, each counted once; then those of a column have the same numbers throughout.

    Raises
    ------
    RecordError
        If one is, or they have more.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    coded = [column.chunks for column in table.columns if pa.types.is_dictionary(column.type)]
    texts = [one.dictionary for chunks in coded for one in (chunks if most is None else chunks[:1])]
    if most is not None and sum(one.nbytes + _TEXT * len(one) for one in texts) > most:
        raise RecordError(f"{called} has more than {most >> 20:,} MB of different texts for its size, and is not read.")
    texts = [one for one in texts if pa.types.is_string(one.type) or pa.types.is_large_string(one.type)]
    longest = max((pc.max(pc.binary_length(one)).as_py() or 0 for one in texts), default=0)
    if longest > MAX_NAME:
        raise RecordError(f"{called} has a text of {longest:,} letters; at most {MAX_NAME:,} are read.")


def require_short(called: str, names: Sequence[str], of: str) -> None:
    """That no name is so long that pages cannot repeat it.

    Parameters
    ----------
    called : str
        What the sentence calls the record.
    names : Sequence[str]
        Of its classes or pictures.
    of : str
        What has these names, as "class".

    Raises
    ------
    RecordError
        With the beginning of the longest.
    """
    if wrong := unusable(names):
        raise RecordError(f"{called} has a name of a {of} with {wrong}.")
