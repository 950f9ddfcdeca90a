"""The data sets that can be loaded by name, and `load_dataset`, which also takes a folder."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import get_args

from xai_core.data import bundled, cifar10, folders, imagenette, masked, oxford_pets, roots, tiny_imagenet, voc
from xai_core.data import textured_digits as digits
from xai_core.data.dataset import Dataset, Item, Problem, call_text
from xai_core.data.pictures import make_sample
from xai_core.data.torchvision_download import TorchvisionSource
from xai_core.download import Progress
from xai_core.errors import DataError
from xai_core.types import Sample


@dataclass(frozen=True)
class DatasetInfo:
    """A data set of the registry.

    Attributes
    ----------
    key, title : for code and for people
    download_mb : size of the download in MB; 0 if it comes with the packages
    on_disk : whether loading it needs no download
    load : split or None -> data set
    splits : the first is the default; empty where there are none
    fetch : downloads it, telling its progress; None if it comes with the packages
    """

    key: str
    title: str
    download_mb: float
    on_disk: bool
    load: Callable[[str | None], Dataset]
    splits: tuple[str, ...] = ()
    fetch: Callable[[Progress | None], None] | None = None


def list_datasets() -> list[DatasetInfo]:
    """All data sets that `load_dataset` knows by name."""

    def draw(shortcut: float) -> Callable[[str | None], Dataset]:
        return lambda split: digits.textured_digits(split or digits.SPLITS[0], shortcut=shortcut)

    def of_torchvision(source: TorchvisionSource, load: Callable[[str | None], Dataset]) -> DatasetInfo:
        return DatasetInfo(source.key, source.title, source.mb, source.on_disk(), load, source.splits, source.fetch)

    return [
        DatasetInfo(bundled.KEY, bundled.TITLE, 0.0, True, bundled.load),
        DatasetInfo(digits.KEY, digits.TITLE, 0.0, True, draw(0), digits.SPLITS),
        DatasetInfo(digits.SHORTCUT_KEY, digits.SHORTCUT_TITLE, 0.0, True, draw(digits.STRENGTH), digits.SPLITS),
        DatasetInfo(
            cifar10.KEY, cifar10.TITLE, cifar10.MB, cifar10.on_disk(), cifar10.load, cifar10.SPLITS, cifar10.fetch
        ),
        of_torchvision(imagenette.SOURCE, imagenette.load),
        of_torchvision(oxford_pets.SOURCE, oxford_pets.load),
    ]


def download_dataset(key: str, *, progress: Progress | None = None) -> None:
    """Fetch a data set, if it is not on disk yet.

    Parameters
    ----------
    progress : called with (bytes so far, bytes in all)

    Raises
    ------
    DataError
        If there is no data set of that key.
    DownloadError
        If it cannot be fetched.
    """
    known = {info.key: info for info in list_datasets()}
    if key not in known:
        raise DataError(f"There is no data set {key!r}. Choose one of: {', '.join(known)}.")
    if fetch := known[key].fetch:
        fetch(progress)


def _folder(path: str | Path) -> Path | None:
    """A folder that is there, as an absolute path."""
    try:
        folder = Path(path).expanduser().absolute()
        return folder if folder.is_dir() else None
    except (OSError, ValueError, RuntimeError):  # a name that is too long, nobody's home, no leave to look
        return None


def locate(key_or_path: str | Path) -> str:
    """A data set's key, or a folder's absolute path: what finds it again from any working folder."""
    text = str(key_or_path)
    if any(info.key == text for info in list_datasets()):
        return text
    return str(folder) if (folder := _folder(key_or_path)) else text


def list_splits(key_or_path: str | Path) -> tuple[str, ...]:
    """The splits of a data set by name or of a folder; the first is what `load_dataset` takes. Empty if none."""
    for info in list_datasets():
        if info.key == key_or_path:
            return info.splits
    root = _folder(key_or_path)
    if root is None or roots.is_outside(root):
        return ()
    return voc.splits(root) if voc.recognises(root) else folders.splits(root)


def _read_folder(root: Path, split: str | None, others: voc.Others) -> Dataset:
    """A folder's pictures; what leads out of the roots (see `roots`) is left out, now and when a picture is read."""
    with roots.confined() as reading:
        try:
            if voc.recognises(root):
                dataset = voc.load(root, split, others)
            else:
                reader = next((r for r in (tiny_imagenet, masked) if r.recognises(root)), folders)
                dataset = reader.load(root, split)
        except DataError as error:
            if reading is None or not reading.left_out:
                raise
            raise DataError(f"{error} {reading.left_out[0].name!r} was left out, since {roots.LEADS_OUT}.") from error
    if reading is None:
        return dataset
    names = dict.fromkeys(str(path.relative_to(root)) for path in reading.left_out)
    return replace(
        dataset,
        items=tuple(replace(item, read=partial(_confined, item.read)) for item in dataset.items),
        skipped=(*dataset.skipped, *(Problem(name, f"Not opened, since {roots.LEADS_OUT}.") for name in names)),
    )


