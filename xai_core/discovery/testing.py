"""On the half held back: what a part of a group's pictures does in others, and what its removal costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from xai_core.discovery.candidates import Candidate
from xai_core.discovery.carriers import RISE, Carrier
from xai_core.discovery.pictures import Pictures
from xai_core.inference.prediction import predict_views
from xai_core.types import ByteArray, Classifier, IntArray, Sample

SOURCES = 40  # pictures of a group whose parts are put into others, at most; of fewer, each into several
FIRST = 8  # times that a part is put into others before it is asked whether more of it can matter
REMOVED = 20  # sources from which the part is taken away, at most
CONTROLS = 3  # other classes whose pictures give the same part
SCREENED = 10  # pictures whose parts are put into others on the half that was looked at
GLANCE = 4  # of them, before it is asked whether more can matter
# No difference is taken for surer than with this standard deviation: probabilities that saturate all differ alike.
LEAST_SPREAD = 0.05

ReadView = Callable[[int], Sample]


@dataclass(frozen=True, eq=False)
class Measured:
    """Probabilities of the class for each source, `control` of the class that comes nearest; `removed` of some.

    No removal: the last two are empty. `holds` is the share of the object that lies in the part, NaN where no picture
    has a mask, or the part has no place.
    """

    candidate: Candidate
    added: np.ndarray
    control: np.ndarray
    removed: np.ndarray
    removed_control: np.ndarray
    holds: float = float("nan")


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


def sources_of(pictures: Pictures, rows: np.ndarray, most: int, rng: np.random.Generator) -> IntArray:
    """At most so many of some rows, at random; of a group of pictures one."""
    seen: set[str] = set()
    kept = []
    for row in rng.permutation(rows):
        group = pictures.groups[row]
        if group is None or group not in seen:
            kept.append(row)
            seen |= {group} if group else set()
    return np.array(kept[:most], np.int64)


def _with_nearest(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first of float (n, 1 + k) columns, and of the others the one of the largest mean."""
    return p[:, 0], p[:, 1 + int(p[:, 1:].mean(axis=0).argmax())]


