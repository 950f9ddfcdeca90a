"""On the half held back: what a part of a group's pictures does in others, and what its removal costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from xai_core.discovery.carriers import Carrier, Colour, Place, Surroundings, Window, border_of
from xai_core.discovery.groups import Group
from xai_core.discovery.pictures import Pictures
from xai_core.discovery.regions import region_of, stretched
from xai_core.discovery.repeats import MOST, SHARES, coarse, find_template, same_at_place, same_content
from xai_core.inference.prediction import predict_views
from xai_core.types import ByteArray, Classifier, FloatArray

SOURCES = 20  # pictures of a group whose parts are taken, at most
OTHERS = 200  # pictures of other classes that contents are compared with, at most
FEWEST = 5  # pictures below which nothing is tested
# No difference is taken for surer than with this standard deviation: probabilities that saturate all differ alike.
LEAST_SPREAD = 0.05

ReadView = Callable[[int], ByteArray]


@dataclass(frozen=True, eq=False)
class Candidate:
    """A part that is tried of a group, and how much its content repeats, in the carrier's own measure."""

    carrier: Carrier
    repeated: float


@dataclass(frozen=True, eq=False)
class Measured:
    """Probabilities of the class for each source, `control` the larger of two; no removal: the last two are empty."""

    carrier: Carrier
    repeated: float
    added: np.ndarray
    control: np.ndarray
    removed: np.ndarray
    removed_control: np.ndarray


@dataclass(frozen=True)
class Paired:
    """The mean difference of pairs, its 95% interval and p; NaN for fewer than three."""

    mean: float
    interval: tuple[float, float]
    p: float


def paired(first: np.ndarray, second: np.ndarray) -> Paired:
    """A paired t-test of probabilities, whose standard deviation is at least LEAST_SPREAD.

    Parameters
    ----------
    first, second : ndarray
        float (n,), in [0, 1].

    Returns
    -------
    Paired
    """
    n = len(first)
    nan = float("nan")
    if n < 3:
        return Paired(nan, (nan, nan), nan)
    differences = np.asarray(first, float) - np.asarray(second, float)
    mean = float(differences.mean())
    error = max(float(differences.std(ddof=1)), LEAST_SPREAD) / np.sqrt(n)
    reach = float(stats.t.ppf(0.975, n - 1)) * error
    return Paired(
        mean, (max(-1.0, mean - reach), min(1.0, mean + reach)), float(2 * stats.t.sf(abs(mean) / error, n - 1))
    )


def carriers_of(
    pictures: Pictures, group: Group, looked_others: np.ndarray, tested_others: np.ndarray
) -> list[Candidate]:
    """What is tried of a group, with how much its content repeats on the half held back.

    A content is tried where it repeats on the half that was looked at; the place that the mean map points at always.

    Parameters
    ----------
    pictures : Pictures
    group : Group
    looked_others, tested_others : ndarray
        int64 rows of other classes, in each half.

    Returns
    -------
    list of Candidate
    """
    thumbs, where = pictures.thumbs, pictures.where
    found: list[Candidate] = []
    looked, tested = (rows[where[rows].any(axis=(1, 2))] for rows in (group.looked, group.tested))  # not flat
    if len(looked) >= FEWEST and len(tested) >= FEWEST:

        def same(place: Place, members: np.ndarray, others: np.ndarray) -> float:
            return same_at_place(thumbs[members], thumbs[others], stretched(place.cells, thumbs.shape[1:3]))

        place, border = Place(region_of(where[looked].mean(axis=0))), border_of(where.shape[1:])
        found.append(Candidate(place, same(place, tested, tested_others)))
        if border.shows(same(border, looked, looked_others)):
            found.append(Candidate(border, same(border, tested, tested_others)))
        halves = ((looked, looked_others), (tested, tested_others))
        found += _contents(*(Content(coarse(thumbs[a[:MOST]]), where[a], coarse(thumbs[b[:MOST]])) for a, b in halves))
    nan = float("nan")
    return [*found, Candidate(Surroundings(), nan), Candidate(Colour(), nan)]


@dataclass(frozen=True, eq=False)
class Content:
    """Coarse copies of a group's pictures with their maps, and of pictures of other classes."""

    members: ByteArray
    where: FloatArray
    others: ByteArray


def _contents(looked: Content, tested: Content) -> list[Candidate]:
    """The window whose content repeats most in the half that was looked at, if it repeats enough."""
    best: tuple[float, Window] | None = None
    for share in SHARES:
        template = find_template(looked.members, looked.where, looked.others, share)
        ratio = same_content(template, looked.members, looked.where, looked.others)
        if best is None or ratio < best[0]:
            best = (ratio, Window(template, share))
    if best is None or not best[1].shows(best[0]):
        return []
    again = same_content(best[1].template, tested.members, tested.where, tested.others)
    return [Candidate(best[1], again)]


def sources_of(pictures: Pictures, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """At most SOURCES of some rows, at random; of a group of pictures one."""
    seen: set[str] = set()
    kept = []
    for row in rng.permutation(rows):
        group = pictures.groups[row]
        if group is None or group not in seen:
            kept.append(row)
            seen |= {group} if group else set()
    return np.array(kept[:SOURCES], np.int64)


def measure(
    model: Classifier,
    read: ReadView,
    pictures: Pictures,
    sources: np.ndarray,
    others: np.ndarray,
    tried: Candidate,
    seed: int,
) -> Measured:
    """Put a part of each source into a picture of another class, and remove it from the source.

    Parameters
    ----------
    model : Classifier
    read : callable
        A row's view: uint8 (H, W, 3).
    pictures : Pictures
    sources, others : ndarray
        int64 rows of the class and of other classes, in the half held back.
    tried : Candidate
        The part.
    seed : int
        Of the pictures of other classes, and of equal random parts.

    Returns
    -------
    Measured
    """
    rng = np.random.default_rng(seed)
    target, carrier = int(pictures.targets[sources[0]]), tried.carrier
    views: list[ByteArray] = []
    times = max(1, SOURCES // len(sources))  # of few pictures, each is put into several others
    for source in np.repeat(sources, times):
        host, first, second = _strangers(pictures.targets, others, rng)
        own, strange, where = read(int(source)), read(first), pictures.where[source]
        views += [carrier.put(read(host), donor, where) for donor in (own, strange, read(second))]
        elsewhere = carrier.moved((float(rng.uniform(0.25, 0.75)), float(rng.uniform(0.25, 0.75))))
        if elsewhere is not None:
            views += [carrier.put(own, strange, where), elsewhere.put(own, strange, where)]
    p = predict_views(model, views).probabilities[:, target].astype(float).reshape(len(sources), times, -1)
    p[:, :, 1] = p[:, :, 1:3].max(axis=2)
    means = p.mean(axis=1)
    nothing = np.zeros(0)
    away = (means[:, 3], means[:, 4]) if means.shape[1] > 3 else (nothing, nothing)
    return Measured(carrier, tried.repeated, means[:, 0], means[:, 1], *away)


def _strangers(targets: np.ndarray, others: np.ndarray, rng: np.random.Generator) -> tuple[int, int, int]:
    """A picture to put a part into, and two whose parts are controls, of two classes where there are.

    A class may be raised by a part only since that of the control lowers it, such as a shortcut of a third class.
    """
    host, first = (int(one) for one in rng.choice(others, 2, replace=len(others) < 2))
    rest = others[targets[others] != targets[first]]
    return host, first, int(rng.choice(rest if len(rest) else others))
