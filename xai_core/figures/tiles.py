"""Draws maps over pictures. The only place where a map is normalised for the eye, clipped or coloured."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from xai_core import maps
from xai_core.figures.palettes import AGAINST, FOR, MAP_SCALES, SIGNED_SCALE, colourise
from xai_core.types import ByteArray, FloatArray, Heatmaps, IntArray

View = Literal["overlay", "raw", "input"]
Scale = Literal["map", "layer", "all"]


@dataclass(frozen=True)
class Style:
    """How maps are drawn.

    Attributes
    ----------
    view : {"overlay", "raw", "input"}
        The positive part over the picture, the signed map, or the picture alone.
    opacity : float
        Of the overlay, in [0, 1].
    colours : str
        One of MAP_SCALES; raw maps have a diverging scale of their own.
    smooth : bool
        Bilinear between cells, or cells as they are.
    scale : {"map", "layer", "all"}
        Each map on its own range, each layer on one, or all on one.
    """

    view: View = "overlay"
    opacity: float = 0.6
    colours: str = MAP_SCALES[0]
    smooth: bool = True
    scale: Scale = "map"

    @property
    def shown_colours(self) -> str:
        return SIGNED_SCALE if self.view == "raw" else self.colours


@dataclass(frozen=True, eq=False)
class Tile:
    """One drawn map.

    Attributes
    ----------
    pixels : ndarray
        uint8 (S, S, 3).
    flat : bool
        The map has no contrast (or no positive evidence): nothing is drawn over the picture.
    low, high : float
        Raw values at the ends of the colour bar, in the maps' unit.
    """

    pixels: ByteArray
    flat: bool
    low: float
    high: float


def _peaks(heatmaps: Heatmaps, style: Style) -> dict[str, FloatArray]:
    """The largest magnitude (raw view) or positive value of each map: layer -> (N,)."""
    return {
        layer: (np.abs(raw) if style.view == "raw" else maps.rectify(raw)).max(axis=(1, 2))
        for layer, raw in heatmaps.items()
    }


def _limits(heatmaps: Heatmaps, style: Style, among: Heatmaps) -> dict[str, FloatArray]:
    """The value at the top of each map's colour bar: layer -> (N,)."""
    own = _peaks(heatmaps, style)
    if style.scale == "map":
        return own
    tops = {layer: peak.max() for layer, peak in _peaks(among, style).items()}
    if style.scale == "all":
        tops = dict.fromkeys(tops, max(tops.values()))
    return {layer: np.full_like(peak, tops[layer]) for layer, peak in own.items()}


def _enlarge(values: np.ndarray, size: tuple[int, int], smooth: bool) -> np.ndarray:
    if smooth:
        return maps.upsample(values, size)
    h, w = values.shape
    rows, columns = np.arange(size[0]) * h // size[0], np.arange(size[1]) * w // size[1]
    return values[rows[:, None], columns]


