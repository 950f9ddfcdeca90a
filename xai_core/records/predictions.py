"""A training run from a table of predictions: a row for each picture at each epoch, as training loops log them.

    epoch,picture,label,predicted,p_predicted
    1,cat/01.png,cat,dog,0.61
    1,cat/02.png,cat,cat,0.55
    2,cat/01.png,cat,cat,0.72

What contradicts itself is refused with its row, and what is left out is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd

from xai_core.errors import RecordError
from xai_core.records.fields import LOG, PictureSource
from xai_core.records.frames import Table
from xai_core.records.limits import require_size
from xai_core.records.prediction_columns import EXPECTED, Columns, require_columns
from xai_core.types import FloatArray, IntArray
from xai_core.types.counts import number_of

Run = TypeVar("Run")
_WHOLE = re.compile(r"-?\d{1,9}(\.0*)?")
_ROUNDING = 1e-3  # a probability may lie so far beyond 0 or 1


class _Texts(NamedTuple):
    """A column as texts: `codes` int64 (rows,), -1 where a cell is empty, and the texts that they number."""

    codes: IntArray
    names: tuple[str, ...]

    def of(self, row: int) -> str:
        return self.names[self.codes[row]]


def _texts(column: pd.Series) -> _Texts:
    """A number is one text, however it is written: 3, 3.0 or "3"."""
    codes, found = pd.factorize(column)
    names = [text[: text.find(".")] if _WHOLE.fullmatch(text) and "." in text else text for text in map(_plain, found)]
    again, unique = pd.factorize(np.array(names, dtype=object))
    numbers = np.append(again, -1)  # an empty cell is -1, the last
    return _Texts(numbers[codes].astype(np.int64), tuple(map(str, unique)))


def _plain(value: Any) -> str:
    return str(value).strip().encode("utf-8", "replace").decode()


def _numbers(column: pd.Series) -> FloatArray:
    """float64 (rows,), NaN where a cell is no number."""
    codes, found = pd.factorize(column)
    try:
        values = pd.to_numeric(pd.Series(found), errors="coerce")
    except OverflowError:  # a whole number of JSON may have any number of digits
        values = pd.to_numeric(pd.Series(found).astype(str), errors="coerce")
    return np.append(values.to_numpy(np.float64, na_value=np.nan), np.nan)[codes]  # an empty cell is -1, the last


def _epochs(column: pd.Series, title: str, called: str) -> IntArray:
    """int64 (rows,)."""
    values = _numbers(column)
    wrong = ~np.isfinite(values) | (values != np.round(values)) | (np.abs(values) >= 1e9)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise RecordError(
            f"{called}, row {row + 1}: the {title} is {str(column.iloc[row])!r}, where a whole number is expected."
        )
    require_size(called, epochs=len(np.unique(values)))
    return values.astype(np.int64)


def _require_one_spelling(labels: _Texts, predicted: _Texts, titles: Columns, called: str) -> None:
    """That true and predicted classes are written the same way: if not, every prediction would count as wrong."""
    if set(labels.names) & set(predicted.names):
        return
    raise RecordError(
        f"{called}: no class of the column {titles.predicted!r} ({_some(predicted.names)}) occurs in {titles.label!r} "
        f"({_some(labels.names)}), so that every prediction would be wrong. Write both as names, or both as numbers."
    )


def _some(names: Sequence[str]) -> str:
    return ", ".join(name[:40] for name in names[:3]) + (", …" if len(names) > 3 else "")


def _classes(labels: _Texts, predicted: _Texts) -> tuple[tuple[str, ...], IntArray, IntArray]:
    """Names of all classes in order, numbers by size, and the class of each row twice, -1 where it is empty."""
    every = sorted(
        {*labels.names, *predicted.names},
        key=lambda name: (0, int(name), "") if _WHOLE.fullmatch(name) else (1, 0, name),
    )
    number = {name: place for place, name in enumerate(every)}

    def numbered(texts: _Texts) -> IntArray:
        return np.array([*(number[name] for name in texts.names), -1], np.int64)[texts.codes]

    return tuple(every), numbered(labels), numbered(predicted)


def _again(at: IntArray, texts: _Texts) -> np.ndarray:
    """bool (rows,), whether a row names a picture that an earlier row of its epoch has named."""
    return pd.Series(at * (len(texts.names) + 1) + texts.codes).duplicated().to_numpy()


def _pictures(frame: pd.DataFrame, titles: Columns, at: IntArray, called: str) -> tuple[_Texts, str | None]:
    """What names each row's picture, and the column that does: the likeliest that tells the rows of an epoch apart."""
    first: str | None = None
    for title in titles.pictures:
        texts = _texts(frame[title])
        if (texts.codes >= 0).all() and not _again(at, texts).any():
            return texts, title
        first = first or title
    if first is not None:
        texts = _texts(frame[first])
        empty = np.flatnonzero(texts.codes < 0)
        if len(empty):
            raise RecordError(
                f"{called}, row {empty[0] + 1}: the cell of {first} is empty, and no column names all pictures."
            )
        twice = int(np.flatnonzero(_again(at, texts))[0])
        raise RecordError(
            f"{called}, row {twice + 1}: {first} {texts.of(twice)[:80]!r} stands twice at epoch {at[twice]}, and no "
            f"other column names the pictures."
        )
    places = pd.Series(at).groupby(at).cumcount().to_numpy(np.int64)
    return _Texts(places, tuple(map(str, range(int(places.max()) + 1)))), None


