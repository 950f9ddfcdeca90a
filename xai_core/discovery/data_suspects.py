"""Suspects in the data, from what is computed anyway: labels that may be wrong, near duplicates, odd pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.alike import Looks, near_duplicates, pairs
from xai_core.discovery.pictures import Pictures
from xai_core.studies.words import percent
from xai_core.types import FloatArray, IntArray

MOST = 5000  # pictures among which pairs are looked for
ODD = 3.5  # robust standard deviations from the median, beyond which a picture is odd (Iglewicz and Hoaglin 1993)
FEWEST = 5  # pictures of a slice, and outside it, below which accuracy is not compared


def label_issues(targets: IntArray, probabilities: FloatArray) -> pd.DataFrame:
    """Labels that may be wrong, by confident learning (Northcutt et al., arXiv 1911.00068).

    A picture counts as one of class j if its probability of j reaches the mean probability of j among pictures with the
    label j. Where that holds for another class than the label, and not for the label itself, the label may be wrong.

    Parameters
    ----------
    targets : ndarray
        int64 (N,), classes of the labels.
    probabilities : ndarray
        float (N, K), of a model that was not trained on these pictures.

    Returns
    -------
    DataFrame
        row, label, suggested, p_label, p_suggested; the least likely labels first.

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core.discovery.data_suspects import label_issues
    >>> p = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.05, 0.95]])
    >>> label_issues(np.array([0, 0, 1, 1, 0]), p)["row"].tolist()
    [4]
    """
    n, k = probabilities.shape
    limits = np.full(k, np.inf)
    for target in np.unique(targets):
        limits[target] = probabilities[targets == target, target].mean()
    reached = probabilities >= limits
    best = np.where(reached, probabilities, -1.0).argmax(axis=1)
    rows = np.flatnonzero(reached.any(axis=1) & ~reached[np.arange(n), targets] & (best != targets))
    found = pd.DataFrame(
        {
            "row": rows,
            "label": targets[rows],
            "suggested": best[rows],
            "p_label": probabilities[rows, targets[rows]],
            "p_suggested": probabilities[rows, best[rows]],
        }
    )
    return found.sort_values(["p_label", "row"], ignore_index=True)


def across_splits(pictures: Pictures, against: Pictures) -> pd.DataFrame:
    """Near duplicates of pictures among those of another split.

    Parameters
    ----------
    pictures, against : Pictures
        N and M pictures, after a pass with the same model and layer.

    Returns
    -------
    DataFrame
        first (row of `pictures`), second (row of `against`), bits, cosine; of each picture the nearest one.
    """
    found = pairs(Looks.of(pictures.thumbs, pictures.features), Looks.of(against.thumbs, against.features))
    order = found.sort_values(["first", "bits", "cosine"], ascending=[True, True, False])
    return order.drop_duplicates("first", ignore_index=True)


def odd_pictures(attributes: pd.DataFrame) -> dict[str, np.ndarray]:
    """Pictures that are odd in an attribute: dark or bright, blurred, of an odd size.

    Parameters
    ----------
    attributes : DataFrame
        Of `attributes_of`, N rows.

    Returns
    -------
    dict of str to ndarray
        What is odd -> bool (N,).
    """
    shape = np.log(attributes["width"] / attributes["height"])
    area = np.log(attributes["width"] * attributes["height"])
    return {
        "dark": _robust(attributes["brightness"]) < -ODD,
        "bright": _robust(attributes["brightness"]) > ODD,
        "blurred": _robust(np.log(attributes["sharpness"] + 1)) < -ODD,
        "of an odd size": np.abs(_robust(area)) > ODD,
        "of an odd shape": np.abs(_robust(shape)) > ODD,
    }


def _robust(values: pd.Series) -> np.ndarray:
    """Distances from the median in robust standard deviations; where most are equal, any other value is far."""
    centred = values.to_numpy(float) - float(values.median())
    spread = 1.4826 * float(np.median(np.abs(centred)))
    return centred / max(spread, 1e-9)


def accuracy_by_slice(slices: dict[str, np.ndarray], correct: np.ndarray) -> pd.DataFrame:
    """Accuracy in each slice against the rest, with exact intervals; Fisher's test, Holm-corrected over slices.

    Parameters
    ----------
    slices : dict of str to ndarray
        Name -> bool (N,).
    correct : ndarray
        bool (N,).

    Returns
    -------
    DataFrame
        slice, n, accuracy, low, high, rest, p_holm; NaN where a slice or its rest has fewer than FEWEST pictures.
    """
    from scipy.stats import fisher_exact

    rows = []
    for name, inside in slices.items():
        n, right = int(inside.sum()), int(correct[inside].sum())
        m, right_rest = int((~inside).sum()), int(correct[~inside].sum())
        low, high = stats.share_interval(right, n)
        tested = min(n, m) >= FEWEST
        p = float(fisher_exact([[right, n - right], [right_rest, m - right_rest]]).pvalue) if tested else float("nan")
        rows.append((name, n, right / n if n else float("nan"), low, high, right_rest / m if m else float("nan"), p))
    found = pd.DataFrame(rows, columns=["slice", "n", "accuracy", "low", "high", "rest", "p_holm"])
    found["p_holm"] = stats.holm(found["p_holm"].to_numpy(float))
    return found


@dataclass(frozen=True, eq=False)
class DataSuspects:
    """What may be wrong with pictures or their labels.

    Attributes
    ----------
    issues : DataFrame
        A row a suspect: place, picture, label, kind, why.
    slices : DataFrame
        Accuracy by slice, as `accuracy_by_slice` gives it.
    """

    issues: pd.DataFrame
    slices: pd.DataFrame


def data_suspects(
    pictures: Pictures,
    attributes: pd.DataFrame,
    labels: Sequence[str],
    class_names: Sequence[str],
    against: Pictures | None = None,
) -> DataSuspects:
    """Suspects among pictures that were looked at.

    Parameters
    ----------
    pictures : Pictures
        N pictures.
    attributes : DataFrame
        Theirs, as `attributes_of` gives them.
    labels : Sequence[str]
        N labels, as the data set calls them.
    class_names : Sequence[str]
        Of the model.
    against : Pictures, optional
        Of another split, among which near duplicates are looked for, too.

    Returns
    -------
    DataSuspects
    """
    found: list[tuple[int, str, str]] = []
    for one in label_issues(pictures.targets, pictures.probabilities).itertuples():
        suggested = class_names[int(one.suggested)]
        why = f"the model gives '{suggested}' {percent(one.p_suggested)}, the label {percent(one.p_label)}"
        found.append((int(one.row), "label may be wrong", why))
    if len(pictures) <= MOST:
        for one in near_duplicates(pictures.thumbs, pictures.features).itertuples():
            other = pictures.names[int(one.second)]
            same = labels[int(one.first)] == labels[int(one.second)]
            why = f"nearly the same as {other}{'' if same else ', which has another label'}"
            found.append((int(one.first), "near duplicate", why))
    if against is not None:
        for one in across_splits(pictures, against).itertuples():
            other = against.names[int(one.second)]
            same = pictures.targets[int(one.first)] == against.targets[int(one.second)]
            why = f"nearly the same as {other} of the other split{'' if same else ', which has another label'}"
            found.append((int(one.first), "near duplicate in the other split", why))
    slices = odd_pictures(attributes)
    for name, inside in slices.items():
        found += [
            (int(row), name, "much more so than most of the pictures that were looked at")
            for row in np.flatnonzero(inside)
        ]
    issues = pd.DataFrame(
        [(int(pictures.places[row]), pictures.names[row], labels[row], kind, why) for row, kind, why in found],
        columns=["place", "picture", "label", "kind", "why"],
    )
    correct = pictures.probabilities.argmax(axis=1) == pictures.targets
    return DataSuspects(issues, accuracy_by_slice(slices, correct))
