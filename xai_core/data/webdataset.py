"""WebDataset's shards: TAR archives in which files of one name and several endings are one picture.

    bird-000.jpg    the picture
    bird-000.cls    its class, a name or a number; or bird-000.json with a field such as `label` or `class`
    bird-000.mask.png, bird-000.seg.png    its mask

Nothing is unpacked: a picture is read where it lies in its archive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from xai_core import bounded_json
from xai_core.data import roots
from xai_core.data.counting import count_listed
from xai_core.data.dataset import Dataset, Item, Problem
from xai_core.data.files import MAX_BYTES, SUFFIXES
from xai_core.data.folder_words import SPLIT_WORDS, split_word
from xai_core.data.folders import readable, stamp, state, visible
from xai_core.data.groups import in_group
from xai_core.data.inner_masks import with_mask
from xai_core.data.named_splits import chosen_split
from xai_core.data.pictures import make_sample
from xai_core.data.registry import register_layout
from xai_core.data.table_columns import role_of
from xai_core.data.tar_members import Member, members
from xai_core.errors import DataError, PictureError
from xai_core.types import Sample

_ENDING = ".tar"
_CLASS, _JSON, _NAMES = "cls", "json", "classes.txt"
_MASKS = ("mask.png", "seg.png")
_MAX_TEXT = 1 << 20  # bytes of what is said of a picture
_MAX_PARTS = 100_000  # lists, objects and values of it, where it is JSON: outlines have some ten thousand
_NUMBER = re.compile(r"-?[0-9]{1,9}")


@dataclass(frozen=True)
class _Shard:
    """An archive as it was listed."""

    path: Path
    state: str

    def content(self, member: Member, name: str) -> bytes:
        """A file's content; it is a PictureError where that is too large, or may lie elsewhere by now."""
        if member.size > MAX_BYTES:
            raise PictureError(f"{name} has {member.size // 10**6:,} MB; at most {MAX_BYTES // 10**6} are read.")
        try:
            if state(self.path) != self.state:
                archive = readable(self.path.name)
                raise PictureError(f"{name} cannot be read: {archive} has changed since it was listed.")
            with roots.opened(self.path) as file:
                file.seek(member.offset)
                return file.read(member.size)
        except OSError as error:
            raise PictureError(f"{name} cannot be opened: {error.strerror or error}.") from error


@dataclass(slots=True)
class _Entry:
    """A picture of an archive, and what is said of it.

    Attributes
    ----------
    name : str
        That its files have in common.
    files : dict of str to Member
        By their endings in small letters.
    labels : dict of str to str
        By the ending of the file that says it; a number is in digits.
    group : str, optional
        What it belongs to.
    problem : str
        Why it cannot be used.
    """

    name: str
    files: dict[str, Member] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    group: str | None = None
    problem: str = ""

    def add(self, ending: str, member: Member, archive: BinaryIO) -> None:
        """One more of its files."""
        file = self._file(ending)
        if ending in self.files:
            self.problem = f"The archive holds {file} twice."
        elif not member.is_plain:
            self.problem = f"{file} is a link or a device, which is not followed."
        elif ending in (_CLASS, _JSON):
            try:
                self._read(ending, member, archive)
            except ValueError:
                self.problem = f"{file} is damaged or too large, and says what the picture is."
        self.files[ending] = member

    def _file(self, ending: str) -> str:
        return f"{self.name}.{ending}" if ending else self.name

    def _read(self, ending: str, member: Member, archive: BinaryIO) -> None:
        """What a file says of the picture; what cannot be read is a ValueError."""
        if member.size > _MAX_TEXT:
            raise ValueError
        archive.seek(member.offset)
        text = archive.read(member.size).decode().strip()
        if ending == _JSON:
            about = bounded_json.loads(text, most=_MAX_PARTS)
            text, group = _field(about, "label"), _field(about, "group")
            self.group = readable(group) if group else None
        if text:
            self.labels[ending] = readable(text)

    def picture(self) -> str:
        """The ending of the picture.

        Raises
        ------
        PictureError
            If there is none, or something is wrong with it.
        """
        if self.problem:
            raise PictureError(self.problem)
        there = [ending for ending in self.files if f".{ending}" in SUFFIXES]
        if len(there) != 1:
            what = "No file of it is a picture" if not there else "It is not said which of its files is the picture"
            raise PictureError(f"{what}: {', '.join(map(self._file, there or self.files))}.")
        return there[0]


def _field(about: Any, role: str) -> str:
    """What JSON says of a role of `role_of`; an empty text where it says nothing."""
    there = about.items() if isinstance(about, dict) else ()
    known = {key: str(value) for key, value in there if isinstance(value, str | int)}
    key = role_of(list(known), role)
    return known[key] if key is not None else ""


@dataclass(frozen=True)
class _Picture:
    """To be read later."""

    shard: _Shard
    picture: Member
    mask: Member | None
    name: str
    label: str | None

    def read(self) -> Sample:
        sample = make_sample(self.shard.content(self.picture, self.name), self.name, label=self.label)
        if self.mask is None:
            return sample
        try:
            content = self.shard.content(self.mask, "its mask")
        except PictureError as reason:
            return replace(sample, notes=(*sample.notes, f"no mask: {reason}"))
        return with_mask(sample, content, "its mask")


