"""One picture of whatever it comes as: a file, its content, an image of Pillow, an array with its range."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from xai_core.data.decisions.bands_option import bands_text
from xai_core.data.decisions.codings import Coding
from xai_core.data.decisions.mask_facts import MaskFacts
from xai_core.data.decisions.masks import interpret
from xai_core.data.decisions.options import Chosen, chosen_of, coding_text, range_text
from xai_core.data.decisions.pages_option import page_number
from xai_core.data.decisions.reading import FileReading, current, reading_as
from xai_core.data.fitting import fitted
from xai_core.data.frames import at_page
from xai_core.data.mask_files import MaskFile, mask_of_image, read_mask_file
from xai_core.data.pictures import read_picture
from xai_core.errors import PictureError
from xai_core.pixels import Conversion, Intensities, IntensityRange, convert_image, measure, scale
from xai_core.types import ByteArray, Sample, content_id

Source = str | Path | bytes | BinaryIO | Image.Image | np.ndarray
_PICTURE, _MASK = "the picture", "the mask"


class _ChosenReading(FileReading):
    """A file by itself, but for what the user said."""

    def __init__(self, chosen: Chosen) -> None:
        self._chosen, self.bands = chosen, chosen.bands

    def range_of(self, own: Intensities) -> IntensityRange:
        return self._chosen.span or super().range_of(own)

    def coding_of(self, facts: MaskFacts) -> Coding:
        return self._chosen.coding or super().coding_of(facts)


def open_picture(
    source: Source,
    *,
    label: str | None = None,
    name: str = "",
    mask: Source | None = None,
    intensity_range: tuple[float, float] | str | None = None,
    mask_coding: Any = None,
    page: int = 1,
    bands: Any = None,
) -> Sample:
    """A picture from a file, its content, an image of Pillow or an array; the same pixels whichever it is.

    Parameters
    ----------
    source : str, pathlib.Path, bytes, binary file, PIL.Image.Image or ndarray
        An array is (H, W), (H, W, 1) or (H, W, 3); uint8 is taken as it is, other numbers are scaled. Of an image of
        Pillow with 16 bits in each colour that was loaded already, only the upper 8 are left.
    label : str, optional
        Its class in words.
    name : str
        What a person calls it; of a path, its name.
    mask : str, pathlib.Path, bytes, binary file, PIL.Image.Image or ndarray, optional
        Its object's mask.
    intensity_range : (float, float), optional
        Values that become black and white where there are more than 8 bits a channel; None takes them from the picture
        alone. For pictures of one set give one range, or read the set with `load_dataset`, which finds one.
    mask_coding : str or Mapping, optional
        What the mask's values mean, as of `load_dataset`.
    page : int
        Of a file with several, from 1 on; the mask's page is the same.
    bands : int or sequence of int, optional
        Of a TIFF file with more than three: which are red, green and blue, or which is shown in grey, from 1 on.

    Returns
    -------
    Sample

    Raises
    ------
    PictureError
        If it is no picture, or the mask none of the same shape.
    DataError
        If `intensity_range`, `mask_coding`, `page` or `bands` cannot be.

    Examples
    --------
    >>> import numpy as np
    >>> import xai_core as xai
    >>> ramp = np.linspace(0, 4095, 6).reshape(2, 3)
    >>> xai.open_picture(ramp, intensity_range=(0, 4095)).pixels[..., 0].tolist()
    [[0, 51, 102], [153, 204, 255]]
    """
    given = {"intensity_range": range_text(intensity_range), "mask_coding": coding_text(mask_coding)}
    chosen = chosen_of(given | {"bands": bands_text(bands)})
    number = page_number(page)
    called = name or (Path(source).name if isinstance(source, str | Path) else "")
    with reading_as(_ChosenReading(chosen)), at_page(number - 1) if number > 1 else nullcontext():
        pixels, notes = _pixels(source, called or _PICTURE)
        found: ByteArray | None = None
        if mask is not None:
            found, more = _mask(mask, pixels.shape[:2])
            notes = (*notes, *more)
    return Sample(content_id(pixels, found), pixels, label, None, found, called, notes)


def _mask(source: Source, shape: tuple[int, ...]) -> tuple[ByteArray, tuple[str, ...]]:
    """A mask at its picture's size, and what was done to it."""
    file = _mask_file(source)
    try:
        found, meaning = interpret(file)
        found, fitting = fitted(found, shape, lambda: 1)
    except PictureError as reason:
        raise PictureError(f"{_MASK} {reason}") from None
    return found, tuple(note for note in (meaning, fitting) if note)


def _content(source: Source) -> Path | bytes | None:
    """A path, or the content; None of an image or an array."""
    if isinstance(source, str | Path):
        return Path(source).expanduser()
    if isinstance(source, bytes | bytearray):
        return bytes(source)
    return source.read() if hasattr(source, "read") and not isinstance(source, Image.Image) else None


def _pixels(source: Source, name: str) -> Conversion:
    content = _content(source)
    if content is not None:
        return read_picture(content, name)
    if isinstance(source, Image.Image):
        try:
            return convert_image(source, range_of=current().range_of)
        except OSError as error:
            raise PictureError(f"{name} is damaged or cut off and cannot be decoded.") from error
    if isinstance(source, np.ndarray):
        return _of_array(source, name)
    raise PictureError(
        f"{name} is neither a path, bytes, an image of Pillow nor an array, but {type(source).__name__}."
    )


def _of_array(array: np.ndarray, name: str) -> Conversion:
    """Numbers of any kind as RGB with 8 bits."""
    values = array[..., 0] if array.ndim == 3 and array.shape[2] == 1 else array
    fits = values.ndim == 2 or (values.ndim == 3 and values.shape[2] == 3)
    if not fits or not values.size or values.dtype.kind not in "buif":
        raise PictureError(f"{name} must be numbers of the shape (H, W) or (H, W, 3), not {array.dtype} {array.shape}.")
    notes: tuple[str, ...] = ()
    if values.dtype == bool:
        values = values.astype(np.uint8) * np.uint8(255)
    elif values.dtype != np.uint8:
        try:
            own = measure(values)
        except PictureError as error:
            raise PictureError(f"{name} {error}") from None
        span = current().range_of(own)
        values, notes = scale(values, span), (f"scaled to 8 bits, from {span}",)
    pixels = values if values.ndim == 3 else np.repeat(values[..., None], 3, axis=2)
    return Conversion(np.ascontiguousarray(pixels), notes)


def _mask_file(source: Source) -> MaskFile:
    """What a mask holds at each pixel."""
    content = _content(source)
    if content is not None:
        return read_mask_file(content, _MASK)
    if isinstance(source, Image.Image):
        return mask_of_image(source)
    values = np.asarray(source)
    if values.ndim != 2 or not values.size or values.dtype.kind not in "bui":
        raise PictureError(f"{_MASK} must be whole numbers of the shape (H, W), not {values.dtype} {values.shape}.")
    whole = values.astype(np.int32)
    return MaskFile(tuple(np.unique(whole).tolist()), "grey", {}, False, lambda: whole)
