"""From pictures to strategies: groups on one half, tests on the other, Holm's correction over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats as tests

from xai_core import stats
from xai_core.discovery.attributes import followed
from xai_core.discovery.candidates import FEWEST
from xai_core.discovery.groups import Group, Halves, find_groups
from xai_core.discovery.pictures import Pictures
from xai_core.discovery.proposing import propose
from xai_core.discovery.records import CarrierTest, Strategy
from xai_core.discovery.regions import region_of
from xai_core.discovery.rule import ABOUT_AS_MUCH, is_suspect
from xai_core.discovery.testing import Bench, Measured, ReadView, paired
from xai_core.discovery.words import plain_sentence, strategy_sentence
from xai_core.inference.surrogate import log_odds
from xai_core.types import Classifier, FloatArray

TYPICAL = 6
OTHERS = 200  # pictures of other classes that contents are compared with, and parts put into, at most
_PARTICULAR = ("border", "place", "content", "colour", "surroundings")
NAN = float("nan")


@dataclass(frozen=True, eq=False)
class Tested:
    """A group with all that was measured of it, before corrections."""

    label: str
    group: Group
    sources: np.ndarray
    measured: tuple[Measured, ...]
    p_accuracy: float
    p_confidence: float
    attributes: pd.DataFrame


def test_class(
    model: Classifier,
    read: ReadView,
    pictures: Pictures,
    attributes: pd.DataFrame,
    held: np.ndarray,
    target: int,
    label: str,
    seed: int,
) -> list[Tested]:
    """The groups of a class and what was measured of each.

    Parameters
    ----------
    model : Classifier
    read : callable
        A row's view.
    pictures : Pictures
        Of all classes, all usable.
    attributes : DataFrame
        Theirs, as `attributes_of` gives them.
    held : ndarray
        bool (N,), the half for tests.
    target : int
        The class.
    label : str
        Its name.
    seed : int

    Returns
    -------
    list of Tested
    """
    rng = np.random.default_rng((seed, target))
    mine = pictures.targets == target
    own = Halves(np.flatnonzero(mine & ~held), np.flatnonzero(mine & held))
    others = Halves(*(rng.permutation(np.flatnonzero(~mine & half))[:OTHERS] for half in (~held, held)))
    values = attributes.iloc[own.tested]
    score = log_odds(pictures.probabilities[own.tested, target])
    bench = Bench(model, read, pictures, target, rng)
    found = []
    for group, proposed in propose(bench, pictures, find_groups(pictures, own.looked, own.tested, seed), own, others):
        sources = bench.sources(group.tested)
        measured: tuple[Measured, ...] = ()
        if len(others.tested) and len(sources) >= FEWEST:
            measured = tuple(bench.measure(one, sources, others.tested) for one in proposed)
        inside = np.isin(own.tested, group.tested)
        p_accuracy, p_confidence = _against_rest(pictures, own.tested, inside, target)
        found.append(
            Tested(label, group, sources, measured, p_accuracy, p_confidence, followed(values[inside], score[inside]))
        )
    return found


def _against_rest(pictures: Pictures, tested: np.ndarray, inside: np.ndarray, target: int) -> tuple[float, float]:
    """p of accuracy (Fisher) and of confidence (Mann-Whitney) in a group against the rest of the class."""
    if inside.sum() < FEWEST or (~inside).sum() < FEWEST:
        return NAN, NAN
    p = pictures.probabilities[tested]
    right, sure = p.argmax(axis=1) == target, p[:, target]
    counts = [[int(right[part].sum()), int((~right[part]).sum())] for part in (inside, ~inside)]
    return float(tests.fisher_exact(counts).pvalue), float(tests.mannwhitneyu(sure[inside], sure[~inside]).pvalue)


def conclude(pictures: Pictures, held: np.ndarray, found: Sequence[Tested]) -> tuple[Strategy, ...]:
    """Corrections over all tests of all classes, and the rule.

    Parameters
    ----------
    pictures : Pictures
    held : ndarray
        bool (N,), the half for tests.
    found : Sequence of Tested
        Of all classes.

    Returns
    -------
    tuple of Strategy
        Of each class the suspected ones first.
    """
    every = [measured for one in found for measured in one.measured]
    added = [paired(one.added, one.control) for one in every]
    removed = [paired(one.removed_control, one.removed) for one in every]
    p_added, p_removed = stats.holm([one.p for one in added]), stats.holm([one.p for one in removed])
    p_rest = stats.holm([p for one in found for p in (one.p_accuracy, one.p_confidence)]).reshape(-1, 2)
    correlations = pd.concat([one.attributes for one in found], keys=range(len(found)))
    correlations["p_holm"] = stats.holm(correlations["p"].to_numpy(float))
    strategies, at = [], 0
    numbers: dict[str, int] = {}
    for place, one in enumerate(found):
        carriers = []
        for measured in one.measured:
            rise = added[at]
            carrier, repeated = measured.candidate.carrier, measured.candidate.repeated
            carriers.append(
                CarrierTest(
                    carrier.key,
                    carrier.title,
                    len(measured.added),
                    float(measured.added.mean()),
                    float(measured.control.mean()),
                    rise.interval,
                    rise.p,
                    float(p_added[at]),
                    float(measured.removed.mean()) if len(measured.removed) else NAN,
                    float(measured.removed_control.mean()) if len(measured.removed) else NAN,
                    float(p_removed[at]),
                    repeated,
                    is_suspect(carrier, rise.mean, float(p_added[at]), repeated, measured.holds),
                    measured.candidate.cells is not None,
                    measured.holds,
                )
            )
            at += 1
        numbers[one.label] = numbers.get(one.label, -1) + 1
        known = correlations.loc[place] if place in correlations.index.get_level_values(0) else correlations.iloc[:0]
        strategies.append(_strategy(pictures, held, one, numbers[one.label], _first(carriers), p_rest[place], known))
    order = {label: number for number, label in enumerate(numbers)}
    return tuple(sorted(strategies, key=lambda one: (order[one.label], one.suspect is None, one.name)))


def _first(carriers: list[CarrierTest]) -> tuple[CarrierTest, ...]:
    """Those that say most first: of suspects, the most particular one among those that add about as much as any.

    A border and a tint are in the surroundings, too; they are named where they explain most of what these do.
    """
    most = max((test.gain for test in carriers if test.suspect), default=0.0)

    def rank(test: CarrierTest) -> tuple[bool, bool, int]:
        return not test.suspect, test.gain < ABOUT_AS_MUCH * most, _PARTICULAR.index(test.carrier)

    return tuple(sorted(carriers, key=rank))


def _strategy(
    pictures: Pictures,
    held: np.ndarray,
    one: Tested,
    number: int,
    carriers: tuple[CarrierTest, ...],
    p_rest: np.ndarray,
    attributes: pd.DataFrame,
) -> Strategy:
    group = one.group
    rows = np.concatenate([group.looked, group.tested])
    target = pictures.targets[rows[0]]
    own = pictures.targets == target
    rest = np.setdiff1d(np.flatnonzero(own & held), group.tested)
    right = pictures.probabilities.argmax(axis=1) == target
    typical = _typical(pictures, group, rows)
    mean_map = pictures.where[rows].mean(axis=0)
    strategy = Strategy(
        name=f"{one.label}, group {number}" if group.view.key else f"{one.label}, all",
        label=one.label,
        view=group.view.title,
        dense=group.dense,
        stability=group.stability,
        places=tuple(pictures.places[rows].tolist()),
        tested=tuple(pictures.places[group.tested].tolist()),
        n_class=int(own.sum()) if group.view.key else len(rows),
        n_tested_class=int((own & held).sum()),
        mean_map=mean_map,
        region=_region(mean_map, one.measured, carriers),
        typical=tuple(pictures.places[typical].tolist()),
        typical_maps=pictures.where[typical],
        accuracy=float(right[group.tested].mean()),
        accuracy_rest=float(right[rest].mean()) if len(rest) else NAN,
        p_accuracy=float(p_rest[0]),
        p_confidence=float(p_rest[1]),
        tests=carriers,
        attributes=attributes[["attribute", "rho", "n", "p_holm"]].reset_index(drop=True),
    )
    return replace(strategy, sentence=strategy_sentence(strategy), plain=plain_sentence(strategy))


def _region(mean_map: FloatArray, measured: Sequence[Measured], carriers: Sequence[CarrierTest]) -> np.ndarray:
    """Where the content lies that is named first, if at one place; else what the mean map points at."""
    cells = {one.candidate.carrier.key: one.candidate.cells for one in measured}
    first = next((cells[test.carrier] for test in carriers if test.suspect), None)
    return first if first is not None and first.any() else region_of(mean_map)


def _typical(pictures: Pictures, group: Group, rows: np.ndarray) -> np.ndarray:
    """The rows nearest to the group's middle in its view."""
    values = getattr(pictures, group.view.key or "what").reshape(len(pictures), -1)[rows].astype(float)
    spread = values.std(axis=0)
    scaled = (values - values.mean(axis=0)) / np.where(spread > 1e-12, spread, np.inf)
    return rows[np.argsort((scaled**2).sum(axis=1), kind="stable")[:TYPICAL]]
