"""A table of labels as people keep it beside pictures: a file a line, and a column a label or one of names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

from xai_core.data import roots
from xai_core.data.counting import counted
from xai_core.data.folders import state
from xai_core.data.table_columns import MINUS, NO, YES, Columns, find_columns, mark
from xai_core.data.table_rows import ENDINGS, Cell, Row, Rows, peek_rows, read_rows
from xai_core.errors import DataError
from xai_core.types import Setting
from xai_core.types.counts import number_of

_SEPARATORS = ("|", ";", ",")  # of names in a cell; the first that occurs
_SURE = ("|", ";")  # those that stand in no name of one class
Unsure = Literal["refuse", "no", "yes"]
UNSURE = Setting(
    key="unsure",
    title="Empty and uncertain (-1) labels",
    default="refuse",
    choices=get_args(Unsure),
    titles={"refuse": "Refuse the table", "no": "Both are no", "yes": "-1 is yes"},
    help="What a table's empty cell and its -1 beside 0 and 1 say, as in CheXpert: the label is not there, or -1 says "
    "that it is. An empty cell is never a yes.",
    address="unsure",
)


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
    split, mask, group : str
        As they stand there; empty where the table does not say.
    """

    number: int
    file: str
    labels: tuple[str, ...]
    split: str = ""
    mask: str = ""
    group: str = ""


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
    several : bool
        Whether a picture can have several labels, or none.
    told : str
        What each column was read as, in words.
    """

    path: Path
    names: tuple[str, ...]
    lines: tuple[Line, ...]
    several: bool = True
    told: str = ""

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that occur, as they are written, in order of first appearance."""
        return tuple(dict.fromkeys(line.split for line in self.lines if line.split))


@lru_cache(maxsize=256)
def _peeked(path: Path, _state: str) -> Columns | None:
    try:
        return find_columns(peek_rows(path))
    except DataError:
        return None


def columns_of(path: Path) -> Columns | None:
    """What a file's columns are, by its name, its header and its first lines.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    Columns or None
        None where it is no table of pictures.
    """
    if path.suffix.lower() not in ENDINGS or not path.is_file() or roots.leads_out(path):
        return None
    return _peeked(path, state(path))


def is_label_table(path: Path) -> bool:
    """Whether a file is a table that says what folders cannot: several labels a picture.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    bool
    """
    found = columns_of(path)
    return found is not None and not found.headless and (found.labels is not None or bool(found.marks))


def read_label_table(path: Path, unsure: Unsure = "refuse") -> LabelTable:
    """A table of labels.

    Its first line names the columns. One holds the pictures' files ("file", "image", "path", ...). One ("label",
    "class", ...) holds a name, or one ("labels", "tags", "Finding Labels") names with |, ; or , between them, or each
    label has a column of 0 and 1, or of -1 and 1. Columns of splits, masks and groups are read under their usual names.

    Parameters
    ----------
    path : pathlib.Path
    unsure : {"refuse", "no", "yes"}
        What -1 beside 0 and 1 says; an empty cell says no, unless it is refused.

    Returns
    -------
    LabelTable

    Raises
    ------
    DataError
        With the line and the column that cannot be understood.
    """
    table = read_rows(path)
    found = find_columns(table)
    if found is None:
        raise DataError(
            f"{path} is no table of pictures: it needs a column of files (such as file, image or path). "
            f"Its columns are: {', '.join(table.header[:12]) or 'none'}."
        )
    for number, cells in table.rows:
        if len(cells) != len(table.header):
            raise DataError(
                f"{path}, line {number}, has {number_of(len(cells), 'cell')}, but the header has {len(table.header)}."
            )
    if found.headless:
        table = replace(
            table,
            header=tuple(f"column {place + 1}" for place in range(len(table.header))),
            rows=(Row(1, table.header), *table.rows),
        )
    read = _marked(table, found, unsure) if found.marks else _named(table, found)
    return replace(read, told=found.told([title.strip() for title in table.header]))


