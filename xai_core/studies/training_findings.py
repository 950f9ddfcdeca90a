"""What happened in a training, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.records import TrainingRun, confused
from xai_core.studies.layer_focus import ALPHA
from xai_core.studies.validation_gap import as_many_alone, class_gap_finding, class_gaps, shrunk
from xai_core.studies.words import Finding, format_p, listed, most_confused, percent
from xai_core.types.counts import number_of

SETTLED_AT = 0.05  # share of pictures that may still change from an epoch to the next in a settled model
_RISE = 1.05  # of the lowest validation loss, from which on it counts as risen
_GAP = 0.1  # between the accuracies on validation and recorded pictures that is worth a sentence


def settled_since(run: TrainingRun) -> int | None:
    """The epoch since which no step to the next changed more than a twentieth of the predictions; None if none."""
    if len(run.epochs) < 3:
        return None
    calm = run.changed.mean(axis=1) <= SETTLED_AT
    if not calm[-1]:
        return None
    restless = np.flatnonzero(~calm)
    return int(run.epochs[restless[-1] + 1 if len(restless) else 0])


def _accuracy(run: TrainingRun) -> Finding:
    accuracy = run.accuracy
    best = int(accuracy.argmax())
    end = f"At epoch {run.epochs[-1]}, {percent(accuracy[-1])} of {len(run.pictures):,} pictures are right"
    if accuracy[-1] == accuracy[best]:
        return Finding("Accuracy", f"{end}; it was never better." if len(accuracy) > 1 else f"{end}.")
    better = accuracy[best] - accuracy[-1]
    more = f"{100 * better:.1f} percentage points more"
    return Finding("Accuracy", f"{end}; at epoch {run.epochs[best]}, the best, it was {more}.")


def _gap(run: TrainingRun, groups: Sequence[str | None]) -> Finding | None:
    known, right = run.log["val_accuracy"].iloc[-1], int(run.correct[-1].sum())
    n = len(run.pictures)
    if not abs(known - right / n) > _GAP:
        return None
    # A log does not say of how many pictures its accuracy is: of as many as were recorded, where classes do not.
    validated = int(run.validation.count[-1].sum()) if run.validation is not None else 0
    of = validated or n
    worth = as_many_alone(run.correct[-1], groups)
    test = stats.two_shares(*shrunk((round(known * of), right), (of, n), worth))
    if not test.p < ALPHA:
        return None
    counted = "" if validated else ", if there are as many of both"
    return Finding(
        "Validation and test",
        f"Accuracy is {percent(known)} on the validation pictures and {percent(right / n)} on the {n:,} test pictures: "
        f"more of a difference than chance gives ({format_p(test.p)}{counted}). The two sets differ in something that "
        "the model relies on: check what it looks at.",
        warning=True,
    )


def _settling(run: TrainingRun) -> Finding:
    if len(run.epochs) < 3:
        return Finding("Settling", "It takes at least three epochs to say whether the predictions have settled.")
    since, last = settled_since(run), run.changed[-1].mean()
    if since is None:
        return Finding(
            "Settling",
            f"Predictions have not settled: between the last two epochs {percent(last)} of them changed; up to "
            f"{percent(SETTLED_AT)} would count as settled.",
        )
    return Finding(
        "Settling",
        f"Settled since epoch {since}: at most {percent(SETTLED_AT)} of the predictions changed from epoch to epoch, "
        f"{percent(last)} at the last.",
    )


def _stopping(run: TrainingRun) -> Finding:
    losses = run.log["val_loss"].to_numpy(float)
    known = np.flatnonzero(np.isfinite(losses))
    if len(known) and known[-1] < len(losses) - 1:
        epoch = run.epochs[known[-1] + 1]
        best = int(known[losses[known].argmin()])
        return Finding(
            "When to stop",
            f"From epoch {epoch} on there is no validation loss that is a number; before, it was lowest, "
            f"{losses[best]:.3g} at epoch {run.epochs[best]}.",
            warning=True,
        )
    if not len(known):
        return Finding("When to stop", "No validation loss was recorded, so this record cannot tell when to stop.")
    rose, fell = stats.rise_and_fall(np.log(np.maximum(losses[known], np.finfo(float).tiny)))
    if np.isnan(rose):
        return Finding("When to stop", "It takes the validation loss of at least six epochs to say when to stop.")
    best, last = int(known[losses[known].argmin()]), int(known[-1])
    low = f"{losses[best]:.3g} at epoch {run.epochs[best]}"
    if rose < ALPHA <= fell and losses[last] > _RISE * losses[best]:  # one that comes down again may go on
        return Finding(
            "When to stop",
            f"The validation loss was lowest, {low}, and has risen to {losses[last]:.3g} at epoch {run.epochs[last]} "
            f"({format_p(rose)}): stop at epoch {run.epochs[best]}.",
            warning=True,
        )
    now = f"is at its lowest, {low}" if best == last else f"was lowest, {low}; now it is {losses[last]:.3g}"
    if fell < ALPHA:
        lead = "It" if best == last else "Even so, it"
        falls = f"{lead} has come down over the second half, not in one step ({format_p(fell)})"
        # A learning rate that starts again brings it down each time, to where it was before.
        before = losses[known[: -max(len(known) // 4, 3)]].min()
        lower = np.median(losses[known[-3:]]) < before
        then = ": more epochs may help." if lower else ", but no lower than before, so this does not say when to stop."
        return Finding("When to stop", f"The validation loss {now}. {falls}{then}")
    unknown = "It fluctuates too much to tell whether it has recently risen or fallen"
    return Finding("When to stop", f"The validation loss {now}. {unknown}, so this does not say when to stop.")


def _fluctuating(run: TrainingRun, measures: pd.DataFrame) -> Finding | None:
    if len(run.epochs) < 2 or len(set(run.labels.tolist())) < 2:
        return None
    means = measures.groupby("label", sort=False)["frequency"].mean().sort_values(ascending=False)
    if means.iloc[0] == 0:
        return Finding("Fluctuation", "No prediction ever changed.")
    restless = means[means > means.iloc[-1]].head(3)
    most = [f"{label} ({percent(share)} of steps)" for label, share in restless.items()]
    if means.iloc[0] == means.iloc[-1]:
        return Finding("Fluctuation", f"Predictions change alike for all classes ({percent(means.iloc[0])} of steps).")
    least = f"least for {means.index[-1]} ({percent(means.iloc[-1])})"
    return Finding("Fluctuation", f"Predictions change most often for {listed(most)}, {least}.")


def top_confusions(run: TrainingRun, limit: int) -> list[tuple[int, int]]:
    """The most frequent confusions (true, predicted) at the last epoch, at most so many; none without errors."""
    return [(true, predicted) for true, predicted, _ in _most_confused(run)[:limit]]


def _most_confused(run: TrainingRun) -> list[tuple[int, int, int]]:
    """(true, predicted, pictures) of the pairs of different classes, the most frequent ones first."""
    wrong = confused(run).wrong()
    order = np.argsort(-wrong.pictures, kind="stable")
    columns = (values[order].tolist() for values in (wrong.true, wrong.predicted, wrong.pictures))
    return list(zip(*columns, strict=True))


def _confusions(run: TrainingRun) -> Finding:
    pairs = _most_confused(run)
    if not pairs:
        return Finding("Confusions", "At the last epoch every picture is classified correctly.")
    names = run.class_names
    shown, others = pairs[:3], pairs[3:]
    parts = [
        (names[i], names[j], f"{count:,}" if place else number_of(count, "picture"))
        for place, (i, j, count) in enumerate(shown)
    ]
    tied = sum(count == shown[-1][2] for *_, count in others)
    return Finding("Confusions", f"Most often at the last epoch, {most_confused(parts, tied)}.")


def _hardest(run: TrainingRun, measures: pd.DataFrame) -> Finding:
    never = int((~run.correct.any(axis=0)).sum())
    if not (measures["misclassification"] > 0).any():
        return Finding("Hardest pictures", "No picture was ever wrong.")
    shares = measures["misclassification"]
    if not never and len(shares) > 1 and shares.min() == shares.max():
        return Finding("Hardest pictures", f"No picture is harder: each is wrong at {percent(shares.min())} of epochs.")
    wrong = measures[shares > 0]
    hardest = wrong.sort_values(["misclassification", "forgetting"], ascending=False, kind="stable").head(3)
    parts = [f"{row.picture} (wrong at {percent(row.misclassification)} of epochs)" for row in hardest.itertuples()]
    if never > len(parts):
        some = listed([f"{row.picture}" for row in hardest.itertuples()])
        return Finding("Hardest pictures", f"{never:,} pictures were never right, among them {some}.")
    lead = f"{never:,} pictures were never right. " if never > 1 else "One picture was never right. " if never else ""
    return Finding("Hardest pictures", f"{lead}Hardest: {listed(parts)}.")


def evolution_findings(
    run: TrainingRun, measures: pd.DataFrame, gaps: pd.DataFrame | None = None, groups: Sequence[str | None] = ()
) -> list[Finding]:
    """What happened in a training, in sentences.

    Parameters
    ----------
    run : TrainingRun
    measures : DataFrame
        Of `TrainingRun.measures`.
    gaps : DataFrame, optional
        What `class_gaps` gave, where that is known.
    groups : Sequence of str or None, optional
        What each recorded picture belongs to.

    Returns
    -------
    list of Finding
    """
    found = [
        _accuracy(run),
        _gap(run, groups),
        _stopping(run),
        _settling(run),
        class_gap_finding(class_gaps(run, groups) if gaps is None else gaps),
        _fluctuating(run, measures),
        _confusions(run),
        _hardest(run, measures),
    ]
    return [finding for finding in found if finding is not None]
