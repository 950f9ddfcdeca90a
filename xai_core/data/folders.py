"""Pictures in folders: one folder a class (with or without splits above), or one flat folder without labels.

A picture that lies in several class folders, under the same name and with the same content, is several pictures, or
one with several labels, as is chosen.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from xai_core.data import roots
from xai_core.data.dataset import Dataset, Item, Problem
from xai_core.data.files import is_named_as_picture
from xai_core.data.pictures import make_sample
from xai_core.data.registry import register_layout
from xai_core.errors import DataError
from xai_core.types import Sample, Setting

# The first that is there is the default.
SPLITS = ("test", "val", "valid", "validation", "train", "training")
Same = Literal["apart", "together"]
SAME = Setting(
    key="same",
    title="The same picture in several folders",
    default="apart",
    choices=get_args(Same),
    titles={"apart": "Several pictures", "together": "One with several labels"},
    help="Whether a picture that lies in several class folders, with the same name and content, is one that has "
    "several labels.",
    address="same",
)
_WNID = re.compile(r"^(n\d{8})(?:[_\- ](.+))?$")


class Label(NamedTuple):
    """A class in words, and its WordNet id or None."""

    words: str
    wnid: str | None


def split_label(folder: str) -> Label:
    """The label of a class folder's name: "n02690373_grand_piano", "n02690373", "cat".

    Parameters
    ----------
    folder : str
        Its name.

    Returns
    -------
    Label
    """
    if match := _WNID.match(folder):
        return Label((match[2] or match[1]).replace("_", " "), match[1])
    return Label(folder.replace("_", " "), None)


def readable(name: str) -> str:
    """A file's name as text that any page can show: file systems allow bytes that are no text."""
    return name.encode("utf-8", "backslashreplace").decode()


def visible(folder: Path) -> list[Path]:
    """What lies in a folder, sorted, without hidden files, and without what leads out (see `roots`).

    Parameters
    ----------
    folder : pathlib.Path

    Returns
    -------
    list of pathlib.Path
        Sorted by name.
    """
    if roots.leads_out(folder):
        return []
    try:
        found = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise DataError(f"The folder {folder} cannot be read: {error.strerror}.") from error
    return [path for path in found if not roots.leads_out(path)]


def is_picture(path: Path) -> bool:
    """Whether a file looks like a picture by its name, or by its first bytes where that has no suffix."""
    return not roots.leads_out(path) and path.is_file() and is_named_as_picture(path)


def stamp(path: Path) -> str:
    """Changes when the file does."""
    status = path.stat()
    return f"{readable(str(path))}:{status.st_mtime_ns}:{status.st_size}"


def splits(root: Path) -> tuple[str, ...]:
    """The splits that a folder has. A folder called "test" beside other folders is a class.

    Parameters
    ----------
    root : pathlib.Path
        Of the folder.

    Returns
    -------
    tuple of str
        The default first.
    """
    there = tuple(name for name in SPLITS if (root / name).is_dir())
    others = [path for path in visible(root) if path.is_dir() and path.name not in SPLITS]
    return () if others else there


def choose_split(root: Path, split: str | None) -> Path:
    """The folder of a split ("train", "test", ...), or the root where there are none.

    Raises
    ------
    DataError
        If that split is not there; the message lists those that are.
    """
    there = [name for name in SPLITS if (root / name).is_dir()]
    if split is not None:
        if split not in there:
            raise DataError(f"{root} has no split {split!r}. It has: {', '.join(there) or 'none'}.")
        return root / split
    return root / found[0] if (found := splits(root)) else root


def _collect(folder: Path, prefix: str, label: str | None, wnid: str | None) -> tuple[list[Item], list[Problem]]:
    items, skipped = [], []
    for path in visible(folder):
        name = f"{prefix}{readable(path.name)}"
        if is_picture(path):
            read = partial(make_sample, path, name, label=label, wnid=wnid)
            items.append(Item(name, label, read, stamp(path)))
        elif path.is_file():
            skipped.append(Problem(name, "Not a picture by its name."))
    return items, skipped


@lru_cache(maxsize=1 << 16)
def _content(path: Path, _stamp: str) -> str:
    try:
        return hashlib.sha256(roots.read_bytes(path)).hexdigest()
    except OSError:  # it is said when it is read
        return readable(str(path))


def _read_labels(item: Item, labels: tuple[str, ...], annotated: tuple[str, ...]) -> Sample:
    return replace(item.read(), labels=labels, annotated=annotated)


def _several_labels(items: list[Item]) -> list[Item]:
    """Each picture once, with all its labels: it is the same where name and content are."""
    alike: dict[tuple[str, int], list[Item]] = defaultdict(list)
    for item in items:
        alike[item.name.split("/", 1)[-1], int(item.stamp.rsplit(":", 1)[-1])].append(item)
    same: dict[tuple[str, str], list[Item]] = defaultdict(list)  # only what is alike by name and size is read
    for (name, _), group in alike.items():
        for item in group if len(group) > 1 else ():
            same[name, _content(Path(item.stamp.rsplit(":", 2)[0]), item.stamp)].append(item)
    repeated = [group for group in same.values() if len(group) > 1]
    annotated = tuple(dict.fromkeys(str(item.label) for item in items))
    labels = {id(group[0]): tuple(dict.fromkeys(str(item.label) for item in group)) for group in repeated}
    others = {id(item) for group in repeated for item in group[1:]}
    found = []
    for item in items:
        if id(item) not in others:
            own = labels.get(id(item), (str(item.label),))
            read = partial(_read_labels, item, own, annotated)
            found.append(replace(item, read=read, labels=own, annotated=annotated))
    return found


@register_layout(
    "folders", "Class folders, or pictures", recognises=lambda root: True, splits=splits, options=(SAME,), order=1000
)
def load(root: Path, split: str | None = None, same: Same = "apart") -> Dataset:
    """A folder of class folders; or, where no folder in it holds pictures, the pictures that lie in it.

    Parameters
    ----------
    root : pathlib.Path
        Of the folder.
    split : str, optional
        None takes the first of its splits.
    same : {"apart", "together"}
        Whether the same picture in several class folders is several pictures, or one with several labels.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If there is no picture.
    """
    base = choose_split(root, split)
    items: list[Item] = []
    skipped: list[Problem] = []
    for folder in (path for path in visible(base) if path.is_dir()):
        said = readable(folder.name)
        label, wnid = split_label(said)
        found, other = _collect(folder, f"{said}/", label, wnid)
        items, skipped = items + found, skipped + other
    if same == "together":
        items = _several_labels(items)
    loose, other = _collect(base, "", None, None)
    skipped += other
    if not items:
        items = loose
    else:
        skipped += [Problem(item.name, "Lies beside the class folders, so it has no label.") for item in loose]
    if not items:
        raise DataError(
            f"{base} holds no pictures. Expected one folder for each class with pictures in it, or pictures."
        )
    return Dataset(str(root), base.name if base == root else f"{root.name}/{base.name}", tuple(items), tuple(skipped))
