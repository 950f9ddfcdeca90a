"""Whose background a picture is put on: another label's, its own label's, or a texture of no class."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from xai_core.types import ByteArray, IntArray, Sample

_BRIGHT, _CONTRAST = 0.45, 0.22  # mean and standard deviation of a texture, about those of photos
_COLOUR = 0.25  # of a texture's variation that is not shared by its three colours


def texture(size: Sequence[int], seed: int | Sequence[int] = 0) -> ByteArray:
    """A coloured texture of no class: noise whose amplitude falls with frequency, as that of photos does.

    Parameters
    ----------
    size : Sequence[int]
        (H, W) in pixels.
    seed : int or sequence of int
        Of the noise.

    Returns
    -------
    ndarray
        uint8 (H, W, 3).
    """
    high, wide = size
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(high)[:, None], np.fft.rfftfreq(wide)[None])
    falling = np.maximum(frequency, 1 / max(high, wide)) ** -1.2  # about that of photos (Field 1987)
    grey, *colours = (
        np.fft.irfft2(np.fft.rfft2(rng.normal(size=(high, wide))) * falling, (high, wide)) for _ in range(4)
    )
    planes = np.stack([grey + _COLOUR * colour for colour in colours], axis=-1)
    planes = (planes - planes.mean()) / max(float(planes.std()), 1e-12)
    return np.clip(255 * (_BRIGHT + _CONTRAST * planes), 0, 255).round().astype(np.uint8)


_Alike = set[str | int]  # labels; or, without any, the class that is explained


def _lenders(
    samples: Sequence[Sample], labels: Sequence[_Alike], seed: int, fits: Callable[[_Alike, _Alike], bool]
) -> list[int]:
    """For each picture the place of another one whose labels fit its own, used about evenly; -1 where there is none.

    Pictures that belong together (frames of a film) have the same background, so they lend each other none.
    """
    n = len(samples)
    order = np.random.default_rng(seed).permutation(n).tolist()
    place = {index: turn for turn, index in enumerate(order)}
    groups = [sample.group for sample in samples]
    found = []
    for index, own in enumerate(labels):
        following = (order[(place[index] + step) % n] for step in range(1, n))
        others = (other for other in following if groups[index] is None or groups[other] != groups[index])
        found.append(next((other for other in others if own and labels[other] and fits(own, labels[other])), -1))
    return found


def partners(samples: Sequence[Sample], seed: int = 0) -> list[int]:
    """For each picture, another whose background it is given: never one that shares a label or a group.

    A shuffled order in which each takes the next one that differs, so that backgrounds are used about evenly.

    Parameters
    ----------
    samples : sequence of Sample
        N pictures.
    seed : int
        Of the order.

    Returns
    -------
    list of int
        For each picture, the place of another one; -1 where none is known to have another label, and a texture serves.

    Examples
    --------
    >>> import xai_core as xai
    >>> xai.partners(xai.load_dataset("textured_digits")[:2])
    [1, 0]
    """
    return _lenders(samples, _labels(samples), seed, lambda own, other: own.isdisjoint(other))


def _labels(samples: Sequence[Sample]) -> list[_Alike]:
    return [set(sample.every_label) for sample in samples]


def siblings(samples: Sequence[Sample], seed: int = 0, targets: Sequence[int] | IntArray = ()) -> list[int]:
    """For each picture, another that shares a label, whose background is one that such objects stand on.

    Never one of the same group, whose background would be the picture's own. Pictures without labels are alike where
    the same class is explained.

    Parameters
    ----------
    samples : sequence of Sample
        N pictures.
    seed : int
        Of the order.
    targets : Sequence of int, optional
        N classes that are explained, -1 where that is not known.

    Returns
    -------
    list of int
        For each picture, the place of another one; -1 where there is none.

    Examples
    --------
    >>> import xai_core as xai
    >>> xai.siblings(xai.load_dataset("textured_digits").choose(["3"], 2))
    [1, 0]
    """
    alike = _labels(samples)
    if len(targets):
        alike = [own or set([int(one)] if one >= 0 else []) for own, one in zip(alike, targets, strict=True)]
    return _lenders(samples, alike, seed, lambda own, other: not own.isdisjoint(other))
