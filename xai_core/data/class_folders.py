"""Pictures in folders: one folder a class, with or without splits above, with or without masks; or just pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, get_args

from xai_core.data.dataset import Dataset, Item
from xai_core.data.folder_notes import beside_the_splits, notes_of, passed_over
from xai_core.data.folder_words import IMAGES, plain
from xai_core.data.folders import Label, readable, split_label, stamp
from xai_core.data.groups import in_group
from xai_core.data.mask_pairs import Pairs, find_pairs
from xai_core.data.masked import masked_sample
from xai_core.data.pictures import make_sample
from xai_core.data.registry import register_layout
from xai_core.data.same_pictures import SAME, Placed, Same, several_labels
from xai_core.data.split_folders import choose_split, find_base
from xai_core.data.tree import Folder, look, what_is_there
from xai_core.errors import DataError
from xai_core.types import Setting

Inner = Literal["joined", "kept", "inner", "groups", "outer_groups"]
INNER = Setting(
    key="subfolders",
    title="Folders within class folders",
    default="joined",
    choices=get_args(Inner),
    titles={
        "joined": "Same class",
        "kept": "Own classes",
        "inner": "Inner is the class",
        "groups": "Groups",
        "outer_groups": "Outer is the group",
    },
    help="Whether the pictures in cat/siamese/ are of the class cat, of a class cat/siamese, or of the class siamese; "
    "or the inner or outer folder is what pictures belong to, such as a patient or a film.",
    address="subfolders",
)
MaskFiles = Literal["masks", "pictures"]
MASK_FILES = Setting(
    key="mask_files",
    title="Files named as masks",
    default="masks",
    choices=get_args(MaskFiles),
    titles={"masks": "Masks", "pictures": "Pictures"},
    help="Whether x_mask.png beside x.png, or in a folder masks/, is the mask of that picture, or one more picture.",
    address="mask-files",
)
_NO_PAIRS = Pairs({}, {}, frozenset(), ())


def splits(root: Path) -> tuple[str, ...]:
    """The splits that a folder has, however they are spelt. A folder called "test" beside other classes is a class.

    Parameters
    ----------
    root : pathlib.Path
        Of the folder.

    Returns
    -------
    tuple of str
        The default first.
    """
    return tuple(find_base(look(root)).splits)


@dataclass(frozen=True, eq=False)
class _Found:
    """A picture, the folders between the base and it that say something of it, and all of them as a path."""

    path: Path
    levels: tuple[str, ...]
    inside: str


def _levels(base: Folder, pairs: Pairs) -> list[_Found]:
    """The pictures of a base that are no masks, class folder by class folder, those in none last."""
    masks = {mask for found in pairs.masks.values() for mask in found} | set(pairs.alone)

    def walk(folder: Folder, levels: tuple[str, ...], inside: str) -> list[_Found]:
        found = [_Found(path, levels, inside) for path in folder.pictures if path not in masks]
        for inner in folder.folders:
            alone = bool(levels) and not folder.pictures and len(folder.full) == 1 and plain(inner.name) in IMAGES
            own = () if alone or inner.path in pairs.through else (inner.name,)
            found += walk(inner, (*levels, *own), f"{inside}{inner.name}/")
        return found

    return sorted(walk(base, (), ""), key=lambda one: not one.levels)


def _label(levels: tuple[str, ...], inner: Inner) -> tuple[Label | None, str | None]:
    """The label of a picture in some folders, and its group."""
    if not levels:
        return None, None
    if inner in ("inner", "outer_groups"):
        above = "/".join(levels[:-1]) or None
        return split_label(levels[-1]), above if inner == "outer_groups" else None
    if inner == "kept":
        parts = [split_label(level) for level in levels]
        return Label(
            "/".join(part.words for part in parts), next((p.wnid for p in reversed(parts) if p.wnid), None)
        ), None
    return split_label(levels[0]), ("/".join(levels[1:]) or None) if inner == "groups" else None


def _item(found: _Found, around: Path, inner: Inner, masks: list[Path]) -> Item:
    name = f"{found.inside}{readable(found.path.name)}"
    label, group = _label(found.levels, inner)
    words, wnid = label or (None, None)
    if masks:
        named = tuple((mask, readable(mask.relative_to(around).as_posix())) for mask in masks)
        read = partial(masked_sample, found.path, named, name, label=words, wnid=wnid)
    else:
        read = partial(make_sample, found.path, name, label=words, wnid=wnid)
    stamps = "|".join(map(stamp, (found.path, *masks)))
    return in_group(Item(name, words, read, stamps, wnid=wnid), group)


@register_layout(
    "folders",
    "Class folders, or pictures",
    recognises=lambda root: True,
    splits=splits,
    options=(SAME, INNER, MASK_FILES),
    order=1000,
)
def load(
    root: Path,
    split: str | None = None,
    same: Same = "apart",
    subfolders: Inner = "joined",
    mask_files: MaskFiles = "masks",
) -> Dataset:
    """A folder of class folders; or, where no folder in it holds pictures, the pictures that lie in it.

    Parameters
    ----------
    root : pathlib.Path
        Of the folder.
    split : str, optional
        None takes the first of its splits.
    same : {"apart", "together"}
        Whether the same picture in several class folders is several pictures, or one with several labels.
    subfolders : {"joined", "kept", "inner", "groups", "outer_groups"}
        What folders within class folders are: of the outer one's class; classes of their own; the class themselves; or
        groups within the class, or classes within a group.
    mask_files : {"masks", "pictures"}
        Whether files and folders that are called so are masks.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If there is no picture.
    """
    tree = look(root)
    place = find_base(tree)
    chosen = choose_split(place, split, tree)
    base = chosen.folder
    around = place.masks_in(base)
    pairs = find_pairs(around) if mask_files == "masks" else _NO_PAIRS
    found = _levels(base, pairs)
    labelled = [one for one in found if one.levels] or found
    placed = [Placed(_item(one, around.path, subfolders, pairs.masks.get(one.path, [])), one.path) for one in labelled]
    if not placed:
        raise DataError(_nothing(base if base.count or base.others or base.folders else tree))
    together = same == "together" and bool(labelled[0].levels)
    items = several_labels(placed) if together else [one.item for one in placed]
    loose = [one.path for one in found if not one.levels and labelled[0].levels]
    return Dataset(
        str(root),
        f"{root.name}/{chosen.name}" if chosen.name else root.name,
        tuple(items),
        (*passed_over(base, around, pairs, loose), *beside_the_splits(tree, place)),
        notes=tuple(notes_of(tree, place, base, pairs, [(one.path, one.levels) for one in labelled], subfolders)),
    )


def _nothing(folder: Folder) -> str:
    said = f"{folder.path} holds no pictures. Expected one folder for each class with pictures in it, or pictures."
    return f"{said} {what_is_there(folder)}".strip()
