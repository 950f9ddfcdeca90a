"""Files with several pages: multi-page TIFF, frames of DICOM. One page of each, or every page as a picture."""

from __future__ import annotations

from dataclasses import dataclass, replace

from xai_core.data.dataset import Dataset, Item
from xai_core.data.decisions.pages_option import EACH, FIRST
from xai_core.data.decisions.reading import FileReading, reading_as
from xai_core.data.frames import at_page, counting
from xai_core.data.groups import in_group
from xai_core.errors import PictureError
from xai_core.types import Sample
from xai_core.types.counts import number_of, part_of


@dataclass(frozen=True)
class _Page:
    """A page of an item, to be read later."""

    item: Item
    number: int
    name: str

    def read(self) -> Sample:
        with at_page(self.number):
            return replace(self.item.read(), name=self.name)


class _WithBands(FileReading):
    """Each file by itself, but for its bands; nobody looks at the pixels."""

    measures_only = True

    def __init__(self, bands: tuple[int, ...]) -> None:
        self.bands = bands


def _count(item: Item, bands: tuple[int, ...]) -> int:
    """How many pages a picture's file has; 1 where it cannot be read, which is said when it is."""
    with counting() as counts, reading_as(_WithBands(bands)):
        try:
            item.read()
        except PictureError:
            return 1
    return counts[0] if counts else 1


def _paged(item: Item, number: int, name: str) -> Item:
    return replace(item, name=name, read=_Page(item, number, name).read, stamp=f"{item.stamp}|page {number}")


def by_page(dataset: Dataset, pages: str, bands: tuple[int, ...] = ()) -> Dataset:
    """A data set with the pages that are wanted.

    Parameters
    ----------
    dataset : Dataset
        As its layout gave it.
    pages : str
        As `pages_text` gives it.
    bands : tuple of int
        Which bands of files with more than three are read, as of `Chosen`.

    Returns
    -------
    Dataset
        With "each" one item a page, named and counted from 1 on, in the order of files and pages.
    """
    if pages == FIRST:
        return dataset
    if pages != EACH:
        items = [_paged(item, int(pages) - 1, item.name) for item in dataset.items]
        return replace(dataset, items=tuple(items))
    items, several = [], 0
    for item in dataset.items:
        count = _count(item, bands)
        several += count > 1
        for number in range(count):
            one = item if count == 1 else _paged(item, number, f"{item.name} page {number + 1}")
            items.append(in_group(one, item.group or item.name) if count > 1 and item.group is None else one)
    files = f"{part_of(several, len(dataset), 'file', 'has', 'have')} several pages"
    note = f"Each page is a picture: {files}, {number_of(len(items), 'page')} in all; those of a file belong together."
    return replace(dataset, items=tuple(items), notes=(*dataset.notes, note) if several else dataset.notes)
