"""What is said of folders of pictures: what was decided of them, and what was passed over, with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from xai_core.data.dataset import Problem
from xai_core.data.folders import readable
from xai_core.data.mask_pairs import Pairs, masks_note
from xai_core.data.split_folders import Base
from xai_core.data.tree import RUBBISH, Folder, without_pictures
from xai_core.types.counts import form, number_of

_NOT_A_PICTURE = "Not a picture by its name."
_INNER = {
    "joined": "they are of the outer folder's class",
    "kept": "each is a class of its own",
    "inner": "the inner folder is the class",
    "groups": "the inner folder is what its pictures belong to",
    "outer_groups": "the inner folder is the class, the outer one what its pictures belong to",
}


def notes_of(
    root: Folder,
    place: Base,
    base: Folder,
    pairs: Pairs,
    pictures: Sequence[tuple[Path, tuple[str, ...]]],
    subfolders: str,
) -> list[str]:
    """What was decided of a folder as a whole, a sentence each; nothing where it lies as one expects.

    Parameters
    ----------
    root : Folder
    place : Base
        Where its splits lie.
    base : Folder
        Of the pictures that were taken.
    pairs : Pairs
        The masks in it.
    pictures : Sequence of (pathlib.Path, tuple of str)
        Each picture, and the folders that say something of it.
    subfolders : str
        What folders within class folders are.
    """
    said = []
    if any(one.name != name for name, one in place.splits.items()):
        said.append(f"Splits: {', '.join(f'{name} is {one.name}/' for name, one in place.splits.items())}.")
    if place.folder is not root or (base.path not in (one.path for one in place.splits.values()) and place.splits):
        said.append(f"The pictures lie in {readable(base.path.relative_to(root.path).as_posix())}/.")
    deeper = Counter(levels for _, levels in pictures if len(levels) > 1)
    if deeper:
        inside = sum(deeper.values())
        several = f"{number_of(inside, 'picture')} {form(inside, 'lies', 'lie')}"
        said.append(
            f"{several} in folders within folders, such as {'/'.join(next(iter(deeper)))}/: {_INNER[subfolders]}."
        )
    masks = [pairs.masks[path] for path, _ in pictures if path in pairs.masks]
    if masks:
        united = sum(len(files) > 1 for files in masks)
        more = f"; {united:,} from several files" if united else ""
        said.append(masks_note(len(masks), len(pictures), " and ".join(pairs.words) + more))
    return said


def passed_over(base: Folder, around: Folder, pairs: Pairs, loose: Sequence[Path]) -> list[Problem]:
    """What in the folder is no picture of the data set.

    Parameters
    ----------
    base : Folder
        Of the pictures.
    around : Folder
        Where the masks lie, too.
    pairs : Pairs
        The masks; those without a picture are named.
    loose : Sequence of pathlib.Path
        Pictures that lie in no class folder.
    """

    def named(path: Path) -> str:
        inside = base.path if path.is_relative_to(base.path) else around.path
        return readable(path.relative_to(inside).as_posix())

    nodes = list(base.walk())
    found = [Problem(named(path), _NOT_A_PICTURE) for one in (*nodes[1:], base) for path in one.others]
    found += [Problem(named(path), why) for path, why in pairs.alone.items()]
    found += [Problem(named(path), "Lies beside the class folders, so it has no label.") for path in loose]
    return found + _rubbish(nodes, base)


def beside_the_splits(root: Folder, place: Base) -> list[Problem]:
    """What lies beside the splits, or beside the one folder that holds everything, and was passed over.

    Parameters
    ----------
    root : Folder
    place : Base
        Where its splits lie.
    """
    found = []
    for one in place.beside:
        held = number_of(one.count, "picture")
        found.append(Problem(f"{one.name}/", f"Lies beside the splits and is none by its name: {held}."))
    if place.splits:
        found += [Problem(readable(path.name), "Lies beside the splits.") for path in place.folder.pictures]
    above = [one for one in root.walk() if place.folder.path.is_relative_to(one.path)]
    for one in (inner for outer in above[:-1] for inner in outer.folders if not inner.count):
        if held := without_pictures(one):
            found.append(Problem(f"{one.name}/", f"Holds no pictures: {held}."))
    return found + (_rubbish(above, root) if place.splits or len(above) > 1 else [])


def _rubbish(nodes: Sequence[Folder], top: Folder) -> list[Problem]:
    return [
        Problem(
            readable((one.path / name).relative_to(top.path).as_posix()),
            "Written by a system or an archive program."
            if name.lower() in RUBBISH
            else "Not looked into: it cannot be read, or lies too deep.",
        )
        for one in nodes
        for name in one.rubbish
    ]
