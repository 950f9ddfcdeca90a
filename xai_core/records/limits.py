"""How large a record may be: what pages and studies can show, within the memory and time of a server."""

from __future__ import annotations

from collections.abc import Sequence

from xai_core.errors import RecordError
from xai_core.types.names import too_long

MAX_CLASSES = 25_000  # ImageNet-21k has 21,841
MAX_EPOCHS = 10_000
MAX_PREDICTIONS = 100_000_000  # epochs times pictures: 800 MB as whole numbers
MAX_ROWS = 5_000_000  # of a table of predictions: 50,000 pictures at 100 epochs
MAX_SENT = 1_000_000  # of one that a visitor of a server sends: 10,000 pictures at 100 epochs
MAX_ROWS_OF_JSON = 400_000  # of one that Weights & Biases keeps, which by itself writes at most 200,000


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
    if wrong := too_long(names):
        raise RecordError(f"{called} has a name of a {of} with {wrong}.")
