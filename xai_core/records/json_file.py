"""JSON that came from somebody: bounded before it is read, and refused in a sentence."""

from __future__ import annotations

from typing import Any

from xai_core import bounded_json
from xai_core.errors import RecordError

MAX_PARTS = 1_000_000  # lists and objects in it: an empty one takes 2 bytes there and 60 in memory
MAX_VALUES = 20_000_000  # behind commas: two numbers of 50,000 pictures at 200 epochs


def parsed(content: bytes, called: str, expected: str) -> Any:
    """What the content of a file says.

    Parameters
    ----------
    content : bytes
    called : str
        What the sentence calls the file.
    expected : str
        A sentence on what it should have held.

    Returns
    -------
    object

    Raises
    ------
    RecordError
        If it is no JSON, or too large or too deep to be a record.
    """
    if (parts := content.count(b"[") + content.count(b"{")) > MAX_PARTS:
        raise RecordError(f"{called} has {parts:,} lists and objects; at most {MAX_PARTS:,} are read.")
    if (values := content.count(b",")) > MAX_VALUES:
        raise RecordError(f"{called} has {values:,} values in its lists and objects; at most {MAX_VALUES:,} are read.")
    try:
        return bounded_json.loads(content, most=MAX_PARTS + MAX_VALUES)
    except bounded_json.TooDeep as error:
        raise RecordError(f"{called} is nested too deeply to be a training run. {expected}") from error
    except ValueError as error:  # of the decoding or of the JSON
        raise RecordError(f"{called} is not whole JSON: it is damaged, cut off or another kind of file.") from error
