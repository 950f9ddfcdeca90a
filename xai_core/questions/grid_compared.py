"""Studies of one question on the same pictures beside each other: what each found, and what differs between them."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from xai_core import regular
from xai_core.batch.grid_folder import GridFolder
from xai_core.batch.store import StudyFolder
from xai_core.questions import get_question
from xai_core.questions.grid_studies import GridStudy
from xai_core.questions.so_far import part_values
from xai_core.stats import holm, sign_flip
from xai_core.studies.groups import group_means
from xai_core.types import StatResult
from xai_core.types.counts import form, number_of, part_of

LEVEL = 0.05
_TESTS, _MOST_BYTES = "tests.csv", 1 << 20
_SIGNS = 10_000_000  # that are drawn for a pair at most, so that a page with many pairs comes in seconds
_DRAWS = 20_000  # sign patterns of few pictures


class _Effect(NamedTuple):
    """The primary test of a study, NaN where it has none."""

    test: str
    n: int
    p: float
    effect: str
    size: float
    low: float
    high: float


_NONE = _Effect("", 0, math.nan, "", math.nan, math.nan, math.nan)


def _primary(study: StudyFolder) -> _Effect | None:
    """The first row of a study's tests; None where there is none that can be read."""
    try:
        text = regular.read_bytes(study.folder / _TESTS, _MOST_BYTES).decode()
        row = next(csv.DictReader(io.StringIO(text)))
        size, low, high, p = (float(row[key] or math.nan) for key in ("size", "low", "high", "p"))
        return _Effect(row["test"], int(row["n"]), p, row["effect"], size, low, high)
    except (OSError, ValueError, KeyError, TypeError, StopIteration, csv.Error):
        return None


def effects(found: Sequence[GridStudy]) -> pd.DataFrame:
    """What each complete study found by its own primary test.

    Parameters
    ----------
    found : Sequence of GridStudy

    Returns
    -------
    DataFrame
        A row a cell: name, model, method, n, answer, test, effect, size, low and high of its 95% interval, p, which is
        NaN where the study's answer is mixed, or that it cannot tell, and p_holm: corrected over all cells.
    """
    rows = []
    for one in found:
        primary = _primary(one.study) if one.study is not None and one.summary is not None else None
        row = {"name": one.name, "model": one.cell.model, "method": one.cell.method or "", "answer": one.state}
        row |= (primary or _NONE)._asdict()
        rows.append(row | ({"p": math.nan} if one.cannot_tell or one.mixed else {}))
    table = pd.DataFrame(rows, columns=["name", "model", "method", "answer", *_Effect._fields])
    return table.assign(p_holm=holm(table["p"].to_numpy(float)))


class _Values(NamedTuple):
    """One number a picture, by its place."""

    places: np.ndarray
    values: np.ndarray
    groups: list[str | None]


def _values_of(study: StudyFolder) -> _Values | None:
    """What is compared of each picture; None where a part cannot be read."""
    question = get_question(study.kind)
    places, values, groups = [], [], list[str | None]()
    try:
        for number in range(int(study.head["parts"])):
            if (found := part_values(study, number, study.identity, question)) is None:
                return None
            about, there = found
            if not about["ids"]:
                continue
            places.append(study.array(number, "index"))
            values.append(question.load_so_far().each(there))
            groups += about.get("groups") or [None] * len(about["ids"])
        where, what = np.concatenate(places), np.concatenate(values)
    except Exception:  # damaged, or of a kind that has no single number a picture
        return None
    known = np.isfinite(what)
    return _Values(where[known], what[known], [one for one, fine in zip(groups, known, strict=True) if fine])


def differences(found: Sequence[GridStudy]) -> pd.DataFrame:
    """Pairs of studies that differ in the model alone or in the method alone, picture by picture.

    Parameters
    ----------
    found : Sequence of GridStudy

    Returns
    -------
    DataFrame
        A row a pair: first, second, name, n pictures (groups, where pictures belong together) that count in both, size:
        the mean difference of the question's measure, low and high of its 95% interval, p of sign flips, NaN where one
        of the two cannot tell, and p_holm: corrected over all rows.
    """
    unsure = {one.name for one in found if one.cannot_tell}
    values: dict[str, _Values] = {}
    for one in found:
        if one.summary is None or one.study is None or not get_question(one.study.kind).so_far:
            continue
        if (known := _values_of(one.study)) is not None:
            values[one.cell.name] = known
    rows = []
    for one, two in combinations([one for one in found if one.cell.name in values], 2):
        if (one.cell.model == two.cell.model) == (one.cell.method == two.cell.method):
            continue
        result = _tested(values[one.cell.name], values[two.cell.name])
        low, high = result.interval
        row = {"first": one.name, "second": two.name, "name": f"{two.name} − {one.name}", "n": result.n}
        rows.append(row | {"size": result.effect, "low": low, "high": high})
        rows[-1]["p"] = math.nan if unsure & {one.name, two.name} else result.p
    table = pd.DataFrame(rows, columns=["first", "second", "name", "n", "size", "low", "high", "p"])
    return table.assign(p_holm=holm(table["p"].to_numpy(float)))


