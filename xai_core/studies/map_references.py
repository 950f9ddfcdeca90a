"""Whether a map finds what counts better than what has nothing to do with the picture's class would.

A centred blob finds much, since photographers centre things; so does the map of another picture. A map is evidence of
this picture and this class only as far as it beats those. All are scored on the same pictures with patches hidden at
random, so that any number of references costs no further pass of the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from xai_core.maps import is_flat, pool, upsample
from xai_core.studies.trust import Check
from xai_core.studies.words import listed
from xai_core.types import FloatArray

OWN, CLASS, PICTURE, ELSEWHERE = "this map", "another class's map", "another picture's map", "this map moved elsewhere"
BLOB, NOISE, RANDOM_WEIGHTS = "a blob in the middle", "smoothed noise", "the map of random weights"
_BLOBS = (0.11, 0.14, 0.21, 0.29, 0.43)  # standard deviations of the centred blobs, of the side
_SMOOTH = 0.14  # standard deviation of the noise's smoothing, of the side
_DRAWS = 200  # of smoothed noise
_NOISE_LIMIT = 0.95  # quantile of the noise's scores that a map has to pass
_OVERSAMPLED = 28  # cells along a side of which patches are averaged


def on_patches(heatmap: FloatArray, patches: int) -> FloatArray:
    """The positive part of a map, averaged over square patches: float32 (patches * patches,)."""
    positive = np.maximum(np.asarray(heatmap, np.float32), 0)
    size = (patches * (_OVERSAMPLED // patches), patches * (_OVERSAMPLED // patches))
    coarse = pool(positive, (min(positive.shape[0], size[0]), min(positive.shape[1], size[1])))
    return pool(upsample(coarse, size), (patches, patches)).ravel()


def finding_scores(maps: np.ndarray, shown: np.ndarray, p: np.ndarray) -> np.ndarray:
    """How well maps foretell what a class keeps while patches are hidden at random.

    The correlation, over the pictures, of the importance that is still shown with the class's probability, both freed
    of how many patches are shown.

    Parameters
    ----------
    maps : ndarray
        float (M, P), importance of P patches.
    shown : ndarray
        bool (S, P).
    p : ndarray
        float (S,).

    Returns
    -------
    ndarray
        float64 (M,) in [-1, 1]; 0 for a map that is the same everywhere.

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core.studies.map_references import finding_scores
    >>> shown = np.random.default_rng(0).random((400, 4)) < 0.5
    >>> finding_scores(np.eye(4), shown, shown[:, 2].astype(float)).argmax()
    np.int64(2)
    """
    count = shown.sum(axis=1).astype(float)
    basis, _ = np.linalg.qr(np.stack([np.ones(len(p)), count, count**2], axis=1))

    def freed(values: np.ndarray) -> np.ndarray:
        return values - basis @ (basis.T @ values)

    kept, answers = freed(shown.astype(float) @ np.asarray(maps, float).T), freed(np.asarray(p, float))
    spread = np.sqrt((kept**2).sum(axis=0) * (answers**2).sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(spread > 1e-12, answers @ kept / spread, 0.0)


def centred_blob(size: Sequence[int]) -> FloatArray:
    """A round spot in the middle that knows neither picture nor network: float32 (h, w), 1 in the middle."""
    return _blob(size, 0.25).astype(np.float32)


def _blob(size: Sequence[int], width: float) -> np.ndarray:
    """Its standard deviation is `width` of the side: float64 (h, w)."""
    rows, columns = ((np.arange(side) + 0.5) / side - 0.5 for side in size)
    return np.exp(-(rows[:, None] ** 2 + columns[None, :] ** 2) / (2 * width**2))


def _blobs(patches: int) -> np.ndarray:
    return np.stack([_blob((patches, patches), width).ravel() for width in _BLOBS])


def _smoothed_noise(patches: int, seed: int) -> np.ndarray:
    distance = np.minimum(np.arange(patches), patches - np.arange(patches)) / patches
    kernel = np.exp(-(distance[:, None] ** 2 + distance[None, :] ** 2) / (2 * _SMOOTH**2))
    noise = np.random.default_rng(seed).normal(size=(_DRAWS, patches, patches))
    return np.maximum(np.fft.ifft2(np.fft.fft2(noise) * np.fft.fft2(kernel)).real, 0).reshape(_DRAWS, -1)


def _elsewhere(one: FloatArray, patches: int) -> np.ndarray:
    """The map turned and mirrored: the same values at other places, seven times."""
    square = one.reshape(patches, patches)
    turned = [np.rot90(square, quarter) for quarter in range(4)]
    return np.stack([each.ravel() for each in (*turned, *(each.T for each in turned))][1:])


def reference_scores(
    heatmap: FloatArray,
    shown: np.ndarray,
    p: np.ndarray,
    *,
    others: Mapping[str, Iterable[FloatArray]] | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Scores of a map and of its references.

    Parameters
    ----------
    heatmap : ndarray
        float32 (h, w).
    shown : ndarray
        bool (S, P), as `RandomHiding.shown`.
    p : ndarray
        float (S,).
    others : Mapping of str to iterable of ndarray, optional
        Kind of reference -> maps (h, w), such as those of other classes; flat ones are left out.
    seed : int
        Of the smoothed noise.

    Returns
    -------
    DataFrame
        kind, score; the first row is the map itself.
    """
    patches = round(shown.shape[1] ** 0.5)
    own = on_patches(heatmap, patches)
    kinds: dict[str, np.ndarray] = {OWN: own[None]}
    for kind, maps in (others or {}).items():
        if usable := [on_patches(one, patches) for one in maps if not is_flat(np.maximum(one, 0))]:
            kinds[kind] = np.stack(usable)
    kinds |= {BLOB: _blobs(patches), ELSEWHERE: _elsewhere(own, patches), NOISE: _smoothed_noise(patches, seed)}
    names = [kind for kind, maps in kinds.items() for _ in maps]
    return pd.DataFrame({"kind": names, "score": finding_scores(np.concatenate(list(kinds.values())), shown, p)})


def reference_check(scores: pd.DataFrame, class_name: str = "the class") -> Check:
    """Whether a map beats what has nothing to do with the picture's class.

    It holds above every reference (of smoothed noise, above 95%); it fails where half of the smoothed noise does as
    well; between, it needs care.

    Parameters
    ----------
    scores : DataFrame
        As `reference_scores` gives it.
    class_name : str
        As the sentence calls it.
    """
    name = "Beats unrelated maps"
    own = float(scores.loc[scores["kind"] == OWN, "score"].iloc[0])
    references = scores[scores["kind"] != OWN].groupby("kind", sort=False)["score"]
    limits = references.max()
    noise = scores.loc[scores["kind"] == NOISE, "score"]
    limits[NOISE] = noise.quantile(_NOISE_LIMIT)
    others = (
        f"95% of {kind} below {value:z.2f}" if kind == NOISE else f"{kind} {value:z.2f}"
        for kind, value in limits.items()
    )
    numbers = f"correlation: {OWN} {own:z.2f}, {', '.join(others)}"
    what = f"Patches are hidden at random, and a good map tells which of them {class_name} needs"
    if own <= noise.median():
        return Check(name, "fails", f"{what}. Half of the smoothed noise does so as well as this map ({numbers}).")
    lost = [str(kind) for kind, value in limits.items() if own <= value]
    if lost:
        these = "Some unrelated maps do so as well as this one, or better"
        return Check(name, "care", f"{what}. {these}: {listed(lost)} ({numbers}).")
    return Check(name, "holds", f"{what}. This map does so better than every unrelated map ({numbers}).")
