"""What a classifier mixes up: tallies, calibration, which pictures to look at. It all reads `xai.evaluate`'s table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats as scipy_stats

from xai_core.maps import is_flat, pool, top_shares, upsample
from xai_core.studies.words import Finding, listed, percent
from xai_core.types import FloatArray, IntArray

Rightness = Literal["wrong", "right", "all"]
# How a gallery can be sorted: key -> (title, column of the table, largest first).
GALLERY_SORTS: dict[str, tuple[str, str, bool]] = {
    "sure": ("Most confident", "confidence", True),
    "unsure": ("Least confident", "confidence", False),
    "close": ("Smallest margin", "margin", False),
    "clear": ("Largest margin", "margin", True),
    "loss": ("Largest loss", "loss", True),
    "disagree": ("Methods disagree most", "rank_correlation", False),
}
BINS = 15  # of confidence, as in Guo et al.
TOP5_FROM = 11  # classes, from which on the top five say something
_TENTH = 0.1  # the share of a map that counts as its most important part
_ERRING = 0.08  # calibration error that is worth a sentence, also where the mean gap is small
_MISJUDGED = 0.02  # gap between confidence and accuracy that is worth a sentence


def judged(table: pd.DataFrame) -> pd.DataFrame:
    """The rows that can be right or wrong: with a label that the model knows and an answer that is a number."""
    return table[(table["true"] >= 0) & table["usable"]]


def confusion(table: pd.DataFrame, classes: int) -> IntArray:
    """int64 (K, K): pictures by true class (rows) and predicted class (columns)."""
    known = judged(table)
    cells = known["true"].to_numpy() * classes + known["predicted"].to_numpy()
    return np.bincount(cells, minlength=classes**2).reshape(classes, classes)


@dataclass(frozen=True)
class Summary:
    """A labelled set in a few numbers.

    Attributes
    ----------
    n, right : pictures that could be judged, and those among them that are right
    unlabelled, unusable : pictures without a label that the model knows, and those that it answered NaN to
    accuracy, top5 : in [0, 1], NaN without a picture; top5 is NaN up to ten classes
    interval : Wilson's 95 % interval of the accuracy (1927)
    macro_f1 : mean over the classes that occur, in [0, 1]
    ece : expected calibration error in [0, 1]
    confidence : mean confidence in [0, 1]
    """

    n: int
    right: int
    unlabelled: int
    unusable: int
    accuracy: float
    interval: tuple[float, float]
    top5: float
    macro_f1: float
    ece: float
    confidence: float


def summarise(table: pd.DataFrame, names: Sequence[str]) -> Summary:
    """The numbers of a whole table."""
    known = judged(table)
    n, right = len(known), int(known["correct"].sum())
    interval = (float("nan"), float("nan"))
    if n:
        bounds = scipy_stats.binomtest(right, n).proportion_ci(method="wilson")
        interval = (float(bounds.low), float(bounds.high))
    report = class_report(table, names)
    f1 = report.loc[report["pictures"] > 0, "f1"].fillna(0)
    return Summary(
        n=n,
        right=right,
        unlabelled=int((table["true"] < 0).sum()),
        unusable=int(((table["true"] >= 0) & ~table["usable"]).sum()),
        accuracy=right / n if n else float("nan"),
        interval=interval,
        top5=float(known["in_top5"].mean()) if n and len(names) >= TOP5_FROM else float("nan"),
        macro_f1=float(f1.mean()) if len(f1) else float("nan"),
        ece=calibration_error(calibration(table)),
        confidence=float(known["confidence"].mean()) if n else float("nan"),
    )


def class_report(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """How each class fared.

    Returns
    -------
    DataFrame
        A row for each class that is the label or the prediction of a picture: class, pictures (with that label),
        recall, precision and f1 in [0, 1] (NaN where there is nothing to divide by), missed (pictures of the class
        taken for another), false_positives (pictures of others taken for it).
    """
    matrix = confusion(table, len(names))
    right, pictures, taken = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    with np.errstate(invalid="ignore"):
        frame = pd.DataFrame(
            {
                "class": list(names),
                "pictures": pictures,
                "recall": right / pictures,
                "precision": right / taken,
                "f1": 2 * right / (pictures + taken),
                "missed": pictures - right,
                "false_positives": taken - right,
            }
        )
    return frame[(pictures > 0) | (taken > 0)].reset_index(drop=True)


def calibration(table: pd.DataFrame, bins: int = BINS) -> pd.DataFrame:
    """Whether confidences can be believed (Guo et al. 2017, arXiv 1706.04599).

    Returns
    -------
    DataFrame
        A row for each of the equal bins of (0, 1] that holds a picture: low, high, n, confidence (mean), accuracy.
    """
    known = judged(table)
    confidence = known["confidence"].to_numpy()
    place = np.searchsorted(np.arange(1, bins) / bins, confidence)
    grouped = known.assign(bin=place).groupby("bin")
    found = grouped.agg(n=("correct", "size"), confidence=("confidence", "mean"), accuracy=("correct", "mean"))
    edges = found.index.to_numpy()
    found.insert(0, "low", edges / bins)
    found.insert(1, "high", (edges + 1) / bins)
    return found.reset_index(drop=True)


def calibration_error(bins: pd.DataFrame) -> float:
    """Expected calibration error in [0, 1]: the mean gap between confidence and accuracy, bins by their pictures."""
    n = bins["n"].sum()
    return float((bins["n"] * (bins["confidence"] - bins["accuracy"]).abs()).sum() / n) if n else float("nan")


def confused_pairs(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Which class is taken for which, most often first.

    Returns
    -------
    DataFrame
        A row a pair that occurs: true, predicted (class numbers), true_class, predicted_class, n, share (of the
        pictures of the true class).
    """
    matrix = confusion(table, len(names))
    pictures = matrix.sum(axis=1)
    np.fill_diagonal(matrix, 0)
    true, predicted = np.nonzero(matrix)
    words = np.array(names, dtype=object)
    counts = matrix[true, predicted]
    frame = pd.DataFrame(
        {
            "true": true,
            "predicted": predicted,
            "true_class": words[true],
            "predicted_class": words[predicted],
            "n": counts,
            "share": counts / pictures[true],
        }
    )
    return frame.sort_values(["n", "share"], ascending=False, kind="stable", ignore_index=True)