def _line(row: Row, columns: Columns, labels: tuple[str, ...]) -> Line:
    def said(place: int | None) -> str:
        cell = row.cells[place] if place is not None else ""
        return cell.strip() if isinstance(cell, str) else ", ".join(cell)

    split = said(columns.split)
    if columns.whether:
        split = columns.whether[0 if split.lower() in YES else 1]
    return Line(row.number, said(columns.file), labels, split, said(columns.mask), said(columns.group))


def _marked(table: Rows, found: Columns, unsure: Unsure) -> LabelTable:
    """A table with a column a label."""
    path = table.path
    names = tuple(table.header[place].strip() for place in found.marks)
    if repeated := [name for name in names if names.count(name) > 1]:
        raise DataError(f"{path} has two columns {repeated[0]!r}: a label needs one.")
    first: dict[str, int] = {}
    zero, minus = "", ""
    lines = []
    for row in counted(table.rows, path, len(table.rows)):
        true = []
        for place, name in zip(found.marks, names, strict=True):
            cell, where = mark(row.cells[place]), f"line {row.number}, column {name!r}"
            if cell not in (*YES, *NO, *MINUS) and (cell or unsure == "refuse"):
                raise DataError(
                    f"{path}, {where}, holds {row.cells[place]!r}. Expected 1 where the picture has the label and 0 "
                    "(or -1) where it has not; a column that is no label has to be taken out."
                    + ("" if cell else " Where empty cells mean that it has not, choose unsure='no'.")
                )
            zero, minus = (zero or where) if cell in NO else zero, (minus or where) if cell in MINUS else minus
            if cell in YES or (cell in MINUS and unsure == "yes"):
                true.append(name)
        lines.append(line := _line(row, found, tuple(true)))
        if line.file in first:
            raise DataError(f"{path} has {line.file!r} in line {first[line.file]} and again in line {row.number}.")
        first[line.file] = row.number
    if zero and minus and unsure == "refuse":
        raise DataError(
            f"{path} holds -1 ({minus}) and 0 ({zero}), so it cannot be told whether -1 means no or unknown. Write 0 "
            "for no, and take out the lines of pictures whose labels are not known; or choose unsure='no' or 'yes'."
        )
    sure = not (zero and minus) and all(mark(row.cells[place]) for row in table.rows for place in found.marks)
    one_each = sure and len(names) > 1 and all(len(line.labels) == 1 for line in lines)
    return LabelTable(path, names, tuple(lines), several=not one_each)


def _named(table: Rows, found: Columns) -> LabelTable:
    """A table with a column of names, or without labels; a file may have several lines."""
    place = found.labels if found.labels is not None else found.label
    cells = [(row.number, row.cells[place]) for row in table.rows] if place is not None else []
    texts = [(number, cell) for number, cell in cells if isinstance(cell, str)]
    if found.labels is not None:
        separator = _separator(table.path, table.header[found.labels], texts)
    else:
        separator = next((one for one in _SURE if any(one in cell for _, cell in texts)), "")
    lines: dict[tuple[str, str], Line] = {}
    for row in counted(table.rows, table.path, len(table.rows)):
        said = _names(row.cells[place], separator) if place is not None else ()
        line = _line(row, found, said)
        before = lines.get((line.file, line.split), replace(line, labels=()))
        lines[line.file, line.split] = replace(before, labels=tuple(dict.fromkeys([*before.labels, *said])))
    every = sorted({label for line in lines.values() for label in line.labels})
    several = found.labels is not None or any(len(line.labels) > 1 for line in lines.values())
    return LabelTable(table.path, tuple(every), tuple(lines.values()), several)


def _names(cell: Cell, separator: str) -> tuple[str, ...]:
    parts: Sequence[str] = cell if isinstance(cell, tuple) else cell.split(separator) if separator else [cell]
    return tuple(part.strip() for part in parts if part.strip())


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
