"""Records that describe data sets: those that are loaded by name, and layouts of folders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from xai_core.data.dataset import Dataset
from xai_core.download import Progress
from xai_core.types import Setting


def always() -> bool:
    """Whether what comes with its package is there."""
    return True


class SplitFolder(NamedTuple):
    """A split of a data set that was downloaded.

    Attributes
    ----------
    split : str
        Its name.
    root : pathlib.Path
        The folder that all splits lie in.
    """

    split: str
    root: Path


def no_splits(root: Path) -> tuple[str, ...]:
    """The splits of a layout that has none.

    Parameters
    ----------
    root : pathlib.Path
        Of the folder, whatever it holds.

    Returns
    -------
    tuple of str
        Empty.
    """
    return ()


@dataclass(frozen=True)
class DatasetInfo:
    """A data set that is loaded by its name.

    Attributes
    ----------
    key : str
        Its name in Python, in commands and in records.
    title : str
        Its name for people.
    load : callable
        ``load(split, **options) -> Dataset``; `split` is a str or None.
    splits : tuple of str
        The first is the default; empty where there are none.
    options : tuple of Setting
        What else the user may choose: a control of the pages, an option of the command, an argument of `load`.
    download_mb : float
        Size of its download in MB (10**6 bytes); 0 if it comes with its package.
    is_there : callable
        ``is_there() -> bool``: whether loading it needs no download.
    fetch : callable, optional
        ``fetch(progress)`` downloads it; None if it comes with its package.
    models : tuple of str
        Keys of the models that know such pictures, the usual one first; empty where ImageNet's classes do.
    order : int
        Its place in lists; equal ones by title.

    Examples
    --------
    >>> import xai_core as xai
    >>> digits = next(info for info in xai.list_datasets() if info.key == "textured_digits")
    >>> digits.title, digits.splits, digits.on_disk
    ('Textured digits', ('test', 'val', 'train'), True)
    """

    key: str
    title: str
    load: Callable[..., Dataset]
    splits: tuple[str, ...] = ()
    options: tuple[Setting, ...] = ()
    download_mb: float = 0.0
    is_there: Callable[[], bool] = always
    fetch: Callable[[Progress | None], None] | None = None
    models: tuple[str, ...] = ()
    order: int = 100

    @property
    def on_disk(self) -> bool:
        """Whether loading it needs no download."""
        return self.is_there()


@dataclass(frozen=True)
class Layout:
    """A way in which folders hold pictures.

    Attributes
    ----------
    key : str
        Its name in code.
    title : str
        Its name for people.
    load : callable
        ``load(root, split, **options) -> Dataset``; `root` is a pathlib.Path, `split` a str or None.
    recognises : callable
        ``recognises(root) -> bool``, by the names of a few files and folders, or by the first bytes of a file: it is
        asked at every run of a page.
    splits : callable
        ``splits(root)`` gives the names of the splits that are there, the default first.
    options : tuple of Setting
        As of `DatasetInfo`.
    order : int
        When it is asked whether it recognises a folder, the smallest first; class folders (1000) take any.
    files : tuple of str
        Endings, such as ".csv", of the files that it reads as well as folders: it is asked about no other file.
    """

    key: str
    title: str
    load: Callable[..., Dataset]
    recognises: Callable[[Path], bool]
    splits: Callable[[Path], tuple[str, ...]] = no_splits
    options: tuple[Setting, ...] = ()
    order: int = 100
    files: tuple[str, ...] = ()
