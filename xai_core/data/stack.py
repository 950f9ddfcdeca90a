"""A picture's file, given itself; of one with several pages, as TIFF and DICOM have them, each page is a picture."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from xai_core.data import dicom
from xai_core.data.dataset import Dataset, Item
from xai_core.data.decisions.pages_option import EACH, PAGES
from xai_core.data.files import SUFFIXES
from xai_core.data.folders import readable, stamp
from xai_core.data.named_splits import chosen_split
from xai_core.data.pictures import make_sample
from xai_core.data.registry import register_layout

_WITH_PAGES = (".tif", ".tiff", *dicom.ENDINGS)
_ENDINGS = tuple(sorted({*SUFFIXES, *_WITH_PAGES}))


def recognises(path: Path) -> bool:
    """Whether a path is that of a picture, by its ending.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    bool
    """
    return path.is_file() and path.suffix.lower() in _ENDINGS


def usual_pages(path: Path) -> str:
    """Which pages are read where nobody chose: each of a file that is given itself, the first of those in folders."""
    return EACH if path.is_file() and path.suffix.lower() in _WITH_PAGES else str(PAGES.default)


@register_layout("stack", "A picture, or a file with several", recognises=recognises, files=_ENDINGS, order=70)
def load(root: Path, split: str | None = None) -> Dataset:
    """The picture of a file; `pages` says which of its pages, and is "each" here where nobody chose.

    Parameters
    ----------
    root : pathlib.Path
        Of the file.
    split : str, optional
        It has none: None.

    Returns
    -------
    Dataset
        Without labels.

    Raises
    ------
    DataError
        If a split is asked for.
    """
    chosen_split(split, (), root, "none, since it is one file", optional=True)
    name = readable(root.name)
    return Dataset(str(root), name, (Item(name, None, partial(make_sample, root, name), stamp(root)),))
