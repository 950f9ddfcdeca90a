"""What the columns of tables are called where people read them; files keep the short names, for programs."""

from __future__ import annotations

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
