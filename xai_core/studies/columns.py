"""How people read tables: what their columns are called, and their numbers; files keep short names and all digits."""

from __future__ import annotations

import math
from collections.abc import Mapping

from xai_core.studies.words import format_p

# Of those alone whose name is not in words but for its underscores.
COLUMNS = {
    "d_z_low": "d_z from",
    "d_z_high": "d_z to",
    "low": "from",
    "high": "to",
    "p_holm": "p (Holm)",
    "p_wilcoxon": "p (Wilcoxon)",
    "p_inside": "p (object)",
    "p_drop": "p (lost)",
    "p_removed": "p (removed)",
    "d_z_inside": "d_z (object)",
    "d_z_drop": "d_z (lost)",
    "outcome_inside": "object, against the first",
    "outcome_drop": "lost, against the first",
    "rank_biserial": "rank-biserial",
    "correlation_low": "correlation from",
    "correlation_high": "correlation to",
    "correlation_n": "n (correlation)",
    "deletion_low": "deletion from",
    "deletion_high": "deletion to",
    "deletion_p_holm": "p (deletion, Holm)",
    "deletion_n": "n (deletion)",
    "n_validation": "n (validation)",
    "recorded": "test",
    "n_recorded": "n (test)",
    "f1": "F1",
}
# Of tables in which these names are of one thing alone.
GAP_HEADINGS: Mapping[str, str] = {
    "validation": "validation (%)",
    "recorded": "test (%)",
    "difference": "difference (points)",
    "low": "difference from (points)",
    "high": "difference to (points)",
}
RATE_HEADINGS: Mapping[str, str] = {
    "prevalence": "prevalence (%)",
    "recall": "recall (%)",
    "precision": "precision (%)",
    "f1": "F1",
    "best_f1": "best F1",
}
BIN_HEADINGS: Mapping[str, str] = {"low": "confidence from", "high": "confidence to", "confidence": "mean confidence"}
EFFECT_HEADINGS: Mapping[str, str] = {
    "low": "d_z from",
    "high": "d_z to",
    "inside": "on the object",
    "beyond": "beyond where objects usually lie",
    "drop": "lost with another background (points)",
}
INTERVENTION_HEADINGS: Mapping[str, str] = {
    "kind": "shown to the model",
    "mean": "mean probability (%)",
    "drop": "lost (points)",
    "low": "d_z from",
    "high": "d_z to",
}
_PERCENT = ("(%)", "(points)")  # how the headings of shares end that are printed times 100
_SYMBOLS = ("d_z", "d_av")  # an underscore that is a subscript


def column_in_words(name: object) -> str:
    """The heading of a column.

    Parameters
    ----------
    name : object
        As in the file.

    Returns
    -------
    str

    Examples
    --------
    >>> column_in_words("p_holm"), column_in_words("false_positives"), column_in_words("d_z")
    ('p (Holm)', 'false positives', 'd_z')
    """
    text = str(name)
    return COLUMNS.get(text) or (text if text in _SYMBOLS else text.replace("_", " "))


def layer_headings(percent: bool) -> dict[str, str]:
    """Headings of the tables of medians by layer and of pairs of layers; of a measure in per cent, they say so.

    Parameters
    ----------
    percent : bool
        Whether what was measured is a share.

    Returns
    -------
    dict of str to str

    Examples
    --------
    >>> layer_headings(True)["median"], layer_headings(False)["median"]
    ('median (%)', 'median')
    """
    unit, points = (" (%)", " (points)") if percent else ("", "")
    medians = {"median": f"median{unit}", "low": f"median from{unit}", "high": f"median to{unit}", "flat": "flat maps"}
    return medians | {"median_difference": f"median difference{points}"}


def number_in_words(value: float, heading: object) -> str:
    """A number of a table as sentences have it: three digits that count, and of a p value three places.

    A share is printed times 100 where its heading says so: with "(%)" or "(points)" at its end.

    Parameters
    ----------
    value : float
        Any.
    heading : object
        Of its column, as `column_in_words` has it.

    Returns
    -------
    str
        A dash where there is no number.

    Examples
    --------
    >>> number_in_words(-2.7193, "t"), number_in_words(0.0316, "p (Holm)"), number_in_words(5e-31, "p")
    ('-2.72', '0.032', '< 0.001')
    >>> number_in_words(0.000309, "median (%)"), number_in_words(-0.0615, "median difference (points)")
    ('0.0309', '-6.15')
    >>> number_in_words(1234.5, "W"), number_in_words(math.nan, "t")
    ('1,234', '–')
    """
    if not math.isfinite(value):
        return "–"
    if str(heading) == "p" or str(heading).startswith("p ("):
        return format_p(value).removeprefix("p ").removeprefix("= ")
    value *= 100 if str(heading).endswith(_PERCENT) else 1
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
