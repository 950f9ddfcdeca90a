"""Which bands of TIFF files with more than three are shown, as the user says it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from xai_core.errors import DataError
from xai_core.types import Setting

AS_STORED = "auto"
_MOST = 10_000


def bands_text(given: Any) -> str:
    """Which bands, as a text: "auto", "4,3,2" for red, green and blue, or "8" for grey.

    Parameters
    ----------
    given : str, int, or sequence of int
        From 1 on.

    Returns
    -------
    str

    Raises
    ------
    DataError
        If it is none of these.

    Examples
    --------
    >>> bands_text((4, 3, 2)), bands_text("8"), bands_text(None)
    ('4,3,2', '8', 'auto')
    """
    if given is None or given in ("", AS_STORED):
        return AS_STORED
    parts = given.split(",") if isinstance(given, str) else given if isinstance(given, Iterable) else (given,)
    texts = [str(part).strip() for part in parts]
    if len(texts) not in (1, 3) or not all(text.isdecimal() and 1 <= int(text) <= _MOST for text in texts):
        raise DataError(
            "bands must be three numbers from 1 on for red, green and blue, such as (4, 3, 2) or '4,3,2', or one for "
            f"grey; got {given!r}."
        )
    return ",".join(str(int(text)) for text in texts)


def bands_of(text: str) -> tuple[int, ...]:
    """The numbers of bands from 1 on, of a text of `bands_text`; empty where none were chosen.

    Examples
    --------
    >>> bands_of("4,3,2"), bands_of("auto")
    ((4, 3, 2), ())
    """
    return () if text == AS_STORED else tuple(int(part) for part in text.split(","))


BANDS = Setting(
    key="bands",
    title="Bands of a TIFF",
    default=AS_STORED,
    normal=bands_text,
    help="Of TIFF files with more than three bands: which are red, green and blue, such as 4,3,2, or which one is "
    "shown in grey.",
    address="bands",
)
