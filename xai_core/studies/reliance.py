"""What a model uses, the object or the background, by what another class's background costs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.studies.class_gate import LEAST
from xai_core.studies.groups import counted, group_means, groups_of
from xai_core.studies.paired import flipped

NOBODY = -1  # in the place of the picture that lent its background: a texture was taken
LITTLE, MOST = 0.2, 0.5  # of the probability: a loss below the first counts as little, above the second as most
FEWEST = 6  # pictures below which no interval is given, and nothing is said: it would hold skewed losses too rarely
_NEEDED = 0.5  # share of the pictures that must have one of the same label for its background to be the reference


class _Shown(NamedTuple):
    """A mean over pictures, or groups, and its interval."""

    mean: float
    low: float
    high: float


RestsOn = Literal["object", "background", "both", "neither", "unknown"]
Reason = Literal[
    "unsure",  # of the classes to begin with, so there is little to lose
    "little",  # is what another class's background costs
    "most",  # of the probability is what it costs, beyond one of the same class
    "alone",  # the background keeps nearly all, and more than the object alone
    "part",  # of the probability is what it costs, or adds, beyond one of the same class
    "needless",  # is the object: the background alone is shown to keep nearly all
    "few",  # pictures, too few for an interval
    "reference",  # is none: a background of the same class costs most of the probability itself
    "missed",  # may be pictures that lose all: what is seen is little, of too few pictures
    "hiding",  # the object is not shown to cost more than hiding as much elsewhere
    "enough",  # is the background alone, on average: then nothing that was changed matters
    "pasting",  # may cost as much, without a background of the same class to tell
    "wide",  # is the interval: the change may be little or more
]
_ON: dict[Reason, RestsOn] = {
    "unsure": "neither",
    "little": "object",
    "most": "background",
    "alone": "background",
    "part": "both",
}


@dataclass(frozen=True)
class Reliance:
    """What a model uses in some pictures.

    Attributes
    ----------
    reason : Reason
        What decided, or why the pictures do not tell.
    lost : float
        Share of the probability that another class's background costs, beyond what one of the same class costs where
        that is known.
    low, high : float
        Its 95% interval, wider where labels are a family, at most all of it; NaN for fewer than `FEWEST` pictures.
    object_alone, background_alone : float
        Shares of the probability that are left with one of them alone.
    n : int
        Pictures, or groups of them, that all of this is about.
    beyond : bool
        Whether `lost` is what another class's background costs beyond one of the same class.
    pictures : int
        As many as `n`, unless each group counts once.
    grouped : bool
        Whether pictures that belong together were averaged, and count once.
    hiding, hiding_low, hiding_high : float
        Share of the probability that hiding the object costs beyond hiding as much of the picture elsewhere, and its
        interval; NaN where that was not tried.
    left_out : int
        Pictures that have no other of their class, where one is the reference.
    losing : float
        As large may the share of pictures be of which none is among these: they may lose most of the probability.
    """

    reason: Reason
    lost: float
    low: float
    high: float
    object_alone: float
    background_alone: float
    n: int
    beyond: bool = False
    pictures: int = 0
    grouped: bool = False
    hiding: float = float("nan")
    hiding_low: float = float("nan")
    hiding_high: float = float("nan")
    left_out: int = 0
    losing: float = float("nan")

    @property
    def on(self) -> RestsOn:
        """What the model uses; "neither" if it is not sure of the classes, "unknown" if the pictures do not tell."""
        return _ON.get(self.reason, "unknown")

    @property
    def needless(self) -> bool:
        """Whether the pictures tell nothing but that the background alone keeps all but `LITTLE` of the probability."""
        return self.reason == "needless"

    @property
    def object_matters(self) -> bool:
        """Whether hiding the object is shown to cost more than hiding as much of the picture elsewhere."""
        return self.hiding_low > 0

    @property
    def counted(self) -> str:
        """What the interval counts, in words: pictures, or groups of them."""
        return counted(self.n, self.pictures if self.grouped else self.n, self.grouped)


def _interval(values: np.ndarray, confidence: float) -> tuple[float, float]:
    """The interval of a mean, wide enough for losses that are skewed or carried by few pictures; NaN for few values."""
    n = len(values)
    if n < FEWEST:
        return float("nan"), float("nan")
    low, high = stats.mean_interval(values, confidence=confidence)
    if not np.isfinite(low):  # all the same: as many others as such a sample can miss may be another way
        missed, mean = stats.share_at_most(0, n, confidence=confidence), float(values.mean())
        return mean - missed, mean + missed
    fewest, most = stats.carried_interval(values, confidence=confidence)
    return min(low, fewest), max(high, most)


def _more(differences: pd.Series, confidence: float) -> bool:
    """Whether more than `LITTLE` is left on average, by sign flips: few pictures are enough where they agree."""
    test = flipped(differences.dropna().to_numpy(float) - LITTLE)
    return bool(test.p < 1 - confidence and test.effect > 0)


def _counted(wide: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    """The pictures that a loss is about, and whether it is one beyond that of a background of the same class."""
    beyond = "same" in wide and bool(wide["same"].notna().mean() >= _NEEDED)
    return wide.dropna(subset=["whole", "swapped", *(["same"] if beyond else [])]), beyond


def counted_rows(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the pictures that `rests_on` is about; all, where it is about none.

    Parameters
    ----------
    table : DataFrame
        Rows of `xai.intervention`.

    Returns
    -------
    DataFrame
    """
    counted_, _ = _counted(table.pivot(index="picture", columns="kind", values="p"))
    return table[table["picture"].isin(counted_.index)] if len(counted_) else table