class Bench:
    """Puts parts of pictures of one class into pictures of others, and asks the model.

    Parameters
    ----------
    model : Classifier
    read : callable
        A row's picture, as the network sees it.
    pictures : Pictures
        Of all classes.
    target : int
        The class.
    rng : numpy.random.Generator
        Of the pictures of other classes, and of equal random parts.
    """

    def __init__(
        self, model: Classifier, read: ReadView, pictures: Pictures, target: int, rng: np.random.Generator
    ) -> None:
        self._model, self._read, self._pictures, self._target, self._rng = model, read, pictures, target, rng

    def sources(self, rows: np.ndarray, most: int = SOURCES) -> IntArray:
        """Pictures whose parts are put into others."""
        return sources_of(self._pictures, rows, most, self._rng)

    def rise(self, candidate: Candidate, rows: np.ndarray, others: np.ndarray) -> float:
        """What a part adds to pictures of other classes, on the half that was looked at: a hint, not a test.

        After GLANCE pictures it ends for a part whose rise is below RISE with its interval.
        """
        carrier, sources = candidate.carrier, self.sources(rows, SCREENED)
        hosts = self._rng.choice(others, len(sources) * max(1, SCREENED // len(sources)))
        turns, usual = np.resize(sources, len(hosts)), self._pictures.probabilities[hosts, self._target]
        p = self._put(carrier, turns[:GLANCE], hosts[:GLANCE], [])[:, 0]
        if not paired(p, usual[:GLANCE]).interval[1] < RISE:
            p = np.concatenate([p, self._put(carrier, turns[GLANCE:], hosts[GLANCE:], [])[:, 0]])
        return float((p - usual[: len(p)]).mean())

    def measure(self, candidate: Candidate, sources: IntArray, others: np.ndarray) -> Measured:
        """Put a part of each source into pictures of other classes, and remove it from some sources.

        After the first FIRST times it ends for what cannot be suspected: a content that does not repeat, and a part
        whose rise is below what it must add, with its interval. An early end can only miss a shortcut, not invent one.

        Parameters
        ----------
        candidate : Candidate
            The part.
        sources, others : ndarray
            int64 rows of the class and of other classes, in the half held back.

        Returns
        -------
        Measured
        """
        carrier = candidate.carrier
        classes = self._controls(others)
        turns = np.tile(sources, max(1, SOURCES // len(sources)))
        first, rest = turns[:FIRST], turns[FIRST:]
        p = self._put(carrier, first, self._rng.choice(others, len(first)), classes)
        own, nearest = _with_nearest(p)
        on = carrier.shows(candidate.repeated) and not paired(own, nearest).interval[1] < carrier.least
        if on and len(rest):
            p = np.concatenate([p, self._put(carrier, rest, self._rng.choice(others, len(rest)), classes)])
        asked = turns[: len(p)]
        own, nearest = _with_nearest(np.stack([p[asked == one].mean(axis=0) for one in dict.fromkeys(asked.tolist())]))
        some = sources[: REMOVED if on else FIRST]  # which are read by now
        away = self._removed(carrier, some, others)
        return Measured(candidate, own, nearest, away[:, 0], away[:, 1], self._holds(carrier, some))

    def _holds(self, carrier: Carrier, sources: IntArray) -> float:
        """The share of the object's pixels that lie in the part, on average over the sources with masks."""
        shares = []
        for source in sources.tolist():
            sample = self._read(source)
            if sample.mask is None or not (object_ := sample.mask == 1).any():
                continue
            if (part := carrier.part(sample.pixels, self._pictures.where[source])) is not None:
                shares.append(float(part[object_].mean()))
        return float(np.mean(shares)) if shares else float("nan")

    def _ask(self, views: list[ByteArray], columns: int) -> np.ndarray:
        if not views:
            return np.zeros((0, columns))
        p = predict_views(self._model, views).probabilities[:, self._target]
        return p.astype(float).reshape(-1, columns)

    def _controls(self, others: np.ndarray) -> list[np.ndarray]:
        """The rows of each of some other classes, whose pictures give the same part.

        A class may be raised by a part only since that of the control lowers it, such as a shortcut of a third class;
        so there are several.
        """
        classes = self._pictures.targets[others]
        known = self._rng.permutation(np.unique(classes))[:CONTROLS]
        return [others[classes == one] for one in known]

    def _put(self, carrier: Carrier, sources: IntArray, hosts: np.ndarray, controls: list[np.ndarray]) -> np.ndarray:
        """The class's probability in each host with the part, and with that of each control: float (sources, 1 + k)."""
        views: list[ByteArray] = []
        for source, host in zip(sources.tolist(), hosts.tolist(), strict=True):
            donors = [self._one_of(rows, host) for rows in controls]
            shown = self._read(host).pixels
            views += [
                carrier.put(shown, self._read(donor).pixels, self._pictures.where[source])
                for donor in (source, *donors)
            ]
        return self._ask(views, 1 + len(controls))

    def _one_of(self, rows: np.ndarray, host: int) -> int:
        """A row at random, another one than the host where there is one."""
        rest = rows[rows != host]
        return int(self._rng.choice(rest if len(rest) else rows))

    def _removed(self, carrier: Carrier, sources: IntArray, others: np.ndarray) -> np.ndarray:
        """The class's probability without the part, and without an equal one elsewhere: float (sources, 2)."""
        views: list[ByteArray] = []
        for source in sources:
            shift = (float(self._rng.uniform(0.25, 0.75)), float(self._rng.uniform(0.25, 0.75)))
            elsewhere = carrier.moved(shift)
            if elsewhere is None:
                break
            own, strange = (self._read(int(row)).pixels for row in (source, self._rng.choice(others)))
            where = self._pictures.where[source]
            views += [carrier.put(own, strange, where), elsewhere.put(own, strange, where)]
        return self._ask(views, 2)
