"""DICOM as pictures: a frame, decoded by pydicom, with its rescaling, window and photometric interpretation."""

from __future__ import annotations

import io
import warnings
import zlib
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from xai_core.data.array_pictures import picture_bytes
from xai_core.errors import PictureError, install
from xai_core.inflated import deflated_beyond
from xai_core.types import ByteArray

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

KEY = "dicom"  # under which an opened image says how it is to be shown
ENDINGS = (".dcm", ".dicom")
_MARK, _AT = b"DICM", 128  # after a preamble that may hold anything
_UNPACKED = 512 << 20  # bytes of a deflated file: two thousand slices of 512 x 512 pixels, a megabyte as zeros
_INSTALL = f"which needs the package pydicom: {install('xai-core[medical]')}"


@dataclass(frozen=True)
class Window:
    """The values that become black and white, by DICOM PS3.3, C.11.2.1.2 and C.11.2.1.3.

    Attributes
    ----------
    center, width : float
        In the units after rescaling, such as Hounsfield's.
    function : {"LINEAR", "LINEAR_EXACT", "SIGMOID"}
        How values become grey.
    """

    center: float
    width: float
    function: str = "LINEAR"

    def apply(self, values: npt.NDArray[Any]) -> ByteArray:
        """Values of any kind as grey, uint8 of the same shape."""
        x = values.astype(np.float64)
        if self.function == "SIGMOID":
            share = 1 / (1 + np.exp(np.clip(-4 * (x - self.center) / self.width, -60, 60)))
        elif self.function == "LINEAR_EXACT":
            share = (x - self.center) / self.width + 0.5
        elif self.width <= 1:
            share = (x > self.center - 0.5).astype(np.float64)
        else:
            share = (x - (self.center - 0.5)) / (self.width - 1) + 0.5
        return np.round(np.clip(share, 0, 1) * 255).astype(np.uint8)


@dataclass(frozen=True)
class Shown:
    """How an opened frame is to be shown.

    Attributes
    ----------
    frames : int
        Of the file.
    window : Window, optional
        The file's first; None where it has none, or only 8 bits.
    inverted : bool
        Whether small values are white (MONOCHROME1).
    """

    frames: int = 1
    window: Window | None = None
    inverted: bool = False

    @property
    def note(self) -> str:
        """What was done, in words."""
        return f"the file's window, {self.window.center:g} ± {self.window.width / 2:g}" if self.window else ""


class _Measured(io.BytesIO):
    """A file whose rest is asked for at once where it is deflated: it is counted before pydicom unpacks it."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name

    def read(self, size: int | None = -1, /) -> bytes:
        content = super().read(size)
        if (size is None or size < 0) and deflated_beyond(content, _UNPACKED, -zlib.MAX_WBITS):
            raise PictureError(
                f"{self.name} is deflated DICOM that unpacks to more than {_UNPACKED >> 20} MB. Store it with another "
                "transfer syntax."
            )
        return content


def is_readable() -> bool:
    """Whether pydicom is installed."""
    try:
        return find_spec("pydicom") is not None
    except ValueError:  # it was taken out of what can be imported
        return False


def is_dicom(content: bytes) -> bool:
    """Whether a file is DICOM, by its mark."""
    return content[_AT : _AT + len(_MARK)] == _MARK


def _first(value: Any) -> Any:
    """The first of several values, as DICOM has them."""
    several = not isinstance(value, str | bytes) and hasattr(value, "__len__")
    return (value[0] if len(value) else None) if several else value


def _window(file: Dataset) -> Window | None:
    center, width = _first(file.get("WindowCenter")), _first(file.get("WindowWidth"))
    try:
        found = Window(float(center), float(width), str(file.get("VOILUTFunction") or "LINEAR"))
    except (TypeError, ValueError):
        return None
    good = np.isfinite(found.center) and np.isfinite(found.width) and found.width > 0
    return found if good else None


def _decoded(file: Dataset, frame: int, name: str) -> npt.NDArray[Any]:
    """A frame's values; colours as RGB."""
    from pydicom.pixels.utils import pixel_array

    try:
        values = pixel_array(file, index=frame)
    except (RuntimeError, NotImplementedError) as error:  # what pydicom raises where no package decodes it
        coding = getattr(getattr(file, "file_meta", None), "TransferSyntaxUID", None)
        raise PictureError(
            f"{name} is DICOM whose pixels cannot be decoded ({getattr(coding, 'name', coding)}). Where they are "
            f"compressed, another package may do it: {install('pylibjpeg[all]')}."
        ) from error
    return np.asarray(values)


