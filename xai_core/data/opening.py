"""What layouts and sources give, checked, and kept within the folders that may be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from xai_core.data import roots
from xai_core.data.dataset import Dataset, Problem
from xai_core.data.kinds import DatasetInfo, Layout
from xai_core.data.recognising import layout_of
from xai_core.errors import DataError, XaiError
from xai_core.types import Sample


def checked(kind: DatasetInfo | Layout, load: Callable[[], Dataset]) -> Dataset:
    """What a data set or layout gives, which may be of somebody else's making."""
    try:
        found = load()
    except (XaiError, OSError, MemoryError):
        raise
    except Exception as error:
        said = f"{type(error).__name__}: {error}".rstrip(".")
        raise DataError(f"{kind.title} cannot be loaded: {said}.") from error
    if not isinstance(found, Dataset):
        raise DataError(f"{kind.title} cannot be loaded: it gives {type(found).__name__}, not a Dataset.")
    return found


def own_options(kind: DatasetInfo | Layout, options: Mapping[str, Any]) -> dict[str, Any]:
    """Of the options that are away from their default, those that this kind has: the others say nothing of it."""
    return {option.key: options.get(option.key, option.default) for option in kind.options}


def read_folder(root: Path, split: str | None, options: Mapping[str, Any]) -> Dataset:
    """Pictures of a folder or file; what leads out of the roots (see `roots`) is left out, now and when one is read."""
    with roots.confined() as reading:
        try:
            layout = layout_of(root)
            dataset = checked(layout, lambda: layout.load(root, split, **own_options(layout, options)))
        except DataError as error:
            if reading is None or not reading.left_out:
                raise
            raise DataError(f"{error} {reading.left_out[0].name!r} was left out, since {roots.LEADS_OUT}.") from error
    if reading is None:
        return dataset
    base = root if root.is_dir() else root.parent
    names = dict.fromkeys(str(p.relative_to(base) if p.is_relative_to(base) else p) for p in reading.left_out)
    return replace(
        dataset,
        items=tuple(replace(item, read=partial(_confined, item.read)) for item in dataset.items),
        skipped=(*dataset.skipped, *(Problem(name, f"Not opened, since {roots.LEADS_OUT}.") for name in names)),
    )


def other_splits(root: Path, split: str | None, options: Mapping[str, Any]) -> Iterator[list[Callable[[], Sample]]]:
    """What reads the pictures of each split but one."""
    there = layout_of(root).splits(root)
    for other in there:
        if other == (split or there[0]):
            continue
        try:
            yield [item.read for item in read_folder(root, other, options).items]
        except DataError:
            continue  # nothing is read of it here


def _confined(read: Callable[[], Sample]) -> Sample:
    with roots.confined():
        return read()
