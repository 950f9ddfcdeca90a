"""What a model's answers rest on, in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from xai_core.studies.reliance import FEWEST, LITTLE, MOST, NOBODY, Reliance, RestsOn, counted_rows
from xai_core.studies.words import listed, percent
from xai_core.types.counts import form, number_of

_WORDS: dict[RestsOn, str] = {
    "object": "Another background costs little: the answers rest on the object",
    "background": "The answers rest on the background",
    "both": "Object and background both count",
    "neither": "The model is not sure of these classes to begin with, so there is little to lose",
    "unknown": "These pictures do not tell whether the background counts",
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
    shown = {
        "whole": "with the whole picture",
        "object": "with the object alone",
        "background": "with the background alone",
    }
    parts = listed([f"{percent(means[kind])} {words}" for kind, words in shown.items() if kind in means])
    of_others = behind(table)
    placed = {"same": "on another background of the same class", "swapped": placed_on(of_others)}
    behind_them = listed([f"{percent(means[kind])} {words}" for kind, words in placed.items() if kind in means])
    texture = of_others == _TEXTURE
    if texture:
        behind_them += ", since no picture is known to show another class"
    said = _NEEDLESS if found.needless else _WORDS[found.on]
    sentence = f"{said}. Over {found.counted}, the mean probability is {parts}. It is {behind_them}"
    if not np.isfinite(found.lost):
        return f"{sentence}."
    change = _moved(found.lost, "the probability")
    other = (
        f"Compared with a background of the same class, {of_others}"
        if found.beyond
        else ("The texture" if texture else of_others.capitalize())
    )
    interval = (
        f" (95% interval {_span(found.low, found.high)})"
        if np.isfinite(found.low)
        else f"; below {FEWEST} {'groups' if found.grouped else 'pictures'} nothing is concluded"
    )
    sentence += f". {other} {change}{interval}."
    if pasting_may_explain(found):
        sentence += " Pasting alone may cost as much: no picture of the same class lends its background to tell."
    little = found.low > -LITTLE and found.high < LITTLE
    if found.on == "unknown" and little and found.losing >= LITTLE:
        sentence += f" Of so few, as many as {percent(found.losing)} of all such pictures may lose most of it unseen."
    if np.isfinite(found.hiding_low):
        sentence += (
            f" Beyond what hiding as much elsewhere does, hiding the object {_moved(found.hiding, 'it')} "
            f"(95% interval {_span(found.hiding_low, found.hiding_high)})."
        )
    if found.left_out:
        have, their = form(found.left_out, "has", "have"), form(found.left_out, "its", "their")
        sentence += (
            f" {number_of(found.left_out, 'more picture')} {have} no other of {their} class to lend a background."
        )
    return sentence


def pasting_may_explain(found: Reliance) -> bool:
    """Whether a change is shown for which cutting out and pasting alone may be the reason."""
    return found.on == "unknown" and not found.beyond and (found.low > 0 or found.high < 0)


def _moved(lost: float, what: str) -> str:
    """What becomes of a probability that loses a share of its value; one that gains is not said to lose less than 0."""
    if percent(abs(lost)) == percent(0):
        return f"leaves {what} unchanged"
    return f"{'lowers' if lost > 0 else 'raises'} {what} by {percent(abs(lost))} of its value with the whole picture"


def _span(low: float, high: float) -> str:
    """The interval of such a share; where it holds losses and gains, both are named."""
    if low >= 0:
        return f"{percent(low)} to {percent(high)}"
    if high <= 0:
        return f"{percent(-high)} to {percent(-low)}"
    return f"from {percent(abs(low))} {_way(low)} to {percent(abs(high))} {_way(high)}"


def _way(lost: float) -> str:
    return "lower" if lost > 0 else "higher"


def labels_sentence(by_label: Mapping[str, Reliance]) -> str:
    """For which labels the answers rest on the background, on both, or on the object; empty for one label."""
    if len(by_label) < 2:
        return ""
    groups = {on: [label for label, one in by_label.items() if one.on == on] for on in ("background", "both", "object")}
    what = {"both": "object and background"}
    said = [f"on {what.get(on, f'the {on}')} for {listed(found)}" for on, found in groups.items() if found]
    rest = len(by_label) - sum(map(len, groups.values()))
    if not said:
        return f"For none of the {len(by_label)} classes can it be told what the answers rest on."
    open_ = f"; for {number_of(rest, 'other class')} it cannot be told" if rest else ""
    return f"By class, the answers rest {listed(said)}{open_}."


def moved_in_words(means: pd.Series, background: str, *, little: bool = False) -> str:
    """What another background does to the mean probability of the class, by kind of picture; `little` if it is that."""
    whole, swapped = percent(means["whole"]), percent(means["swapped"])
    what = f"{placed_on(background)} the probability of the class that the heatmap explains"
    dear = little and "same" in means and means["swapped"] < (1 - LITTLE) * means["whole"]
    same = percent(means["same"]) if dear or _needs_the_same(means) else ""
    if little and same:  # what pasting costs is not to look like what the background costs
        other = f"{'little less' if means['swapped'] < means['same'] else 'more'} than the {same}"
        near = "as much as" if swapped == same else other
        return f"{what} is {swapped}, {near} on another background of the same class (with its own background, {whole})"
    way = f"{'falls' if means['swapped'] < means['whole'] else 'rises'} {'only ' if little else ''}from"
    goes = f"stays at {whole}" if whole == swapped else f"{way} {whole} to {swapped}"
    return f"{what} {goes}" + (f" (on another background of the same class it is {same})" if same else "")


def _needs_the_same(means: pd.Series) -> bool:
    """Whether another background costs something that one of the same class does not, or most of the probability."""
    return "same" in means and means["swapped"] < max(means["same"], (1 - MOST) * means["whole"])
