"""What the columns of a table are, told by their titles and by what stands in the first rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from xai_core.data.files import SUFFIXES
from xai_core.data.table_rows import LOOKED_AT, Cell, Row, Rows
from xai_core.types.counts import number_of

# Titles in small letters without spaces, _, - and the like; the first that is there is taken.
_FILE: tuple[str, ...] = ("file", "filename", "fname", "image", "imageid", "imageindex", "imagename", "img", "path")
_FILE += ("imagepath", "filepath", "picture", "id", "imagefile", "imagefilename", "imagefilepath", "imgpath")
_FILE += ("relativepath", "filepaths", "imagefilepaths", "imageurl", "isicid")
_LABELS = ("labels", "findinglabels", "tags", "classes", "categories", "findings")  # several in a cell
_LABEL: tuple[str, ...] = ("labelname", "classname", "categoryname", "label", "class", "category", "species", "breed")
_LABEL += ("dx", "diagnosis", "benignmalignant", "target", "y", "groundtruth", "labelid", "classid", "categoryid")
_SPLIT = ("split", "fold", "subset", "partition", "phase", "set", "usage")
_WHETHER = {"isvalid": ("val", "train"), "isval": ("val", "train"), "istest": ("test", "train")}
_WHETHER |= {"istrain": ("train", "test"), "istraining": ("train", "test"), "istrainingimage": ("train", "test")}
_MASK: tuple[str, ...] = ("mask", "maskpath", "maskfile", "maskfilename", "maskfilepath", "segmentation")
_MASK += ("segmentationpath", "segmentationfile", "seg", "segpath", "segmentationmask", "roimaskfilepath", "gtmask")
_GROUP: tuple[str, ...] = ("group", "groupid", "patientid", "patient", "subjectid", "subject", "participantid")
_GROUP += ("caseid", "case", "lesionid", "studyid", "videoid", "video", "sequenceid", "sequence", "slideid", "scanid")
_NO_LABEL = {"", "index", "unnamed0", "frontal", *_SPLIT, *_WHETHER, *_GROUP, *_MASK}
_ROLES = {"label": _LABEL, "labels": _LABELS, "group": _GROUP}
YES, NO, MINUS = ("1", "1.0", "true", "yes"), ("0", "0.0", "false", "no"), ("-1", "-1.0")
_NAMES_OF_SPLITS = ("train", "training", "val", "valid", "validation", "dev", "test", "testing")


@dataclass(frozen=True)
class Columns:
    """Where things stand in a table, as numbers of columns from 0.

    Attributes
    ----------
    file : int
        The pictures' files.
    labels : int, optional
        Names, several in a cell.
    label : int, optional
        A name.
    marks : tuple of int
        A column a label, with 0 and 1.
    split : int, optional
        The splits' names, or whether a row is of the first of `whether`.
    whether : tuple of str
        The splits of yes and no; empty where names stand there.
    mask : int, optional
        The masks' files.
    group : int, optional
        What pictures belong to.
    headless : bool
        Whether the first line is a row already.
    """

    file: int
    labels: int | None = None
    label: int | None = None
    marks: tuple[int, ...] = ()
    split: int | None = None
    whether: tuple[str, ...] = ()
    mask: int | None = None
    group: int | None = None
    headless: bool = False

    def told(self, titles: Sequence[str]) -> str:
        """What each column was read as, in words; `titles` are those of all columns."""
        one = {"labels": self.labels if self.labels is not None else self.label, "splits": self.split}
        one |= {"masks": self.mask, "groups": self.group}
        parts = [f"{what} by {titles[place]!r}" for what, place in one.items() if place is not None]
        if self.marks:
            parts.insert(0, f"labels by {number_of(len(self.marks), 'column')} of yes and no")
        return ", ".join([f"pictures by its column {titles[self.file]!r}", *parts])


def plain(title: str) -> str:
    """A title without what people write differently: "Image_Path" and "imagePath" are one."""
    return re.sub(r"[\W_]+", "", title).lower()


def role_of(titles: Sequence[str], role: str) -> str | None:
    """The column of a role.

    Parameters
    ----------
    titles : Sequence[str]
        Of the columns.
    role : {"label", "labels", "group"}
        What it is asked for.

    Returns
    -------
    str or None
        Its title as it stands there.

    Examples
    --------
    >>> role_of(["Image", "Patient ID"], "group")
    'Patient ID'
    """
    place = _first([plain(title) for title in titles], _ROLES[role])
    return None if place is None else titles[place]


def mark(cell: Cell) -> str:
    """A cell of a column of marks, as it is compared."""
    return cell.strip().lower() if isinstance(cell, str) else ""


def _first(titles: Sequence[str], known: Sequence[str], *taken: int | None) -> int | None:
    return next((titles.index(name) for name in known if name in titles and titles.index(name) not in taken), None)


def _marks(titles: Sequence[str], rows: Sequence[Row], *taken: int | None) -> tuple[int, ...]:
    said = {*YES, *NO, *MINUS}

    def are_marks(place: int) -> bool:
        there = [mark(row.cells[place]) for row in rows if place < len(row.cells)]
        filled = [cell for cell in there if cell]  # CheXpert leaves cells empty
        return bool(filled) and 2 * sum(cell in said for cell in filled) >= len(filled)

    return tuple(
        place
        for place, title in enumerate(titles)
        if place not in taken and title not in _NO_LABEL and are_marks(place)
    )


def _looks_like_a_picture(cell: Cell) -> bool:
    return isinstance(cell, str) and PurePosixPath(cell.strip().replace("\\", "/")).suffix.lower() in SUFFIXES


def _headless(table: Rows) -> Columns | None:
    """A table without a header: a picture's file, perhaps a split, and a label or marks."""
    file = next((place for place, cell in enumerate(table.header) if _looks_like_a_picture(cell)), None)
    if file is None:
        return None
    split = next((p for p, cell in enumerate(table.header) if cell.strip().lower() in _NAMES_OF_SPLITS), None)
    others = [place for place in range(len(table.header)) if place not in (file, split)]
    if len(others) == 1:
        return Columns(file, label=others[0], split=split, headless=True)
    rows = (Row(1, table.header), *table.rows[:LOOKED_AT])
    marks = _marks([f"column{place}" for place in range(len(table.header))], rows, file, split)
    return Columns(file, marks=marks, split=split, headless=True)


def find_columns(table: Rows) -> Columns | None:
    """What the columns of a table are.

    Parameters
    ----------
    table : Rows
        The first of its rows suffice.

    Returns
    -------
    Columns or None
        None where no column holds files.
    """
    titles = [plain(title) for title in table.header]
    file = _first(titles, _FILE)
    if file is None:
        return _headless(table)
    split = _first(titles, _SPLIT, file)
    whether: tuple[str, ...] = ()
    if split is None and (found := _first(titles, tuple(_WHETHER), file)) is not None:
        split, whether = found, _WHETHER[titles[found]]
    mask = _first(titles, _MASK, file)
    group = _first(titles, _GROUP, file)
    labels = _first(titles, _LABELS, file, mask)
    label = _first(titles, _LABEL, file, mask, group, split) if labels is None else None
    named = labels is not None or label is not None
    marks = () if named else _marks(titles, table.rows[:LOOKED_AT], file, mask, group, split)
    return Columns(file, labels, label, marks, split, whether, mask, group)
