"""Networks that were trained with ever more of a shortcut: when do they stop reading what they should read?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from xai_core.studies.shortcut_reading import ShortcutReading
from xai_core.studies.words import listed, percent, points
from xai_core.types.counts import number_of

LEVEL = 0.1  # accuracies that differ by less hardly tell networks apart


def first_worse(readings: Mapping[float, ShortcutReading]) -> float | None:
    """From which strength on all networks are worse on untied pictures than the one of the least strength.

    Parameters
    ----------
    readings : dict of float to ShortcutReading
        By the strength of the shortcut in training, in [0, 1].

    Returns
    -------
    float or None
        The first from which on all 95% intervals lie below the other's; None where there is none.
    """
    strengths, worse = sorted(readings), _worse(readings)
    return next((one for one in strengths[1:] if set(worse) >= {*(other for other in strengths if other >= one)}), None)


def _worse(readings: Mapping[float, ShortcutReading]) -> list[float]:
    """The strengths whose interval lies below that of the least one."""
    least, *others = sorted(readings)
    return [one for one in others if readings[one].untied_interval[1] < readings[least].untied_interval[0]]


def dial_sentences(readings: Mapping[float, ShortcutReading]) -> tuple[str, ...]:
    """What all networks say together.

    Parameters
    ----------
    readings : dict of float to ShortcutReading
        By the strength of the shortcut in training, in [0, 1]; two or more.

    Returns
    -------
    tuple of str
        Of accuracy with the shortcut, of accuracy without it, of the maps, and of how far this goes.
    """
    strengths = sorted(readings)
    found = [readings[one] for one in strengths]
    tied, untied = (
        np.array([right / n for right, n in some])
        for some in zip(*((one.tied, one.untied) for one in found), strict=True)
    )
    return (
        _level(tied, strengths)
        if np.ptp(tied) < LEVEL
        else f"Where the background goes with the digit, {_course('accuracy', tied, strengths)}",
        f"Where the background says nothing, {_course('accuracy', untied, strengths)} {_apart(readings)}",
        _maps(found, strengths),
        "One network was trained at each strength; with other random numbers the steps may lie elsewhere.",
    )


def _level(tied: np.ndarray, strengths: list[float]) -> str:
    low, high = percent(float(tied.min())), percent(float(tied.max()))
    return (
        f"Where the background goes with the digit, the {number_of(len(strengths), 'network')} are right in "
        f"{low if low == high else f'{low} to {high}'} of pictures: accuracy there hardly tells them apart."
    )


def _apart(readings: Mapping[float, ShortcutReading]) -> str:
    """Which networks are clearly worse than the first one."""
    first, worse = first_worse(readings), _worse(readings)
    if not worse:
        return "No network is clearly worse there than the first one: no 95% interval lies below its own."
    strengths = sorted(readings)
    if first is not None and len(worse) == sum(one >= first for one in strengths):
        before = strengths[strengths.index(first) - 1]
        which = (
            f"networks trained with {percent(first)} or more are"
            if first < strengths[-1]
            else (f"the network trained with {percent(first)} is")
        )
        return (
            f"Only {which} clearly worse there than the one trained with {percent(strengths[0])}: the 95% intervals do "
            f"not overlap. So the change comes between {percent(before)} and {percent(first)}."
        )
    return (
        f"Clearly worse there than the network trained with {percent(strengths[0])}, by 95% intervals that do not "
        f"overlap: {listed([percent(one) for one in worse])}."
    )


def _maps(found: list[ShortcutReading], strengths: list[float]) -> str:
    """Of the share on the digit, with the intervals of both ends."""
    shares = np.array([one.on_object for one in found])
    counts = sorted({one.n_maps for one in found})
    of = f"{counts[0]} to {counts[-1]}" if len(counts) > 1 else f"{counts[0]}"
    said = _course("the mean share of the map on the digit", shares, strengths)
    ends = [one.interval for one in (found[0], found[-1]) if np.isfinite(one.interval).all()]
    between = listed([f"{100 * low:.0f} to {100 * high:.0f}%" for low, high in ends])
    known = f" The 95% intervals at both ends are {between}." if len(ends) == 2 else ""
    return f"On {of} of these pictures, whose maps are not flat, {said}{known}"


def _course(what: str, values: np.ndarray, strengths: list[float]) -> str:
    """From where to where, and at which step most of it; whether it goes one way."""
    if not np.isfinite(values).all():
        return f"{what} is not known at each strength."
    steps = np.diff(values)
    largest = int(np.argmax(np.abs(steps)))
    whole = values[-1] - values[0]
    first, last = percent(float(values[0])), percent(float(values[-1]))
    if not steps.any():
        return f"{what} is {first} at each strength."
    goes = (
        f"is {first} at both ends" if first == last else f"{'falls' if whole < 0 else 'rises'} from {first} to {last}"
    )
    steady = bool((np.sign(steps) == np.sign(whole)).all())
    return (
        f"{what} {goes}{'' if steady else ', though not at every step'}; the largest step, "
        f"{points(float(steps[largest]), 0)}, is between the networks trained with {percent(strengths[largest])} and "
        f"with {percent(strengths[largest + 1])}."
    )
