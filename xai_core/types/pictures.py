"""A picture, and how it becomes a network's input: resize, centre crop, scale; masks by the same geometry."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from math import isfinite
from numbers import Real
from typing import Any, Literal

import numpy as np
from PIL import Image

from xai_core.errors import PictureError
from xai_core.types.arrays import ByteArray, FloatArray
from xai_core.types.geometry import FILTERS, FITS, GREY_WEIGHTS, Fit, Size, cut, luminance, pair, window

Interpolation = Literal["bilinear", "bicubic", "nearest", "box", "hamming", "lanczos"]
_COLOURS = "RGB"
GREY, UNKNOWN = "L", "?"
IGNORE = 255  # in a mask


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
    labels : tuple of str, optional
        All labels that are true of it, where the data give several a picture; `label` is then the first of them.
    annotated : tuple of str
        The labels that such data say of each picture whether it has them.
    group : str, optional
        What it belongs to with others, such as a patient or a film: tests then count groups, not pictures.
    by_box : bool
        Whether the mask, or a part of it, is a box around the object, since nothing finer is known.
    label_map : Mapping of str to str, optional
        Labels and the model's classes that somebody said they stand for, by name or number; empty for none.

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
    labels: tuple[str, ...] | None = None
    annotated: tuple[str, ...] = ()
    group: str | None = None
    by_box: bool = False
    label_map: Mapping[str, str] | None = None

    @property
    def every_label(self) -> tuple[str, ...]:
        """Its labels, however many there are."""
        return self.labels if self.labels is not None else () if self.label is None else (self.label,)


@dataclass(frozen=True, repr=False)
class Preprocessing:
    """How a picture becomes a network's input: resize, centre crop, then (value * white / 255 - mean) / std.

    Attributes
    ----------
    resize : int or (int, int)
        Pixels (height, width) to which the picture is scaled before the crop, as `fit` says; of a square, one side.
    crop : int or (int, int)
        Pixels (height, width) of the input, cut out of the middle; of a square, one side.
    mean, std : tuple of float
        Of each channel of the input, in the units of `white`.
    interpolation : {"bilinear", "bicubic", "nearest", "box", "hamming", "lanczos"}
        Antialiased.
    fit : {"crop", "stretch", "pad"}
        Whether the picture is scaled until it covers `resize`, stretched to it, or scaled to fit into it with black
        around. The first two lose nothing but what the crop cuts off; only "stretch" changes proportions.
    white : float
        The value of white before mean and std: 1, or 255 for networks that take 0 to 255.
    channels : str
        What goes into each channel of the input: R, G, B, or L for luminance: "RGB", "BGR", "L". A "?" stands for
        one that is no colour of a picture; such networks take tensors only.

    Raises
    ------
    ValueError
        If a number cannot be what it is for.

    Examples
    --------
    >>> from xai_core.types import Preprocessing
    >>> Preprocessing(resize=32, crop=28, mean=(0.5,), std=(0.5,), channels="L").size
    (28, 28)
    """

    resize: Size = 256
    crop: Size = 224
    mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    std: tuple[float, ...] = (0.229, 0.224, 0.225)
    interpolation: Interpolation = "bilinear"
    fit: Fit = "crop"
    white: float = 1.0
    channels: str = "RGB"

    def __post_init__(self) -> None:
        for name in ("resize", "crop"):
            object.__setattr__(self, name, _as_size(name, getattr(self, name)))
        (rows, columns), (high, wide) = pair(self.resize), self.size
        if high > rows or wide > columns:
            of = (f"{high} x {wide}", f"{rows} x {columns}") if (high, rows) != (wide, columns) else (high, rows)
            raise ValueError(f"A crop of {of[0]} pixels does not fit into {of[1]}.")
        for name, choices in (("interpolation", list(FILTERS)), ("fit", list(FITS))):
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} is one of {', '.join(choices)}; got {getattr(self, name)!r}.")
        if not isinstance(self.white, int | float) or not 0 < self.white <= 65535:
            raise ValueError(f"white is the value of white, usually 1 or 255; got {self.white!r}.")
        if not isinstance(self.channels, str) or not self.channels or set(self.channels) - set("RGBL?"):
            raise ValueError(
                f'channels says what goes into each one by the letters R, G, B and L, such as "RGB", "BGR" or "L"; '
                f"got {self.channels!r}."
            )
        for name in ("mean", "std"):
            object.__setattr__(self, name, self._each_channel(name))
        if max(self.mean) > self.white or (self.white > 1 and 0 < max(self.mean) <= 1):
            raise ValueError(
                f"mean and std are in the units of white, {self.white:g}; got the mean {self.mean}. Of pictures from 0 "
                "to 255 say white=255, of those from 0 to 1 white=1."
            )

    def _each_channel(self, name: str) -> tuple[float, ...]:
        n = len(self.channels)
        values = np.asarray(getattr(self, name), dtype=object).ravel().tolist()
        good = len(values) == n and all(isinstance(value, Real) and isfinite(value) for value in values)
        if not good or (name == "std" and not all(value > 0 for value in values)):
            above = " above 0" if name == "std" else ""
            number = {1: "one number", 3: "three numbers"}.get(n, f"{n} numbers")
            raise ValueError(f"{name} needs {number}{above}, one a channel; got {getattr(self, name)!r}.")
        return tuple(float(value) for value in values)

    def __repr__(self) -> str:
        return f"Preprocessing({', '.join(f'{name}={value!r}' for name, value in self.settings().items())})"

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the input in pixels."""
        return pair(self.crop)

    @property
    def words(self) -> str:
        """The geometry in words."""
        (rows, columns), (high, wide) = pair(self.resize), self.size
        scaled = {
            "crop": f"shorter side {rows}" if rows == columns else f"scaled to cover {rows} × {columns}",
            "stretch": f"stretched to {rows} × {columns}",
            "pad": f"scaled to fit {rows} × {columns}, padded with black",
        }[self.fit]
        whole = self.fit != "crop" and (rows, columns) == (high, wide)
        cropped = "" if whole else f", centre crop {high} × {wide}"
        return f"{scaled}{cropped} pixels, {self.interpolation}"

    @property
    def takes_pictures(self) -> bool:
        """Whether each channel is one of a colour picture; else the network takes tensors only."""
        return UNKNOWN not in self.channels

    def seen_box(self, height: int, width: int) -> tuple[float, float, float, float]:
        """The part of a picture that the network sees.

        Parameters
        ----------
        height, width : int
            Of the picture, in pixels.

        Returns
        -------
        tuple of float
            (left, top, right, bottom) in the picture's pixels. With "pad" it may reach beyond the picture.
        """
        part = window(height, width, self.resize, self.crop, self.fit)
        y, x, (top, left), (high, wide) = height / part.scaled[0], width / part.scaled[1], part.corner, part.size
        return left * x, top * y, (left + wide) * x, (top + high) * y

    def _cut(self, pixels: ByteArray, how: Image.Resampling, outside: int = 0) -> np.ndarray:
        if pixels.shape[:2] == self.size == pair(self.resize):
            return pixels
        return cut(pixels, window(pixels.shape[0], pixels.shape[1], self.resize, self.crop, self.fit), how, outside)

    def view(self, pixels: ByteArray) -> ByteArray:
        """What the network sees, before scaling: uint8 (H, W, 3) -> uint8 (h, w, 3), grey where it sees no colour."""
        view = self._cut(pixels, FILTERS[self.interpolation])
        if set(self.channels) == {GREY}:
            return np.repeat(luminance(view)[..., None], 3, 2)
        return view

    def mask(self, mask: ByteArray) -> ByteArray:
        """A mask through the same geometry, by nearest neighbour: uint8 (H, W) -> uint8 (h, w); padding is ignored."""
        return self._cut(mask, Image.Resampling.NEAREST, IGNORE)

    def prepare(self, sample: Sample) -> Sample:
        """The sample cut down to what the network sees; it keeps its id and needs far less memory."""
        if sample.view_of == self:
            return sample
        if sample.view_of is not None:
            raise PictureError(f"{sample.name} was already cut for a model with another input size or crop.")
        mask = self.mask(sample.mask) if sample.mask is not None else None
        return replace(sample, pixels=self.view(sample.pixels), mask=mask, view_of=self)

    def array(self, picture: Sample | ByteArray) -> FloatArray:
        """The network's input for one picture: uint8 (H, W, 3) -> float32 (C, h, w)."""
        return self.scale(self.prepare(picture).pixels if isinstance(picture, Sample) else self.view(picture))

    def scale(self, view: ByteArray) -> FloatArray:
        """A view as the network's input: uint8 (h, w, 3) -> float32 (C, h, w)."""
        if not self.takes_pictures:
            raise PictureError(
                f"The network takes {len(self.channels)} channels, and which colours they are is not known. "
                'Say it by channels, such as "RGBL", or give a preprocessed tensor.'
            )
        if self.channels != _COLOURS:
            grey = {GREY: luminance(view)} if GREY in self.channels else {}
            planes = {name: view[..., index] for index, name in enumerate(_COLOURS)} | grey
            view = np.stack([planes[name] for name in self.channels], axis=2)
        scaled = view.astype(np.float32) / np.float32(255)
        if self.white != 1:
            scaled *= np.float32(self.white)
        normal = (scaled - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)
        return np.ascontiguousarray(normal.transpose(2, 0, 1))

    @property
    def mixing(self) -> FloatArray:
        """float32 (C, 3), how much of red, green and blue goes into each channel of the input."""
        rows = dict(zip(_COLOURS, np.eye(3, dtype=np.float32), strict=True))
        rows |= {GREY: GREY_WEIGHTS, UNKNOWN: np.zeros(3, np.float32)}
        return np.stack([rows[name] for name in self.channels])

    def settings(self) -> dict[str, Any]:
        """The fields, for a record of what was done; the later ones only where they are not the default."""
        values = {field.name: (getattr(self, field.name), field.default) for field in fields(self)}
        return {name: value for name, (value, usual) in values.items() if name in _ALWAYS or value != usual}


_ALWAYS = ("resize", "crop", "mean", "std", "interpolation")  # as records have had them from the first


def _as_size(name: str, given: Any) -> Size:
    """A side or (height, width); a square's is one number, however it was given."""
    sides = tuple(given) if isinstance(given, list | tuple) else (given, given)
    if len(sides) != 2 or not all(isinstance(one, int) and not isinstance(one, bool) and one >= 1 for one in sides):
        raise ValueError(
            f"The input size is a whole number of pixels, at least 1, or two of them (height, width); "
            f"got {name} = {given!r}."
        )
    return sides[0] if sides[0] == sides[1] else sides
