"""What a classifier mixes up, in words."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from xai_core.studies.calibration_test import calibration_test
from xai_core.studies.evaluation import Summary, confused_pairs, summarise
from xai_core.studies.gallery import choose_pictures
from xai_core.studies.layer_focus import ALPHA
from xai_core.studies.name_order import name_order
from xai_core.studies.words import Finding, format_p, listed, most_confused, percent, points
from xai_core.types.counts import form, number_of, part_of

_MISJUDGED = 0.02  # gap, or calibration error beyond chance, that is worth a sentence
_BELIEVED = 0.1  # gap that the interval must exclude for a model to be believed


def _accuracy(summary: Summary) -> Finding:
    low, high = summary.interval
    whole = f"{part_of(summary.right, summary.n, 'picture', 'is', 'are')} right"
    if summary.n == 1:
        whole = f"The one picture is {'right' if summary.right else 'wrong'}"
    return Finding(
        "Accuracy",
        f"{whole}: {100 * summary.accuracy:.1f}% (95% interval {100 * low:.1f} to {100 * high:.1f}%"
        f"{summary.counting}).",
    )


def _confusions(pairs: pd.DataFrame, summary: Summary) -> Finding:
    if pairs.empty:
        return Finding("Confusions", "Every picture that could be judged is right, so nothing is mixed up.")
    often, once = pairs[pairs["n"] > 1], int((pairs["n"] == 1).sum())
    if often.empty:
        return Finding("Confusions", f"No two classes are mixed up twice ({number_of(once, 'mistake')}).")
    shown = often.head(2)
    parts = [
        (row.true_class, row.predicted_class, part_of(row.n, round(row.n / row.share), "picture"))
        for row in shown.itertuples()
    ]
    tied = int((often["n"].iloc[len(shown) :] == shown["n"].iloc[-1]).sum())
    wrong, top = summary.n - summary.right, pairs["n"].head(5).sum()
    tail = (
        f" The five most frequent confusions make up {percent(top / wrong)} of all mistakes." if len(pairs) > 5 else ""
    )
    if len(often) == len(shown) and once:
        tail = f" {number_of(once, 'other pair')} {form(once, 'occurs', 'occur')} once{'' if once == 1 else ' each'}."
    return Finding("Confusions", f"Most often {most_confused(parts, tied)}.{tail}")


def false_positives_sentence(classes: pd.DataFrame) -> str:
    """Which class is predicted falsely most often.

    Parameters
    ----------
    classes : DataFrame
        Of `class_report`.

    Returns
    -------
    str
        Empty where no class is predicted falsely.

    Examples
    --------
    >>> import pandas as pd
    >>> from xai_core import studies
    >>> studies.false_positives_sentence(pd.DataFrame({"class": ["cat", "dog"], "false_positives": [1, 4]}))
    'The class with the most false positives is dog: it was predicted for 4 pictures of other classes.'
    """
    if classes.empty or not (most := int(classes["false_positives"].max())):
        return ""
    names = classes.loc[classes["false_positives"] == most, "class"].astype(str).tolist()
    n = len(names)
    which = f"The {form(n, 'class', 'classes')} with the most false positives {form(n, 'is', 'are')} {listed(names)}"
    return f"{which}: {form(n, 'it', 'each')} was predicted for {number_of(most, 'picture')} of other classes."


def _calibration(table: pd.DataFrame, names: Sequence[str]) -> Finding:
    tested, summary = calibration_test(table), summarise(table, names)
    if summary.groups == 1:
        return Finding("Calibration", f"All {summary.n:,} pictures belong together: they cannot tell how sure it is.")
    low, high = (100 * bound for bound in tested.interval)
    pictures = number_of(tested.n, "picture")
    said = (
        f"On average it is {100 * summary.confidence:.1f}% sure and {100 * summary.accuracy:.1f}% right: a gap of "
        f"{points(tested.gap, none='less than 0.1 points')} (95% interval {low:+.1f} to {high:+.1f}, "
        f"{format_p(tested.p_gap)}, n = {tested.n:,}{summary.counting}). The expected calibration error, the "
        f"mean gap within bins of similar confidence, is {100 * tested.ece:.1f} points ({format_p(tested.p_ece)}). By "
        f"chance, a perfectly calibrated model would show about {100 * tested.expected_ece:.1f} points on {pictures}"
    )
    # Both: a sentence that the interval beside it contradicts would be none.
    shown = tested.p_gap < ALPHA and (low > 0 or high < 0)
    if shown and abs(tested.gap) >= _MISJUDGED:
        word = "overconfident" if tested.gap > 0 else "underconfident"
        return Finding("Calibration", f"{said}. So this model is {word}.", warning=tested.gap > 0)
    if tested.p_ece < ALPHA and tested.ece - tested.expected_ece > _MISJUDGED:
        return Finding("Calibration", f"{said}. It is too sure of some pictures and not sure enough of others.")
    if tested.interval[0] > -_BELIEVED and tested.interval[1] < _BELIEVED:
        return Finding("Calibration", f"{said}. On average its confidence is close to its accuracy.")
    few = f"{number_of(summary.n, 'picture')} {form(summary.n, 'tells', 'tell')} little of it"
    return Finding("Calibration", f"{said}. Nothing speaks against its confidence, but {few}.")


def _surest_mistake(table: pd.DataFrame) -> Finding | None:
    wrong = choose_pictures(table, only="wrong", sort="sure")
    if not len(wrong):
        return None
    row = table.iloc[int(wrong[0])]
    sure = int((table.iloc[wrong]["confidence"] > 0.9).sum())
    tail = f" {sure:,} mistakes are made with more than 90% confidence." if sure > 1 else ""
    return Finding(
        "Surest mistake",
        f"{row['picture']} is {row['true_class']}, but the model is {percent(row['confidence'])} sure that it is "
        f"{row['predicted_class']}.{tail}",
    )


def misclassification_findings(table: pd.DataFrame, names: Sequence[str]) -> list[Finding]:
    """What the evaluation shows, in sentences; empty where no picture could be judged.

    Parameters
    ----------
    table : DataFrame
        Of `xai.evaluate`; with a column of groups (`with_kin`) tests and intervals count these.
    names : Sequence[str]
        The model's classes.
    """
    summary = summarise(table, names)
    if not summary.n:
        return []
    found = [
        _accuracy(summary),
        name_order(table, names),
        _confusions(confused_pairs(table, names), summary),
        _calibration(table, names),
        _surest_mistake(table),
    ]
    return [finding for finding in found if finding is not None]
