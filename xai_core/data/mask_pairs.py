"""Which files are masks of which pictures: beside them by a suffix, or in a folder of masks next to theirs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from xai_core.data.folder_words import IMAGES, MASKS, masked_stem, plain
from xai_core.data.folders import readable
from xai_core.data.tree import Folder
from xai_core.types.counts import part_of

_ENOUGH = 0.5  # share of a folder's files that must belong to pictures, for it to be one of masks


@dataclass(frozen=True, eq=False)
class Pairs:
    """Masks and the pictures that they belong to.

    Attributes
    ----------
    masks : dict of pathlib.Path to list of pathlib.Path
        Picture -> its masks; pictures without any are left out.
    alone : dict of pathlib.Path to str
        Masks that belong to no picture, and why.
    through : frozenset of pathlib.Path
        Folders that hold the pictures of folders of masks, and are no class.
    words : tuple of str
        How masks are told: names of folders and suffixes.
    """

    masks: dict[Path, list[Path]]
    alone: dict[Path, str]
    through: frozenset[Path]
    words: tuple[str, ...]


def find_pairs(base: Folder) -> Pairs:
    """The masks in a folder and below.

    Parameters
    ----------
    base : Folder

    Returns
    -------
    Pairs
        A folder is one of masks by its name if half of its files belong to pictures beside it; a file is a mask by its
        suffix if a picture without that suffix lies beside it.
    """
    masks: dict[Path, list[Path]] = defaultdict(list)
    alone: dict[Path, str] = {}
    through: set[Path] = set()
    words: dict[str, None] = {}
    for parent in base.walk():
        for folder in parent.full:
            if plain(folder.name) in MASKS:
                _of_folder(parent, folder, masks, alone, through, words)
    taken = {mask for found in masks.values() for mask in found} | set(alone)
    _by_suffix(base, taken, masks, alone, words)
    return Pairs(dict(masks), alone, frozenset(through), tuple(words))


def _keyed(path: Path, top: Path) -> tuple[str, ...]:
    """Where a file lies below a folder, without folders that only say that it is a picture or a mask."""
    parts = path.relative_to(top).parts[:-1]
    return tuple(part for part in parts if plain(part) not in IMAGES and plain(part) not in MASKS)


def _of_folder(
    parent: Folder,
    folder: Folder,
    masks: dict[Path, list[Path]],
    alone: dict[Path, str],
    through: set[Path],
    words: dict[str, None],
) -> None:
    """Note the masks of a folder that is called so, if they belong to pictures beside it."""
    own = [path for one in folder.walk() for path in one.pictures]
    beside: dict[tuple[tuple[str, ...], str], Path] = {}
    for one in (parent, *(inner for other in parent.full if other is not folder for inner in other.walk())):
        if not any(plain(part) in MASKS for part in one.path.relative_to(parent.path).parts):
            for path in one.pictures:
                beside.setdefault((_keyed(path, parent.path), path.stem), path)
    found: dict[Path, Path] = {}
    for path in own:
        key, named = _keyed(path, folder.path), masked_stem(path.stem)
        picture = beside.get((key, path.stem)) or (beside.get((key, named[0])) if named else None)
        if picture is not None:
            found[path] = picture
    if len(found) < _ENOUGH * len(own) or not found:
        return
    words[f"the folder {folder.name}/"] = None
    for path in own:
        if path in found:
            masks[found[path]].append(path)
        else:
            alone[path] = f"No picture named {readable(path.stem)!r} lies beside {folder.name}/ for it."
    for picture in found.values():
        for above in picture.parents:
            if above == parent.path:
                break
            if plain(above.name) in IMAGES:
                through.add(above)


def _by_suffix(
    base: Folder, taken: set[Path], masks: dict[Path, list[Path]], alone: dict[Path, str], words: dict[str, None]
) -> None:
    """Note the files that are called as a picture beside them, with a word for masks behind or before."""
    lonely: dict[Path, tuple[str, str]] = {}
    used: set[str] = set()
    for folder in base.walk():
        named = {path: masked_stem(path.stem) for path in folder.pictures if path not in taken}
        if not any(named.values()):
            continue
        by_stem = {path.stem: path for path in named} | {path.stem: path for path, one in named.items() if one is None}
        for path, one in named.items():
            if one is None:
                continue
            picture = by_stem.get(one[0])
            if picture is None:
                lonely[path] = one
                continue
            masks[picture].append(path)
            used.add(one[1])
            words[f"the suffix {one[1]}"] = None
    for path, (stem, word) in lonely.items():
        if word in used:
            alone[path] = f"A mask by its suffix {word}, but no picture named {readable(stem)!r} lies beside it."


def masks_note(masks: int, pictures: int, how: str) -> str:
    """How many pictures have a mask, and how their files were found, as a sentence."""
    return f"{part_of(masks, pictures, 'picture', 'has', 'have')} a mask, by {how}."
