"""Did the second half of a training still help? From windows of epochs, so that one epoch does not decide."""

from __future__ import annotations

import numpy as np

from xai_core import stats
from xai_core.records import TrainingRun
from xai_core.studies.foreground import FEW
from xai_core.studies.hypothesis import INDEPENDENT, Checked, Hypothesis, Tone, enough
from xai_core.studies.in_plain_words import training_in_words
from xai_core.studies.layer_focus import ALPHA
from xai_core.studies.limits import limits_of
from xai_core.studies.words import format_p, percent, points
from xai_core.types import StatResult
from xai_core.types.counts import number_of


def second_half(run: TrainingRun, middle: int, width: int) -> Hypothesis:
    """The card, from the first and the last epochs of the second half.

    Parameters
    ----------
    run : TrainingRun
        What was recorded.
    middle : int
        Index of the first epoch of the second half.
    width : int
        Epochs in each window.

    Returns
    -------
    Hypothesis
    """
    right = run.correct
    windows = slice(middle, middle + width), slice(len(right) - width, len(right))
    before, after = (right[window].mean(axis=0) for window in windows)  # share of its epochs, by picture
    first, last = (f"epochs {run.epochs[one][0]} to {run.epochs[one][-1]}" for one in windows)
    test = stats.window_change(*(right[window] for window in windows))
    n, tone = len(before), _tone(test)
    headlines: dict[str, str] = {
        "yes": "Yes: it was still getting better",
        "no": "No: it got worse",
        "none": "No improvement was found in the second half",
        "unknown": "This cannot be tested",
    }
    sentence = test.reason
    if tone != "unknown":
        low, high = (100 * bound for bound in test.interval)
        spread = f"95% interval {low:+.1f} to {high:+.1f}; " if np.isfinite(low) else ""
        sentence = (
            f"Of {number_of(n, 'picture')}, {percent(before.mean())} are right on average over {first} and "
            f"{percent(after.mean())} over {last}: {points(test.effect)} ({spread}"
            f"{format_p(test.p)})."
        )
    changed = int((before != after).sum())
    return Hypothesis(
        question="Did the second half of the training still help?",
        h0=f"H0: over {last} the model is as often right as over {first}.",
        h1="H1: it is right more often, or less (two-sided, level 0.05, unit: the picture).",
        measured=f"Share of {width} epochs at which a picture is right, early and late in the second half, on the same "
        f"{number_of(n, 'picture')}.",
        tone=tone,
        headline=headlines[tone],
        plain=training_in_words(before.mean(), after.mean(), n, first, last),
        sentence=sentence,
        carries=test,
        beside=(stats.mcnemar(right[middle], right[-1]),),
        assumptions=(
            Checked(
                "No single epoch decides",
                True,
                f"{width} epochs each are averaged, and how much accuracy goes up and down among them counts as error. "
                f"Beside it McNemar's test compares epochs {run.epochs[middle]} and {run.epochs[-1]} alone.",
            ),
            Checked(
                "Pictures that tell them apart",
                changed >= FEW,
                f"{changed} pictures are right more often in one of the windows; the test rests on these alone.",
            ),
            enough(n, FEW),
            INDEPENDENT,
        ),
        changes=tuple(_other_windows(right, middle, width, tone)),
        limits=limits_of("training"),
    )


def _other_windows(right: np.ndarray, middle: int, width: int, tone: Tone) -> list[Checked]:
    """The same test with windows of other lengths, and with one that begins earlier."""
    half = (len(right) - middle) // 2
    tried = {
        "Shorter windows": (middle, width // 2),
        "Longer windows": (middle, half),
        "From the first third on": (len(right) // 3, width),
    }
    changes = []
    for name, (start, length) in tried.items():
        if tone == "unknown" or length < 2 or (start, length) == (middle, width):
            continue
        other = stats.window_change(right[start : start + length], right[-length:])
        if np.isfinite(other.p):
            same = _tone(other) == tone
            changes.append(
                Checked(
                    name,
                    same,
                    f"With {length} epochs each, from number {start + 1} on, the outcome is "
                    f"{'the same' if same else 'another'}: {points(other.effect)}, {format_p(other.p)}, "
                    f"n = {other.n}.",
                )
            )
    return changes


def _tone(test: StatResult) -> Tone:
    if not np.isfinite(test.p):
        return "unknown"
    return "none" if test.p >= ALPHA else "yes" if test.effect > 0 else "no"
