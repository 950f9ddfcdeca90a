"""Tables in a study's parts: their texts stand in `about`, their numbers are arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from xai_core.batch.head import plain
from xai_core.batch.store import StudyFolder
from xai_core.errors import RecordError


class Columns(NamedTuple):
    """Columns of words by their names, and those of numbers as "column/" and the name."""

    texts: dict[str, Any]
    arrays: dict[str, np.ndarray]


def columns_of(table: pd.DataFrame, texts: Sequence[str]) -> Columns:
    """A table as a batch holds it: its texts, and its numbers as arrays.

    Parameters
    ----------
    table : DataFrame
    texts : Sequence[str]
        Names of the columns of words.

    Returns
    -------
    Columns
    """
    said = {name: [plain(one) if isinstance(one, str) else None for one in table[name]] for name in texts}
    return Columns(said, {f"column/{name}": table[name].to_numpy() for name in table if name not in texts})


def table_of(
    study: StudyFolder, numbers: Sequence[int], columns: Sequence[str], texts: Sequence[str], later: Sequence[str] = ()
) -> pd.DataFrame:
    """The rows of some batches; `texts` are those of the columns that are no numbers.

    Parameters
    ----------
    study : StudyFolder
    numbers : Sequence[int]
        Of the batches.
    columns : Sequence[str]
        Names of those that are read, in this order.
    texts : Sequence[str]
        Names of the columns of words.
    later : Sequence[str]
        Names of those that an older version did not write: NaN there.

    Returns
    -------
    DataFrame

    Raises
    ------
    RecordError
        If what should be words is none.
    """
    frames = []
    for number in numbers:
        about = study.about(number)
        if about["columns"][texts[0]]:
            values = {
                name: _words(about, name) if name in texts else _numbers(study, number, name, later) for name in columns
            }
            frames.append(pd.DataFrame(values))
    return pd.concat(frames, ignore_index=True)


def _words(about: Mapping[str, Any], name: str) -> list[str | None]:
    words: list[str | None] = about["columns"][name]
    if not isinstance(words, list) or not all(one is None or isinstance(one, str) for one in words):
        raise RecordError(f"The study is damaged: what a part holds as {name!r} is no text.")
    return words


def _numbers(study: StudyFolder, number: int, name: str, later: Sequence[str]) -> np.ndarray | float:
    try:
        return study.array(number, f"column/{name}")
    except KeyError:
        if name not in later:
            raise
        return float("nan")
