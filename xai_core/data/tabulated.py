"""Pictures whose labels, splits, masks and groups stand in a table, which is given itself or lies beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from xai_core.data.counting import counted
from xai_core.data.dataset import Dataset, Item, Problem
from xai_core.data.folders import SPLITS, readable, split_label, stamp, state
from xai_core.data.groups import in_group
from xai_core.data.label_table import UNSURE, LabelTable, Line, Unsure, columns_of, read_label_table
from xai_core.data.mask_pairs import find_pairs, masks_note
from xai_core.data.masked import masked_sample
from xai_core.data.named_splits import chosen_split
from xai_core.data.picture_finder import PictureFinder
from xai_core.data.pictures import make_sample
from xai_core.data.registry import register_layout
from xai_core.data.table_rows import ENDINGS
from xai_core.data.tables_beside import by_split, tables_in
from xai_core.data.tree import look
from xai_core.errors import DataError
from xai_core.types import Sample


@lru_cache(maxsize=8)
def _read_table(path: Path, unsure: Unsure, _stamp: str) -> LabelTable:
    return read_label_table(path, unsure)


def _named_splits(splits: Sequence[str]) -> tuple[str, ...]:
    """A column's splits, the default first; none where it numbers folds."""
    order = {name: place for place, name in enumerate(SPLITS)}
    known = [split for split in splits if split.lower() in order]
    others = [split for split in splits if split.lower() not in order]
    return (*sorted(known, key=lambda split: order[split.lower()]), *others) if known else ()


def recognises(path: Path) -> bool:
    """Whether a file is a table of pictures, or one lies in a folder, or in one of its splits.

    Parameters
    ----------
    path : pathlib.Path
        Of the file or folder.

    Returns
    -------
    bool
    """
    return bool(by_split(path)) if path.is_dir() else columns_of(path) is not None


def splits(root: Path) -> tuple[str, ...]:
    """The splits that have a table or stand in one, the default first."""
    there = by_split(root)
    table = there[""][1] if "" in there else None
    if table is None:
        return tuple(split for split in there if split)
    try:
        return _named_splits(_read_table(table, "no", state(table)).splits)
    except DataError:  # it is said when the pictures are read
        return ()


_Named = tuple[tuple[Path, str], ...]


@dataclass(frozen=True)
class _Picture:
    """A picture that a line is about, with its mask, to be read later."""

    path: Path
    masks: _Named
    name: str
    line: Line
    annotated: tuple[str, ...] | None  # None where a picture has one label

    def read(self) -> Sample:
        label, wnid = _words(self.line)
        if not self.masks:
            sample = make_sample(self.path, self.name, label=label, wnid=wnid)
            if self.line.mask:
                reason = f"no mask: {readable(self.line.mask)} is not there"
                sample = replace(sample, notes=(*sample.notes, reason))
        else:
            sample = masked_sample(self.path, self.masks, self.name, label=label, wnid=wnid)
        if self.annotated is None:
            return sample
        return replace(sample, labels=self.line.labels, annotated=self.annotated)

    def item(self) -> Item:
        known = (None, ()) if self.annotated is None else (self.line.labels, self.annotated)
        stamps = "|".join(stamp(path) for path in (self.path, *(mask for mask, _ in self.masks)))
        item = Item(self.name, _words(self.line)[0], self.read, stamps, *known)
        return in_group(item, self.line.group or None)


def _words(line: Line) -> tuple[str | None, str | None]:
    """A line's first label, and its WordNet id where it is one."""
    if not line.labels:
        return None, None
    words, wnid = split_label(line.labels[0])
    return (words, wnid) if wnid else (line.labels[0], None)


@dataclass(frozen=True)
class _Masks:
    """Masks with what messages call them: by the number of a line, or where a table has none, by the picture."""

    of_line: dict[int, _Named]
    of_picture: dict[Path, _Named]
    called: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()


