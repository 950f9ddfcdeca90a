"""What a Hugging Face image processor does with a picture, as preprocessing of this library; checked on a picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import numpy as np
from PIL import Image

from xai_core.models.kinds import MAX_INPUT
from xai_core.types import FloatArray, Preprocessing

_FILTERS = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic", 4: "box", 5: "hamming"}
_WARPED_FROM = 384  # pixels of a side from which ConvNeXt's processor stretches and does not crop
_LEVIT = 256 / 224  # by which LeViT's processor resizes beyond its size
_EQUAL = 1.5  # grey levels by which two ways to prepare a picture may differ, since both round
Settings = dict[str, Any]


@dataclass(frozen=True)
class Prepared:
    """How pictures become inputs, and how well that is known.

    Attributes
    ----------
    preprocessing : Preprocessing
    notes : tuple of str
        Where it is not exactly what the processor does, a sentence.
    """

    preprocessing: Preprocessing
    notes: tuple[str, ...] = ()


def of_processor(processor: Any) -> Prepared:
    """The preprocessing that gives the same inputs as an image processor of transformers.

    Parameters
    ----------
    processor : transformers.BaseImageProcessor
        Preferably one that works with Pillow, as this library does.

    Returns
    -------
    Prepared

    Raises
    ------
    ValueError
        If nothing of it is understood.
    """
    colours = _colours(processor)
    found: list[Preprocessing] = []
    for geometry in _geometries(processor):
        if np.max([*np.ravel(geometry["resize"]), *np.ravel(geometry["crop"])]) > MAX_INPUT:
            continue
        try:
            found.append(Preprocessing(**geometry, **colours))
        except (ValueError, TypeError):  # a crop that is larger than the picture, say
            continue
    if not found:
        raise ValueError(f"its size is not understood, or is more than {MAX_INPUT} pixels")
    theirs = _their_input(processor)
    for one in found:
        if _differ(one, theirs) <= _EQUAL:
            return Prepared(one)
    best = min(found, key=lambda one: _differ(one, theirs))
    levels = _differ(best, theirs)
    how = f"by {levels:.0f} of 255 grey levels" if math.isfinite(levels) else f"in shape, {theirs.shape[1:]}"
    return Prepared(
        best,
        (f"{type(processor).__name__} prepares pictures in its own way; on a test picture its input differs {how}.",),
    )


def _said(processor: Any, name: str) -> Any:
    return getattr(processor, name, None)


def _colours(processor: Any) -> Settings:
    """Range, mean, standard deviation and order of the channels."""
    white = 255.0
    if _said(processor, "do_rescale"):
        white = 255.0 * float(_said(processor, "rescale_factor") or 1 / 255)
        white = float(round(white)) if math.isclose(white, round(white)) else white
    mean: tuple[float, ...] = (0.0,) * 3
    std: tuple[float, ...] = (1.0,) * 3
    if _said(processor, "do_normalize"):
        mean, std = (tuple(map(float, np.ravel(_said(processor, name)))) for name in ("image_mean", "image_std"))
        mean, std = (values * 3 if len(values) == 1 else values for values in (mean, std))
    if _said(processor, "do_rescale") and _said(processor, "rescale_offset"):
        mean = tuple(one + 1 for one in mean)
    flipped = {"channels": "BGR"} if _said(processor, "do_flip_channel_order") else {}
    scaled = {"white": white} if white != 1 else {}
    how = _FILTERS[int(_said(processor, "resample") or 0)]
    return {"mean": mean, "std": std, "interpolation": how} | scaled | flipped


def _pair(size: Any) -> tuple[int, int] | None:
    """(height, width) of a size that gives both."""
    if size is None:
        return None
    high, wide = size.get("height"), size.get("width")
    return (int(high), int(wide)) if high and wide else None


def _geometries(processor: Any) -> list[Settings]:
    """What its sizes may mean, the usual meaning first."""
    size, crop = _said(processor, "size") or {}, _said(processor, "crop_size")
    cut = _pair(crop) if _said(processor, "do_center_crop") else None
    if cut is None and crop and _said(processor, "do_center_crop") and crop.get("shortest_edge"):
        cut = (int(crop["shortest_edge"]),) * 2
    whole = _pair(size)
    if whole is not None:
        pct = _said(processor, "crop_pct")
        grown = (
            [{"resize": tuple(int(side / pct) for side in whole), "crop": cut or whole, "fit": "crop"}] if pct else []
        )
        return [{"resize": whole, "crop": cut or whole, "fit": "stretch"}, *grown]
    if not (edge := int(size.get("shortest_edge") or 0)):
        return []
    inner, found = cut or (edge, edge), []
    if pct := _said(processor, "crop_pct"):
        if edge >= _WARPED_FROM:
            found.append({"resize": edge, "crop": edge, "fit": "stretch"})
        found.append({"resize": int(edge / pct), "crop": inner})
    return [*found, {"resize": edge, "crop": inner}, {"resize": int(edge * _LEVIT), "crop": inner}]


@cache
def _picture() -> Image.Image:
    """A smooth picture of no particular size, in colour."""
    cells = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(cells).resize((500, 375), Image.Resampling.BICUBIC)


def _their_input(processor: Any) -> FloatArray:
    answer = processor(_picture(), return_tensors="np")["pixel_values"]
    return cast(FloatArray, np.asarray(answer, np.float32)[0])


def _differ(preprocessing: Preprocessing, theirs: FloatArray) -> float:
    """The largest difference of two inputs, in grey levels; infinite where their shapes differ."""
    ours = preprocessing.array(np.asarray(_picture()))
    if ours.shape != theirs.shape:
        return math.inf
    level = preprocessing.white / 255 / np.array(preprocessing.std)[:, None, None]
    return float((np.abs(ours - theirs) / level).max())