def _confined(read: Callable[[], Sample]) -> Sample:
    with roots.confined():
        return read()


def load_dataset(
    key_or_path: str | Path,
    *,
    split: str | None = None,
    labels: Sequence[str] | str | None = None,
    limit: int | None = None,
    others: voc.Others = "background",
) -> Dataset:
    """Pictures by name of a data set or from a folder; where XAI_DATA_ROOTS is set, from a folder in one of those.

    A folder may hold class folders (with or without train / val / test above them; names such as
    "n02690373_airliner" give the WordNet id), Tiny ImageNet's own layout, a VOCdevkit (or one of its years),
    images/ beside masks/ (files belong together by name), or just pictures.

    Parameters
    ----------
    split : "train", "val", "test", ...; None takes the test split where there is one, else validation. Of a
        VOCdevkit, None takes validation
    labels : keep these labels only
    limit : at most so many pictures, the labels taking turns
    others : what a VOCdevkit's mask says where another class than the item's is: "background" (0) or "ignore"
        (255). Elsewhere a mask knows one class only, and this changes nothing

    Raises
    ------
    DataError
        If there is no such data set, split or label, or no picture.
    """
    if others not in get_args(voc.Others):
        raise DataError(f"others must be one of {', '.join(map(repr, get_args(voc.Others)))}, got {others!r}.")
    known = {info.key: info for info in list_datasets()}
    if isinstance(key_or_path, str) and key_or_path in known:
        dataset = known[key_or_path].load(split)
    else:
        root = _folder(key_or_path)
        if roots.is_outside(key_or_path if root is None else root):
            raise DataError(roots.refusal(key_or_path))
        if root is None:
            raise DataError(f"{str(key_or_path)!r} is neither a folder nor one of the data sets: {', '.join(known)}.")
        dataset = _read_folder(root, split, others)
    asked = {"split": split, "others": others if others != "background" else None}
    given = call_text(locate(key_or_path), **{name: value for name, value in asked.items() if value})
    return replace(dataset, code=f"xai.load_dataset({given})").choose(labels, limit)


def from_uploads(files: Sequence[tuple[str, bytes]]) -> Dataset:
    """Pictures that were handed in as (name, content); read when asked for, like all others."""

    def item(name: str, content: bytes) -> Item:
        def read() -> Sample:
            return make_sample(content, name)

        return Item(name, None, read, hashlib.sha256(content).hexdigest()[:16])

    seen: Counter[str] = Counter()
    items = []
    for name, content in files:
        seen[name] += 1
        items.append(item(name if seen[name] == 1 else f"{name} ({seen[name]})", content))
    names = [name for name, _ in files]
    code = f"xai.from_uploads([(name, __import__('pathlib').Path(name).read_bytes()) for name in {names!r}])"
    return Dataset("uploads", "Your pictures", tuple(items), code=code)
