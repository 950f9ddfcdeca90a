"""Interventions: what the model says when only object or background is left, or the background is another's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal
from zlib import crc32

import numpy as np
import pandas as pd
import torch

from xai_core.inference.batches import Progress, Targets, batch_size, resolve_targets
from xai_core.inference.prediction import predict_views
from xai_core.interventions.hiding import BLUR, Fill, filling
from xai_core.interventions.lenders import partners, siblings, texture
from xai_core.types import ByteArray, Classifier, Sample

Kind = Literal["whole", "object", "background", "elsewhere", "same", "swapped"]
KINDS: tuple[Kind, ...] = ("whole", "object", "background", "elsewhere", "same", "swapped")
BORROWED: tuple[Kind, ...] = ("same", "swapped")  # with the background of another picture

GIVEN, NOBODY = -2, -1  # in the place of a lender: one that is not among the samples, and none

PLACES = 3  # where as much of the picture is hidden as the object covers, of which the mean is taken

_FADE = 0.02  # how much the mean weighs in the blur
_GREY = 127  # where nothing is left to go by


def _object_free(view: ByteArray, mask: ByteArray) -> ByteArray:
    """A picture with its object, ignored rim included, painted over by the nearest background; grey without any."""
    from scipy.ndimage import distance_transform_edt

    inside = mask != 0
    if inside.all():
        return np.full_like(view, _GREY)
    rows, columns = distance_transform_edt(inside, return_distances=False, return_indices=True)
    return view[rows, columns]


def intervene(
    sample: Sample, kind: Kind, *, fill: Fill = "blur", other: Sample | None = None, seed: int = 0
) -> ByteArray:
    """A picture with its object, its background, or another's background.

    Parameters
    ----------
    sample : Sample
        As the network sees it, with a mask; ignored pixels go with the object.
    kind : {"whole", "object", "background", "elsewhere", "same", "swapped"}
        With "object" the background is hidden, with "background" the object, with "elsewhere" as much of the picture as
        that, of the same form, at a place drawn by chance; "same" and "swapped" put the object on the background of
        `other`, of the same label and of another one.
    fill : {"blur", "mean", "noise"}
        What stands in for what is hidden; the blur and the mean are those of the part that stays, so that nothing of
        the hidden part shines through.
    other : Sample, optional
        For "same" and "swapped": the picture, as the network sees it, whose background is taken; for "swapped" None
        takes a texture.
    seed : int
        Of the noise, of the texture, and of the place elsewhere.

    Returns
    -------
    ndarray
        uint8 (S, S, 3).

    Examples
    --------
    >>> import xai_core as xai
    >>> digit = xai.load_dataset("textured_digits")[0]
    >>> alone = xai.intervene(digit, "object", fill="mean")
    >>> bool((alone[digit.mask == 1] == digit.pixels[digit.mask == 1]).all())
    True
    """
    if kind not in KINDS:
        raise ValueError(f"An intervention is one of {', '.join(KINDS)}; got {kind!r}.")
    if kind == "whole" or sample.mask is None:
        return sample.pixels
    kept_object = sample.mask != 0
    if kind in BORROWED:
        if other is None and kind == "same":
            raise ValueError('"same" needs the picture whose background is taken.')
        if other is None:
            behind = texture(sample.pixels.shape[:2], (seed, crc32(sample.id.encode())))
        else:
            behind = other.pixels if other.mask is None else _object_free(other.pixels, other.mask)
        return np.where(kept_object[..., None], sample.pixels, behind)
    hidden = _moved(kept_object, (seed, crc32(sample.id.encode()))) if kind == "elsewhere" else kept_object
    keep = kept_object if kind == "object" else ~hidden
    return np.where(keep[..., None], sample.pixels, cover(sample.pixels, keep, fill, seed))


def _moved(region: np.ndarray, seed: tuple[int, int]) -> np.ndarray:
    """A region at a place drawn by chance, mirrored or not; what leaves at one edge comes in at the other."""
    rng = np.random.default_rng(seed)
    down, across = (int(rng.integers(side)) for side in region.shape)
    mirrored = region[:, ::-1] if rng.random() < 0.5 else region
    return np.roll(mirrored, (down, across), axis=(0, 1))


def cover(view: ByteArray, keep: np.ndarray, fill: Fill, seed: int = 0) -> ByteArray:
    """What stands in for the hidden part, made of the part that stays."""
    if fill not in ("blur", "mean"):
        return filling(view, fill, seed)
    if not keep.any():
        return np.full_like(view, _GREY)
    if fill == "mean":
        return np.broadcast_to(np.rint(view[keep].mean(axis=0)).astype(np.uint8), view.shape)
    width = BLUR * max(view.shape[:2])
    down, across = (_blur_along(side, width) for side in keep.shape)
    stays = np.concatenate([np.where(keep[..., None], view, 0), keep[..., None]], axis=-1, dtype=np.float64)
    # By torch, whose threads the network waits for: those of another library would still spin while it answers.
    *total, weight = (down @ torch.from_numpy(stays).permute(2, 0, 1) @ across.T).numpy()
    mean = view[keep].mean(axis=0)
    # Far from anything that stays the blur has little to go by, and fades into the mean.
    return np.rint((np.stack(total, axis=-1) + _FADE * mean) / (weight[..., None] + _FADE)).astype(np.uint8)


@lru_cache(maxsize=16)
def _blur_along(side: int, width: float) -> torch.Tensor:
    """What blurs one side of a picture as a matrix: float64 (side, side), several times as fast as filtering anew."""
    from scipy.ndimage import gaussian_filter1d

    return torch.from_numpy(gaussian_filter1d(np.eye(side), width, axis=0, mode="nearest"))


def _backgrounds(
    model: Classifier,
    among: Sequence[Sample],
    usable: Sequence[int],
    given: Sequence[Sample | None] | None,
    choose: Callable[[], list[int]],
) -> dict[int, tuple[int, Sample | None]]:
    """Who lends a background to each usable picture: its place among the samples (`GIVEN`, `NOBODY`), and itself."""
    if given is not None:
        lent = {i: given[i] for i in usable}
        return {
            i: (NOBODY, None) if other is None else (GIVEN, model.preprocessing.prepare(other))
            for i, other in lent.items()
        }
    return {
        i: (usable[turn], among[turn]) if turn >= 0 else (NOBODY, None)
        for i, turn in zip(usable, choose(), strict=True)
    }


def intervention(
    model: Classifier,
    samples: Sequence[Sample],
    *,
    targets: Targets = None,
    kinds: Sequence[Kind] = KINDS,
    fill: Fill = "blur",
    lenders: Sequence[Sample | None] | None = None,
    alike: Sequence[Sample | None] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """The probability of a class with the object alone, the background alone, and another's background.

    Parameters
    ----------
    model : Classifier
    samples : sequence of Sample
        N, with masks; those without give no rows.
    targets : int, str, None or a sequence of them
        The class by index or name, None for the prediction of the whole picture; one for all, or one a picture.
    kinds : sequence of str
        Of `KINDS`; "whole" is always there. "elsewhere" is the mean over `PLACES` places. "same" and "swapped" tell
        what another class's background costs from what cutting out costs (mixed-same and mixed-rand of Xiao et al.,
        arXiv 2006.09994).
    fill : {"blur", "mean", "noise"}
        What stands in for what is hidden.
    lenders : sequence of Sample or None, optional
        N pictures of other labels whose backgrounds are taken, each None for a texture; None takes `partners` among the
        samples.
    alike : sequence of Sample or None, optional
        N pictures of the same label whose backgrounds are taken, each None where there is none; None takes `siblings`
        among the samples (without labels, by the target), and where `lenders` are given, nobody.
    seed : int
        Of the noise, of places elsewhere, and of who lends a background to whom.
    progress : callable, optional
        Called with (pictures done, pictures in all); what it raises ends the run.

    Returns
    -------
    DataFrame
        A row for each picture and kind ("same" only where there is a picture of the same label): picture (its place
        among the samples), sample, kind, target, p (probability in [0, 1]), predicted (class number), other (place
        among the samples of the one that lent its background, `GIVEN` for one of `lenders` or `alike`, `NOBODY`).

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")[:2]
    >>> table = xai.intervention(model, digits, kinds=("whole", "object"))
    >>> table[["picture", "kind"]].values.tolist()
    [[0, 'whole'], [0, 'object'], [1, 'whole'], [1, 'object']]
    """
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise ValueError(f"An intervention is one of {', '.join(KINDS)}; got {unknown[0]!r}.")
    prepared = [model.preprocessing.prepare(sample) for sample in samples]
    usable = [i for i, sample in enumerate(prepared) if sample.mask is not None]
    wanted = resolve_targets(model, targets, len(samples))
    among = [prepared[i] for i in usable]
    if alike is None and lenders is not None:
        alike = [None] * len(samples)
    behind = {
        "swapped": _backgrounds(model, among, usable, lenders, lambda: partners(among, seed)),
        "same": _backgrounds(model, among, usable, alike, lambda: siblings(among, seed, wanted[usable])),
    }
    asked: list[Kind] = ["whole", *(kind for kind in dict.fromkeys(kinds) if kind != "whole")]
    turns = {kind: PLACES if kind == "elsewhere" else 1 for kind in asked}
    at_once = max(1, batch_size(model) // sum(turns.values()))
    rows = []
    for start in range(0, len(usable), at_once):
        part = usable[start : start + at_once]
        shown = [(i, kind) for i in part for kind in asked if kind != "same" or behind["same"][i][1] is not None]
        views = []
        for i, kind in shown:
            other = behind[kind][i][1] if kind in BORROWED else None
            seeds = range(seed, seed + turns[kind])
            views += [intervene(prepared[i], kind, fill=fill, other=other, seed=one) for one in seeds]
        said = predict_views(model, views)
        target = row = 0
        for i, kind in shown:
            if kind == "whole":
                target = int(wanted[i]) if wanted[i] >= 0 else int(said.classes[row])
            lender = behind[kind][i][0] if kind in BORROWED else NOBODY
            p, predicted = float(said.probabilities[row : row + turns[kind], target].mean()), int(said.classes[row])
            rows.append((i, prepared[i].name, kind, target, p, predicted, lender))
            row += turns[kind]
        if progress:
            progress(min(start + at_once, len(usable)), len(usable))
    return pd.DataFrame(rows, columns=["picture", "sample", "kind", "target", "p", "predicted", "other"])
