"""Whether one map of one picture can be relied on: what each check found, in words, and what they come to together.

Every limit here is a convention of ours, except that random orders are the yardstick of deletion and insertion: the
papers give measures, not limits. They are meant to catch maps that clearly fail, not to rank those that pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from xai_core.maps import is_flat, rectify
from xai_core.studies.class_gate import ClassSeen
from xai_core.studies.deletion import deletion_areas
from xai_core.studies.words import percent
from xai_core.types import FloatArray

Grade = Literal["holds", "care", "fails", "unknown"]
# Rank correlation of the trained model's map with that of a model with random weights. At a half, a quarter of the
# variation in the places' ranks is shared (its square), and a mean of three draws of a 7 x 7 map hardly gets there by
# chance; above 0.7 half of it is, though nothing learned is left.
CHANGED, STAYED = 0.5, 0.7
# Rank correlation with the other methods. It is low, since methods differ in what they ask and in their grain; below
# it they share less than a tenth of the variation in ranks.
AGREES = 0.3
_HEADLINES: dict[Grade, str] = {
    "holds": "Holds up",
    "care": "With care",
    "fails": "Do not rely on it",
    "unknown": "Cannot tell",
}
_DEPENDS = "Depends on the model"
_SAME = "1 means the same order of places, 0 no relation"
RANDOM = "random"  # what `xai.deletion` calls the random orders


@dataclass(frozen=True)
class Check:
    """What one check found.

    Attributes
    ----------
    name : str
        Of the check, for people.
    grade : {"holds", "care", "fails"} or None
        None where it could not be done.
    sentence : str
        The number and what it means, or why there is none.
    """

    name: str
    grade: Grade | None
    sentence: str


@dataclass(frozen=True)
class Trust:
    """What the checks come to.

    Attributes
    ----------
    grade : {"holds", "care", "fails", "unknown"}
        The worst of the checks'; "unknown" where the model does not see the class.
    headline : str
        A few words.
    checks : tuple of Check
        In the order given.
    """

    grade: Grade
    headline: str
    checks: tuple[Check, ...]


def flat_check(heatmap: FloatArray) -> Check | None:
    """Fails a map without positive evidence or without contrast; None where there is both, which speaks for nothing.

    Parameters
    ----------
    heatmap : ndarray
        float (h, w), raw.
    """
    values, name = np.asarray(heatmap, np.float32), "Evidence"
    if not np.isfinite(values).all():
        return Check(name, "fails", "The map holds values that are no numbers, so it shows nothing.")
    top = float(values.max())
    if top <= 0:
        return Check(
            name,
            "fails",
            f"The largest value of the map is {top:.2g}: no place speaks for the class, so it has nothing to show.",
        )
    if is_flat(rectify(values)):
        return Check(name, "fails", f"The map is {top:.2g} everywhere: it points at no place.")
    return None


def made_elsewhere_check() -> Check:
    """Care for a map that was made elsewhere: what it would be with random weights is not known."""
    return Check(
        _DEPENDS,
        "care",
        "The map was made elsewhere and cannot be made again with random weights, so it is not known whether it shows "
        "what the model learned, or the picture alone.",
    )


def black_box_check() -> Check:
    """Care for a map of a model whose weights are not known: what it would be with random ones is not known either."""
    return Check(
        _DEPENDS,
        "care",
        "The model is a black box whose weights cannot be made random, so it is not known whether the map shows what "
        "it learned, or the picture alone.",
    )


def randomisation_check(table: pd.DataFrame) -> Check:
    """Whether the map depends on what the model learned (Adebayo et al., arXiv 1810.03292).

    The mean over the draws of the rank correlation of the last step: up to CHANGED it holds, up to STAYED it needs
    care, above it fails. A map that has become flat counts as 0, since nothing of it stayed. Limits are ours.

    Parameters
    ----------
    table : DataFrame
        As `xai.randomisation` gives it.
    """
    name = _DEPENDS
    trained, changed = table[table["step"] == 0], table[table["step"] > 0]
    if changed.empty:
        return Check(name, None, "The model was not run with random weights, so this is not known.")
    if len(trained) and trained["flat"].all():
        return Check(name, None, "The map itself is the same everywhere, so there is nothing to compare.")
    values = changed.assign(value=changed["rank_correlation"].mask(changed["flat"], 0.0))
    last = values[values["step"] == values["step"].max()]
    mean, flat = float(last["value"].mean()), int(last["flat"].sum())
    if not np.isfinite(mean):
        return Check(name, None, "The maps could not be compared: a similarity is missing.")
    draws = len(last)
    over = f", mean of {draws} draws from {last['value'].min():z.2f} to {last['value'].max():z.2f}" if draws > 1 else ""
    number = f"rank correlation {mean:z.2f} ({_SAME}{over})"
    weights = "all weights" if last["share"].iloc[0] >= 1 else f"{percent(float(last['share'].iloc[0]))} of the weights"
    grade: Grade = "holds" if mean <= CHANGED else "care" if mean <= STAYED else "fails"
    if grade == "fails":
        return Check(
            name,
            grade,
            f"With {weights} replaced by random ones, the map stays nearly the same: {number}. It shows the picture, "
            "not what the model learned.",
        )
    if grade == "care":
        return Check(
            name,
            grade,
            f"With {weights} replaced by random ones, a good part of the map stays: {number}. What stays comes from "
            "the picture, not from what the model learned.",
        )
    said = f"With {weights} replaced by random ones, the map changes: {number}."
    if flat:
        said += f" {'It' if flat == draws else f'In {flat} of the {draws} draws it'} is then the same everywhere."
    means = values.groupby("step")["value"].mean()
    first = values[values["step"] == means.index[means <= CHANGED][0]].iloc[0]
    fell = float(means.loc[first["step"]])
    if first["step"] < values["step"].max():
        where = f"in {first['down_to']} alone" if first["step"] == 1 else f"from the output back to {first['down_to']}"
        said += f" Random weights {where}, {percent(float(first['share']))} of all, already bring it to {fell:z.2f}."
    return Check(name, grade, said)


def deletion_check(
    deletion_table: pd.DataFrame, insertion_table: pd.DataFrame, method: str, target: int, class_name: str = "the class"
) -> Check:
    """Whether the map finds what the class depends on (Petsiuk et al., arXiv 1806.07421).

    The mean probability of the class while the map's most important places are hidden first, and while they are
    uncovered first. Better than every random order on both holds, worse than the random orders' mean on both fails,
    anything between needs care. To ask for both is ours: each has its own artefacts.

    Parameters
    ----------
    deletion_table, insertion_table : DataFrame
        As `xai.deletion` and `xai.insertion` give them, with random orders.
    method : str
        As it is called there.
    target : int
        Number of the class.
    class_name : str
        As the sentence calls it.
    """
    name = "Finds what counts"
    found = []
    for table, column in ((deletion_table, "hidden"), (insertion_table, "shown")):
        one = table[(table["target"] == target) & table["method"].isin([method, RANDOM])]
        if one.empty or RANDOM not in set(one["method"]):
            return Check(name, None, "There are no random orders to compare with, so this is not known.")
        if method not in set(one["method"]):
            return Check(name, None, f"{method} gives no order of places, since its map is the same everywhere.")
        if one["p"].isna().any():
            return Check(name, None, "The model gave an answer that is no number, so this is not known.")
        areas = deletion_areas(one.rename(columns={column: "hidden"})).set_index("method")
        random = areas.loc[RANDOM]
        found.append((float(areas.loc[method, "area"]), *(float(random[key]) for key in ("low", "area", "high"))))
    (gone, gone_low, gone_mean, gone_high), (back, back_low, back_mean, back_high) = found
    numbers = (
        f"While its top places are hidden first, {class_name} keeps {percent(gone)} probability on average, against "
        f"{percent(gone_mean)} in random order ({percent(gone_low)} to {percent(gone_high)}; lower is better). While "
        f"they are uncovered first, it has {percent(back)} against {percent(back_mean)} ({percent(back_low)} to "
        f"{percent(back_high)}; higher is better)."
    )
    if gone < gone_low and back > back_high:
        return Check(
            name, "holds", f"The map finds what {class_name} depends on better than every random order. {numbers}"
        )
    if gone > gone_mean and back < back_mean:
        return Check(name, "fails", f"The map finds what {class_name} depends on worse than chance. {numbers}")
    return Check(
        name, "care", f"The map does not beat every random order at finding what {class_name} depends on. {numbers}"
    )


def agreement_check(agreements_table: pd.DataFrame, method: str) -> Check:
    """Whether other methods point at the same places.

    The median rank correlation with the others: from AGREES on it holds, below it needs care. It never fails by
    itself, since methods ask different questions and may rightly differ. The limit is ours.

    Parameters
    ----------
    agreements_table : DataFrame
        As `studies.agreements` gives it.
    method : str
        As it is called there.
    """
    name = "Other methods agree"
    own = agreements_table[(agreements_table["first"] == method) | (agreements_table["second"] == method)]
    known = own[own["rank_correlation"].notna()]
    if known.empty:
        why = "No other method ran" if own.empty else "No other method gives a map with contrast to compare"
        return Check(name, None, f"{why}, so this is not known.")
    median, n = float(known["rank_correlation"].median()), len(known)
    others = "the one other method" if n == 1 else f"the {n} other methods"
    number = f"{'r' if n == 1 else 'median r'}ank correlation {median:z.2f} with {others} ({_SAME})"
    if median >= AGREES:
        much = "much" if median >= STAYED else "in part"
        return Check(name, "holds", f"Other methods point at {much} the same places: {number}.")
    return Check(
        name,
        "care",
        f"Other methods point elsewhere: {number}. They ask different questions, so neither need be wrong.",
    )


def judge(checks: Sequence[Check | None], seen: ClassSeen | None = None) -> Trust:
    """What the checks come to: the worst grade among those that could be done; with none done, care.

    Parameters
    ----------
    checks : Sequence of Check or None
        None among them, as from `flat_check`, is left out.
    seen : ClassSeen, optional
        How sure the model is of the class; one that it does not see has no grade.
    """
    done = tuple(check for check in checks if check is not None)
    if seen is not None and not seen.seen:
        return Trust("unknown", seen.headline, (Check("The model sees the class", None, seen.sentence), *done))
    grades = {check.grade for check in done}
    if grades <= {None}:
        return Trust("care", f"{_HEADLINES['care']}: no check could be done", done)
    grade: Grade = "fails" if "fails" in grades else "care" if "care" in grades else "holds"
    return Trust(grade, _HEADLINES[grade], done)
