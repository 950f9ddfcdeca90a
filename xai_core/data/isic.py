"""ISIC's pictures of skin, as the archive and the challenges give them: tables, and outlines by the picture's name.

Codella et al., arXiv 1902.03368; Tschandl, Rosendahl and Kittler (HAM10000), arXiv 1803.10417.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from xai_core.data.dataset import Dataset, Item, Problem
from xai_core.data.folder_words import SPLIT_WORDS, split_word
from xai_core.data.folders import is_picture, readable, stamp, visible
from xai_core.data.groups import in_group
from xai_core.data.label_table import Line, columns_of, read_label_table
from xai_core.data.masked import masked_sample
from xai_core.data.named_splits import chosen_split
from xai_core.data.pictures import make_sample
from xai_core.data.registry import register_layout
from xai_core.errors import DataError
from xai_core.types import Sample
from xai_core.types.counts import part_of

_NAME = re.compile(r"^(ISIC_\d{7})(?:_downsampled)?$", re.IGNORECASE)
_OTHER = re.compile(r"^(ISIC_\d{7})_(segmentation|superpixels|attribute_\w+)$", re.IGNORECASE)
_DEEPEST = 3  # folders in folders that are looked into
_FOLDERS, _NAMES = 16, 8  # that are looked at to recognise the layout


def _files(folder: Path, deep: int = _DEEPEST) -> Iterator[Path]:
    for path in visible(folder):
        if not path.is_dir():
            yield path
        elif deep:
            yield from _files(path, deep - 1)


def recognises(root: Path) -> bool:
    """Whether a folder, or one in it, holds pictures named as ISIC's, and outlines or a table in a folder of its own.

    A table that lies beside its pictures is read as any other.

    Parameters
    ----------
    root : pathlib.Path
        Of the folder.

    Returns
    -------
    bool
    """
    if not root.is_dir():
        return False
    inner = [visible(path) for path in visible(root) if path.is_dir()][:_FOLDERS]
    some = [path for names in (visible(root), *inner) for path in names[:_NAMES]]
    if not any(_NAME.match(path.stem) and is_picture(path) for path in some):
        return False
    outlines = any((match := _OTHER.match(path.stem)) and match[2].lower() == "segmentation" for path in some)
    return outlines or any(columns_of(path) for names in inner for path in names if path.suffix.lower() == ".csv")


def splits(root: Path) -> tuple[str, ...]:
    """Those that the folders' names speak of, where there are several."""
    found = {split_word(path.parent.name) for path in _files(root) if _NAME.match(path.stem) and is_picture(path)}
    words = sorted(found - {""}, key=SPLIT_WORDS.index)
    return tuple(words) if len(words) > 1 else ()


def _lines(tables: list[Path], split: str) -> dict[str, tuple[Line, tuple[str, ...], bool]]:
    """Picture's name -> what the tables say of it: labels of one table, groups of any."""
    found: dict[str, tuple[Line, tuple[str, ...], bool]] = {}
    for path in tables:
        if split and split_word(path.stem) not in ("", split):
            continue
        table = read_label_table(path)
        one_each = all(len(line.labels) == 1 for line in table.lines)
        for line in table.lines:
            stem = Path(line.file).stem
            before = found.get(stem)
            group = line.group or (before[0].group if before else "")
            kept = before if before and before[0].labels else (line, table.names, table.several and not one_each)
            found[stem] = (replace(kept[0], group=group), *kept[1:])
    return found


def _read(
    path: Path, masks: tuple[tuple[Path, str], ...], name: str, line: Line | None, several: bool, names: tuple[str, ...]
) -> Sample:
    label = line.labels[0] if line and line.labels else None
    sample = masked_sample(path, masks, name, label=label) if masks else make_sample(path, name, label=label)
    return replace(sample, labels=line.labels, annotated=names) if line and several else sample


@register_layout("isic", "ISIC's pictures of skin", recognises=recognises, splits=splits, order=17)
def load(root: Path, split: str | None = None) -> Dataset:
    """The pictures with the labels of the tables and the outlines of the lesions; those of one lesion are a group.

    Parameters
    ----------
    root : pathlib.Path
        Of the folder.
    split : str, optional
        None takes the first of its splits.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If the split is not there, or a table cannot be understood.
    """
    there = splits(root)
    chosen = chosen_split(split, there, root, optional=True)
    every = list(_files(root))
    known = _lines([path for path in every if columns_of(path)], chosen)
    masks = {m[1]: path for path in every if (m := _OTHER.match(path.stem)) and m[2].lower() == "segmentation"}
    items: list[Item] = []
    skipped: list[Problem] = []
    for path in every:
        name, match = readable(path.name), _NAME.match(path.stem)
        if match and is_picture(path):
            if chosen and split_word(path.parent.name) != chosen:
                continue
            line, names, several = known.get(path.stem) or known.get(match[1]) or (None, (), False)
            mask = masks.get(match[1])
            named = ((mask, readable(mask.name)),) if mask else ()
            read = partial(_read, path, named, name, line, several, names)
            label = line.labels[0] if line and line.labels else None
            stamps = f"{stamp(path)}|{stamp(mask) if mask else ''}"
            item = Item(name, label, read, stamps, line.labels if line and several else None, names if several else ())
            items.append(in_group(item, (line.group or None) if line else None))
        elif (other := _OTHER.match(path.stem)) and other[2].lower() != "segmentation":
            skipped.append(
                Problem(name, f"Neither a picture nor an outline, but {other[2].lower().replace('_', ' ')}.")
            )
        elif not columns_of(path) and not other:
            skipped.append(Problem(name, "Not a picture by its name."))
    if not items:
        raise DataError(f"{root} holds no picture named as ISIC's.")
    outlined = sum(not item.stamp.endswith("|") for item in items)
    have = part_of(outlined, len(items), "picture", "has", "have")
    notes = (f"{have} the outline of a lesion, by the suffix segmentation.",)
    title = f"{root.name}/{chosen}" if chosen else root.name
    return Dataset(str(root), title, tuple(items), tuple(skipped), notes=notes if outlined else ())
