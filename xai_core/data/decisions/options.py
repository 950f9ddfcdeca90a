"""What the user may say of the files of any data set: arguments of `load_dataset`, of the command, of addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from xai_core.data.decisions.bands_option import AS_STORED, BANDS, bands_of
from xai_core.data.decisions.codings import AUTO, CODINGS, Coding, parse_coding
from xai_core.data.decisions.pages_option import PAGES
from xai_core.errors import DataError
from xai_core.pixels import IntensityRange
from xai_core.types import Setting

FOUND = "As found in the files"  # what "auto" is called on pages


def range_text(given: Any) -> str:
    """A range of intensities as its text: "auto", or "0:4095".

    Parameters
    ----------
    given : str or (float, float)

    Returns
    -------
    str

    Raises
    ------
    DataError
        If it is neither.
    """
    if given is None or given in ("", AUTO):
        return AUTO
    parts = given.split(":") if isinstance(given, str) else given
    try:
        low, high = (float(part) for part in parts)
    except (TypeError, ValueError):
        low = high = 0.0
    if not (isfinite(low) and isfinite(high) and low < high):
        raise DataError(
            f"intensity_range must be {AUTO!r}, or the intensities that become black and white, such as (0, 4095) or "
            f"'0:4095'; got {given!r}."
        )
    return f"{low:.9g}:{high:.9g}"


def coding_text(given: Any) -> str:
    """A coding of masks as its text; see `parse_coding`.

    Parameters
    ----------
    given : str, or Mapping of "object" and "ignored" to values

    Returns
    -------
    str

    Raises
    ------
    DataError
        If it is none.
    """
    if given is None or given in (AUTO, FOUND):
        return AUTO
    if isinstance(given, Mapping) and set(given) <= {"object", "ignored"}:
        parts = [given.get(key, ()) for key in ("object", "ignored")]
        texts = [",".join(map(str, [part] if isinstance(part, int | str) else part)) for part in parts]
        given = "/".join(texts).removesuffix("/")
    return parse_coding(str(given)).key


@dataclass(frozen=True)
class Chosen:
    """What the user said of the files; None where it is to be found, and no bands where files say them."""

    span: IntensityRange | None = None
    coding: Coding | None = None
    bands: tuple[int, ...] = ()

    @property
    def stamp(self) -> str:
        """Tells what is read so from what is read otherwise."""
        said = f"{self.span or AUTO}|{self.coding.key if self.coding else AUTO}"
        return f"{said}|bands {self.bands}" if self.bands else said


INTENSITY_RANGE = Setting(
    key="intensity_range",
    title="Black and white",
    default=AUTO,
    normal=range_text,
    help="The intensities that become black and white in pictures with more than 8 bits a channel, such as 0:4095.",
    address="intensities",
)
MASK_CODING = Setting(
    key="mask_coding",
    title="Values of the masks",
    default=AUTO,
    normal=coding_text,
    titles={AUTO: FOUND, **{coding.key: coding.title for coding in CODINGS.values()}},
    help="Which values of a mask are the object, and which are ignored: nonzero, white_ignored, half, trimap_255, "
    "trimap_123, zero, or the values themselves, such as 1,4/255.",
    address="mask-coding",
)
FILE_OPTIONS = (INTENSITY_RANGE, MASK_CODING, PAGES, BANDS)


def chosen_of(options: Mapping[str, Any]) -> Chosen:
    """What options that were checked say of the files.

    Parameters
    ----------
    options : Mapping of str to str

    Returns
    -------
    Chosen
    """
    span = options.get(INTENSITY_RANGE.key, AUTO)
    coding = options.get(MASK_CODING.key, AUTO)
    low, _, high = span.partition(":")
    return Chosen(
        None if span == AUTO else IntensityRange(float(low), float(high), "as you chose"),
        None if coding == AUTO else parse_coding(coding),
        bands_of(options.get(BANDS.key, AS_STORED)),
    )
