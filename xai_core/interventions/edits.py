"""A picture changed by hand: regions filled, the object moved, the whole brightened, turned or overlaid with noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from xai_core.interventions.by_mask import cover
from xai_core.interventions.hiding import GRID, filling, patch_numbers, patch_order
from xai_core.maps import is_flat
from xai_core.types import ByteArray, FloatArray, Sample, content_id
from xai_core.types.edits import UNIT, Edit, Region

TENTH = 0.1  # of the cells
_COLOURS = {"grey": 127, "black": 0, "white": 255}


def apply_edits(sample: Sample, edits: Sequence[Edit], others: Mapping[str, Sample] | None = None) -> Sample:
    """A picture after all edits, one after the other.

    Parameters
    ----------
    sample : Sample
        As the network sees it (`Preprocessing.prepare`), so that nothing is resized afterwards.
    edits : sequence of Edit
        In their order.
    others : Mapping of str to Sample, optional
        Name -> a picture to paste from; it is scaled to the size of this one.

    Returns
    -------
    Sample
        Other pixels, the mask where the object is now (None once it has left the picture), the id of its content.

    Raises
    ------
    ValueError
        If an edit needs a mask, or another picture, that is not there.

    Examples
    --------
    >>> import xai_core as xai
    >>> digit = xai.load_dataset("textured_digits")[0]
    >>> edited = xai.apply_edits(digit, [xai.Edit.parse("grey:box.0.0.500.1000")])
    >>> bool((edited.pixels[:, :32] == 127).all()), bool((edited.pixels[:, 32:] == digit.pixels[:, 32:]).all())
    (True, True)
    """
    if not edits:
        return sample
    pixels, mask = sample.pixels, sample.mask
    for number, edit in enumerate(edits):
        if edit.region is not None:
            there = region_mask(edit.region, pixels.shape[:2], mask)
            pixels = np.where(there[..., None], _filler(edit, pixels, there, others or {}), pixels)
        elif edit.what == "move":
            pixels, mask = _moved(pixels, mask, edit.amount)
        elif edit.what == "rotate":
            pixels, mask = _rotated(pixels, mask, edit.amount[0])
        else:
            pixels = _changed(pixels, edit, number)
    if mask is not None and not (mask == 1).any():
        mask = None
    pixels = np.ascontiguousarray(pixels, dtype=np.uint8)
    return replace(sample, id=content_id(pixels, mask), pixels=pixels, mask=mask)


def hottest(importance: FloatArray, size: Sequence[int], share: float = TENTH, *, outside: bool = False) -> Region:
    """The cells of a picture in which a map is strongest, of the same grid as `deletion` hides.

    Parameters
    ----------
    importance : ndarray
        float32 (h, w), large where it matters; any resolution.
    size : sequence of int
        (H, W), pixels of the picture.
    share : float
        Of the cells, in (0, 1).
    outside : bool
        Whether all other cells are meant, so that only the hottest stay when it is filled.

    Returns
    -------
    Region
        Of the shape "cells".

    Raises
    ------
    ValueError
        If the map has the same value everywhere, so that no place is stronger than another.

    Examples
    --------
    >>> import numpy as np
    >>> import xai_core as xai
    >>> xai.hottest(np.eye(4, dtype=np.float32)[:2], (4, 4), 0.125).numbers
    (4, 0, 13)
    """
    if not 0 < share < 1:
        raise ValueError(f"The share of cells lies between 0 and 1; got {share}.")
    raw = np.asarray(importance, np.float32)
    if not np.isfinite(raw).all() or is_flat(raw):
        raise ValueError("The map has the same value everywhere: no place is stronger than another.")
    grid = min(GRID, *size)
    first = patch_order(raw, size, grid)[: max(1, round(share * grid * grid))]
    return Region("cells", (grid, *sorted(int(cell) for cell in first)), outside)


def region_mask(region: Region, size: Sequence[int], mask: ByteArray | None = None) -> np.ndarray:
    """The pixels of a region: bool (H, W).

    Parameters
    ----------
    region : Region
    size : sequence of int
        (H, W).
    mask : ndarray, optional
        uint8 (H, W), for the object; ignored pixels go with it.
    """
    high, wide = size
    if region.shape == "object":
        there = _object(mask)
    elif region.shape == "box":
        left, top, right, bottom = region.numbers
        there = np.zeros((high, wide), dtype=bool)
        there[_pixels(top, bottom, high), _pixels(left, right, wide)] = True
    elif region.shape == "cells":
        grid = min(region.numbers[0], high, wide)
        there = np.isin(patch_numbers((high, wide), grid), region.numbers[1:])
    else:
        there = _stroke(region.numbers, high, wide)
    return ~there if region.outside else there


def _pixels(first: int, last: int, side: int) -> slice:
    """From thousandths to pixels, at least one."""
    start = min(side - 1, round(first * side / UNIT))
    return slice(start, max(start + 1, round(last * side / UNIT)))


def _stroke(numbers: tuple[int, ...], high: int, wide: int) -> np.ndarray:
    """A line with round ends: what lies within half its width of it."""
    width = max(1, round(numbers[0] * min(high, wide) / UNIT))
    points = [(x * (wide - 1) / UNIT, y * (high - 1) / UNIT) for x, y in zip(numbers[1::2], numbers[2::2], strict=True)]
    drawn = Image.new("1", (wide, high))
    pen, radius = ImageDraw.Draw(drawn), (width - 1) / 2
    if len(points) > 1:
        pen.line(points, fill=1, width=width)
    for x, y in points:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=1)
    return np.asarray(drawn, dtype=bool)


def _object(mask: ByteArray | None) -> np.ndarray:
    if mask is None or not mask.any():
        raise ValueError("The picture has no mask, or none any more: there is no object to be filled or moved.")
    return mask != 0


def _filler(edit: Edit, pixels: ByteArray, there: np.ndarray, others: Mapping[str, Sample]) -> ByteArray:
    """What a region is filled with: uint8 (H, W, 3)."""
    if edit.what == "blur":
        return filling(pixels, "blur")
    if edit.what == "around":
        return cover(pixels, ~there, "blur")
    if edit.what == "paste":
        if edit.source not in others:
            raise ValueError(f"The picture {edit.source} to paste from is not among these pictures.")
        other = others[edit.source].pixels
        size = (pixels.shape[1], pixels.shape[0])
        same = other.shape == pixels.shape
        return other if same else np.asarray(Image.fromarray(other).resize(size, Image.Resampling.BILINEAR))
    return np.full_like(pixels, _COLOURS[edit.what])


def _moved(pixels: ByteArray, mask: ByteArray | None, amount: tuple[int, ...]) -> tuple[ByteArray, ByteArray]:
    """The object at another place and size, about its middle; where it was is filled from the surroundings."""
    there = _object(mask)
    assert mask is not None
    across, down, percent = amount
    high, wide = there.shape
    behind = np.where(there[..., None], cover(pixels, ~there, "blur"), pixels)
    rows, columns = np.nonzero(there)
    middle = ((rows.min() + rows.max() + 1) / 2, (columns.min() + columns.max() + 1) / 2)
    y, x = middle[0] + round(down * high / UNIT), middle[1] + round(across * wide / UNIT)
    scale = 100 / percent
    # For each pixel of the result where in the picture it comes from: Pillow's affine map, by pixels' middles.
    way = (scale, 0.0, middle[1] - scale * x, 0.0, scale, middle[0] - scale * y)
    how, near = Image.Transform.AFFINE, Image.Resampling.NEAREST
    smooth = near if percent == 100 else Image.Resampling.BILINEAR
    put = np.asarray(Image.fromarray(pixels).transform((wide, high), how, way, smooth))
    now = np.asarray(Image.fromarray(mask).transform((wide, high), how, way, near))
    return np.where((now != 0)[..., None], put, behind), now


def _rotated(pixels: ByteArray, mask: ByteArray | None, degrees: int) -> tuple[ByteArray, ByteArray | None]:
    """Turned about the middle; the corners are filled from what is there."""
    near = Image.Resampling.NEAREST
    smooth = near if degrees % 180 == 0 else Image.Resampling.BILINEAR
    turned = np.asarray(Image.fromarray(pixels).rotate(degrees, smooth))
    known = np.asarray(Image.fromarray(np.full(pixels.shape[:2], 255, np.uint8)).rotate(degrees, near)) == 255
    filled = turned if known.all() else np.where(known[..., None], turned, cover(turned, known, "blur"))
    return filled, None if mask is None else np.asarray(Image.fromarray(mask).rotate(degrees, near))


def _changed(pixels: ByteArray, edit: Edit, number: int) -> ByteArray:
    """Brighter or darker, or with noise, by its place among the edits so that it is the same each time."""
    (percent,) = edit.amount
    if edit.what == "brightness":
        changed = pixels + 2.55 * percent
    else:
        changed = pixels + np.random.default_rng(number).normal(0, 2.55 * percent, pixels.shape)
    return np.clip(np.rint(changed), 0, 255).astype(np.uint8)
