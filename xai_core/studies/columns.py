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
MEDIAN_HEADINGS: Mapping[str, str] = {"low": "median from", "high": "median to", "flat": "flat maps"}
GAP_HEADINGS: Mapping[str, str] = {"low": "difference from", "high": "difference to"}
BIN_HEADINGS: Mapping[str, str] = {"low": "confidence from", "high": "confidence to", "confidence": "mean confidence"}
EFFECT_HEADINGS: Mapping[str, str] = {
    "low": "d_z from",
    "high": "d_z to",
    "inside": "on the object",
    "beyond": "beyond where objects usually lie",
    "drop": "lost with another background",
}
INTERVENTION_HEADINGS: Mapping[str, str] = {
    "kind": "shown to the model",
    "mean": "mean probability",
    "drop": "lost",
    "low": "d_z from",
    "high": "d_z to",
}
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


def number_in_words(value: float, heading: object) -> str:
    """A number of a table as sentences have it: three digits that count, and of a p value three places.

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
    >>> number_in_words(1234.5, "W"), number_in_words(math.nan, "t")
    ('1,234', '–')
    """
    if not math.isfinite(value):
        return "–"
    if str(heading) == "p" or str(heading).startswith("p ("):
        return format_p(value).removeprefix("p ").removeprefix("= ")
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