def _rescaled(file: Dataset, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Values in the file's own units, as whole numbers where they are."""
    from pydicom.pixels.processing import apply_modality_lut

    found = np.asarray(apply_modality_lut(values, file))
    if found.dtype.kind == "f" and np.isfinite(found).all() and (found == np.round(found)).all():
        return found.astype(np.int64)
    return found


def _read(content: bytes, frame: int, name: str, most: int) -> tuple[npt.NDArray[Any], Shown]:
    from pydicom import dcmread
    from pydicom.pixels.processing import apply_color_lut, apply_voi_lut

    file = dcmread(_Measured(content, name))
    if "PixelData" not in file:
        raise PictureError(f"{name} is DICOM without a picture ({file.get('Modality') or 'of no modality'}).")
    rows, columns = int(file.get("Rows") or 0), int(file.get("Columns") or 0)
    if rows * columns > most:
        raise PictureError(f"{name} has {columns:,} x {rows:,} pixels; at most {most // 10**6} million are read.")
    frames = int(_first(file.get("NumberOfFrames")) or 1)
    if not 0 <= frame < frames:
        raise PictureError(f"{name} has {frames} frames; there is no frame {frame + 1}.")
    values = _decoded(file, frame, name)
    kind = str(file.get("PhotometricInterpretation") or "MONOCHROME2")
    if kind == "PALETTE COLOR":
        colours = np.asarray(apply_color_lut(values, file))
        return (colours >> 8 if colours.dtype.itemsize > 1 else colours).astype(np.uint8), Shown(frames)
    if values.ndim == 3:
        deep = values.dtype != np.uint8
        return (values >> (int(file.get("BitsStored") or 16) - 8)).astype(np.uint8) if deep else values, Shown(frames)
    values = _rescaled(file, values)
    inverted = kind == "MONOCHROME1"
    if file.get("VOILUTSequence"):
        looked_up = np.asarray(apply_voi_lut(values, file, prefer_lut=True), np.float64)
        bits = int(file.VOILUTSequence[0].LUTDescriptor[2])
        grey = np.clip(np.round(looked_up / (2.0**bits - 1) * 255), 0, 255).astype(np.uint8)
        return grey, Shown(frames, None, inverted)
    return values, Shown(frames, _window(file), inverted)


def as_tiff(content: bytes, frame: int, name: str, most: int) -> tuple[bytes, Shown]:
    """A frame as the content of a TIFF with its values, and how it is to be shown.

    Parameters
    ----------
    content : bytes
        Of a file that is DICOM.
    frame : int
        From 0 on.
    name : str
        What messages call it.
    most : int
        Pixels that a frame may have.

    Returns
    -------
    bytes, Shown

    Raises
    ------
    PictureError
        If pydicom is not installed, or the file is damaged, has no picture, or is compressed in a way that no package
        here decodes.
    """
    if not is_readable():
        raise PictureError(f"{name} is DICOM, {_INSTALL}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of values that are not as the standard has them
            values, shown = _read(content, frame, name, most)
    except PictureError:
        raise
    except Exception as error:  # a damaged file raises a dozen kinds
        raise PictureError(f"{name} is DICOM that is damaged or cut off, and cannot be decoded.") from error
    return picture_bytes(values, name), shown


def shown_as(image: Image.Image) -> Shown:
    """How an opened image is to be shown; as it is, where it was no DICOM."""
    found = image.info.get(KEY)
    return found if isinstance(found, Shown) else Shown()