@dataclass(frozen=True, eq=False)
class ShownConfusion:
    """The part of a confusion matrix that fits a page.

    Attributes
    ----------
    rows : int64 (R,), true classes shown
    columns : int64 (C,), predicted classes shown: those of the rows first, then the others, most frequent first
    counts : int64 (R, C)
    true_totals, predicted_totals : int64 (R,), (C,), over all classes, shown or not
    other_columns, other_rows : int64 (R,), (C,), pictures in columns and rows that are not shown
    hidden : number of classes that occur and are not shown as a row or a column
    """

    rows: IntArray
    columns: IntArray
    counts: IntArray
    true_totals: IntArray
    predicted_totals: IntArray
    hidden: int

    @property
    def other_columns(self) -> IntArray:
        return self.true_totals - self.counts.sum(axis=1)

    @property
    def other_rows(self) -> IntArray:
        return self.predicted_totals - self.counts.sum(axis=0)


def shown_confusion(matrix: IntArray, limit: int = 24) -> ShownConfusion:
    """The classes that occur; beyond `limit` the most confused ones.

    Parameters
    ----------
    matrix : int64 (K, K)
    """
    wrong = matrix.copy()
    np.fill_diagonal(wrong, 0)
    occurs_true, occurs = matrix.sum(axis=1) > 0, (matrix.sum(axis=0) > 0) | (matrix.sum(axis=1) > 0)
    involved = wrong.sum(axis=1) + wrong.sum(axis=0)

    def most(candidates: IntArray, weight: np.ndarray, room: int) -> IntArray:
        return np.sort(candidates[np.argsort(-weight[candidates], kind="stable")[: max(room, 0)]])

    rows = most(np.flatnonzero(occurs_true), involved, limit)
    taken = matrix[rows].sum(axis=0)
    others = np.setdiff1d(np.flatnonzero(taken > 0), rows)
    frequent = others[np.argsort(-taken[others], kind="stable")[: max(limit - len(rows), 0)]]
    columns = np.concatenate([rows, frequent])
    hidden = int(occurs.sum()) - len(columns)
    return ShownConfusion(
        rows=rows,
        columns=columns,
        counts=matrix[np.ix_(rows, columns)],
        true_totals=matrix[rows].sum(axis=1),
        predicted_totals=matrix[:, columns].sum(axis=0),
        hidden=hidden,
    )