def _tested(one: _Values, two: _Values) -> StatResult:
    """The second minus the first on pictures that both have."""
    _, first, second = np.intersect1d(one.places, two.places, return_indices=True)
    change = two.values[second] - one.values[first]
    groups = [one.groups[place] for place in first.tolist()]
    if any(groups):
        change = group_means(change, groups)
    draws = min(_DRAWS, max(1_000, _SIGNS // max(len(change), 1)))
    return sign_flip(change, np.zeros(len(change)), draws=draws)


def measure_of(grid: GridFolder) -> str:
    """What is compared between the studies of a grid, in words; empty where its question has no such number."""
    question = get_question(grid.kind)
    return str(question.load_so_far().measure) if question.so_far else ""


def concluded(own: pd.DataFrame, pairs: pd.DataFrame, measure: str) -> list[str]:
    """What may be concluded, a sentence each; the tests that are corrected together are named.

    Parameters
    ----------
    own : DataFrame
        As `effects`.
    pairs : DataFrame
        As `differences`.
    measure : str
        As `measure_of`.

    Returns
    -------
    list of str
    """
    said = []
    if tested := int(np.isfinite(own["p"]).sum()):
        kept = int((own["p_holm"] < LEVEL).sum())
        said.append(
            f"{part_of(kept, tested, 'primary test', 'finds', 'find')} an effect when p is "
            f"corrected for all of them (Holm, {LEVEL:.0%}): a family of {number_of(tested, 'study', 'studies')}."
        )
    if tested := int(np.isfinite(pairs["p"]).sum()):
        kept = int((pairs["p_holm"] < LEVEL).sum())
        said.append(
            f"{part_of(kept, tested, 'pair', 'differs', 'differ')} in the {measure}, picture by "
            f"picture (sign flips, Holm, {LEVEL:.0%}). Family: all pairs of studies with an answer that differ in "
            "the model alone or in the method alone."
        )
    return said


def not_concluded(found: Sequence[GridStudy], pairs: pd.DataFrame) -> list[str]:
    """What may not be concluded, a sentence each.

    Parameters
    ----------
    found : Sequence of GridStudy
    pairs : DataFrame
        As `differences`.

    Returns
    -------
    list of str
    """
    done = [one.study for one in found if one.summary is not None and one.study is not None]
    said = [
        "Effects of several studies side by side do not show that two of them differ, even where one is significant "
        "and the other is not."
    ]
    if len(pairs):
        said.append(
            "A difference between maps does not say which model is better or which map is right, and where none is "
            "found, the two need not be alike: the interval says how large a difference may still be."
        )
    if unsure := [one.name for one in found if one.cannot_tell]:
        said.append(
            f"By its own rules, {form(len(unsure), 'one study', f'{len(unsure)} studies')} cannot tell "
            f"({'; '.join(unsure)}): {form(len(unsure), 'its primary test is', 'their primary tests are')} in no "
            "family, nor is a difference from such maps, which is no evidence of what a model uses."
        )
    if mixed := [one.name for one in found if one.mixed]:
        said.append(
            f"{form(len(mixed), 'One study is', f'{len(mixed)} studies are')} mixed ({'; '.join(mixed)}): "
            f"{form(len(mixed), 'its primary test is', 'their primary tests are')} one piece of evidence that others "
            "contradict, and in no family."
        )
    if len({tuple(one.head["layers"]) for one in done}) > 1:
        said.append(
            "The studies look at different layers, and coarser maps spread further: a difference may be one of "
            "resolution."
        )
    versions = sorted({str(one.head.get("xai_core")) for one in done})
    if len(versions) > 1:
        said.append(
            f"The studies were made by different versions of this library ({', '.join(versions)}), so a difference may "
            "be one of versions."
        )
    if missing := sum(one.summary is None for one in found):
        is_not, them = form(missing, "is not", "are not"), form(missing, "it", "them")
        said.append(
            f"{missing} of {number_of(len(found), 'study', 'studies')} {is_not} complete: nothing is said of {them}."
        )
    return said
