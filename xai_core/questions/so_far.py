"""What a study has found before it is complete: one number over the pictures that are there, and how sure it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path

import numpy as np

from xai_core.batch.store import StudyFolder
from xai_core.questions import get_question
from xai_core.stats import mean_interval
from xai_core.studies.words import format_interval
from xai_core.types.counts import number_of

MANY = 20_000  # pictures from which on fewer draws do for an interval
KEPT = 100_000  # parts whose values are kept between two looks
NOT_YET = "This is no verdict: tests, controls and the report come when all pictures have been looked at."


@dataclass(frozen=True)
class SoFar:
    """How a question speaks of a part of its pictures.

    Attributes
    ----------
    values : callable
        ``values(study, number)``: what counts of the pictures of a part, float (n,) or (n, k); NaN where nothing does.
    say : callable
        ``say(study, values)``: a sentence about the values of all parts that are there, without NaN.
    """

    values: Callable[[StudyFolder, int], np.ndarray]
    say: Callable[[StudyFolder, np.ndarray], str]


def sentences_so_far(study: StudyFolder) -> tuple[str, ...]:
    """What an unfinished study says.

    Parameters
    ----------
    study : StudyFolder

    Returns
    -------
    tuple of str
        None where its question says nothing before its end, or where nothing is there that counts.
    """
    question = get_question(study.kind)
    if not question.so_far:
        return ()
    module, _, name = question.so_far.partition(":")
    asked: SoFar = getattr(import_module(module), name)
    parts, grouped = [], False
    for number in range(int(study.head["parts"])):
        found = _part(study.folder, study.identity, number, question.so_far)
        if found is not None:
            parts.append(found[0])
            grouped |= found[1]
    values = np.concatenate([one for one in parts if len(one)] or [np.zeros(0)])
    known = values[np.isfinite(values).all(axis=tuple(range(1, values.ndim)))] if len(values) else values
    if not len(known):
        return ()
    said = [f"So far, of {number_of(len(known), 'picture')}: {asked.say(study, known)}"]
    if grouped:
        said.append(
            "Pictures come in groups that belong together; they count one by one here, and as groups at the end."
        )
    if not question.taking_turns:
        said.append("Pictures come in the order of the data, so those that are missing may be of another kind.")
    return (*said, NOT_YET)


@lru_cache(maxsize=KEPT)
def _read(folder: Path, identity: str, number: int, name: str) -> tuple[np.ndarray, bool]:
    study = StudyFolder.open(folder)
    about = study.about(number)
    if (about["study"], about["number"]) != (identity, number):
        raise LookupError(number)
    module, _, attribute = name.partition(":")
    if not about["ids"]:
        return np.zeros(0), False
    return getattr(import_module(module), attribute).values(study, number), "groups" in about


def _part(folder: Path, identity: str, number: int, name: str) -> tuple[np.ndarray, bool] | None:
    """The values of a part, and whether its pictures have groups; None where it is not there, or damaged."""
    try:
        return _read(folder, identity, number, name)
    except Exception:  # absent, or a damaged archive, which raises a dozen kinds
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
