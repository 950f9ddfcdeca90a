"""What a model uses, the object or the background, in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from xai_core.studies.checked import Checked
from xai_core.studies.reliance import FEWEST, LITTLE, MOST, NOBODY, Reason, Reliance, RestsOn, counted_rows
from xai_core.studies.words import classes_listed, listed, percent
from xai_core.types.counts import form, number_of

_WORDS: dict[RestsOn, str] = {
    "object": "Another background costs little: the model uses the object",
    "background": "The model uses the background",
    "both": "The model uses both object and background",
    "neither": "The model is not sure of these classes to begin with, so there is little to lose",
    "unknown": "These pictures do not tell whether the model uses the background",
}
_SPEAKS: dict[str, bool | None] = {"object": True, "background": False, "both": False}  # for the object, or against it
_TEXTURE = "a random texture"
_NEEDLESS = "The object is not needed: the background alone keeps nearly all of the probability"


def behind(table: pd.DataFrame) -> str:
    """What stood in place of the background: "another class's background", "a random texture", or either.

    Parameters
    ----------
    table : DataFrame
        Rows of `xai.intervention`.

    Returns
    -------
    str

    Examples
    --------
    >>> import pandas as pd
    >>> behind(pd.DataFrame({"kind": ["whole", "swapped"], "other": [NOBODY, NOBODY]}))
    'a random texture'
    """
    textures = table.loc[table["kind"] == "swapped", "other"] == NOBODY
    if textures.all():
        return _TEXTURE
    return f"another class's background or {_TEXTURE}" if textures.any() else "another class's background"


def placed_on(background: str) -> str:
    """Where the object stands then, of what `behind` gives: "on another class's background", say."""
    return f"on {background}" if background.startswith("another") else f"with {background} in place of the background"


def reliance_sentence(found: Reliance, table: pd.DataFrame) -> str:
    """A `Reliance` in words, with n and the probabilities of each kind in its table."""
    return " ".join(one.sentence for one in reliance_evidence(found, table))


def reliance_evidence(found: Reliance, table: pd.DataFrame) -> list[Checked]:
    """`reliance_sentence` in pieces: what follows, of another background, of the object, and what was left out.

    Parameters
    ----------
    found : Reliance
    table : DataFrame
        Rows of `xai.intervention`.

    Returns
    -------
    list of Checked
        One to four, each of whole sentences: whether it speaks for the object, against it, or neither.
    """
    means = counted_rows(table).groupby("kind")["p"].mean()
    alone = {
        "whole": "with the whole picture",
        "object": "with the object alone",
        "background": "with the background alone",
    }
    first = [
        _NEEDLESS if found.needless else _WORDS[found.on],
        f"Over {found.counted}, the mean probability is {_each(means, alone)}",
    ]
    left_out = []
    if found.left_out:
        left_out.append(
            f"The other {form(found.left_out, 'picture is', f'{found.left_out:,} pictures are')} left out: there is no "
            f"second picture of {form(found.left_out, 'its', 'their')} class to take a background from"
        )
    speaks = False if found.needless else _SPEAKS.get(found.on)
    pieces = (
        ("Interventions", speaks, first),
        ("Another background", speaks, _of_background(found, table, means)),
        ("Object hidden", found.object_matters or None, _of_object(found, means)),
        ("Left out", None, left_out),
    )
    return [Checked(name, fine, " ".join(f"{one}." for one in said)) for name, fine, said in pieces if said]


def _of_background(found: Reliance, table: pd.DataFrame, means: pd.Series) -> list[str]:
    """What other backgrounds do, and by which limit that counts."""
    of_others = behind(table)
    pasted = {
        "same": "with another background of the same class",
        "swapped": placed_on(_TEXTURE) if of_others == _TEXTURE else f"with {of_others}",
    }
    said = [f"The probability is {_each(means, pasted)}"]
    if of_others == _TEXTURE:
        said.append("None of the pictures has a label of another class, so a random texture is used")
    if np.isfinite(found.lost):
        before = means["same" if found.beyond else "whole"]
        interval = _interval_of(found.low, found.high)
        few = f"; below {FEWEST} {'groups' if found.grouped else 'pictures'} nothing is concluded"
        said.append(f"{_step(before, means['swapped'], found.lost, means['whole'])}{interval or few}")
    if found.reason in _WHY:
        said.append(_WHY[found.reason].format(losing=percent(found.losing)))
    return said


def _of_object(found: Reliance, means: pd.Series) -> list[str]:
    """What hiding the object does, against hiding as much elsewhere; nothing where that was not tried."""
    if not np.isfinite(found.hiding_low):
        return []
    hidden, elsewhere = _exact(means["background"]), _exact(means["elsewhere"])
    matters = "the object matters" if found.object_matters else "nothing shows that the object matters"
    points = f"{100 * (means['elsewhere'] - means['background']):.1f} points"
    said = [
        f"With the object hidden, the probability is {hidden}; with as large an area hidden elsewhere, {elsewhere}",
        f"Hiding anything lowers the probability, so only the difference of {points} counts: it is "
        f"{percent(found.hiding)} of the original {_exact(means['whole'])}"
        f"{_interval_of(found.hiding_low, found.hiding_high)}, so {matters} more than the rest of the picture",
    ]
    most = percent(means["elsewhere"] / means["whole"])
    if percent(found.hiding_high) == most:
        said.append(f"It cannot be more than {most}: with the area elsewhere hidden, no more is left to lose")
    return said


def _each(means: pd.Series, kinds: Mapping[str, str]) -> str:
    """The mean probability of each kind that was tried."""
    return listed([f"{percent(means[kind])} {words}" for kind, words in kinds.items() if kind in means])


_WHY: dict[Reason, str] = {
    "little": f"The whole interval stays below {percent(LITTLE)}, so the change counts as little",
    "most": f"The whole interval is above {percent(MOST)}, so most of the probability counts as lost",
    "alone": f"The background alone keeps more than {percent(1 - LITTLE)} of it, and the object alone less than half",
    "part": f"The interval does not contain zero, and from {percent(LITTLE)} on a change counts as part of the "
    "probability",
    "needless": f"With the background alone, at least {percent(1 - LITTLE)} of it is left, by its 95% interval",
    "reference": "A background of the same class leaves half of it or less, too, so the two cannot be compared",
    "missed": "So few pictures may miss others, up to {losing} of all, that lose most of it",
    "hiding": "This is little, but that alone does not show that the model uses the object",
    "enough": "This is little, but the background alone keeps as much",
    "pasting": "Pasting alone may do as much: without another picture of the same class this cannot be told",
    "wide": f"Below {percent(LITTLE)} a change counts as little; the interval reaches above that, so the change "
    "may be larger",
}  # by which limit the loss counts as it does, or why it does not count


def _step(before: float, after: float, lost: float, whole: float) -> str:
    """From one probability to another, as a share of that of the whole picture."""
    first, last = _exact(before), _exact(after)
    if percent(abs(lost)) == percent(0):
        return f"From {first} to {last} is no change"
    change = f"{'decrease' if lost > 0 else 'increase'} of {100 * abs(before - after):.1f} points"
    return f"The {change}, from {first} to {last}, is {percent(abs(lost))} of the original {_exact(whole)}"


def _exact(p: float) -> str:
    """A probability with one decimal, so that a reader can subtract two of them."""
    return f"{100 * p:.1f}%"


def _interval_of(low: float, high: float) -> str:
    """The interval of such a share; where it holds losses and gains, both are named. Empty where there is none."""
    if not np.isfinite(low):
        return ""
    if low < 0 < high:
        return f" (95% interval: from a gain of {percent(-low)} to a loss of {percent(high)})"
    low, high = sorted((abs(low), abs(high)))
    return f" (95% interval: {percent(low)} to {percent(high)})"


def labels_sentence(by_label: Mapping[str, Reliance]) -> str:
    """For which labels the model uses the background, both, or the object; empty for one label."""
    if len(by_label) < 2:
        return ""
    groups = {on: [label for label, one in by_label.items() if one.on == on] for on in ("background", "both", "object")}
    what = {"both": "both object and background"}
    said = [
        f"For {classes_listed(found, len(found))} the model uses {what.get(on, f'the {on}')}."
        for on, found in groups.items()
        if found
    ]
    rest = len(by_label) - sum(map(len, groups.values()))
    if not said:
        return "Class by class, these pictures do not tell what the model uses."
    if rest:
        said.append(f"For {number_of(rest, 'other class')} it cannot be told.")
    return " ".join(said)


def moved_in_words(means: pd.Series, background: str, *, little: bool = False) -> str:
    """What another background does to the mean probability of the class, by kind of picture; `little` if it is that."""
    swapped, of_class = percent(means["swapped"]), "the probability of the explained class"
    dear = little and "same" in means and means["swapped"] < (1 - LITTLE) * means["whole"]
    moved = f"{placed_on(background)}, {of_class} {_goes(means['whole'], means['swapped'], only=little)}"
    if not (dear or _needs_the_same(means)):
        return moved
    of_same = "on another background of the same class"
    if not pasting_costs(means):
        return f"{moved}; {of_same}, it is {percent(means['same'])}"
    # What pasting costs comes first: it is not to look like what the background costs.
    less = "little less, " if little and means["swapped"] < means["same"] and swapped != percent(means["same"]) else ""
    return (
        f"with the object pasted {of_same}, {of_class} is {percent(means['same'])} ({percent(means['whole'])} in the "
        f"original picture); {placed_on(background)}, it is {less}{swapped}"
    )


def pasting_costs(means: pd.Series) -> bool:
    """Whether a background of the same class, by kind of picture, takes away more than little."""
    return bool(means["same"] < (1 - LITTLE) * means["whole"])


def _goes(before: float, after: float, *, only: bool = False) -> str:
    """ "falls from 64% to 48%", "stays at 64%"."""
    first, last = percent(before), percent(after)
    if first == last:
        return f"stays at {first}"
    return f"{'falls' if after < before else 'rises'} {'only ' if only else ''}from {first} to {last}"


def _needs_the_same(means: pd.Series) -> bool:
    """Whether another background costs something that one of the same class does not, or most of the probability."""
    return "same" in means and means["swapped"] < max(means["same"], (1 - MOST) * means["whole"])