def draw_evidence(view: ByteArray, raw: FloatArray, peak: float, style: Style) -> Tile:
    """One map over (or beside) its picture, as the style says.

    Parameters
    ----------
    view : ndarray
        uint8 (S, S, 3).
    raw : ndarray
        float32 (h, w).
    peak : float
        The value at the top of the colour bar.
    style : Style
        How maps are drawn.

    Returns
    -------
    Tile
    """
    size = (view.shape[0], view.shape[1])
    if style.view == "raw":
        flat = bool(maps.is_flat(raw))
        if flat:
            return Tile(np.full_like(view, 128), True, 0.0, 0.0)
        values = _enlarge(raw, size, style.smooth) / peak * 0.5 + 0.5
        return Tile(colourise(values, style.shown_colours), False, -peak, peak)
    positive = maps.rectify(raw)
    if maps.is_flat(positive):
        return Tile(view // 2 + 64, True, 0.0, 0.0)
    low = float(positive.min()) if style.scale == "map" else 0.0
    values = _enlarge((positive - np.float32(low)) / np.float32(peak - low), size, style.smooth)
    colours = colourise(values, style.shown_colours).astype(np.float32)
    mixed = style.opacity * colours + (1 - style.opacity) * view
    return Tile(np.rint(mixed).astype(np.uint8), False, low, peak)


def draw_signed(view: ByteArray, raw: FloatArray, peak: float, *, smooth: bool = True) -> Tile:
    """Evidence for (red) and against (blue) over the picture in grey; what is weak lets the picture through.

    Parameters
    ----------
    view : ndarray
        uint8 (S, S, 3).
    raw : ndarray
        float32 (h, w).
    peak : float
        The magnitude at full colour; beyond it is clipped.
    smooth : bool
        Bilinear between the map's cells; else each is an even square.
    """
    grey = np.repeat(np.asarray(Image.fromarray(view).convert("L"))[..., None], 3, axis=2)
    if not peak > 0 or not np.isfinite(raw).all():
        return Tile(grey // 2 + 64, True, 0.0, 0.0)
    values = np.clip(_enlarge(np.asarray(raw, np.float32), (view.shape[0], view.shape[1]), smooth) / peak, -1, 1)
    return Tile(_blend(grey, colourise(values / 2 + 0.5, SIGNED_SCALE), 0.85 * np.abs(values)), False, -peak, peak)


def draw_magnitudes(raw: FloatArray, size: tuple[int, int], peak: float, colours: str) -> Tile:
    """Magnitudes in opaque colours, 0 to `peak`, cells as they are: float32 (h, w)."""
    if not peak > 0 or not np.isfinite(raw).all():
        return Tile(np.full((*size, 3), 128, np.uint8), True, 0.0, 0.0)
    return Tile(colourise(_enlarge(raw, size, False) / peak, colours), False, 0.0, peak)


def draw_segments(view: ByteArray, segments: IntArray, weights: FloatArray, peak: float) -> Tile:
    """Superpixels that speak for a class in green, those against it in red, by their weight, with their borders.

    Parameters
    ----------
    view : ndarray
        uint8 (S, S, 3).
    segments : ndarray
        int64 (h, w), 0 to P - 1.
    weights : (P,)
    peak : float
        The magnitude at full colour.
    """
    if not peak > 0 or not np.isfinite(weights).all():
        return Tile(view // 2 + 64, True, 0.0, 0.0)
    grey = np.repeat(np.asarray(Image.fromarray(view).convert("L"))[..., None], 3, axis=2)
    fine = _enlarge(segments, (view.shape[0], view.shape[1]), False)
    share = np.clip(np.asarray(weights, np.float32) / np.float32(peak), -1, 1)[fine]
    colours = np.where(share[..., None] >= 0, np.array(FOR, np.uint8), np.array(AGAINST, np.uint8))
    mixed = _blend(grey, colours, 0.75 * np.abs(share))
    border = np.zeros(fine.shape, dtype=bool)
    border[:, 1:] |= fine[:, 1:] != fine[:, :-1]
    border[1:] |= fine[1:] != fine[:-1]
    mixed[border] = mixed[border] // 2
    return Tile(mixed, False, -peak, peak)


def _blend(under: ByteArray, over: ByteArray, opacity: np.ndarray) -> ByteArray:
    share = opacity[..., None]
    return np.rint(share * over + (1 - share) * under).astype(np.uint8)


def draw_tiles(
    views: Sequence[ByteArray], heatmaps: Heatmaps, style: Style, among: Heatmaps | None = None
) -> dict[str, list[Tile]]:
    """Every map of every picture, drawn.

    Parameters
    ----------
    views : sequence of ndarray
        N pictures as the network saw them, uint8 (S, S, 3).
    heatmaps : Heatmaps
        Of N pictures at L layers.
    style : Style
        How maps are drawn.
    among : Heatmaps, optional
        All maps that a shared scale is to cover, where `heatmaps` are some of them.

    Returns
    -------
    dict of str to list of Tile
        Layer name -> N tiles; in the "input" view the pictures themselves, flat maps still marked.
    """
    peaks = _limits(heatmaps, style, among or heatmaps)
    drawn: dict[str, list[Tile]] = {}
    for layer, raw in heatmaps.items():
        drawn[layer] = []
        for index, view in enumerate(views):
            tile = draw_evidence(view, raw[index], float(peaks[layer][index]), style)
            if style.view == "input" and not tile.flat:
                tile = Tile(view, False, tile.low, tile.high)
            drawn[layer].append(tile)
    return drawn


def enlarged(pixels: ByteArray, side: int) -> ByteArray:
    """A small picture at a size that can be looked at.

    Parameters
    ----------
    pixels : ndarray
        uint8 (H, W, 3).
    side : int
        Pixels of its shorter side, or more if it was more.

    Returns
    -------
    ndarray
        uint8 (H, W, 3), in the same proportions.
    """
    height, width = pixels.shape[:2]
    if min(height, width) >= side:
        return pixels
    scale = side / min(height, width)
    size = (round(width * scale), round(height * scale))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))


def to_jpeg(pixels: ByteArray, quality: int = 82) -> bytes:
    """uint8 (H, W, 3) as a JPEG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def jpeg_uri(pixels: ByteArray, quality: int = 82) -> str:
    """uint8 (H, W, 3) as the source of an HTML image."""
    return "data:image/jpeg;base64," + base64.b64encode(to_jpeg(pixels, quality)).decode()


def fitted(
    draw: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: float
) -> str:
    """A text on one line, cut to a width in pixels."""
    text = " ".join(text.split())[:400]
    if draw.textlength(text, font) <= width:
        return text
    while text and draw.textlength(text + "…", font) > width:
        text = text[:-1]
    return text + "…"


def to_png(image: Image.Image | ByteArray) -> bytes:
    """A picture as a PNG file.

    Parameters
    ----------
    image : PIL.Image.Image or ndarray
        uint8 (H, W, 3).

    Returns
    -------
    bytes
        The file.
    """
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=False)
    return buffer.getvalue()
