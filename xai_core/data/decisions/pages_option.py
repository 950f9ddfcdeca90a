"""Which pages of files with several are read, as the user says it."""

from __future__ import annotations

from typing import Any

from xai_core.errors import DataError
from xai_core.types import Setting

FIRST, EACH = "first", "each"
_TITLES = {FIRST: "The first", EACH: "Each, as a picture of its own"}
_MOST = 10_000


def pages_text(given: Any) -> str:
    """Which pages, as a text: "first", "each", or the number of one from 1 on.

    Parameters
    ----------
    given : str or int

    Returns
    -------
    str

    Raises
    ------
    DataError
        If it is none of these.

    Examples
    --------
    >>> pages_text(3)
    '3'
    """
    text = next(
        (key for key, title in _TITLES.items() if given == title), str(FIRST if given is None else given).strip()
    )
    if text in _TITLES or (text.isdecimal() and 1 <= int(text) <= _MOST):
        return FIRST if text == "1" else text
    raise DataError(f"pages must be {FIRST!r}, {EACH!r} or the number of a page from 1 on; got {given!r}.")


def page_number(given: Any) -> int:
    """The number of one page.

    Parameters
    ----------
    given : int or str

    Returns
    -------
    int
        From 1 on.

    Raises
    ------
    DataError
        If it is none.

    Examples
    --------
    >>> page_number(3)
    3
    """
    if not str(given).isdecimal() or not 1 <= int(given) <= _MOST:
        raise DataError(f"page must be the number of a page from 1 on; got {given!r}.")
    return int(given)


PAGES = Setting(
    key="pages",
    title="Pages of a file",
    default=FIRST,
    titles=_TITLES,
    normal=pages_text,
    help="Of files with several pages or frames (TIFF, DICOM): the first, each as a picture of its own, or the number "
    "of one. Pages of a file belong together.",
    address="pages",
)
