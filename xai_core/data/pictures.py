"""Reads files and bytes as RGB pictures and masks, whatever a camera, a scanner or a browser made of them.

The kind is told by the content, never by the name. Dimensions are checked before anything is decoded.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from xai_core.errors import PictureError
from xai_core.types import ByteArray, Sample

MAX_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "PPM")
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm"})


def content_id(pixels: ByteArray, mask: ByteArray | None = None) -> str:
    """16 hex digits of the SHA-256 of shape, pixels and mask."""
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    if mask is not None:
        digest.update(np.ascontiguousarray(mask).data)
    return digest.hexdigest()[:16]


def _to_rgb(image: Image.Image, notes: list[str]) -> ByteArray:
    if image.mode.startswith(("I", "F")):
        # 16 bits and more: Pillow would clip at 255, so the range is scaled instead.
        values = np.asarray(image, dtype=np.float64)
        if not np.isfinite(values).all():
            raise PictureError("holds NaN or infinite values.")
        top = max(values.max(), 65535.0 if values.max() > 255 else 255.0)
        if image.mode.startswith("F") or values.min() < 0:
            values, top = values - values.min(), max(float(np.ptp(values)), 1e-12)
        notes.append("scaled to 8 bits")
        grey = np.round(values / top * 255).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        background = Image.new("RGBA", layer.size, "white")
        if np.asarray(layer.getchannel("A")).min() < 255:
            notes.append("transparent parts on white")
        return np.asarray(Image.alpha_composite(background, layer).convert("RGB"))
    if image.mode == "CMYK":
        notes.append("CMYK converted to RGB")
    return np.asarray(image.convert("RGB"))


def read_picture(source: Path | bytes, name: str) -> tuple[ByteArray, tuple[str, ...]]:
    """The first frame of a picture, upright, in RGB.

    Parameters
    ----------
    source : a file or its content
    name : what messages call it

    Returns
    -------
    pixels : uint8 (H, W, 3)
    notes : what was done to it, in words

    Raises
    ------
    PictureError
        With a sentence: empty, no picture, cut off, or too large to decode.
    """
    try:
        content = source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise PictureError(f"{name} cannot be opened: {error.strerror or error}.") from error
    if not content:
        raise PictureError(f"{name} is empty (0 bytes).")
    notes: list[str] = []
    try:
        with warnings.catch_warnings():
            # Pillow warns of odd metadata and of large pictures; size is checked below, before decoding.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                width, height = image.size
                if width * height > MAX_PIXELS:
                    raise PictureError(
                        f"{name} has {width:,} x {height:,} pixels; at most {MAX_PIXELS // 10**6} million are read. "
                        "Scale it down first."
                    )
                if (frames := getattr(image, "n_frames", 1)) > 1:
                    image.seek(0)
                    notes.append(f"first of {frames} frames")
                orientation = image.getexif().get(0x0112, 1)  # before load, which turns a TIFF itself
                image.load()
                upright = ImageOps.exif_transpose(image)
                if orientation in range(2, 9):
                    notes.append("turned upright as its EXIF says")
                pixels = _to_rgb(upright, notes)
    except PictureError as error:
        raise PictureError(str(error) if str(error).startswith(name) else f"{name} {error}") from None
    except Image.DecompressionBombError as error:
        raise PictureError(
            f"{name} has far too many pixels; at most {MAX_PIXELS // 10**6} million are read. Scale it down first."
        ) from error
    except UnidentifiedImageError as error:
        raise PictureError(f"{name} is not a picture of a kind that is read here ({', '.join(FORMATS)}).") from error
    except Exception as error:  # decoders raise a dozen kinds for damaged files
        raise PictureError(f"{name} is damaged or cut off and cannot be decoded.") from error
    return np.ascontiguousarray(pixels), tuple(notes)


def make_sample(
    source: Path | bytes,
    name: str,
    *,
    label: str | None = None,
    wnid: str | None = None,
    box: tuple[int, int, int, int] | None = None,
) -> Sample:
    """A sample of a file or its content.

    Parameters
    ----------
    box : (left, top, right, bottom) in pixels, both ends included; becomes the mask

    Raises
    ------
    PictureError
        As `read_picture`.
    """
    pixels, notes = read_picture(source, name)
    mask = None
    if box is not None:
        left, top, right, bottom = box
        mask = np.zeros(pixels.shape[:2], np.uint8)
        mask[max(top, 0) : bottom + 1, max(left, 0) : right + 1] = 1
    return Sample(content_id(pixels, mask), pixels, label, wnid, mask, name, notes)
