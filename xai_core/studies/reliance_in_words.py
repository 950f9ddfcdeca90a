"""What a model uses, the object or the background, in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

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
    means = counted_rows(table).groupby("kind")["p"].mean()
    of_others = behind(table)
    alone = {
        "whole": "with the whole picture",
        "object": "with the object alone",
        "background": "with the background alone",
    }
    texture = f"{_TEXTURE} in place of the background"
    pasted = {
        "same": "with another background of the same class",
        "swapped": f"with {texture if of_others == _TEXTURE else of_others}",
    }
    said = [
        _NEEDLESS if found.needless else _WORDS[found.on],
        f"Over {found.counted}, the mean probability is {_each(means, alone)}",
        f"It is {_each(means, pasted)}",
    ]
    if of_others == _TEXTURE:
        said.append(
            "Without labels, it is not known which pictures are of another class, so a texture replaces the background"
        )
    if np.isfinite(found.lost):
        first = means["same" if found.beyond else "whole"]
        interval = _interval_of(found.low, found.high)
        few = f"; below {FEWEST} {'groups' if found.grouped else 'pictures'} nothing is concluded"
        said.append(f"{_step(first, means['swapped'], found.lost, means['whole'])}{interval or few}")
    if found.reason in _WHY:
        said.append(_WHY[found.reason].format(losing=percent(found.losing)))
    if np.isfinite(found.hiding_low):
        hidden, elsewhere = f"{100 * means['background']:.1f}%", f"{100 * means['elsewhere']:.1f}%"
        share = (
            f"The difference is {_share(found.hiding, means['whole'])}" if found.hiding else "There is no difference"
        )
        matters = "the object matters" if found.object_matters else "nothing shows that the object matters"
        said += [
            f"With the object hidden, it is {hidden}; with an equally large area hidden elsewhere, {elsewhere}",
            f"{share}{_interval_of(found.hiding_low, found.hiding_high)}, so {matters} more than the rest "
            "of the picture",
        ]
    if found.left_out:
        said.append(
            f"The other {form(found.left_out, 'picture is', f'{found.left_out:,} pictures are')} left out: there is no "
            f"second picture of {form(found.left_out, 'its', 'their')} class to take a background from"
        )
    return " ".join(f"{one}." for one in said)


def _each(means: pd.Series, kinds: Mapping[str, str]) -> str:
    """The mean probability of each kind that was tried."""
    return listed([f"{percent(means[kind])} {words}" for kind, words in kinds.items() if kind in means])


_WHY: dict[Reason, str] = {
    "little": f"The whole interval stays below {percent(LITTLE)}, so the change counts as little",
    "most": f"The whole interval is above {percent(MOST)}, so the loss counts as most of the probability",
    "alone": f"The background alone keeps more than {percent(1 - LITTLE)} of it, and the object alone less than half",
    "part": f"The interval does not contain zero, and from {percent(LITTLE)} on a change counts as part of the "
    "probability",
    "needless": f"With the background alone, at least {percent(1 - LITTLE)} of it is left, by its 95% interval",
    "reference": "A background of the same class leaves half of it or less, too, so the two cannot be compared",
    "missed": "So few pictures may miss others, up to {losing} of all, that lose most of it",
    "hiding": "This is little, but that alone does not show that the model uses the object",
    "enough": "This is little, but the background alone keeps as much",
    "pasting": "Pasting alone may do as much: without another picture of the same class this cannot be told",
    "wide": f"Below {percent(LITTLE)} a change counts as little; the interval goes beyond that, so it may not be "
    "little",
}  # by which limit the loss counts as it does, or why it does not count


def _step(before: float, after: float, lost: float, whole: float) -> str:
    """From one probability to another, as a share of that of the whole picture."""
    first, last = f"{100 * before:.1f}%", f"{100 * after:.1f}%"
    if percent(abs(lost)) == percent(0):
        return f"From {first} to {last} is no change"
    return f"The {'decrease' if lost > 0 else 'increase'} from {first} to {last} is {_share(lost, whole)}"


def _share(lost: float, whole: float) -> str:
    """So much of the probability of the whole picture."""
    return f"{percent(abs(lost))} of the original {100 * whole:.1f}%"


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
    whole, swapped = percent(means["whole"]), percent(means["swapped"])
    what = f"{placed_on(background)}, the probability of the class that the heatmap explains"
    dear = little and "same" in means and means["swapped"] < (1 - LITTLE) * means["whole"]
    same = percent(means["same"]) if dear or _needs_the_same(means) else ""
    if little and same:  # what pasting costs is not to look like what the background costs
        other = f"{'little less' if means['swapped'] < means['same'] else 'more'} than the {same}"
        near = "as much as" if swapped == same else other
        return f"{what} is {swapped}, {near} on another background of the same class. With its own it is {whole}"
    way = f"{'falls' if means['swapped'] < means['whole'] else 'rises'} {'only ' if little else ''}from"
    goes = f"stays at {whole}" if whole == swapped else f"{way} {whole} to {swapped}"
    return f"{what} {goes}" + (f". On another background of the same class it is {same}" if same else "")


def _needs_the_same(means: pd.Series) -> bool:
    """Whether another background costs something that one of the same class does not, or most of the probability."""
    return "same" in means and means["swapped"] < max(means["same"], (1 - MOST) * means["whole"])
