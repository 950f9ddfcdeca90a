"""How a classifier learned: which pictures to show in which order, what happened in words, two runs compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.errors import RecordError
from xai_core.maps import energy_inside, rectify, upsample
from xai_core.records import TrainingRun
from xai_core.studies.words import Finding, format_p, listed, percent
from xai_core.types import FloatArray, Heatmaps, IntArray, Sample, StatResult

# Measures to sort by and to draw beside the rows: column of `TrainingRun.measures` -> title.
EVOLUTION_MEASURES = {
    "misclassification": "Wrong",
    "frequency": "Changes",
    "variability": "Variability",
    "forgetting": "Forgotten",
}
Only = Literal["all", "ever wrong", "wrong at the end", "changing", "never right"]
SETTLED_AT = 0.05  # share of pictures that may still change from an epoch to the next in a settled model
_RISE = 1.05  # of the lowest validation loss, from which on it counts as risen
_GAP = 0.1  # between the accuracies on validation and recorded pictures that is worth a sentence
_SEPARATE = 500  # pictures beyond which the rows of a picture each would be too thin to see


def choose_rows(
    run: TrainingRun,
    measures: pd.DataFrame,
    *,
    sort: str = "misclassification",
    by_class: bool = True,
    true: Sequence[int] = (),
    predicted: Sequence[int] = (),
    only: Only = "all",
) -> IntArray:
    """Which pictures to show, in order: int64 (n,) indices.

    Parameters
    ----------
    measures : of the run
    sort : a column of `EVOLUTION_MEASURES`, largest first, or "name"; ties stay in the record's order
    by_class : group by true class first
    true, predicted : classes to keep, by the label and by the prediction at the last epoch; empty keeps all
    only : of those, which pictures by how they fared
    """
    keep = np.ones(len(run.pictures), dtype=bool)
    if len(true):
        keep &= np.isin(run.labels, true)
    if len(predicted):
        keep &= np.isin(run.predictions[-1], predicted)
    if only == "ever wrong":
        keep &= ~run.correct.all(axis=0)
    elif only == "wrong at the end":
        keep &= ~run.correct[-1]
    elif only == "changing":
        keep &= run.changed.any(axis=0)
    elif only == "never right":
        keep &= ~run.correct.any(axis=0)
    rows = np.flatnonzero(keep)
    if sort == "name":
        rows = rows[np.argsort(np.array(run.pictures)[rows], kind="stable")]
    else:
        rows = rows[np.argsort(-np.nan_to_num(measures[sort].to_numpy()[rows]), kind="stable")]
    return rows[np.argsort(run.labels[rows], kind="stable")] if by_class else rows


@dataclass(frozen=True, eq=False)
class EvolutionRows:
    """What the rows of the evolution figure hold: a picture each, or several where there are too many.

    Attributes
    ----------
    members : R arrays of picture indices
    titles : R names
    classes : int64 (R, E), the class predicted most often in the row
    correct, p_true : float32 (R, E), means over the row in [0, 1]; p_true is None where it was not recorded
    measures : R rows, columns `EVOLUTION_MEASURES`, means over the row
    labels : int64 (R,), the true class of the row's first picture
    """

    members: tuple[IntArray, ...]
    titles: tuple[str, ...]
    classes: IntArray
    correct: FloatArray
    p_true: FloatArray | None
    measures: pd.DataFrame
    labels: IntArray

    def row_of(self, picture: int) -> int | None:
        """The row that holds a picture, if it is shown."""
        return next((row for row, members in enumerate(self.members) if picture in members), None)


def _bins(run: TrainingRun, order: IntArray, by_class: bool, limit: int) -> list[IntArray]:
    if len(order) <= limit:
        return [order[i : i + 1] for i in range(len(order))]
    borders = np.flatnonzero(np.diff(run.labels[order])) + 1 if by_class else np.zeros(0, np.int64)
    groups = np.split(order, borders)
    size = -(-len(order) // max(1, limit - len(groups)))  # no row mixes classes, so each may have one short row
    return [group[i : i + size] for group in groups for i in range(0, len(group), size)]


def evolution_rows(
    run: TrainingRun, order: IntArray, measures: pd.DataFrame, *, by_class: bool = True, limit: int = _SEPARATE
) -> EvolutionRows:
    """Put pictures into at most `limit` rows, in their order, or a row a class where there are more classes.

    Parameters
    ----------
    order : indices from `choose_rows`
    by_class : the order is grouped by true class, and no row may mix two
    """
    bins = _bins(run, order, by_class, limit)
    counts = np.array([len(members) for members in bins], dtype=np.int64)
    of_row = np.repeat(np.arange(len(bins)), counts)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
    k = len(run.class_names)
    if len(bins) == len(order):
        classes = run.predictions[:, order].T
    else:
        classes = np.stack(
            [
                np.bincount(of_row * k + epoch, minlength=len(bins) * k).reshape(len(bins), k).argmax(axis=1)
                for epoch in run.predictions[:, order]
            ],
            axis=1,
        )

    def mean(values: np.ndarray) -> np.ndarray:
        """Over the pictures of each row: (E, n) -> (R, E), or (n,) -> (R,)."""
        if not len(bins):
            return np.zeros((0, *values.shape[:-1]))
        return (np.add.reduceat(values, starts, axis=-1) / counts).T

    columns = {name: mean(measures[name].to_numpy(float)[order]) for name in EVOLUTION_MEASURES}
    return EvolutionRows(
        members=tuple(bins),
        titles=tuple(
            run.pictures[members[0]]
            if len(members) == 1
            else f"{len(members)} pictures, {run.pictures[members[0]]} to {run.pictures[members[-1]]}"
            for members in bins
        ),
        classes=classes.reshape(len(bins), len(run.epochs)),
        correct=mean(run.correct[:, order].astype(np.float32)).astype(np.float32),
        p_true=None if run.p_true is None else mean(run.p_true[:, order]).astype(np.float32),
        measures=pd.DataFrame(columns),
        labels=run.labels[[members[0] for members in bins]] if bins else np.zeros(0, np.int64),
    )


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
        return Finding("Accuracy", f"{end}; it was never better.")
    better = accuracy[best] - accuracy[-1]
    return Finding("Accuracy", f"{end}; at epoch {run.epochs[best]} it was {100 * better:.1f} points better.")


def _gap(run: TrainingRun) -> Finding | None:
    known = run.log["val_accuracy"].iloc[-1]
    gap = known - run.accuracy[-1]
    if not abs(gap) > _GAP:
        return None
    return Finding(
        "Two truths",
        f"On the validation pictures {percent(known)} are right, on the recorded ones {percent(run.accuracy[-1])}. "
        "The two sets differ in something that the model relies on: look at where it looks.",
        warning=True,
    )


def _settling(run: TrainingRun) -> Finding:
    if len(run.epochs) < 3:
        return Finding("Settling", "It takes at least three epochs to say whether it has settled.")
    since, last = settled_since(run), run.changed[-1].mean()
    if since is None:
        return Finding(
            "Settling",
            f"It has not settled: in the last step {percent(last)} of the predictions changed "
            f"(settled would be {percent(SETTLED_AT)} or fewer).",
        )
    return Finding(
        "Settling",
        f"Since epoch {since}, no step changed more than {percent(SETTLED_AT)} of the predictions; the last changed "
        f"{percent(last)}.",
    )


def _stopping(run: TrainingRun) -> Finding:
    losses = run.log["val_loss"].to_numpy(float)
    known = np.flatnonzero(np.isfinite(losses))
    if len(known) and known[-1] < len(losses) - 1:
        epoch = run.epochs[known[-1] + 1]
        best = int(known[losses[known].argmin()])
        return Finding(
            "When to stop",
            f"From epoch {epoch} on there is no validation loss that is a number; before, it was lowest with "
            f"{losses[best]:.3g} at epoch {run.epochs[best]}.",
            warning=True,
        )
    if not len(known):
        return Finding("When to stop", "No validation loss was recorded, so it says nothing of when to stop.")
    if len(known) < 3:
        return Finding("When to stop", "It takes the validation loss of at least three epochs to say when to stop.")
    best, last = int(known[losses[known].argmin()]), int(known[-1])
    low = f"{losses[best]:.3g} at epoch {run.epochs[best]}"
    if best == last:
        return Finding("When to stop", f"The validation loss is at its lowest, {low}: more epochs may help.")
    if losses[last] > _RISE * losses[best]:
        return Finding(
            "When to stop",
            f"The validation loss was lowest with {low} and has risen to {losses[last]:.3g} since: stop at epoch "
            f"{run.epochs[best]}.",
            warning=True,
        )
    return Finding(
        "When to stop",
        f"The validation loss was lowest with {low} and is about as low now ({losses[last]:.3g}): more epochs like "
        "these would change little.",
    )


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
    matrix = run.confusion()
    np.fill_diagonal(matrix, 0)
    order = np.argsort(-matrix, axis=None, kind="stable")[:limit]
    return [(int(flat) // len(matrix), int(flat) % len(matrix)) for flat in order if matrix.flat[flat]]


def _confusions(run: TrainingRun) -> Finding:
    matrix, pairs = run.confusion(), top_confusions(run, 3)
    if not pairs:
        return Finding("Confusions", "At the last epoch no picture is taken for another class.")
    names = run.class_names
    parts = [f"{names[i]} for {names[j]} ({matrix[i, j]})" for i, j in pairs]
    return Finding("Confusions", f"At the last epoch it most often takes {listed(parts)}.")


def _hardest(run: TrainingRun, measures: pd.DataFrame) -> Finding:
    never = int((~run.correct.any(axis=0)).sum())
    if not (measures["misclassification"] > 0).any():
        return Finding("Hardest pictures", "No picture was ever wrong.")
    wrong = measures[measures["misclassification"] > 0]
    hardest = wrong.sort_values(["misclassification", "forgetting"], ascending=False, kind="stable").head(3)
    parts = [f"{row.picture} (wrong at {percent(row.misclassification)} of epochs)" for row in hardest.itertuples()]
    if never > len(parts):
        some = listed([f"{row.picture}" for row in hardest.itertuples()])
        return Finding("Hardest pictures", f"{never:,} pictures were never right, among them {some}.")
    lead = f"{never:,} pictures were never right. " if never > 1 else "One picture was never right. " if never else ""
    return Finding("Hardest pictures", f"{lead}Hardest: {listed(parts)}.")


def evolution_findings(run: TrainingRun, measures: pd.DataFrame) -> list[Finding]:
    """What happened in a training, in sentences."""
    found = [
        _accuracy(run),
        _gap(run),
        _settling(run),
        _stopping(run),
        _fluctuating(run, measures),
        _confusions(run),
        _hardest(run, measures),
    ]
    return [finding for finding in found if finding is not None]


@dataclass(frozen=True, eq=False)
class RunComparison:
    """Two runs on the same pictures.

    Attributes
    ----------
    first, second : the runs, cut down to the pictures that both have, in the same order
    table : a row a picture: picture, label, first, second (final predictions in words), first_right, second_right,
        agreement (share of common epochs with the same prediction)
    epochs : int64 (E,), the epochs that both have
    test : McNemar's test on who is right at the last epoch of each
    missing : pictures that only one of them has
    """

    first: TrainingRun
    second: TrainingRun
    table: pd.DataFrame
    epochs: IntArray
    test: StatResult
    missing: int

    @property
    def order(self) -> IntArray:
        """The pictures, those first on which the runs part most often at the common epochs, then by true class."""
        parted = ((self.outcome == 1) | (self.outcome == 2)).mean(axis=0)
        return np.lexsort((self.first.labels, -parted))

    @property
    def outcome(self) -> np.ndarray:
        """int8 (E, N): 0 both wrong, 1 only the first right, 2 only the second, 3 both; at the common epochs."""
        first, second = (run.at(self.epochs).correct for run in (self.first, self.second))
        return (first + 2 * second.astype(np.int8)).astype(np.int8)


def compare_runs(first: TrainingRun, second: TrainingRun) -> RunComparison:
    """Put two runs side by side, picture by picture.

    Pictures are matched by name and true class.

    Raises
    ------
    RecordError
        If the classes differ, or they share no picture or no epoch.
    """
    if set(first.class_names) != set(second.class_names):
        raise RecordError(f"{first.name} and {second.name} were not trained on the same classes.")
    to_first = np.array([first.class_names.index(name) for name in second.class_names], dtype=np.int64)
    where = {
        (name, int(to_first[label])): i
        for i, (name, label) in enumerate(zip(second.pictures, second.labels, strict=True))
    }
    keys = [(name, int(label)) for name, label in zip(first.pictures, first.labels, strict=True)]
    pairs = [(i, where[key]) for i, key in enumerate(keys) if key in where]
    epochs = np.intersect1d(first.epochs, second.epochs)
    if not pairs or not len(epochs):
        what = "picture" if not pairs else "epoch"
        raise RecordError(f"{first.name} and {second.name} have no {what} in common, so they cannot be compared.")
    a = first.take([i for i, _ in pairs])
    b = second.take([j for _, j in pairs])
    b = replace(b, class_names=a.class_names, labels=to_first[b.labels], predictions=to_first[b.predictions])
    names = np.array(a.class_names, dtype=object)
    same = a.at(epochs).predictions == b.at(epochs).predictions
    table = pd.DataFrame(
        {
            "picture": a.pictures,
            "label": names[a.labels],
            "first": names[a.predictions[-1]],
            "second": names[b.predictions[-1]],
            "first_right": a.correct[-1],
            "second_right": b.correct[-1],
            "agreement": same.mean(axis=0),
        }
    )
    missing = len(first.pictures) + len(second.pictures) - 2 * len(pairs)
    return RunComparison(a, b, table, epochs, stats.mcnemar(a.correct[-1], b.correct[-1]), missing)


def comparison_sentence(comparison: RunComparison) -> str:
    """Which run is right more often, on how many pictures, by how much."""
    test, a, b = comparison.test, comparison.first, comparison.second
    n, only_a = test.n, int((comparison.table["first_right"] & ~comparison.table["second_right"]).sum())
    only_b = int((comparison.table["second_right"] & ~comparison.table["first_right"]).sum())
    head = (
        f"Of {n:,} pictures, {a.name} has {percent(a.accuracy[-1])} right and {b.name} {percent(b.accuracy[-1])}; "
        f"{only_a:,} are right only in the first and {only_b:,} only in the second. "
    )
    if not np.isfinite(test.p):
        return head + test.reason
    low, high = (100 * bound for bound in test.interval)
    sure = "The difference is" if test.p < 0.05 else "No difference is shown:"
    interval = f", 95 % interval {low:+.1f} to {high:+.1f}" if np.isfinite(low) else ""
    return f"{head}{sure} {100 * test.effect:+.1f} points{interval} (McNemar's exact test, {format_p(test.p)})."


def confused_classes(run: TrainingRun, limit: int) -> IntArray:
    """The classes to show in a confusion matrix: all, or those most often taken for others or others for them."""
    k = len(run.class_names)
    if k <= limit:
        return np.arange(k)
    wrong = np.sum([run.confusion(int(epoch)) for epoch in run.epochs[[0, len(run.epochs) // 2, -1]]], axis=0)
    np.fill_diagonal(wrong, 0)
    return np.sort(np.argsort(-(wrong.sum(axis=0) + wrong.sum(axis=1)), kind="stable")[:limit])


def object_attention(heatmaps: Heatmaps, samples: Sequence[Sample]) -> tuple[np.ndarray, np.ndarray]:
    """Share of each picture's positive evidence inside its mask, and the mask's share of the picture.

    Parameters
    ----------
    heatmaps : of one layer
    samples : N, as the network saw them; one without a mask gives NaN

    Returns
    -------
    float (N,), float (N,)
    """
    (raw,) = heatmaps.values()
    energy, area = np.full(len(samples), np.nan), np.full(len(samples), np.nan)
    for i, sample in enumerate(samples):
        if sample.mask is not None:
            energy[i] = energy_inside(upsample(rectify(raw[i]), sample.mask.shape), sample.mask)
            area[i] = (sample.mask == 1).sum() / max(1, (sample.mask != 255).sum())
    return energy, area


def attention_table(energy: np.ndarray, area: np.ndarray, epochs: Sequence[int]) -> pd.DataFrame:
    """Share of the positive evidence that lies on the object, by epoch.

    Parameters
    ----------
    energy : float (C, N), share inside the mask at each of C epochs with weights, NaN for a flat map
    area : float (N,), the mask's share of the picture: what an even map would have

    Returns
    -------
    DataFrame
        A row an epoch: epoch, inside (mean), area (mean over the same pictures), excess (mean of inside - area) with
        low and high (95 % bootstrap over pictures), n (pictures with a map), looks (the interval is above 0).
    """
    rows = []
    for epoch, values in zip(epochs, energy, strict=True):
        known = np.isfinite(values) & np.isfinite(area)
        excess = (values - area)[known]
        low, high = (
            stats.bootstrap_interval(excess[:, None], lambda drawn: drawn.mean(axis=(1, 2)))
            if len(excess) > 1
            else (np.nan, np.nan)
        )
        rows.append(
            {
                "epoch": int(epoch),
                "inside": values[known].mean() if known.any() else np.nan,
                "area": area[known].mean() if known.any() else np.nan,
                "excess": excess.mean() if known.any() else np.nan,
                "low": low,
                "high": high,
                "n": int(known.sum()),
                "looks": bool(low > 0),
            }
        )
    return pd.DataFrame(rows)


def attention_sentence(table: pd.DataFrame) -> str:
    """When the model begins to look at the object, if it does."""
    known = table[np.isfinite(table["low"])]
    if known.empty:
        return "With fewer than two usable maps this cannot be said."
    last = known.iloc[-1]
    end = (
        f"At epoch {last['epoch']:.0f}, {percent(last['inside'])} of the evidence lies on the object, which covers "
        f"{percent(last['area'])} of the picture (n = {last['n']:.0f}, excess {100 * last['excess']:+.0f} points, "
        f"95 % interval {100 * last['low']:+.0f} to {100 * last['high']:+.0f})."
    )
    looking = known["looks"].to_numpy()
    if last["high"] < 0:
        return f"It looks at the object less than an even map would: what it goes by lies elsewhere. {end}"
    if not looking[-1]:
        return f"It does not look at the object more than an even map would. {end}"
    away = np.flatnonzero(~looking)
    since = known.iloc[away[-1] + 1 if len(away) else 0]["epoch"]
    return f"From epoch {since:.0f} on it looks at the object more than an even map would. {end}"
