"""Names that somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def similar(key: str, keys: Iterable[str], most: int = 5) -> list[str]:
    """Those of the keys that somebody who wrote `key` may have meant, the closest first; empty where none is close.

    Parameters
    ----------
    key : str
        As it was written.
    keys : Iterable of str
        Those that there are.
    most : int
        At most so many.

    Returns
    -------
    list of str
    """

    def plain(text: str) -> str:
        return "".join(letter for letter in text.lower() if letter.isalnum())

    there: dict[str, str] = {}
    for one in keys:
        there.setdefault(plain(one), one)
    return [there[one] for one in get_close_matches(plain(key), there, most, 0.7)]
