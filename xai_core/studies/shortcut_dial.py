"""Networks that were trained with ever more of a shortcut: when do they stop reading what they should read?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from xai_core.studies.shortcut_reading import ShortcutReading
from xai_core.studies.words import percent, points
from xai_core.types.counts import number_of


def first_worse(readings: Mapping[float, ShortcutReading]) -> float | None:
    """The least strength at which a network is worse on untied pictures than the one of the least strength of all.

    Parameters
    ----------
    readings : dict of float to ShortcutReading
        By the strength of the shortcut in training, in [0, 1].

    Returns
    -------
    float or None
        The first whose 95% interval lies below the other's; None where there is none.
    """
    strengths = sorted(readings)
    low = readings[strengths[0]].untied_interval[0]
    return next((one for one in strengths[1:] if readings[one].untied_interval[1] < low), None)


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
    tied, untied = (
        np.array([right / n for right, n in (getattr(readings[one], kind) for one in strengths)])
        for kind in ("tied", "untied")
    )
    found = first_worse(readings)
    apart = (
        "No network is clearly worse there than the first one: all 95% intervals overlap with its own."
        if found is None
        else f"From {percent(found)} on, a network is clearly worse there than the first one (their 95% intervals do "
        "not overlap)."
    )
    on_object = np.array([readings[one].on_object for one in strengths])
    return (
        f"Where the background goes with the digit, the {number_of(len(strengths), 'network')} are right in "
        f"{percent(float(tied.min()))} to {percent(float(tied.max()))} of pictures: accuracy there hardly tells them "
        "apart."
        if np.ptp(tied) < 0.1
        else f"Where the background goes with the digit, {_course('accuracy', tied, strengths)}",
        f"Where the background says nothing, {_course('accuracy', untied, strengths)} {apart}",
        f"On the same pictures, {_course('the share of the map on the digit', on_object, strengths)}",
        "One network was trained at each strength; with other random numbers the steps may lie elsewhere.",
    )


def _course(what: str, values: np.ndarray, strengths: list[float]) -> str:
    """From where to where, and at which step most of it; whether it goes one way."""
    if not np.isfinite(values).all():
        return f"{what} is not known at each strength."
    steps = np.diff(values)
    largest = int(np.argmax(np.abs(steps)))
    whole = values[-1] - values[0]
    goes = "falls" if whole < 0 else "rises"
    steady = bool((np.sign(steps) == np.sign(whole)).all())
    return (
        f"{what} {goes} from {percent(values[0])} to {percent(values[-1])}"
        f"{'' if steady else ', though not at every step'}; the largest step, {points(float(steps[largest]), 0)}, is "
        f"from {percent(strengths[largest])} to {percent(strengths[largest + 1])} of the training's backgrounds."
    )
