"""Whether what a group's maps point at is the same content again and again: an object varies, a watermark hardly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xai_core.discovery.regions import peak, stretched, window_at
from xai_core.types import ByteArray, FloatArray

HOLDS = 0.5  # of how far other pictures are from a content: what is at most so far away holds it
REPEATED = 0.35  # of how a pixel varies between other pictures: at most so much is called the same content
VARIES = 4.0  # grey levels of median deviation between other pictures, below which nothing can stand out
SHARES = (0.25, 0.19)  # sides of windows, of the picture's
MOST_DEVIATING = 64  # pictures from which it is taken how much a pixel varies
SIDE = 32  # pixels of the copies on which a content is looked for
MOST = 16  # pictures among which a template is sought, and in which it is looked for
REACH = 3  # windows are looked for this many of their sides around a place
STEPS = (-0.5, 0.0, 0.5)  # sides of a window by which candidates stand beside the place where a map is largest


def _deviation(pictures: ByteArray, mask: np.ndarray) -> FloatArray:
    """Median absolute deviation over pictures of each pixel of a region: uint8 (n, t, t, 3) -> float (m,)."""
    values = pictures[:MOST_DEVIATING, mask].astype(np.float32)
    return np.median(np.abs(values - np.median(values, axis=0)), axis=0).mean(axis=1, dtype=np.float32)


def same_at_place(members: ByteArray, others: ByteArray, mask: np.ndarray) -> float:
    """How much of a region is the same content in the members and not in others.

    Parameters
    ----------
    members, others : ndarray
        uint8 (n, t, t, 3) and (m, t, t, 3).
    mask : ndarray
        bool (t, t), the region.

    Returns
    -------
    float
        The share of its pixels, in [0, 1]; NaN where there is no region or other pictures.
    """
    if not mask.any() or len(members) < 3 or len(others) < 3:
        return float("nan")
    return float(_repeating(members, others, mask).mean())


def _repeating(members: ByteArray, others: ByteArray, mask: np.ndarray) -> np.ndarray:
    """Which of a region's pixels hardly vary in the members, and do in others: bool (m,)."""
    own, usual = _deviation(members, mask), _deviation(others, mask)
    return (usual >= VARIES) & (own <= REPEATED * usual)