def choose_pictures(
    table: pd.DataFrame,
    *,
    only: Rightness = "wrong",
    true: Sequence[int] = (),
    predicted: Sequence[int] = (),
    sort: str = "sure",
) -> IntArray:
    """Which pictures to look at, in order: int64 (n,) positions in the table.

    Parameters
    ----------
    only : "wrong", "right" or "all"; pictures without a known label or a usable answer are among "all" only
    true, predicted : class numbers to keep; empty keeps all
    sort : a key of `GALLERY_SORTS`; what cannot be compared comes last, ties stay in the table's order
    """
    keep = np.ones(len(table), dtype=bool)
    if only != "all":
        known = ((table["true"] >= 0) & table["usable"]).to_numpy()
        keep &= known & (table["correct"].to_numpy() == (only == "right"))
    if len(true):
        keep &= np.isin(table["true"], true)
    if len(predicted):
        keep &= np.isin(table["predicted"], predicted) & table["usable"].to_numpy()
    _, column, largest_first = GALLERY_SORTS[sort]
    values = table[column].to_numpy(float) if column in table else np.full(len(table), np.nan)
    rows = np.flatnonzero(keep)
    ranked = np.where(np.isnan(values), np.inf, -values if largest_first else values)
    return rows[np.argsort(ranked[rows], kind="stable")]


def rival(table: pd.DataFrame, position: int, probabilities: np.ndarray) -> int:
    """The class to hold against the prediction: the label where that is another, else the runner-up.

    Parameters
    ----------
    probabilities : (K,), the model's for that picture
    """
    row = table.iloc[position]
    if row["true"] >= 0 and row["true"] != row["predicted"]:
        return int(row["true"])
    order = np.argsort(-np.nan_to_num(probabilities), kind="stable")
    return next((int(index) for index in order if index != row["predicted"]), int(row["predicted"]))


def right_pictures(table: pd.DataFrame, true: int, *, besides: int | None = None) -> IntArray:
    """Pictures of a class that are right, the surest first: int64 (n,) positions in the table.

    Parameters
    ----------
    besides : a position to leave out
    """
    found = choose_pictures(table, only="right", true=[true], sort="sure")
    return found[found != besides] if besides is not None else found


def agreement(first: FloatArray, second: FloatArray) -> tuple[float, float]:
    """Whether two methods point at the same places of a picture.

    Both maps are averaged down to the coarser one's cells, since a map of pixels and one of cells would else differ
    by their grain alone.

    Parameters
    ----------
    first, second : float32 (h, w) each, large where it matters

    Returns
    -------
    rank_correlation : Spearman's, in [-1, 1]; NaN where a map is flat
    overlap : of the most important tenth of the area, the share that both have, in [0, 1]; cells of the same value
        share what is left of the tenth
    """
    size = (min(first.shape[0], second.shape[0]), min(first.shape[1], second.shape[1]))
    pooled = np.stack([pool(np.asarray(one, np.float32), size) for one in (first, second)])
    if is_flat(pooled).any() or pooled[0].size < 3:
        return float("nan"), float("nan")
    correlation = float(scipy_stats.spearmanr(pooled[0].ravel(), pooled[1].ravel()).statistic)
    fine = upsample(pooled, (4 * size[0], 4 * size[1]))  # so that a tenth of a coarse map is a tenth
    count = max(1, round(_TENTH * fine[0].size))
    first_top, second_top = (top_shares(one.ravel(), count) for one in fine)
    return correlation, float(first_top @ second_top) / count


def agreements(maps: Mapping[str, FloatArray]) -> pd.DataFrame:
    """`agreement` of every two methods: a row a pair, first, second, rank_correlation, overlap."""
    names = list(maps)
    rows = [(a, b, *agreement(maps[a], maps[b])) for i, a in enumerate(names) for b in names[i + 1 :]]
    return pd.DataFrame(rows, columns=["first", "second", "rank_correlation", "overlap"])


def _accuracy(summary: Summary) -> Finding:
    low, high = summary.interval
    whole = f"{summary.right:,} of {summary.n:,} pictures are right"
    if summary.n == 1:
        whole = f"The one picture is {'right' if summary.right else 'wrong'}"
    return Finding(
        "Accuracy", f"{whole}: {100 * summary.accuracy:.1f} % (95 % interval {100 * low:.1f} to {100 * high:.1f} %)."
    )


def _confusions(pairs: pd.DataFrame, summary: Summary) -> Finding:
    if pairs.empty:
        return Finding("Confusions", "Every picture that could be judged is right, so nothing is mixed up.")
    parts = [
        f"{row.true_class} for {row.predicted_class} ({row.n} of {round(row.n / row.share)} pictures)"
        for row in pairs.head(2).itertuples()
    ]
    wrong, top = summary.n - summary.right, pairs["n"].head(5).sum()
    tail = f" Five pairs of classes make up {percent(top / wrong)} of all mistakes." if len(pairs) > 5 else ""
    return Finding("Confusions", f"Most often it takes {listed(parts)}.{tail}")