def _entries(path: Path) -> list[_Entry]:
    """What an archive holds, in its order; hidden files are passed over."""
    found: dict[str, _Entry] = {}
    with roots.opened(path) as file:
        for member in members(file, path):
            count_listed(path, len(found))
            folder, _, name = readable(member.name).removeprefix("./").rpartition("/")
            stem, _, ending = name.partition(".")
            if stem:
                key = f"{folder}/{stem}" if folder else stem
                found.setdefault(key, _Entry(key)).add(ending.lower(), member, file)
    return list(found.values())


def _is_shard(path: Path) -> bool:
    return path.suffix.lower() == _ENDING and path.is_file()


def _by_split(root: Path) -> dict[str, list[Path]]:
    """Split -> its archives, by words in their names; "" where those say none."""
    if root.is_file():
        return {"": [root]}
    found: dict[str, list[Path]] = {}
    for path in filter(_is_shard, visible(root)):
        found.setdefault(split_word(path.stem), []).append(path)
    return {split: found[split] for split in (*SPLIT_WORDS, "") if split in found}


def recognises(root: Path) -> bool:
    """Whether a path is an archive, or a folder of archives beside which no pictures and no folders lie.

    Parameters
    ----------
    root : pathlib.Path

    Returns
    -------
    bool
    """
    if root.is_file():
        return _is_shard(root)
    there = visible(root)
    return any(map(_is_shard, there)) and not any(path.suffix.lower() in SUFFIXES or path.is_dir() for path in there)


def splits(root: Path) -> tuple[str, ...]:
    """The splits that the archives' names say, the default first."""
    return tuple(filter(None, _by_split(root)))


def _class_names(folder: Path) -> list[str]:
    """A name a line, the first being that of class 0; none where the file is not there."""
    path = folder / _NAMES
    if roots.leads_out(path) or not path.is_file():
        return []
    try:
        names = [readable(line.strip()) for line in roots.read_bytes(path).decode("utf-8-sig").rstrip().splitlines()]
    except ValueError as error:
        raise DataError(f"{path} is no text in UTF-8, and says what the classes are called.") from error
    if "" in names:
        raise DataError(f"{path}, line {names.index('') + 1}, is empty, and the lines count the classes.")
    return names


def _word(said: str | None, names: Sequence[str], name: str) -> str | None:
    """A class in words; None where it is not known, which -1 says as well."""
    if said is None or not _NUMBER.fullmatch(said):
        return said
    number = int(said)
    if number < 0:
        return None
    if names and number >= len(names):
        raise DataError(f"{name} is of class {number}, and {_NAMES} names the classes from 0 to {len(names) - 1}.")
    return names[number] if names else said


def _items(paths: list[Path], names: Sequence[str]) -> Iterator[Item | Problem]:
    for path in paths:
        shard, own = _Shard(path, state(path)), stamp(path)
        before = f"{readable(path.name)}/" if len(paths) > 1 else ""  # each archive may count anew
        for entry in _entries(path):
            name = before + entry.name
            try:
                picture = entry.files[entry.picture()]
            except PictureError as error:
                yield Problem(name, str(error))
                continue
            label = _word(entry.labels.get(_CLASS, entry.labels.get(_JSON)), names, name)
            mask = next((entry.files[ending] for ending in _MASKS if ending in entry.files), None)
            read = _Picture(shard, picture, mask, name, label).read
            yield in_group(Item(name, label, read, f"{own}|{picture.offset}"), entry.group)


def _passed_over(root: Path, without_split: Sequence[Path]) -> Iterator[Problem]:
    """What lies beside the archives that are read."""
    for path in visible(root) if root.is_dir() else ():
        if path in without_split:
            yield Problem(readable(path.name), "Its name says no split, as the names of other archives do.")
        elif not _is_shard(path) and path.name != _NAMES:
            yield Problem(readable(path.name), f"It is no {_ENDING} file.")


@register_layout("webdataset", "WebDataset's shards", recognises=recognises, splits=splits, files=(_ENDING,), order=27)
def load(root: Path, split: str | None = None) -> Dataset:
    """The pictures of archives, their classes, masks and groups; `classes.txt` beside them names the class numbers.

    Parameters
    ----------
    root : pathlib.Path
        Of a folder of archives, or of one.
    split : str, optional
        None takes the first of its splits.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If the split is not there, an archive is damaged, or none holds pictures.
    """
    there = _by_split(root)
    chosen = chosen_split(split, there, root)
    names = _class_names(root if root.is_dir() else root.parent)
    found = list(_items(there[chosen], names))
    items = tuple(one for one in found if isinstance(one, Item))
    skipped = [one for one in found if isinstance(one, Problem)]
    if not items:
        why = f" {skipped[0].name}: {skipped[0].reason}" if skipped else ""
        raise DataError(f"{root} holds no pictures in its {_ENDING} files.{why}")
    skipped += _passed_over(root, there.get("", ()) if chosen else ())
    return Dataset(str(root), readable(f"{root.name}/{chosen}" if chosen else root.name), items, tuple(skipped))