def _masks(finder: PictureFinder, table: LabelTable) -> _Masks:
    """The masks that a table lists; if it lists none, those beside the pictures by their folder or suffix."""
    if any(line.mask for line in table.lines):
        listed = {
            line.number: finder.find(line.mask, line.number, in_its_folder=True) for line in table.lines if line.mask
        }
        return _Masks({at: ((path, finder.name_of(path)),) for at, path in listed.items() if path is not None}, {})
    pictures = {finder.exactly(line.file) for line in table.lines}
    pairs = find_pairs(look(finder.base))
    found = {path: [mask for mask in masks if mask not in pictures] for path, masks in pairs.masks.items()}
    named = {path: tuple((mask, finder.name_of(mask)) for mask in masks) for path, masks in found.items() if masks}
    return _Masks({}, named, frozenset(map(finder.name_of, named)), pairs.words)


def _listed(base: Path, table: LabelTable, lines: Sequence[Line]) -> Dataset:
    finder = PictureFinder(base, table.path)
    of = readable(table.path.name)
    masks = _masks(finder, table)
    finder.leave_out({mask for found in (*masks.of_line.values(), *masks.of_picture.values()) for mask, _ in found})
    items: list[Item] = []
    there: dict[Path, int] = {}
    missing: list[Problem] = []
    for line in counted(lines, table.path, len(lines)):
        path = finder.find(line.file, line.number)
        if path is None:
            missing.append(Problem(readable(line.file), f"Listed in {of}, line {line.number}, but not there."))
            continue
        if path in there:
            raise DataError(f"{table.path}: line {there[path]} and line {line.number} are both about {path.name!r}.")
        there[path] = line.number
        own = masks.of_line.get(line.number) or masks.of_picture.get(path, ())
        annotated = table.names if table.several else None
        items.append(_Picture(path, own, finder.name_of(path), line, annotated).item())
    numbers = {line.number for line in lines}
    elsewhere = {finder.find(line.file, line.number) for line in table.lines if line.number not in numbers}
    missing += [
        Problem(finder.name_of(path), f"{of} has no line for it.")
        for path in finder.pictures
        if path not in there and path not in elsewhere
    ]
    if not items:
        raise DataError(f"{table.path} lists no picture that is there, in {base} or in a folder below it.")
    taken = sum(item.name in masks.called for item in items)
    notes = [f"{of}: {table.told}."]
    if taken:
        notes.append(masks_note(taken, len(items), " and ".join(masks.words)))
    return Dataset(str(base), base.name, tuple(items), tuple(missing), notes=tuple(notes))


def _of_split(table: LabelTable, split: str | None) -> tuple[str, list[Line]]:
    """A table's lines of a split, and its name; all of them where the column only numbers folds.

    Raises
    ------
    DataError
        If it has no such split.
    """
    chosen = chosen_split(split, table.splits if split else _named_splits(table.splits), table.path, optional=True)
    return chosen, [line for line in table.lines if not chosen or line.split.lower() == chosen.lower()]


@register_layout(
    "tabulated", "A table of labels", recognises=recognises, splits=splits, options=(UNSURE,), files=ENDINGS, order=28
)
def load(root: Path, split: str | None = None, unsure: Unsure = "refuse") -> Dataset:
    """The pictures that a table lists, with what it says of each.

    Parameters
    ----------
    root : pathlib.Path
        Of the table, or of a folder in which it lies; a split is then a folder or a table of that name, or stands in
        a column.
    split : str, optional
        None takes the first of its splits.
    unsure : {"refuse", "no", "yes"}
        See `read_label_table`.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If the split is not there, the table cannot be understood, or none of its pictures is there.
    """
    there = by_split(root)
    chosen = "" if "" in there else chosen_split(split, there, root)
    base, path = there[chosen]
    if path is None:
        names = ", ".join(path.name for path in tables_in(base))
        raise DataError(f"{base} has several tables of labels: {names}. Keep the one that is to be used.")
    table = _read_table(path, unsure, state(path))
    inner, lines = ("", list(table.lines)) if chosen else _of_split(table, split)
    found = _listed(base, table, lines)
    name = chosen or inner
    return replace(found, key=str(root), title=f"{root.name}/{name}" if name else root.name)
