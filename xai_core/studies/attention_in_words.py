"""From which epoch on a network looks at the object, in a sentence, by the rules of docs/verdicts.md."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from xai_core.studies.attention import UNSEEN
from xai_core.studies.foreground import ALPHA
from xai_core.studies.paired import FEWEST_FLIPPED
from xai_core.studies.words import format_p, percent, points

_ALONE = (
    "By themselves, maps do not say that the model looks there: those of a network with random weights often lie on "
    "objects that stand out."
)
_ORDER = (
    "Epochs are tested from the last one back, until one fails or has too few maps (level 0.05 for all of them "
    "together)."
)


class AttentionAnswer(NamedTuple):
    """From when on it looks at the object.

    Attributes
    ----------
    answer : str
        In a sentence or two.
    test : str
        The numbers on which it rests, and how they were tested; empty where there is no test.
    claim : {"on", "off", ""}
        Where its maps are said to lie; empty where it cannot be told or is not shown.
    """

    answer: str
    test: str
    claim: Literal["on", "off", ""] = ""


def attention_sentence(table: pd.DataFrame, no_evidence: str = "") -> str:
    """What `attention_answer` gives, as one text.

    Parameters
    ----------
    table, no_evidence
        See there.
    """
    answer, test, _ = attention_answer(table, no_evidence)
    return f"{answer} {test}".rstrip()


def attention_answer(table: pd.DataFrame, no_evidence: str = "") -> AttentionAnswer:
    """From when on it looks at the object, if it does; without random weights, from when on its maps lie there.

    The last epoch is tested at level 0.05; only where it passes is the one before tested, and so on back to the first
    that does not, or that has too few maps for a test. In such a fixed sequence the chance of any wrong claim stays at
    0.05, however many epochs there are.

    Parameters
    ----------
    table : DataFrame
        Of `attention_table`.
    no_evidence : str
        Why maps of this method are no evidence for any class (`Method.no_evidence`); they get no answer.
    """
    known = np.flatnonzero(table["n"] >= FEWEST_FLIPPED)
    if not len(known):
        return AttentionAnswer(_untested(table), "")
    last = table.iloc[known[-1]]
    compared = "beyond" in table
    if no_evidence:
        said = f"Whether it looks at the object cannot be told. {no_evidence}"
    elif last["outcome"] == UNSEEN:
        said = (
            f"Whether it looks at the object cannot be told: at epoch {last['epoch']} the network gives the classes "
            f"that the maps explain {percent(last['seen'])} on average, so it does not see them."
        )
    elif last["outcome"] not in ("more", "less"):
        said = "It is not shown to look at the object: its maps say no more than where objects usually lie."
    else:
        return _of_direction(table, int(known[-1]), compared=compared)
    return AttentionAnswer(said, _numbers(last, compared=compared))


def _of_direction(table: pd.DataFrame, at: int, *, compared: bool) -> AttentionAnswer:
    """Where the maps of the last epoch that is tested lie on the object, or off it."""
    last = table.iloc[at]
    test = _numbers(last, compared=compared)
    where, way = ("on", "more") if last["outcome"] == "more" else ("off", "less")
    on = f"they lie on it {way} than the usual place of objects explains"
    if compared and not last["beyond"]:
        said = f"It cannot be told: its maps lie {where} the object, and those of random weights may, too."
        return AttentionAnswer(said, test)
    random = f", and {way} than with random weights." if compared else f". {_ALONE}"
    if way == "less":
        return AttentionAnswer(f"At epoch {last['epoch']}, the maps lie off the object: {on}{random}", test, "off")
    found = "the maps show that the model looks at the object" if compared else "the maps lie on the object"
    return AttentionAnswer(f"{_since(table, at, compared=compared)}, {found}: {on}{random}", f"{test} {_ORDER}", "on")


def _since(table: pd.DataFrame, last: int, *, compared: bool) -> str:
    """From which epoch on, going back from the last one that is tested."""
    passed = (table["outcome"] == "more") & (table["beyond"].astype(bool) if compared else True)
    away = np.flatnonzero(~passed.iloc[:last])
    epochs = table["epoch"]
    reach = "on" if last == len(table) - 1 else f"to {epochs.iloc[last]}"
    return f"From epoch {epochs.iloc[away[-1] + 1 if len(away) else 0]} {reach}"


def _numbers(last: pd.Series, *, compared: bool) -> str:
    """What was found at the last epoch that is tested."""
    spread = ""
    if np.isfinite(last["low"]):
        spread = f", 95% interval {100 * last['low']:+.0f} to {100 * last['high']:+.0f}"
    tested = f", {format_p(last['p'])}" if np.isfinite(last["p"]) else ""
    unit = " groups" if last["n"] < last["pictures"] else ""
    said = (
        f"At epoch {last['epoch']}, {percent(last['inside'])} of the evidence lies on the object; "
        f"{percent(last['usual'])} would if the maps only marked where objects usually lie "
        f"(n = {last['n']:,}{unit}, difference {points(last['excess'], 0, 'none')}{spread}{tested}). "
    )
    if compared and np.isfinite(last.get("random", np.nan)):
        said += (
            f"With random weights this difference is {_points(last['random'])} on average; with one more set of "
            f"random weights it would lie between {_points(last['random_low'])} and {_points(last['random_high'])} "
            f"in {percent(1 - ALPHA)} of cases ({format_p(last['p_random'])} for the trained network against them). "
        )
    return f"{said}The object covers {percent(last['area'])} of the picture."


def _points(share: float) -> str:
    return points(share, 0, "0 points")


def _untested(table: pd.DataFrame) -> str:
    """Why no epoch is tested."""
    if table["inside"].notna().any() and table["usual"].isna().all():
        return (
            "Whether it looks at the object cannot be told: no other picture has a mask to compare with, or all masks "
            "are so alike that a map of the object is one of the place where objects usually lie."
        )
    what = "groups of pictures with usable maps" if (table["n"] < table["pictures"]).any() else "usable maps"
    return (
        f"With fewer than {FEWEST_FLIPPED} {what} at an epoch this cannot be said: a test of so few can't fall below "
        f"p = {ALPHA:g}."
    )
