"""Did the second half of a training still help? From windows of epochs, so that one epoch does not decide."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xai_core import stats
from xai_core.records import TrainingRun
from xai_core.studies.class_gate import about_n
from xai_core.studies.foreground import FEW
from xai_core.studies.groups import OF_GROUPS, units_of
from xai_core.studies.hypothesis import INDEPENDENT, Checked, Hypothesis, Tone, enough
from xai_core.studies.in_plain_words import BY_CHANCE, training_in_words
from xai_core.studies.layer_focus import ALPHA
from xai_core.studies.limits import limits_of
from xai_core.studies.paired import FEWEST_FLIPPED
from xai_core.studies.words import format_interval, format_p, percent, points
from xai_core.types import IntArray, StatResult
from xai_core.types.counts import number_of

FEWEST_EPOCHS = 10  # from which on a third of the second half is two epochs
MARGIN = 0.1  # of accuracy: where a change by more is not excluded, nothing is said of its absence
_ROOM = "Since accuracy goes up and down from epoch to epoch, the lasting change may be anything"
_ALIKE = Checked(
    OF_GROUPS.name,
    None,
    "Pictures that belong together (of a patient, a film) tell much the same. All of them count in the accuracy; its "
    "standard error comes from how far groups differ.",
)


def second_half(run: TrainingRun, middle: int, width: int, groups: Sequence[str | None] = ()) -> Hypothesis:
    """The card, from the first and the last epochs of the second half.

    Parameters
    ----------
    run : TrainingRun
        What was recorded.
    middle : int
        Index of the first epoch of the second half.
    width : int
        Epochs in each window; with a single one the card says that this cannot be told.
    groups : Sequence of str or None, optional
        What each recorded picture belongs to.

    Returns
    -------
    Hypothesis
    """
    right = run.correct
    windows = slice(middle, middle + width), slice(len(right) - width, len(right))
    before, after = (right[window].mean(axis=0) for window in windows)  # share of its epochs, by picture
    first, last = (_when(run, window) for window in windows)
    n, (numbers, units, grouped) = len(before), units_of(groups, len(before))
    unit = "group" if grouped else "picture"
    test = _change(run, middle, width, numbers)
    tone = _tone(test)
    headlines: dict[str, str] = {
        "yes": "Yes: it got better",
        "no": "No: it got worse",
        "none": "No improvement was found in the second half",
        "unknown": "This cannot be tested" if width > 1 else "Cannot tell from so few epochs",
    }
    open_ended = tone == "none" and max(map(abs, test.interval)) > MARGIN
    if open_ended:
        headlines["none"] = "Cannot tell whether it got better"
    sentence = test.reason if width > 1 else _too_few(run, middle, beside=not grouped)
    fallen, surely = _fell_most(run, middle, width, numbers) if width > 1 else ("", False)
    low, high = (100 * bound for bound in test.interval)
    if tone != "unknown":
        spread = f"95% interval {low:+.1f} to {high:+.1f}; " if np.isfinite(low) else ""
        sentence = (
            f"Of {number_of(n, 'picture')}, {percent(before.mean())} are right on average {first} and "
            f"{percent(after.mean())} {last}: {points(test.effect)} ({spread}"
            f"{format_p(test.p)}).{f' {fallen}' if fallen and not surely else ''}"
        )
    changed = int((before != after).sum())
    counted = number_of(n, "picture") + (f" in {number_of(units, 'group')}" if grouped else "")
    return Hypothesis(
        question="Did the second half of the training still help?",
        h0=f"H0: {last} the model is as often right as {first}.",
        h1=f"H1: it is right more often, or less (two-sided, level 0.05, unit: the {unit}).",
        measured=f"How often a picture is right in the {' and the '.join(_windows(width))} of the second half, on the "
        f"same {counted}.",
        tone="unknown" if open_ended else tone,
        headline=f"{headlines[tone]} {about_n(None, units, grouped=grouped)}",
        plain=training_in_words(before.mean(), after.mean(), n, first, last)
        + (f" {sentence}" if tone == "unknown" else "")
        + (BY_CHANCE if tone == "none" and not open_ended and test.effect else "")
        + (f" {_ROOM} from {low:+.1f} to {high:+.1f} points." if open_ended else ""),
        sentence=sentence,
        carries=test,
        beside=() if grouped else (stats.mcnemar(right[middle], right[-1]),),
        assumptions=(
            _several_epochs(run, middle, width, beside=not grouped),
            Checked(
                "Pictures that changed",
                changed >= FEW,
                f"For {number_of(changed, 'picture')}, the share of epochs at which the model is right differs "
                "between the two windows. For all others, the difference is zero.",
            ),
            enough(units, FEW, unit),
            _ALIKE if grouped else INDEPENDENT,
        ),
        changes=tuple(_other_windows(run, middle, width, tone, numbers)),
        caveats=(fallen,) if surely else (),
        limits=limits_of("training"),
    )


def _change(run: TrainingRun, start: int, width: int, numbers: IntArray) -> StatResult:
    """From an epoch on; all epochs of the training tell how alike neighbours are."""
    alike = stats.epochs_alike(run.correct, width)
    return stats.window_change(run.correct[start:], width, groups=numbers, alike=alike)


def _when(run: TrainingRun, window: slice) -> str:
    first, last = run.epochs[window][[0, -1]]
    return f"at epoch {last}" if first == last else f"over epochs {first} to {last}"


def _several_epochs(run: TrainingRun, middle: int, width: int, *, beside: bool) -> Checked:
    mcnemar = (
        f" McNemar's test compares epochs {run.epochs[middle]} and {run.epochs[-1]} alone, and cannot tell "
        "progress from ups and downs."
    )
    begin, end = _windows(width)
    said = (
        f"In the second half, accuracy is averaged over the {begin} and over the {end}. The interval is wider if "
        "accuracy goes up and down within these epochs. Neighbouring epochs that are alike make it "
        "wider, too."
    )
    return Checked("No single epoch decides", width > 1, said + mcnemar * beside)


def _windows(width: int) -> tuple[str, str]:
    """What is compared in the second half, in words: "first 10 epochs" and "last 10"."""
    return ("first epoch", "last one") if width == 1 else (f"first {width} epochs", f"last {width}")


def _too_few(run: TrainingRun, middle: int, *, beside: bool) -> str:
    said = (
        f"With {number_of(len(run.epochs), 'epoch')} this would compare single ones, whose accuracy goes up and down "
        f"by chance; from {FEWEST_EPOCHS} on, several are averaged."
    )
    both = f"epochs {run.epochs[middle]} and {run.epochs[-1]}"
    mcnemar = f" McNemar's test of {both}, among all numbers, cannot tell progress from such ups and downs."
    return said + mcnemar * beside


def _fell_most(run: TrainingRun, middle: int, width: int, numbers: IntArray) -> tuple[str, bool]:
    """The class that fell most, which the accuracy over all hides, and whether it did beyond chance."""
    classes = np.unique(run.labels)
    fell = []
    for number in classes if len(classes) > 1 else ():
        right = run.correct[middle:, run.labels == number]
        fell.append((float(right[-width:].mean() - right[:width].mean()), int(number), right))
    change, number, right = min(fell, key=lambda one: one[:2], default=(0.0, 0, run.correct))
    if change >= 0 or change == max(one[0] for one in fell):  # where all fell by as much, none fell most
        return "", False
    # A class that falls at once looks alike before and after, and all classes do that wander together: both have to.
    n, members = right.shape[1], run.correct[:, run.labels == number]
    alike = min(stats.epochs_alike(one, width) for one in (members, run.correct))
    of = numbers[run.labels == number]
    test = stats.window_change(right, width, groups=of, alike=alike, confidence=1 - ALPHA / len(classes))  # Bonferroni
    enough_of_it = len(set(of.tolist())) >= FEWEST_FLIPPED
    same = enough_of_it and not np.isfinite(test.p)  # all of them fell by as much, at every epoch
    corrected = f", widened for {len(classes)} classes" if np.isfinite(test.p) else ""
    spread = f" ({format_interval(test.interval, '+.1f', 100)}{corrected})"
    if min(test.interval) == -1 or max(test.interval) == 1:
        spread = "; so few epochs do not say how much of it is chance"
    surely = same or test.interval[1] < 0
    named = f"Accuracy fell most for {run.class_names[number]}"
    said = f"{named}: {points(change)} on its {number_of(n, 'picture')}{spread}."
    return f"{said} This may be chance." if spread[0] != ";" and not surely else said, surely


def _other_windows(run: TrainingRun, middle: int, width: int, tone: Tone, numbers: IntArray) -> list[Checked]:
    """The same test with windows of other lengths, and with one that begins earlier."""
    right = run.correct
    half = (len(right) - middle) // 2
    tried = {
        "Shorter windows": (middle, width // 2),
        "Longer windows": (middle, half),
        "After the first third": (len(right) // 3, width),
    }
    changes = []
    for name, (start, length) in tried.items():
        if tone == "unknown" or length < 2 or (start, length) == (middle, width):
            continue
        other = _change(run, start, length, numbers)
        if np.isfinite(other.p):
            same = _tone(other) == tone
            changes.append(
                Checked(
                    name,
                    same,
                    f"From epoch {run.epochs[start]} on, the first {length} epochs are compared with the last "
                    f"{length}: the outcome {'is the same' if same else 'differs'} ({points(other.effect)}, "
                    f"{format_p(other.p)}, n = {other.n:,}).",
                )
            )
    return changes


def _tone(test: StatResult) -> Tone:
    if not np.isfinite(test.p):
        return "unknown"
    return "none" if test.p >= ALPHA else "yes" if test.effect > 0 else "no"
