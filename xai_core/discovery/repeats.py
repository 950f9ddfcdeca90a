"""Whether what a group's maps point at is the same content again and again: an object varies, a watermark hardly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xai_core.discovery.regions import peak, window_at
from xai_core.types import ByteArray, FloatArray

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
    return np.median(np.abs(values - np.median(values, axis=0)), axis=0).mean(axis=1)


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
    own, usual = _deviation(members, mask), _deviation(others, mask)
    return float(((usual >= VARIES) & (own <= REPEATED * usual)).mean())


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


def find_template(members: ByteArray, where: FloatArray, others: ByteArray, share: float) -> FloatArray:
    """Of the windows near which maps of members point, the one that most of them hold and others do not.

    Parameters
    ----------
    members, others : ndarray
        uint8 (n, t, t, 3) and (m, t, t, 3), coarse copies.
    where : ndarray
        float (n, g, g), the members' maps.
    share : float
        Side of the window, of the picture's.

    Returns
    -------
    ndarray
        float32 (w, w, 3).
    """
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


def same_content(template: FloatArray, members: ByteArray, where: FloatArray, others: ByteArray) -> float:
    """How far members are from a template, of how far other pictures are from it, and of its own contrast.

    Objects of one plain colour are near to one another, too; only a content with contrast can be told from them.

    Parameters
    ----------
    template : ndarray
        float32 (w, w, 3).
    members, others : ndarray
        uint8 (n, t, t, 3) and (m, t, t, 3), coarse copies.
    where : ndarray
        float (n, g, g), the members' maps.

    Returns
    -------
    float
        The larger of the two: about 1 where the members share nothing, about 0 where all hold the template; NaN
        without others.
    """
    n = min(MOST, len(members), len(others))
    if n < 3:
        return float("nan")
    usual = float(_distances(template[None], others[:n], where[:n])[0])
    own = float(_distances(template[None], members[:n], where[:n])[0])
    return max(own / usual, own / float(_contrast(template[None])[0])) if usual >= VARIES else float("nan")