def rests_on(table: pd.DataFrame, *, confidence: float = 0.95) -> Reliance:
    """What the model uses.

    Pictures that belong together are averaged first, and count once. Where at least half of them have another of their
    class, whose background is the reference, all numbers are about these. A change is little where its whole
    interval lies within `LITTLE` of none, up or down (a test of equivalence), and so many pictures show it that a
    share of `LITTLE` that loses all would be among them; most where the interval lies above `MOST`; and some where
    it lies on one side of zero and its mean is not little; else the pictures do not tell. Nor do they where a
    change is little and hiding the object is not shown to cost more than hiding as much of the picture elsewhere. A
    background of the same class that costs most of the probability itself is no reference, and no change is little.
    Without one of the same class, pasting alone may cost what another class's does: then no loss is the background's.
    Where the background alone is enough, the object alone is not, and the first is shown to keep more than the
    second by over `LITTLE`, the model uses the background if another one is not shown to cost little.

    Parameters
    ----------
    table : DataFrame
        Rows of `xai.intervention` with the kinds "whole" and "swapped"; "same", "object", "background" and "elsewhere"
        count where they are there, and so does a column group.
    confidence : float
        Of the interval, in (0, 1); more than 0.95 where several labels are a family.

    Returns
    -------
    Reliance
    """
    every = table.pivot(index="picture", columns="kind", values="p")
    wide, beyond = _counted(every)
    left_out = len(every) - len(wide)
    if wide.empty:
        wide, left_out = every, 0
    groups = groups_of(table.drop_duplicates("picture").set_index("picture").loc[wide.index])

    def units(values: pd.Series) -> pd.Series:
        """A value for each picture, or each group."""
        return values if groups is None else pd.Series(group_means(values.to_numpy(float), groups))

    known = units(wide["whole"])
    whole, n, nan = float(known.mean()), len(known), float("nan")

    def left(kind: str) -> float:
        return float(units(wide[kind]).mean()) / whole if kind in wide and whole > 0 else nan

    def shown(before: str, after: str) -> _Shown:
        """The share of the probability that is lost from one to the other; no more than all of the first can be."""
        if not {before, after} <= set(wide):
            return _Shown(nan, nan, nan)
        some, first = units((wide[before] - wide[after]) / whole).to_numpy(float), float(units(wide[before]).mean())
        low, high = np.clip(_interval(some, confidence), (first - 1) / whole, first / whole).tolist()
        return _Shown(float(some.mean()), low, high)

    alone = (left("object"), left("background"))
    about: dict[str, Any] = {"pictures": len(wide), "grouped": groups is not None, "left_out": left_out}
    if not whole >= LEAST:
        return Reliance("unsure", nan, nan, nan, *alone, n, **about)
    loss, hiding = shown("same" if beyond else "whole", "swapped"), shown("elsewhere", "background")
    enough = alone[1] > 1 - LITTLE
    ahead = enough and alone[0] < MOST and _more(units((wide["background"] - wide["object"]) / whole), confidence)
    losing = stats.share_at_most(0, n, confidence=confidence)
    # That another class's costs no more than one of the same class says nothing where each costs most of it.
    kept = not beyond or left("same") > 1 - MOST
    reason = _uses(loss, beyond=beyond, kept=kept, ahead=ahead)
    if reason == "little":
        reason = "missed" if losing >= LITTLE else "hiding" if not hiding.low > 0 else "enough" if enough else "little"
    # A test of equivalence, with as many pictures as the one of another background needs.
    if reason not in _ON and losing < LITTLE and shown("whole", "background").high < LITTLE:
        reason = "needless"
    about |= {"hiding": hiding.mean, "hiding_low": hiding.low, "hiding_high": hiding.high, "losing": losing}
    return Reliance(reason, loss.mean, loss.low, loss.high, *alone, n, beyond, **about)


def _uses(loss: _Shown, *, beyond: bool, kept: bool, ahead: bool) -> Reason:
    """What follows from a loss, before other ways of losing little are looked at.

    `kept` is whether the reference keeps more than half of the probability, `ahead` whether the background alone is
    shown to keep more than the object alone.
    """
    if not np.isfinite(loss.low):
        return "few"
    if kept and loss.low > -LITTLE and loss.high < LITTLE:
        return "little"
    if beyond and loss.low > MOST:  # else it may be what cutting out and pasting cost
        return "most"
    if ahead:
        return "alone"
    if not kept:
        return "reference"
    if beyond and ((loss.low > 0 and loss.mean >= LITTLE) or (loss.high < 0 and loss.mean <= -LITTLE)):
        return "part"
    return "pasting" if not beyond and (loss.low > 0 or loss.high < 0) else "wide"


def rests_on_by_label(table: pd.DataFrame, labels: Sequence[str | None]) -> dict[str, Reliance]:
    """What the model uses, label by label; `labels` has one for each picture of the table, by its place.

    The family is that of all labels: their intervals are wider, so that all of them together hold in 95% of cases
    (Bonferroni).
    """
    named = table.assign(label=[labels[int(place)] for place in table["picture"]])
    parts = {str(label): part for label, part in named.groupby("label", sort=False)}
    return {label: rests_on(part, confidence=1 - 0.05 / len(parts)) for label, part in parts.items()}
