"""What Hugging Face's library saves: folders of Arrow files (`save_to_disk`), and Parquet with the pictures in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xai_core import bounded_json
from xai_core.data import roots
from xai_core.data.arrow_columns import features, holds_pictures
from xai_core.data.arrow_tables import ENDINGS, TableFile, cell, column, row_count, schema_of, table_file
from xai_core.data.counting import counted
from xai_core.data.dataset import Dataset, Item
from xai_core.data.folders import SPLITS, is_picture, readable, visible
from xai_core.data.groups import in_group
from xai_core.data.inner_masks import with_mask
from xai_core.data.named_splits import chosen_split
from xai_core.data.pictures import make_sample
from xai_core.data.registry import register_layout
from xai_core.data.table_columns import plain, role_of
from xai_core.errors import NO_PATH, DataError, PictureError
from xai_core.types import Sample

if TYPE_CHECKING:
    import pyarrow as pa

_STATE, _DICT = "state.json", "dataset_dict.json"
_MAX_BYTES = 64 << 20  # of state.json
_SHARD = re.compile(r"^(?:.*[-_/])?(train|training|validation|valid|val|test)(?=[-_.]|$)")
_IMAGES = ("image", "img", "picture", "pixels", "images")
_MASKS = ("mask", "segmentation", "annotation", "segmentationmask", "labelmask")


@dataclass(frozen=True)
class _Columns:
    """Which columns are what."""

    image: str
    label: str | None
    names: tuple[str, ...] | None  # of the class numbers
    several: bool
    mask: str | None
    group: str | None
    has_path: bool


def _class_names(feature: Any) -> tuple[str, ...] | None:
    inner = feature.get("feature", feature) if isinstance(feature, dict) else None
    names = inner.get("names") if isinstance(inner, dict) else None
    return tuple(map(str, names)) if isinstance(names, list) else None


def _columns(schema: pa.Schema) -> _Columns | None:
    """None where no column holds pictures."""
    import pyarrow as pa

    said = features(schema)
    holding = [field.name for field in schema if holds_pictures(field.type, said.get(field.name))]
    masks = [name for name in holding if plain(name) in _MASKS]
    images = [name for name in holding if name not in masks]
    if not images:
        return None
    image = next((name for name in images if plain(name) in _IMAGES), images[0])
    others = [field.name for field in schema if field.name not in holding]
    classes = [name for name in others if _class_names(said.get(name)) is not None]
    found = role_of(others, "label") or role_of(others, "labels")
    label = found if found is not None and (not classes or found in classes) else next(iter(classes), found)
    names = _class_names(said.get(label)) if label else None
    kind = schema.field(label).type if label else None
    several = kind is not None and bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))
    kind = schema.field(image).type
    has_path = pa.types.is_struct(kind) and any(kind.field(p).name == "path" for p in range(kind.num_fields))
    return _Columns(image, label, names, several, next(iter(masks), None), role_of(others, "group"), has_path)


def _json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError
        content = bounded_json.loads(roots.read_bytes(path))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read, and it says which files the data set has.") from error
    return content if isinstance(content, dict) else {}


def _saved(folder: Path) -> list[Path]:
    """The files of a folder that `save_to_disk` wrote, in their order."""
    files = _json(folder / _STATE).get("_data_files")
    names = [one.get("filename") for one in files if isinstance(one, dict)] if isinstance(files, list) else []
    # A name is one of this folder: none of another place is followed.
    return [folder / name for name in names if isinstance(name, str) and "/" not in name and "\\" not in name]


def _shards(folder: Path) -> list[Path]:
    """Parquet files with pictures, in a folder or its data/."""
    for place in (folder, folder / "data"):
        found = [path for path in visible(place) if path.suffix.lower() == ".parquet"] if place.is_dir() else []
        if found and _is_pictures(found[0]):
            return found
    return []


def _is_pictures(path: Path) -> bool:
    try:
        return _columns(schema_of(path)) is not None
    except DataError:
        return False


def _by_split(root: Path) -> dict[str, list[Path]]:
    """Split -> its files; "" where there are none."""
    if root.is_file():
        return {"": [root]}
    if (root / _DICT).is_file():
        said = _json(root / _DICT).get("splits")
        names = [name for name in said if isinstance(name, str) and (root / name / _STATE).is_file()] if said else []
        found = {name: _saved(root / name) for name in names if "/" not in name}
    elif (root / _STATE).is_file():
        return {"": _saved(root)}
    else:
        found = {}
        for path in _shards(root):
            match = _SHARD.match(path.stem.lower())
            found.setdefault(match[1] if match else "", []).append(path)
    order = {split: place for place, split in enumerate(SPLITS)}
    return {split: found[split] for split in sorted(found, key=lambda split: order.get(split, len(order)))}


def recognises(path: Path) -> bool:
    """Whether a folder is one of `save_to_disk`, or a file, or those in a folder, have pictures in a column.

    Parameters
    ----------
    path : pathlib.Path
        Of the file or folder.

    Returns
    -------
    bool
        A file that is given itself and is damaged raises DataError.
    """
    if path.is_dir():
        return (path / _DICT).is_file() or ((path / _STATE).is_file() and bool(_saved(path))) or bool(_shards(path))
    return path.suffix.lower() in ENDINGS and _columns(schema_of(path)) is not None


def splits(root: Path) -> tuple[str, ...]:
    """The splits that are there, the default first."""
    return tuple(split for split in _by_split(root) if split)


@dataclass(frozen=True)
class _Table:
    """The files of a split with what their columns are."""

    files: tuple[TableFile, ...]
    columns: _Columns
    base: Path

    def content(self, name: str, row: int) -> bytes | Path:
        """What a cell holds of a picture, or the file that it names.

        Raises
        ------
        PictureError
            If there is neither.
        """
        value = cell(self.files, name, row)
        if isinstance(value, dict):
            path, value = value.get("path"), value.get("bytes")
            if value is None and isinstance(path, str):
                return self._named(path, row)
        if not isinstance(value, bytes):
            raise PictureError(f"Row {row + 1} has no picture in the column {name!r}.")
        return value

    def _named(self, said: str, row: int) -> Path:
        try:
            path = self.base / Path(said)
            if not roots.is_outside(path) and is_picture(path):
                return path
        except NO_PATH:
            pass
        raise PictureError(f"Row {row + 1} names the picture {readable(said)!r}, which is not there.")


@dataclass(frozen=True)
class _Picture:
    """A row, to be read later."""

    table: _Table
    row: int
    name: str
    label: str | None
    labels: tuple[str, ...] | None

    def read(self) -> Sample:
        columns = self.table.columns
        source = self.table.content(columns.image, self.row)
        sample = make_sample(source, self.name, label=self.label)
        if columns.mask is not None:
            try:
                mask = self.table.content(columns.mask, self.row)
                content = mask if isinstance(mask, bytes) else roots.read_bytes(mask)
                sample = with_mask(sample, content, f"{columns.mask} of row {self.row + 1}")
            except (PictureError, OSError) as reason:
                sample = replace(sample, notes=(*sample.notes, f"no mask: {reason}"))
        if self.labels is None:
            return sample
        return replace(sample, labels=self.labels, annotated=columns.names or ())


def _word(value: Any, names: Sequence[str] | None) -> str | None:
    """A class in words; None where it is not known, which -1 says as well."""
    if value is None or (names is not None and isinstance(value, int) and value < 0):
        return None
    if names is not None and type(value) is int and value < len(names):
        return names[value]
    return readable(str(value))


def _names(table: _Table, split: str, count: int) -> list[str]:
    """What a person calls each picture: its file's name where all have one of their own, else its row."""
    if table.columns.has_path:
        paths = column(table.files, f"{table.columns.image}.path")
        if all(isinstance(path, str) and path for path in paths) and len(set(paths)) == len(paths):
            return [readable(path) for path in paths]
    return [f"{split or 'row'} {number}" for number in range(1, count + 1)]


