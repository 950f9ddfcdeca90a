"""Tables as CSV in which no spreadsheet finds a formula: names of files, labels and classes are texts of strangers.

A cell that begins as a formula does gets an apostrophe before it, which spreadsheets take for "this is a text"; one
with apostrophes before such a beginning gets one more, so that nothing is lost: whoever reads such a cell takes the
first apostrophe away.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")  # full-width signs count in some languages' spreadsheets
_ENDS = re.compile(r'("(?:[^"]|"")*")|\r\n')  # of lines, but those in quotes
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def csv_text(table: pd.DataFrame) -> str:
    r"""A table as CSV, without its index.

    Parameters
    ----------
    table : DataFrame

    Returns
    -------
    str
        Numbers are as they were, also those in texts, such as the class "-1".

    Examples
    --------
    >>> import pandas as pd
    >>> from xai_core.csv_text import csv_text
    >>> csv_text(pd.DataFrame({"picture": ["=1+1", "'@a", "-1", "cat"], "shift": [-0.5, 1, 2, 3]}))
    "picture,shift\n'=1+1,-0.5\n''@a,1.0\n-1,2.0\ncat,3.0\n"
    """
    import pandas as pd

    # As objects, since what pandas would infer of whole numbers and None is a column of floats.
    safe = pd.DataFrame(
        {
            place: pd.Series([_safe(value) for value in column], table.index, object)
            if column.dtype.kind == "O"
            else column
            for place, (_, column) in enumerate(table.items())
        },
        index=table.index,
    )
    titled = safe.set_axis([_safe(title) for title in table.columns], axis=1)
    # With this end of lines, a cell that holds either of both is quoted; else it would go on as a line of its own.
    return _ENDS.sub(lambda found: found[1] or "\n", titled.to_csv(index=False, lineterminator="\r\n"))


def _safe(value: Any) -> Any:
    if not isinstance(value, str) or not _FORMULA.match(value) or _NUMBER.fullmatch(value):
        return value
    return f"'{value}"