class _Grid(NamedTuple):
    """Rows by epoch and picture: `row` int64 (E, N), -1 where there is none."""

    epochs: IntArray
    row: IntArray


def _grid(at: IntArray, pictures: _Texts, said: np.ndarray, called: str, problems: list[str]) -> tuple[_Grid, IntArray]:
    """The epochs that have every picture which most epochs have, and the numbers of those pictures.

    `said`: bool (rows,), whether a row predicts anything.
    """
    epochs, place = np.unique(at, return_inverse=True)
    times = np.bincount(pictures.codes[said], minlength=len(pictures.names))
    kept = np.flatnonzero(2 * times >= len(epochs))  # so what follows is at most twice as large as the table
    require_size(called, epochs=len(epochs), pictures=len(kept))
    column = np.full(len(pictures.names), -1, np.int64)
    column[kept] = np.arange(len(kept))
    row = np.full((len(epochs), len(kept)), -1, np.int64)
    of_kept = said & (column[pictures.codes] >= 0)
    row[place[of_kept], column[pictures.codes[of_kept]]] = np.flatnonzero(of_kept)
    there = (row >= 0).sum(axis=1)
    whole = there == len(kept)
    if not len(kept) or not whole.any():
        raise RecordError(f"{called} has no epoch at which each of its {len(pictures.names):,} pictures is predicted.")
    if (left := len(pictures.names) - len(kept)) > 0:
        problems.append(f"Pictures that fewer than half of the epochs have were left out: {left:,}.")
    for number, n in zip(epochs[~whole], there[~whole], strict=True):
        problems.append(f"Epoch {number} has predictions for {n:,} of {len(kept):,} pictures: left out.")
    return _Grid(epochs[whole], row[whole]), kept


def _labels(grid: _Grid, actual: IntArray, names: Sequence[str], pictures: Sequence[str], called: str) -> IntArray:
    """int64 (N,), the same at every epoch."""
    by_epoch = actual[grid.row]
    if (other := (by_epoch != by_epoch[0]) | (by_epoch < 0)).any():
        epoch, place = (int(one) for one in np.argwhere(other)[0])
        if by_epoch[epoch, place] < 0:
            raise RecordError(
                f"{called}: the picture {pictures[place][:80]!r} has no label at epoch {grid.epochs[epoch]}."
            )
        raise RecordError(
            f"{called}: the picture {pictures[place][:80]!r} is labelled {names[by_epoch[0, place]]!r} at epoch "
            f"{grid.epochs[0]} and {names[by_epoch[epoch, place]]!r} at epoch {grid.epochs[epoch]}. Are the rows of "
            f"all epochs about the same pictures?"
        )
    return by_epoch[0]