def _items(table: _Table, split: str) -> list[Item]:
    columns = table.columns
    count = row_count(table.files)
    said = column(table.files, columns.label) if columns.label else [None] * count
    groups = column(table.files, columns.group) if columns.group else [None] * count
    if columns.several and columns.names is None:
        known = sorted({str(value) for values in said for value in values or ()})
        places = {name: place for place, name in enumerate(known)}
        columns = replace(columns, names=tuple(known))
        table = replace(table, columns=columns)
        said = [[places[str(value)] for value in values or ()] for values in said]
    stamps = [file.stamp for file in table.files for _ in range(file.rows)]
    items = []
    rows = zip(_names(table, split, count), said, groups, strict=True)
    for row, (name, value, group) in enumerate(counted(rows, table.files[0].path, count)):
        labels = None
        if columns.several:
            labels = tuple(word for one in value or () if (word := _word(one, columns.names)) is not None)
        label = next(iter(labels), None) if labels is not None else _word(value, columns.names)
        picture = _Picture(table, row, name, label, labels)
        annotated = (columns.names or ()) if labels is not None else ()
        item = Item(name, label, picture.read, f"{stamps[row]}|row {row}", labels, annotated)
        items.append(in_group(item, None if group is None else readable(str(group))))
    return items


@register_layout(
    "hugging_face", "Hugging Face's Arrow and Parquet", recognises=recognises, splits=splits, files=ENDINGS, order=21
)
def load(root: Path, split: str | None = None) -> Dataset:
    """The rows of a table with pictures in a column, their labels, masks and groups.

    Parameters
    ----------
    root : pathlib.Path
        Of a folder that `save_to_disk` wrote, of one with Parquet files in it or in its data/, or of one file.
    split : str, optional
        None takes the first of its splits.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If the split is not there, a file is damaged, or no column holds pictures.
    """
    there = _by_split(root)
    chosen = chosen_split(split, there, root)
    files = tuple(table_file(path) for path in there.get(chosen, ()))
    columns = _columns(schema_of(files[0].path)) if files else None
    if columns is None:
        raise DataError(f"{root} has no column with pictures in it.")
    items = _items(_Table(files, columns, files[0].path.parent), chosen)
    if not items:
        raise DataError(f"{root} holds no rows.")
    return Dataset(str(root), f"{root.name}/{chosen}" if chosen else root.name, tuple(items))