def repeating_cells(members: ByteArray, others: ByteArray, cells: np.ndarray) -> np.ndarray:
    """Where in a region the same content repeats: cells half of whose pixels do, or the fullest one.

    A map points no more exactly than its layer's grid; the content itself says where it is.

    Parameters
    ----------
    members, others : ndarray
        uint8 (n, t, t, 3) and (m, t, t, 3), 3 or more of each.
    cells : ndarray
        bool (g, g), the region.

    Returns
    -------
    ndarray
        bool (g, g); none where nothing repeats.
    """
    mask = stretched(cells, (members.shape[1], members.shape[2]))
    pixels = np.zeros(mask.shape)
    pixels[mask] = _repeating(members, others, mask)
    down, across = (np.arange(side) * count // side for side, count in zip(mask.shape, cells.shape, strict=True))
    at = down[:, None] * cells.shape[1] + across[None]
    counts = np.bincount(at.ravel(), minlength=cells.size)
    share = np.bincount(at.ravel(), pixels.ravel(), cells.size).reshape(cells.shape) / counts.reshape(cells.shape)
    return (share >= min(0.5, share.max())) & (share > 0)


def coarse(pictures: ByteArray) -> ByteArray:
    """Copies on which contents are looked for: uint8 (n, t, t, 3), t of 32 at most, so that places are few."""
    step = max(1, round(pictures.shape[1] / SIDE))
    high, wide = (side // step for side in pictures.shape[1:3])
    cut = pictures[:, : high * step, : wide * step].reshape(len(pictures), high, step, wide, step, 3)
    return np.rint(cut.mean(axis=(2, 4))).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class Match:
    """Where templates are found in a picture: the least root mean squared differences (k,), and their places (k, 2)."""

    distances: FloatArray
    middles: FloatArray


def match(templates: FloatArray, picture: ByteArray, middle: tuple[float, float]) -> Match:
    """Look for templates near a place of a picture.

    Parameters
    ----------
    templates : ndarray
        float32 (k, w, w, 3).
    picture : ndarray
        uint8 (t, t, 3), a coarse copy.
    middle : tuple of float
        As shares of height and width.

    Returns
    -------
    Match
        Places as shares of height and width.
    """
    side = templates.shape[1]
    reach = window_at(middle, REACH * side / picture.shape[0], picture.shape[:2])
    area = picture[reach].astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(area, (side, side, 3))[:, :, 0]
    rows, flat = windows.shape[:2], windows.reshape(-1, side * side * 3)
    known = templates.reshape(len(templates), -1)
    squares = (flat**2).sum(axis=1)[:, None] + (known**2).sum(axis=1)[None] - 2 * flat @ known.T
    best = squares.argmin(axis=0)
    down, across = np.unravel_index(best, rows)
    starts = np.array([reach[0].start, reach[1].start])
    middles = (np.stack([down, across], axis=1) + starts + side / 2) / np.array(picture.shape[:2])
    return Match(np.sqrt(np.maximum(squares.min(axis=0), 0) / known.shape[1]), middles)


def _distances(templates: FloatArray, pictures: ByteArray, where: FloatArray) -> FloatArray:
    """Median over pictures of the distance of each template: float (k,)."""
    return np.median(
        [match(templates, one, peak(at)).distances for one, at in zip(pictures, where, strict=True)], axis=0
    )


@dataclass(frozen=True, eq=False)
class Content:
    """Coarse copies of a group's pictures (n, t, t, 3) with maps (n, g, g), and of pictures of other classes."""

    members: ByteArray
    where: FloatArray
    others: ByteArray


def find_template(group: Content, share: float) -> FloatArray:
    """Of the windows near which maps of members point, the one that most of them hold and others do not.

    Parameters
    ----------
    group : Content
    share : float
        Side of the window, of the picture's.

    Returns
    -------
    ndarray
        float32 (w, w, 3).
    """
    members, where, others = group.members, group.where, group.others
    n = min(MOST, len(members), len(others))
    windows = []
    for one, at in zip(members[: MOST // 2], where, strict=False):
        row, column = peak(at)
        for down in STEPS:
            for across in STEPS:
                place = (row + down * share, column + across * share)
                windows.append(one[window_at(place, share, one.shape[:2])])
    templates = np.array(windows, np.float32)
    own, usual = _distances(templates, members[:n], where[:n]), _distances(templates, others[:n], where[:n])
    return templates[int(np.argmin(np.maximum(own / np.maximum(usual, VARIES), own / _contrast(templates))))]


def _contrast(templates: FloatArray) -> FloatArray:
    """Standard deviation of each template about its mean colour: float32 (k, w, w, 3) -> float (k,)."""
    return np.maximum((templates - templates.mean(axis=(1, 2), keepdims=True)).std(axis=(1, 2, 3)), VARIES)


def same_content(template: FloatArray, group: Content) -> float:
    """How far members are from a template, of how far other pictures are from it, and of its own contrast.

    Objects of one plain colour are near to one another, too; only a content with contrast can be told from them.

    Parameters
    ----------
    template : ndarray
        float32 (w, w, 3).
    group : Content

    Returns
    -------
    float
        The larger of the two: about 1 where the members share nothing, about 0 where all hold the template; NaN
        without others.
    """
    n = min(MOST, len(group.members), len(group.others))
    if n < 3:
        return float("nan")
    usual = float(_distances(template[None], group.others[:n], group.where[:n])[0])
    own = float(_distances(template[None], group.members[:n], group.where[:n])[0])
    return max(own / usual, own / float(_contrast(template[None])[0])) if usual >= VARIES else float("nan")


def hold_content(template: FloatArray, group: Content, pictures: ByteArray, where: FloatArray) -> np.ndarray:
    """Which pictures hold a template that repeats in a group, near where their own maps point.

    Parameters
    ----------
    template : ndarray
        float32 (w, w, 3).
    group : Content
    pictures : ndarray
        uint8 (m, t, t, 3), coarse copies.
    where : ndarray
        float (m, g, g), their maps.

    Returns
    -------
    ndarray
        bool (m,).
    """
    n = min(MOST, len(group.others), len(group.where))
    usual = float(_distances(template[None], group.others[:n], group.where[:n])[0])
    most = HOLDS * min(usual, float(_contrast(template[None])[0]))
    found = [match(template[None], one, peak(at)).distances[0] for one, at in zip(pictures, where, strict=True)]
    return np.array(found) <= most


def hold_at_place(members: ByteArray, others: ByteArray, mask: np.ndarray, pictures: ByteArray) -> np.ndarray:
    """Which pictures hold, in a region, what repeats there in the members.

    Parameters
    ----------
    members, others, pictures : ndarray
        uint8 (n, t, t, 3), (m, t, t, 3) and (k, t, t, 3).
    mask : ndarray
        bool (t, t), the region.

    Returns
    -------
    ndarray
        bool (k,).
    """
    same = _repeating(members, others, mask)
    middle = np.median(members[:MOST_DEVIATING, mask][:, same].astype(np.float32), axis=0)

    def away(some: ByteArray) -> FloatArray:
        return np.abs(some[:, mask][:, same].astype(np.float32) - middle).mean(axis=(1, 2), dtype=np.float32)

    return away(pictures) <= HOLDS * float(np.median(away(others)))
