"""Which tables in a folder say what its folders do not."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from xai_core.data.folder_words import IMAGES, MASKS, plain
from xai_core.data.folders import SPLITS, is_picture, visible
from xai_core.data.label_table import columns_of, is_label_table
from xai_core.data.picture_finder import PictureFinder
from xai_core.data.table_rows import peek_rows
from xai_core.errors import NO_PATH, DataError


def tables_in(folder: Path) -> list[Path]:
    """The tables in a folder that say more than the folders in it do."""
    if not folder.is_dir():
        return []
    found = [path for path in visible(folder) if columns_of(path) is not None]
    several = [path for path in found if is_label_table(path)]
    if several or not found:
        return several
    with_label = [path for path in found if (told := columns_of(path)) and not told.headless and told.label is not None]
    if _has_class_folders(folder):
        return [path for path in with_label if _says_more(folder, path)]
    if not _beside_masks(folder):
        return with_label
    return [path for path in with_label if _names_a_picture(folder, path)]


def _beside_masks(folder: Path) -> frozenset[str]:
    """The words for images and masks, where a folder holds folders of both; else nothing."""
    inner = {plain(path.name) for path in visible(folder) if path.is_dir()}
    return IMAGES | MASKS if inner & IMAGES and inner & MASKS else frozenset()


def _says_more(folder: Path, table: Path) -> bool:
    """Whether a table says of pictures what the folders that they lie in do not.

    That is a mask, a group or a split, or labels that are no folders' names; numbers may stand for those.
    """
    columns = columns_of(table)
    if columns is None or columns.label is None:
        return False
    numbered, renamed = False, False
    for row in peek_rows(table).rows:
        file, label = (row.cells[place] if place < len(row.cells) else () for place in (columns.file, columns.label))
        if not isinstance(file, str) or not isinstance(label, str):
            return False
        parts = PurePosixPath(file.strip().replace("\\", "/")).parts
        if not parts or parts[0] == "/" or ".." in parts or not _is_there(folder.joinpath(*parts)):
            return False
        numbered = numbered or plain(label).isdecimal()
        renamed = renamed or plain(label) not in map(plain, parts[:-1])
    grouped = columns.group is not None or columns.split is not None
    return columns.mask is not None or (not numbered and (renamed or grouped))


def _is_there(path: Path) -> bool:
    try:
        return is_picture(path)
    except NO_PATH:  # such as a name that is too long
        return False


def _names_a_picture(folder: Path, table: Path) -> bool:
    """Whether one of a table's first lines is about a picture in a folder; a list of class numbers is not."""
    columns, finder = columns_of(table), PictureFinder(folder, table)
    cells = [row.cells[columns.file] for row in peek_rows(table).rows if columns and len(row.cells) > columns.file]
    try:
        return any(isinstance(cell, str) and finder.find(cell.strip(), 0) is not None for cell in cells)
    except DataError:  # it may be one of two
        return True


def _has_class_folders(folder: Path) -> bool:
    """Whether two folders or more hold pictures, which are then classes; or those of a split, or of images/, do."""
    inner, both = [path for path in visible(folder) if path.is_dir()], _beside_masks(folder)
    no_classes = [path for path in inner if path.name.lower() in SPLITS or plain(path.name) in both]
    if any(map(_has_class_folders, no_classes)):
        return True
    classes = [path for path in inner if path not in no_classes]
    return sum(any(is_picture(file) for file in visible(path)) for path in classes) > 1


def by_split(root: Path) -> dict[str, tuple[Path, Path | None]]:
    """Split -> the folder of its pictures and its table; the table is None where there are several.

    Without splits there is one entry, named "".
    """
    if not root.is_dir():
        return {"": (root.parent, root)}
    here = tables_in(root)
    named = {path.stem.lower(): path for path in here}
    if here and set(named) <= set(SPLITS):
        return {split: (root, named[split]) for split in SPLITS if split in named}
    if here:
        return {"": (root, here[0] if len(here) == 1 else None)}
    below = {split: tables_in(root / split) for split in SPLITS}
    return {split: (root / split, found[0] if len(found) == 1 else None) for split, found in below.items() if found}
