"""A picture, and how it becomes a network's input: resize, centre crop, scale; masks by the same geometry."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from math import isfinite
from numbers import Real
from typing import Literal

import numpy as np
from PIL import Image

from xai_core.errors import PictureError
from xai_core.types.arrays import ByteArray, FloatArray

_FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def content_id(pixels: ByteArray, mask: ByteArray | None = None) -> str:
    """An id that only the same content has.

    Parameters
    ----------
    pixels : ndarray
        uint8 (H, W, 3).
    mask : ndarray, optional
        uint8 (H, W).

    Returns
    -------
    str
        16 hex digits of the SHA-256 of shape, pixels and mask.
    """
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    if mask is not None:
        digest.update(np.ascontiguousarray(mask).data)
    return digest.hexdigest()[:16]


@dataclass(frozen=True, eq=False)
class Sample:
    """One picture of a data set.

    Attributes
    ----------
    id : str
        Content id: 16 hex digits of the SHA-256 of shape, pixels and mask.
    pixels : ndarray
        uint8 (H, W, 3), RGB.
    label : str, optional
        The true class in words.
    wnid : str, optional
        The WordNet id of the true class ("n02690373"), where the data set gives one.
    mask : ndarray, optional
        uint8 (H, W), 0 background, 1 foreground, 255 ignore.
    name : str
        What a person calls the picture, usually its file name.
    notes : tuple of str
        What was done to the picture on reading it ("first of 12 frames", ...).
    view_of : Preprocessing, optional
        The preprocessing whose view `pixels` and `mask` already are; None for a whole picture.

    Examples
    --------
    >>> import xai_core as xai
    >>> sample = xai.load_dataset("textured_digits")[0]
    >>> sample.pixels.shape, sample.mask.shape, len(sample.id)
    ((64, 64, 3), (64, 64), 16)
    """

    id: str
    pixels: ByteArray
    label: str | None = None
    wnid: str | None = None
    mask: ByteArray | None = None
    name: str = ""
    notes: tuple[str, ...] = ()
    view_of: Preprocessing | None = None


@dataclass(frozen=True)
class Preprocessing:
    """Shorter side to `resize`, centre crop to `crop`, then (value / 255 - mean) / std.

    Attributes
    ----------
    resize : int
        Pixels of the shorter side before the crop.
    crop : int
        Pixels of a side of the square input.
    mean, std : tuple of float
        Of each channel, RGB, in [0, 1].
    interpolation : {"bilinear", "bicubic"}
        Antialiased.

    Raises
    ------
    ValueError
        If a number cannot be what it is for.
    """

    resize: int = 256
    crop: int = 224
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    interpolation: Literal["bilinear", "bicubic"] = "bilinear"

    def __post_init__(self) -> None:
        for name in ("resize", "crop"):
            size = getattr(self, name)
            if isinstance(size, bool) or not isinstance(size, int) or size < 1:
                raise ValueError(f"The input size is a whole number of pixels, at least 1; got {name} = {size!r}.")
        if self.crop > self.resize:
            raise ValueError(f"A crop of {self.crop} pixels does not fit into {self.resize}.")
        if self.interpolation not in list(_FILTERS):
            raise ValueError(f"interpolation is one of {', '.join(_FILTERS)}; got {self.interpolation!r}.")
        for name in ("mean", "std"):
            values = np.asarray(getattr(self, name), dtype=object).ravel().tolist()
            good = len(values) == 3 and all(isinstance(value, Real) and isfinite(value) for value in values)
            if not good or (name == "std" and not all(value > 0 for value in values)):
                above = " above 0" if name == "std" else ""
                raise ValueError(f"{name} needs three numbers{above}, one a channel; got {getattr(self, name)!r}.")
            object.__setattr__(self, name, tuple(float(value) for value in values))

    def _box(self, height: int, width: int) -> tuple[float, float, float, float]:
        """The part of the picture that the crop keeps, (left, top, right, bottom) in source pixels.

        Cutting first keeps a 5 x 3000 picture from growing to 134,400 pixels. Pillow's filters look beyond the
        box, so the pixels are those of resizing the whole picture.
        """
        short = min(height, width)
        new_h = self.resize if height == short else int(self.resize * height / short)
        new_w = self.resize if width == short else int(self.resize * width / short)
        top, left = round((new_h - self.crop) / 2), round((new_w - self.crop) / 2)
        y, x = height / new_h, width / new_w
        return left * x, top * y, (left + self.crop) * x, (top + self.crop) * y

    def _cut(self, pixels: ByteArray, how: Image.Resampling) -> np.ndarray:
        if pixels.shape[:2] == (self.crop, self.crop) == (self.resize, self.resize):
            return pixels
        picture = Image.fromarray(pixels)
        left, top, right, bottom = self._box(picture.height, picture.width)
        # Across, then down, as Pillow does for a whole picture: given a box, Pillow 13 starts with the height of
        # portraits, and bicubic overshoot is then clipped elsewhere. Of the rows, only those that count.
        reach = 2 * max((bottom - top) / self.crop, 1) + 1  # of the widest filter, bicubic
        first, last = max(int(top - reach), 0), min(int(bottom + reach) + 1, picture.height)
        rows = picture.crop((0, first, picture.width, last))
        across = rows.resize((self.crop, last - first), how, box=(left, 0, right, last - first))
        box = (0, top - first, self.crop, bottom - first)
        return np.asarray(across.resize((self.crop, self.crop), how, box=box))

    def view(self, pixels: ByteArray) -> ByteArray:
        """What the network sees, before scaling: uint8 (H, W, 3) -> uint8 (crop, crop, 3)."""
        return self._cut(pixels, _FILTERS[self.interpolation])

    def mask(self, mask: ByteArray) -> ByteArray:
        """A mask through the same geometry, by nearest neighbour: uint8 (H, W) -> uint8 (crop, crop)."""
        return self._cut(mask, Image.Resampling.NEAREST)

    def prepare(self, sample: Sample) -> Sample:
        """The sample cut down to what the network sees; it keeps its id and needs far less memory."""
        if sample.view_of == self:
            return sample
        if sample.view_of is not None:
            raise PictureError(f"{sample.name} was already cut for a model with another input size or crop.")
        mask = self.mask(sample.mask) if sample.mask is not None else None
        return replace(sample, pixels=self.view(sample.pixels), mask=mask, view_of=self)

    def array(self, picture: Sample | ByteArray) -> FloatArray:
        """The network's input for one picture: uint8 (H, W, 3) -> float32 (3, crop, crop)."""
        return self.scale(self.prepare(picture).pixels if isinstance(picture, Sample) else self.view(picture))

    def scale(self, view: ByteArray) -> FloatArray:
        """A view as the network's input: uint8 (crop, crop, 3) -> float32 (3, crop, crop)."""
        scaled = view.astype(np.float32) / np.float32(255)
        normal = (scaled - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)
        return np.ascontiguousarray(normal.transpose(2, 0, 1))

    def settings(self) -> dict[str, object]:
        """The fields, for a record of what was done."""
        return asdict(self)
