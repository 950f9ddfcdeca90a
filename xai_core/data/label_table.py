"""A table of labels as people keep it beside pictures: a file a line, and a column a label or one of names."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

from xai_core.data import roots
from xai_core.errors import DataError

SUFFIXES = (".csv", ".tsv")
_FILES: tuple[str, ...] = (
    "file",
    "filename",
    "file name",
    "fname",
    "image",
    "image id",
    "image index",
    "image name",
    "img",
    "path",
)
_FILES += ("image path", "filepath", "file path", "picture", "id")
_NAMES = ("labels", "finding labels", "tags", "classes")  # a column of names, several in a cell
_NO_LABEL = ("", "index", "unnamed: 0", "split", "fold", "partition", "is valid", "is train", "is test", "frontal")
_YES, _NO, _MINUS = ("1", "1.0", "true", "yes"), ("0", "0.0", "false", "no"), ("-1", "-1.0")
_SEPARATORS = ("|", ";", ",")  # of names in a cell; the first that occurs
_LOOKED_AT = 20  # lines from which the columns are told


@dataclass(frozen=True)
class Line:
    """What a table says of one picture.

    Attributes
    ----------
    number : int
        In the file, the header being 1.
    file : str
        As it stands there.
    labels : tuple of str
        Those that are true of it.
    """

    number: int
    file: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class LabelTable:
    """A table of labels.

    Attributes
    ----------
    path : pathlib.Path
        Of its file.
    names : tuple of str
        All its labels, in the order of its columns, or of names in the alphabet's.
    lines : tuple of Line
        One a picture.
    """

    path: Path
    names: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class _Columns:
    """Where things stand: the file, the names or the columns of labels."""

    file: int
    names: int | None
    labels: tuple[int, ...]


def _plain(title: str) -> str:
    return " ".join(title.replace("_", " ").split()).lower()


def _columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> _Columns | None:
    """What the header and the first lines say; None where this is no table of labels."""
    titles = [_plain(title) for title in header]
    file = next((titles.index(name) for name in _FILES if name in titles), None)
    if file is None or not rows:
        return None
    names = next((titles.index(name) for name in _NAMES if name in titles and titles.index(name) != file), None)
    if names is not None:
        return _Columns(file, names, ())
    marks = {*_YES, *_NO, *_MINUS}
    labels = tuple(
        place
        for place, title in enumerate(titles)
        if place != file
        and title not in _NO_LABEL
        and 2 * sum(place < len(row) and row[place].strip().lower() in marks for row in rows) >= len(rows)
    )
    return _Columns(file, None, labels) if labels else None


def _cells(path: Path, text: str) -> Iterator[list[str]]:
    lines = text.splitlines()
    first = lines[0] if lines else ""
    between = "\t" if path.suffix.lower() == ".tsv" else max(",;\t", key=first.count)
    return csv.reader(lines, delimiter=between)


def _text(path: Path) -> str:
    try:
        return roots.read_bytes(path).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read as a table of labels: it is no text in UTF-8.") from error


@lru_cache(maxsize=64)
def _is_table(path: Path, _stamp: tuple[int, int]) -> bool:
    try:
        with path.open(encoding="utf-8-sig") as file:
            rows = list(_cells(path, "".join(islice(file, _LOOKED_AT + 1))))
    except (OSError, UnicodeDecodeError, csv.Error):
        return False
    return bool(rows) and _columns(rows[0], rows[1:]) is not None


def is_label_table(path: Path) -> bool:
    """Whether a file is a table of labels, by its name, its header and its first lines.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    bool
    """
    if path.suffix.lower() not in SUFFIXES or not path.is_file() or roots.leads_out(path):
        return False
    status = path.stat()
    return _is_table(path, (status.st_mtime_ns, status.st_size))


def read_label_table(path: Path) -> LabelTable:
    """A table of labels.

    Its first line names the columns. One holds the pictures' files ("file", "image", "path", ...). Either one
    ("labels", "tags", "Finding Labels") holds names with |, ; or , between them, or each label has a column of 0 and 1,
    or of -1 and 1.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    LabelTable

    Raises
    ------
    DataError
        With the line and the column that cannot be understood.
    """
    try:
        rows = [(number, row) for number, row in enumerate(_cells(path, _text(path)), start=1) if any(row)]
    except csv.Error as error:
        raise DataError(f"{path} cannot be read as a table of labels: {error}.") from error
    header = rows[0][1] if rows else []
    found = _columns(header, [row for _, row in rows[1 : _LOOKED_AT + 1]])
    if found is None:
        raise DataError(f"{path} is no table of labels: it needs a column of files and columns of labels.")
    for number, row in rows[1:]:
        if len(row) != len(header):
            raise DataError(f"{path}, line {number}, has {len(row)} cells, but the header has {len(header)}.")
    if found.names is None:
        return _marked(path, header, rows[1:], found)
    return _named(path, header, rows[1:], found.file, found.names)


def _marked(path: Path, header: Sequence[str], rows: list[tuple[int, list[str]]], found: _Columns) -> LabelTable:
    """A table with a column a label."""
    names = tuple(header[place].strip() for place in found.labels)
    if repeated := [name for name in names if names.count(name) > 1]:
        raise DataError(f"{path} has two columns {repeated[0]!r}: a label needs one.")
    first: dict[str, int] = {}
    zero, minus = "", ""
    lines = []
    for number, row in rows:
        file = row[found.file].strip()
        if file in first:
            raise DataError(f"{path} has {file!r} in line {first[file]} and again in line {number}.")
        first[file] = number
        true = []
        for place, name in zip(found.labels, names, strict=True):
            cell, where = row[place].strip().lower(), f"line {number}, column {name!r}"
            if cell not in (*_YES, *_NO, *_MINUS):
                raise DataError(
                    f"{path}, {where}, holds {row[place]!r}. Expected 1 where the picture has the label and 0 (or -1) "
                    "where it has not; a column that is no label has to be taken out."
                )
            zero, minus = (zero or where) if cell in _NO else zero, (minus or where) if cell in _MINUS else minus
            if cell in _YES:
                true.append(name)
        lines.append(Line(number, file, tuple(true)))
    if zero and minus:
        raise DataError(
            f"{path} holds -1 ({minus}) and 0 ({zero}), so it cannot be told whether -1 means no or unknown. Write 0 "
            "for no, and take out the lines of pictures whose labels are not known."
        )
    return LabelTable(path, names, tuple(lines))


def _named(path: Path, header: Sequence[str], rows: list[tuple[int, list[str]]], file: int, names: int) -> LabelTable:
    """A table with a column of names; a file may have several lines."""
    separator = _separator(path, header[names], [(number, row[names]) for number, row in rows])
    lines: dict[str, Line] = {}
    for number, row in rows:
        cell = row[names]
        parts = cell.split(separator) if separator else [cell]
        said = [part.strip() for part in parts if part.strip()]
        before = lines.get(row[file].strip(), Line(number, row[file].strip(), ()))
        lines[before.file] = Line(before.number, before.file, tuple(dict.fromkeys([*before.labels, *said])))
    every = sorted({label for line in lines.values() for label in line.labels})
    return LabelTable(path, tuple(every), tuple(lines.values()))


def _separator(path: Path, title: str, cells: list[tuple[int, str]]) -> str:
    """What stands between names, or an empty text where no cell has two.

    Raises
    ------
    DataError
        If that cannot be told.
    """
    there = {one: next((number for number, cell in cells if one in cell), 0) for one in _SEPARATORS}
    if there["|"] and there[";"]:
        raise DataError(
            f"{path}, column {title!r}: line {there['|']} has | between names and line {there[';']} has ;, so it "
            "cannot be told where a name ends."
        )
    separator = next((one for one in _SEPARATORS if there[one]), "")
    whole = {" ".join(cell.split()) for _, cell in cells if cell.strip()}
    words = {word for cell in whole for word in cell.split()}
    if not separator and len(words) < len(whole):
        number, cell = next((number, cell) for number, cell in cells if " " in cell.strip())
        raise DataError(
            f"{path}, line {number}, column {title!r}, holds {cell!r}: it cannot be told whether that is one label or "
            "several. Put | between names."
        )
    return separator
