"""What a study has found before it is complete: one number over the pictures that are there, and how sure it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from xai_core.batch.store import PARTS, StudyFolder
from xai_core.questions import Question, get_question
from xai_core.stats import mean_interval
from xai_core.studies.words import format_interval
from xai_core.types.counts import number_of

MANY = 20_000  # pictures from which on fewer draws do for an interval
NOT_YET = "This is no verdict: tests, controls and the report come when all pictures have been looked at."
TURNS = "Labels take turns, so rare ones weigh more now than at the end."
IN_ORDER = "Pictures come in the order of the data, so those that are missing may be of another kind."
GROUPS = "Some pictures belong together in groups; here they count one by one, at the end as groups."


@dataclass(frozen=True)
class SoFar:
    """How a question speaks of a part of its pictures.

    Attributes
    ----------
    values : callable
        ``values(study, number)``: what counts of the pictures of a part, float (n,) or (n, k); NaN where nothing does.
    say : callable
        ``say(study, values)``: a sentence about the values of all parts that are there, without NaN.
    measure : str
        What is compared between studies of the same pictures, in words.
    each : callable
        ``each(values)``: that of each picture, float (n,).
    """

    values: Callable[[StudyFolder, int], np.ndarray]
    say: Callable[[StudyFolder, np.ndarray], str]
    measure: str
    each: Callable[[np.ndarray], np.ndarray] = np.asarray


class _There(NamedTuple):
    """A part's file: its number, and what changes when it is written again."""

    number: int
    size: int
    changed: int


def sentences_so_far(study: StudyFolder) -> tuple[str, ...]:
    """What an unfinished study says; each part is read once.

    Parameters
    ----------
    study : StudyFolder

    Returns
    -------
    tuple of str
        Empty where its question says nothing before its end, or where nothing is there that counts.
    """
    question = get_question(study.kind)
    return _said(study.folder, study.identity, question, _parts_of(study)) if question.so_far else ()


def _parts_of(study: StudyFolder) -> tuple[_There, ...]:
    """The files of the parts with pictures, which stand before all others."""
    found = []
    try:
        for path in (study.folder / PARTS).glob("*.npz"):
            if path.stem.isdecimal() and int(path.stem) < int(study.head["parts"]):
                about = path.stat()
                found.append(_There(int(path.stem), about.st_size, about.st_mtime_ns))
    except OSError:  # taken away meanwhile
        return ()
    return tuple(sorted(found))


@lru_cache(maxsize=4)
def _said(folder: Path, identity: str, question: Question, there: tuple[_There, ...]) -> tuple[str, ...]:
    study, asked = StudyFolder.open(folder), question.load_so_far()
    parts = [found for one in there if (found := _values(folder, identity, question, one)) is not None]
    values = np.concatenate([one for one, _ in parts if len(one)] or [np.zeros(0)])
    known = values[np.isfinite(values).all(axis=tuple(range(1, values.ndim)))]
    if not len(known):
        return ()
    said = [f"So far, of {number_of(len(known), 'picture')}: {asked.say(study, known)}"]
    said += [GROUPS] if any(grouped for _, grouped in parts) else []
    said += [TURNS if question.taking_turns else IN_ORDER]
    return (*said, NOT_YET)


@lru_cache(maxsize=200_000)
def _values(folder: Path, identity: str, question: Question, there: _There) -> tuple[np.ndarray, bool] | None:
    """The values of a part, and whether its pictures have groups; None for one that is damaged, or of another study."""
    found = part_values(StudyFolder.open(folder), there.number, identity, question)
    if found is None:
        return None
    about, values = found
    return values, bool(about["ids"]) and "groups" in about


def part_values(
    study: StudyFolder, number: int, identity: str, question: Question
) -> tuple[dict[str, Any], np.ndarray] | None:
    """What is said of a part's pictures, and their values; None for one that is damaged, or of another study.

    Parameters
    ----------
    study : StudyFolder
    number : int
    identity : str
        Of the study that the part has to be of.
    question : Question
        That of the study, which has a `SoFar`.

    Returns
    -------
    tuple of dict and ndarray, or None
        The texts of the part, and as `SoFar.values`; (0,) where it has no pictures.
    """
    try:
        about = study.about(number)
        if (about["study"], about["number"]) != (identity, number):
            return None
        return about, question.load_so_far().values(study, number) if about["ids"] else np.zeros(0)
    except Exception:  # a damaged archive raises a dozen kinds
        return None


def mean_words(values: np.ndarray, *, signed: bool = False) -> str:
    """A mean with its interval: "42% (95% interval 38 to 47)", or "+3.0 points (95% interval +1.2 to +4.7)".

    Parameters
    ----------
    values : ndarray
        float (n,): shares in [0, 1], or differences of them.
    signed : bool
        Whether they are differences.

    Returns
    -------
    str
    """
    interval = mean_interval(values, resamples=2000 if len(values) <= MANY else 200)
    low, high = np.clip(interval, -1.0 if signed else 0.0, 1.0)
    spec, unit = ("+.1f", " points") if signed else (".0f", "%")
    return f"{100 * values.mean():{spec}}{unit} ({format_interval((float(low), float(high)), spec, 100)})"