def _calibration(summary: Summary) -> Finding:
    gap = summary.confidence - summary.accuracy
    said = (
        f"On average it is {100 * summary.confidence:.1f} % sure and {100 * summary.accuracy:.1f} % right "
        f"(expected calibration error {100 * summary.ece:.1f} points)"
    )
    if abs(gap) < _MISJUDGED:
        if summary.ece > _ERRING:
            return Finding("Calibration", f"{said}: it is too sure of some pictures and not sure enough of others.")
        return Finding("Calibration", f"{said}: its confidence can be believed on the whole.")
    word = "surer than it is right" if gap > 0 else "more often right than it is sure"
    return Finding("Calibration", f"{said}: it is {word}.", warning=gap > 0)


def _surest_mistake(table: pd.DataFrame) -> Finding | None:
    wrong = choose_pictures(table, only="wrong", sort="sure")
    if not len(wrong):
        return None
    row = table.iloc[int(wrong[0])]
    sure = int((table.iloc[wrong]["confidence"] > 0.9).sum())
    tail = f" {sure:,} mistakes are made with more than 90 % confidence." if sure > 1 else ""
    return Finding(
        "Surest mistake",
        f"{row['picture']} is {row['true_class']}; the model says {row['predicted_class']} with "
        f"{percent(row['confidence'])}.{tail}",
    )


def misclassification_findings(table: pd.DataFrame, names: Sequence[str]) -> list[Finding]:
    """What the evaluation shows, in sentences; empty where no picture could be judged."""
    summary = summarise(table, names)
    if not summary.n:
        return []
    found = [
        _accuracy(summary),
        _confusions(confused_pairs(table, names), summary),
        _calibration(summary),
        _surest_mistake(table),
    ]
    return [finding for finding in found if finding is not None]


def deletion_areas(curves: pd.DataFrame) -> pd.DataFrame:
    """How fast a class is lost when the picture is hidden in a method's order, against random orders.

    Parameters
    ----------
    curves : as `xai.deletion` gives them, of one class: method, draw, hidden, p

    Returns
    -------
    DataFrame
        A row a method: method, area (mean probability over the share hidden, in [0, 1]), low and high (smallest and
        largest over the draws), gain (the random orders' mean area minus its own; positive where it finds what
        matters).
    """
    areas = (
        curves.sort_values("hidden", kind="stable")
        .groupby(["method", "draw"], sort=False)[["hidden", "p"]]
        .apply(lambda part: float(np.trapezoid(part["p"], part["hidden"])))
        .rename("area")
        .reset_index()
    )
    found = areas.groupby("method", sort=False)["area"].agg(["mean", "min", "max"]).reset_index()
    found.columns = pd.Index(["method", "area", "low", "high"])
    random = found.loc[found["method"] == "random", "area"]
    return found.assign(gain=(float(random.iloc[0]) if len(random) else np.nan) - found["area"])


def deletion_sentence(areas: pd.DataFrame, class_name: str) -> str:
    """Which methods find what the class rests on, in words."""
    methods, random = areas[areas["method"] != "random"].sort_values("area"), areas[areas["method"] == "random"]
    if methods.empty:
        return f"No method that ran gives an order in which to hide what {class_name} rests on."
    numbers = ", ".join(f"{row.method} {row.area:.2f}" for row in methods.itertuples())
    tail = f"Mean probability of {class_name} while it is hidden: {numbers}"
    if random.empty:
        return f"{tail}."
    low, mean, high = (float(random[column].iloc[0]) for column in ("low", "area", "high"))
    tail += f"; in random orders {mean:.2f} ({low:.2f} to {high:.2f})."
    better, between, worse = (
        [row.method for row in methods.itertuples() if inside(row.area)]
        for inside in (lambda area: area < low, lambda area: low <= area <= high, lambda area: area > high)
    )
    said = [
        f"what {listed(names)} {_verb(names)} at loses {class_name} {how}"
        for names, how in (
            (better, "sooner than every random order"),
            (between, "no sooner than some random orders"),
            (worse, "later than every random order"),
        )
        if names
    ]
    return f"Hiding first {'; '.join(said)}. {tail}"


def _verb(names: Sequence[str]) -> str:
    return "points" if len(names) == 1 else "point"
