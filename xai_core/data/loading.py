"""`load_dataset`, which takes a data set's name or a folder, and what else is asked of either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from xai_core.data import roots
from xai_core.data.dataset import Dataset, call_text
from xai_core.data.decided import decided
from xai_core.data.decisions.options import Chosen, chosen_of
from xai_core.data.decisions.pages_option import PAGES
from xai_core.data.decisions.whole import Others
from xai_core.data.folders import readable
from xai_core.data.kinds import DatasetInfo, Layout
from xai_core.data.label_map import read_label_map
from xai_core.data.opening import checked, other_splits, own_options, read_folder
from xai_core.data.options import check_options
from xai_core.data.pages import by_page
from xai_core.data.recognising import layout_of
from xai_core.data.registry import list_datasets
from xai_core.data.stack import usual_pages
from xai_core.data.torch_sets import SizedItems, from_torch, is_torch_set
from xai_core.download import Progress
from xai_core.errors import NO_PATH, DataError
from xai_core.regular import whole_path
from xai_core.remote import canonical, is_address, local
from xai_core.types import Setting


def _named(key: object) -> DatasetInfo | None:
    return next((info for info in list_datasets() if info.key == key), None)


def download_dataset(key: str, *, progress: Progress | None = None) -> None:
    """Fetch a data set, if it is not on disk yet.

    Parameters
    ----------
    key : str
        Of one of `list_datasets`.
    progress : callable, optional
        Called with (bytes so far, bytes in all).

    Raises
    ------
    DataError
        If there is no data set of that key.
    DownloadError
        If it cannot be fetched.

    Examples
    --------
    >>> import xai_core as xai
    >>> xai.download_dataset("photos")  # comes with the packages, so nothing happens
    """
    info = _named(key)
    if info is None:
        raise DataError(f"There is no data set {key!r}. Choose one of: {_known()}.")
    if info.fetch is not None:
        info.fetch(progress)


def _known() -> str:
    """The data sets that there are: keys, for code and commands, and the titles that pages show."""
    return ", ".join(f"{info.key!r} for {info.title}" for info in list_datasets())


def _place(path: str | Path) -> Path | None:
    """A folder or file that is there, as an absolute path."""
    try:
        place = whole_path(path)
        return place if place.exists() else None
    except NO_PATH:
        return None


def _layout(path: str | Path) -> Layout | None:
    """The layout of a folder or file that is there and may be read."""
    place = _place(path)
    try:
        return None if place is None or roots.is_outside(place) else layout_of(place)
    except DataError:
        if place is not None and place.is_dir():
            raise
        return None  # it is said when it is loaded


def locate(key_or_path: str | Path) -> str:
    """What finds a data set again from any working folder.

    Parameters
    ----------
    key_or_path : str or pathlib.Path
        A data set's key, or a folder or file.

    Returns
    -------
    str
        The key, the address, or the absolute path; what is neither, as it is.

    Examples
    --------
    >>> locate("photos")
    'photos'
    """
    text = str(key_or_path)
    if _named(text) is not None:
        return text
    if is_address(text):
        return canonical(text)
    return str(place) if (place := _place(key_or_path)) else text


def list_splits(key_or_path: str | Path) -> tuple[str, ...]:
    """The splits of a data set.

    Parameters
    ----------
    key_or_path : str or pathlib.Path
        A data set's key, or a folder or file.

    Returns
    -------
    tuple of str
        The first is what `load_dataset` takes; empty if there are none.

    Examples
    --------
    >>> import xai_core as xai
    >>> xai.list_splits("textured_digits")
    ('test', 'val', 'train')
    """
    if info := _named(key_or_path):
        return info.splits
    where = local(key_or_path)
    root, layout = _place(where), _layout(where)
    return () if root is None or layout is None else layout.splits(root)


def list_options(key_or_path: str | Path) -> tuple[Setting, ...]:
    """What may be chosen of a data set besides split, labels and limit.

    Parameters
    ----------
    key_or_path : str or pathlib.Path
        A data set's key, or a folder or file.

    Returns
    -------
    tuple of Setting
        Their keys are arguments of `load_dataset`; empty where there are none, and no such data set or folder.

    Examples
    --------
    >>> list_options("photos")
    ()
    """
    if info := _named(key_or_path):
        return info.options
    layout = _layout(local(key_or_path))
    return () if layout is None else layout.options


def _chosen(
    found: Dataset,
    label_map: Mapping[Any, Any] | str | Path | None,
    labels: Sequence[str] | str | None,
    limit: int | None,
) -> Dataset:
    mapped = found if label_map is None else found.map_labels(read_label_map(label_map))
    return mapped.choose(labels, limit)


def _as_elsewhere(copied: Dataset, root: Path, address: str) -> Dataset:
    """The pictures of a copy, told by their address, since the copy lies in another folder on the next computer."""
    here = readable(str(root))
    items = (replace(item, stamp=item.stamp.replace(here, address)) for item in copied.items)
    return replace(copied, key=address, items=tuple(items))


def load_dataset(
    key_or_path: str | Path | SizedItems,
    *,
    split: str | None = None,
    labels: Sequence[str] | str | None = None,
    limit: int | None = None,
    label_map: Mapping[Any, Any] | str | Path | None = None,
    class_names: Sequence[str] | None = None,
    **options: Any,
) -> Dataset:
    """Pictures by name of a data set, from a folder, file or address; with XAI_DATA_ROOTS, from what lies in those.

    A folder may hold class folders (with or without train / val / test above them; names such as
    "n02690373_airliner" give the WordNet id), Tiny ImageNet's own layout, a VOCdevkit (or one of its years),
    images/ beside masks/ (files belong together by name), or just pictures. A table (CSV, TSV, JSON lines, Parquet: a
    picture a line, with columns such as file, label, split, mask and group, or a column a label) is given itself, or
    lies beside its pictures. docs/data.md lists all that is read. What lies at an address, such as s3://bucket/folder,
    is copied first (docs/elsewhere.md).

    Parameters
    ----------
    key_or_path : str, pathlib.Path or torch.utils.data.Dataset
        Key of one of `list_datasets`, a folder, a file that lists pictures or holds them, or the address of one; or
        a data set of torch's whose items are (picture, class), which are read when asked for: PIL images, arrays, or
        tensors that are not normalised.
    split : str, optional
        "train", "val", "test", ...; None takes the test split where there is one, else validation. Of a
        VOCdevkit, None takes validation.
    labels : str or Sequence[str], optional
        Keep these labels only.
    limit : int, optional
        At most so many pictures, 1 or more, the labels taking turns.
    label_map : Mapping, str or pathlib.Path, optional
        What labels stand for among a model's classes, where names do not say it: label -> class's name or number,
        empty or None for none; or a CSV or JSON file with that. See `Dataset.map_labels`.
    class_names : Sequence[str], optional
        Of the class numbers of a data set of torch's; None takes its own.
    **options
        Of the data set's kind (see `list_options`); an option that only another kind has changes nothing. A
        VOCdevkit has `others`, what its mask says where another class than the item's is: "background" (0) or
        "ignore" (255). Class folders have `same`, whether a picture that lies in several of them is several
        pictures ("apart") or one with several labels ("together"). A table has `unsure`, what its empty cells and its
        -1 beside 0 and 1 say: "refuse", "no", or "yes" (-1 alone).

        Of any files: `intensity_range`, the intensities that become black and white where pictures have more than 8
        bits a channel, such as (0, 4095); and `mask_coding`, which values of masks are the object: "nonzero",
        "white_ignored", "half", "trimap_255", "trimap_123", "zero", or the values, such as "1,4/255" or
        {"object": [1, 4], "ignored": [255]}. Without them both are decided from some of the files, for all of them:
        see `Dataset.decisions`. `pages` of files with several: "first", "each" as a picture of its own, or a number.
        `bands` of TIFF files with more than three: which are red, green and blue, such as (4, 3, 2), or which one is
        shown in grey.

    Returns
    -------
    Dataset
        In a fixed order; nothing is read yet.

    Raises
    ------
    DataError
        If there is no such data set, split, label or option, or no picture.

    Examples
    --------
    >>> import xai_core as xai
    >>> digits = xai.load_dataset("textured_digits", labels=["3", "8"], limit=4)
    >>> [sample.label for sample in digits]
    ['3', '8', '3', '8']
    >>> digits.code
    "xai.load_dataset('textured_digits').choose(labels=['3', '8'], limit=4)"
    """
    if not isinstance(key_or_path, str | Path):
        if split is not None or options or not is_torch_set(key_or_path):
            raise DataError(
                "What is no key or path is a data set of torch's, given as the split that is meant, without options; "
                f"got {type(key_or_path).__name__}."
            )
        found = decided(from_torch(key_or_path, class_names), Chosen())
        return _chosen(found, label_map, labels, limit)
    if class_names is not None:
        raise DataError("class_names is of data sets of torch's; folders and files say their labels themselves.")
    chosen = check_options(options)
    info = _named(key_or_path) if isinstance(key_or_path, str) else None
    if info is not None:
        named = info
        dataset = checked(named, lambda: named.load(split, **own_options(named, chosen)))
        others: Others = tuple
    else:
        where = local(key_or_path)
        root = _place(where)
        if roots.is_outside(where if root is None else root):
            raise DataError(roots.refusal(key_or_path))
        if root is None and len(Path(where).parts) > 1:
            raise DataError(f"There is no folder or file {str(key_or_path)!r} on this computer.")
        if root is None:
            raise DataError(f"{str(key_or_path)!r} is neither a folder nor one of the data sets: {_known()}.")
        if roots.is_of_system(root.resolve()):
            raise DataError(
                f"{str(key_or_path)!r} was not opened: it belongs to the system, and no pictures lie there."
            )
        pages = chosen.get(PAGES.key, usual_pages(root))
        dataset = by_page(read_folder(root, split, chosen), pages, chosen_of(chosen).bands)
        if where is not key_or_path:
            dataset = _as_elsewhere(dataset, root, locate(key_or_path))
        others = partial(other_splits, root, split, chosen)
    dataset = decided(dataset, chosen_of(chosen), others)
    asked = {"split": split} if split else {}
    code = f"xai.load_dataset({call_text(locate(key_or_path), **asked, **chosen)})"
    found = replace(dataset, code=code, models=info.models if info else (), options=chosen)
    return _chosen(found, label_map, labels, limit)