def _probabilities(
    frame: pd.DataFrame, title: str | None, grid: _Grid, problems: list[str], least: float = 0.0
) -> FloatArray | None:
    """float32 (E, N); None where no column says them, or it cannot hold them: none of them is below `least`."""
    if title is None:
        return None
    values = _numbers(frame[title])[grid.row]
    if not np.isfinite(values).all() or values.min() < -_ROUNDING or values.max() > 1 + _ROUNDING:
        problems.append(f"The column {title!r} is not used: its values are not all between 0 and 1.")
        return None
    if (low := values < least - _ROUNDING).any():
        problems.append(
            f"The column {title!r} is not used: in {number_of(int(low.sum()), 'row')} it is below {least:.3g}, which "
            "is too little for the likeliest class, so it may be the probability of another one."
        )
        return None
    return values.astype(np.float32)


def _log(frame: pd.DataFrame, titles: Columns, grid: _Grid, problems: list[str]) -> pd.DataFrame:
    """A row an epoch: what all rows of an epoch that say it agree on, NaN elsewhere."""
    log = pd.DataFrame(np.nan, index=range(len(grid.epochs)), columns=list(LOG))
    for figure, title in titles.log.items():
        values = _numbers(frame[title])[grid.row]
        one = np.nanmin(np.where(np.isnan(values), np.inf, values), axis=1)
        same = np.isfinite(one) & (np.isnan(values) | (values == one[:, None])).all(axis=1)
        if figure.endswith("accuracy") and (one[same] > 1 + _ROUNDING).any():
            problems.append(f"The column {title!r} is not used: an accuracy lies between 0 and 1.")
            continue
        log[figure] = np.where(same, one, np.nan)
    return log


def _there(root: str, names: Sequence[str]) -> bool:
    """Whether pictures lie in a folder under the names that a table has for them; the first few are looked at."""
    try:
        return bool(root) and any((Path(root) / name).is_file() for name in names[:20] if not Path(name).is_absolute())
    except (OSError, ValueError):
        return False


def read(
    table: Table,
    make: Callable[..., Run],
    *,
    called: str,
    name: str,
    place: Path | None = None,
    root: str = "",
    noticed: Sequence[str] = (),
) -> Run:
    """The run that a table of predictions tells.

    Parameters
    ----------
    table : Table
    make : callable
        Called with the fields of a `TrainingRun`, which this module does not know.
    called : str
        What sentences call the table.
    name : str
        Of the run.
    place : Path, optional
        Where it lies.
    root : str
        Folder that the names of its pictures may start from; or empty.
    noticed : sequence of str
        What is to be said of it already, in sentences.

    Returns
    -------
    TrainingRun

    Raises
    ------
    RecordError
        If a column is missing, or the table contradicts itself.
    """
    titles = require_columns(table.titles, called)
    if titles.epoch is None:
        raise RecordError(f"{called} has no column of epochs. {EXPECTED}")
    frame = table.read(titles.all)
    if not len(frame):
        raise RecordError(f"{called} has no rows.")
    problems = list(noticed)
    at = _epochs(frame[titles.epoch], titles.epoch, called)
    for title in (titles.label, titles.predicted):
        require_size(called, classes=frame[title].nunique())
    labels, predicted = _texts(frame[titles.label]), _texts(frame[titles.predicted])
    _require_one_spelling(labels, predicted, titles, called)
    class_names, actual, said = _classes(labels, predicted)
    pictures, by = _pictures(frame, titles, at, called)
    if by is None:
        problems.append(
            "No column names the pictures: they are taken to stand in the same order at each epoch, and their labels "
            "agree with that."
        )
    grid, kept = _grid(at, pictures, said >= 0, called, problems)
    names = tuple(pictures.names[one] for one in kept)
    beside = _there(root, names)
    return make(
        name=name,
        class_names=class_names,
        pictures=names,
        labels=_labels(grid, actual, class_names, names, called),
        epochs=grid.epochs,
        predictions=said[grid.row],
        p_predicted=_probabilities(frame, titles.p_predicted, grid, problems, 1 / len(class_names)),
        p_true=_probabilities(frame, titles.p_true, grid, problems),
        log=_log(frame, titles, grid, problems),
        source=PictureSource(files=root if beside else ""),
        files=names if beside else (),
        problems=tuple(problems),
        folder=place,
    )
