"""Which data sets there are by name, and which layouts of folders: those of this folder and those of plug-ins."""

from __future__ import annotations

import pkgutil
import threading
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TypeVar

from xai_core import plugins
from xai_core.data.dataset import Dataset
from xai_core.data.decisions.options import FILE_OPTIONS
from xai_core.data.kinds import DatasetInfo, Layout, always, no_splits
from xai_core.download import Progress
from xai_core.errors import DataError
from xai_core.types import Setting

GROUP = "xai_core.data"
_PACKAGE = "xai_core.data"
# Arguments of `load_dataset` itself.
_TAKEN = (
    "key_or_path",
    "split",
    "labels",
    "limit",
    "label_map",
    "class_names",
    *(option.key for option in FILE_OPTIONS),
)
LoadDataset = TypeVar("LoadDataset", bound=Callable[..., Dataset])
_datasets: dict[str, DatasetInfo] = {}
_layouts: dict[str, Layout] = {}
_lock = threading.RLock()
_own: list[str] = []  # modules of this folder that were imported


def _check(key: str, title: str, load: Callable[..., Dataset], there: Mapping[str, DatasetInfo | Layout]) -> None:
    """Refuse a key or a title that another package or file has already."""
    before = there.get(key)
    if before is not None and before.load.__module__ != load.__module__:
        raise DataError(f"There is a data set or layout {key!r} already: {before.title}.")
    if taken := next((one for one in there.values() if one.title == title and one.key != key), None):
        raise DataError(f"There is a data set or layout with the title {title!r} already: {taken.key}.")


def _check_options(title: str, options: tuple[Setting, ...]) -> None:
    for option in options:
        if not option.key.isidentifier() or option.key in _TAKEN:
            raise DataError(f"{title}: {option.key!r} cannot be the key of an option.")


def register_dataset(
    key: str,
    title: str,
    *,
    splits: tuple[str, ...] = (),
    options: tuple[Setting, ...] = (),
    download_mb: float = 0.0,
    is_there: Callable[[], bool] = always,
    fetch: Callable[[Progress | None], None] | None = None,
    models: tuple[str, ...] = (),
    order: int = 100,
) -> Callable[[LoadDataset], LoadDataset]:
    """Make a function a data set by name; everything that offers data sets then offers it, too.

    Parameters
    ----------
    key, title, splits, options, download_mb, is_there, fetch, models, order
        See `DatasetInfo`.

    Returns
    -------
    callable
        A decorator for ``load(split, **options) -> Dataset``.

    Raises
    ------
    DataError
        If another data set has that key or title, or an option a name that is taken.

    Examples
    --------
    >>> import xai_core as xai
    >>> @xai.register_dataset("first_digits", "The first digits")
    ... def first_digits(split):
    ...     return xai.textured_digits("test").take(range(8))
    >>> len(xai.load_dataset("first_digits"))
    8
    >>> unregister_dataset("first_digits")
    """
    _check_options(title, options)

    def decorate(load: LoadDataset) -> LoadDataset:
        with _lock:
            _check(key, title, load, _datasets)
            plugins.heard(load.__module__)
            _datasets[key] = DatasetInfo(key, title, load, splits, options, download_mb, is_there, fetch, models, order)
        return load

    return decorate


def register_layout(
    key: str,
    title: str,
    *,
    recognises: Callable[[Path], bool],
    splits: Callable[[Path], tuple[str, ...]] = no_splits,
    options: tuple[Setting, ...] = (),
    order: int = 100,
    files: tuple[str, ...] = (),
) -> Callable[[LoadDataset], LoadDataset]:
    """Make a function the reader of a layout of folders, or of files that list pictures or hold them.

    Parameters
    ----------
    key, title, recognises, splits, options, order, files
        See `Layout`.

    Returns
    -------
    callable
        A decorator for ``load(root, split, **options) -> Dataset``.

    Raises
    ------
    DataError
        If another layout has that key or title, or an option a name that is taken.

    Examples
    --------
    >>> import xai_core as xai
    >>> @xai.register_layout("nested", "Nested folders", recognises=lambda root: (root / "nested.txt").is_file())
    ... def nested(root, split):
    ...     return Dataset(str(root), root.name, ())
    >>> [layout.key for layout in list_layouts()][-2:]
    ['nested', 'folders']
    >>> unregister_layout("nested")
    """
    _check_options(title, options)

    def decorate(load: LoadDataset) -> LoadDataset:
        with _lock:
            _check(key, title, load, _layouts)
            plugins.heard(load.__module__)
            _layouts[key] = Layout(key, title, load, recognises, splits, options, order, files)
        return load

    return decorate


def unregister_dataset(key: str) -> None:
    """Forget a data set, as tests and notebooks do with one of their own.

    Parameters
    ----------
    key : str
        Of a data set; an unknown one is passed over.

    Examples
    --------
    >>> import xai_core as xai
    >>> @xai.register_dataset("mine", "My pictures")
    ... def mine(split):
    ...     return xai.textured_digits().take([0])
    >>> xai.unregister_dataset("mine")
    >>> "mine" in [info.key for info in xai.list_datasets()]
    False
    """
    with _lock:
        _datasets.pop(key, None)


def unregister_layout(key: str) -> None:
    """Forget a layout, as tests and notebooks do with one of their own.

    Parameters
    ----------
    key : str
        Of a layout; an unknown one is passed over.
    """
    with _lock:
        _layouts.pop(key, None)


def _load() -> None:
    with _lock:
        if not _own:
            for found in pkgutil.iter_modules(import_module(_PACKAGE).__path__, f"{_PACKAGE}."):
                import_module(found.name)
                _own.append(found.name)
    plugins.load(GROUP)


def list_datasets() -> list[DatasetInfo]:
    """All data sets that `load_dataset` knows by name.

    Returns
    -------
    list of DatasetInfo
        The included ones first; those of plug-ins last.

    Examples
    --------
    >>> import xai_core as xai
    >>> [info.key for info in xai.list_datasets()][:3]
    ['photos', 'textured_digits', 'textured_digits_shortcut']
    """
    _load()
    with _lock:
        return sorted(_datasets.values(), key=lambda info: (info.order, info.title))


def list_layouts() -> list[Layout]:
    """All layouts of folders, in the order in which they are asked whether they recognise one.

    Returns
    -------
    list of Layout

    Examples
    --------
    >>> [layout.title for layout in list_layouts()][0]
    'Pascal VOC'
    """
    _load()
    with _lock:
        return sorted(_layouts.values(), key=lambda layout: (layout.order, layout.key))


def option_address(option: Setting) -> str:
    """An option's parameter in the address of a page.

    Parameters
    ----------
    option : Setting

    Returns
    -------
    str

    Examples
    --------
    >>> option_address(Setting("size", "Size", 64))
    'data-size'
    """
    return option.address or f"data-{option.key}"


def data_options() -> tuple[Setting, ...]:
    """The options of all data sets and layouts, one a key, and those of any files: what `load_dataset` takes.

    Returns
    -------
    tuple of Setting

    Examples
    --------
    >>> {"others", "mask_files", "pages"} < {option.key for option in data_options()}
    True
    """
    found: dict[str, Setting] = {}
    for options in [kind.options for kind in list_layouts()] + [kind.options for kind in list_datasets()]:
        for option in options:
            found.setdefault(option.key, option)
    return (*found.values(), *FILE_OPTIONS)
