"""What changes when a file, a folder, a record or a data set does: part of the keys under which results are kept."""

from __future__ import annotations

import hashlib
from pathlib import Path

import xai_core as xai
from xai_core.data import Item, stamp, stamped_files
from xai_core.errors import NO_PATH
from xai_core.records import files_read

_ASKED_ABOUT = 5_000  # files of a data set, evenly spread where there are more: it is done at every run of a page


def is_folder(path: str | Path) -> bool:
    """Whether a path is that of a folder; what can be no path is none."""
    try:
        return Path(path).expanduser().is_dir()
    except NO_PATH:
        return False


def file_stamp(path: str | Path) -> str:
    """Changes when a file or folder does, or another is put in its place; empty where there is none."""
    try:
        found = Path(path).expanduser().stat()
    except NO_PATH:
        return ""
    # A file that is put in the place of another of its size and time, as unpacking does, is told by the other two.
    return f"{found.st_mtime_ns}:{found.st_ctime_ns}:{found.st_size}:{found.st_ino}"


def model_stamp(path: str | Path) -> str:
    """Changes when a file of weights does, or any file in a folder of a model."""
    try:
        place = Path(path).expanduser()
        files = sorted(place.iterdir()) if place.is_dir() else [place]
    except NO_PATH:
        return ""
    return " ".join(file_stamp(file) for file in files)


def run_stamp(path: str | Path) -> str:
    """Changes when any file of a record that is read does, its weights apart."""
    files = files_read(Path(path).expanduser())
    return hashlib.sha256(" ".join(map(file_stamp, files)).encode()).hexdigest()[:16]


def pictures_stamp(run: xai.TrainingRun) -> str:
    """Changes when one of the files that a record names as its pictures does; empty where it holds them itself."""
    if run.source.stored or run.source.data or not run.source.files:
        return ""
    root = Path(run.source.files)
    return hashlib.sha256(" ".join(file_stamp(root / file) for file in run.files).encode()).hexdigest()[:16]


def weights_stamp(run: xai.TrainingRun) -> str:
    """Changes when the weights of an epoch come, go or change."""
    return " ".join(f"{epoch}:{file_stamp(path)}" for epoch, path in run.checkpoints.items())


def data_stamp(model: xai.Classifier, chosen: xai.Dataset) -> str:
    """Changes with the pictures of a data set, their order and labels, and with what the model calls its classes."""
    digest = hashlib.sha256("\n".join([chosen.key, *model.class_names]).encode())
    for item in chosen.items:
        digest.update(f"{item.stamp}\0{item.name}\0{item.truth}\n".encode())
    digest.update(files_stamp(chosen).encode())
    return digest.hexdigest()[:16]


def item_stamp(item: Item) -> str:
    """Changes when one of the files of a picture of a data set does, such as its mask, after it was listed, too."""
    return " ".join([item.stamp, *map(file_stamp, stamped_files(item.stamp))])


def files_stamp(chosen: xai.Dataset) -> str:
    """Changes when a file of a data set does after it was listed; of many, some are looked at."""
    some = chosen.items[:: max(1, len(chosen) // _ASKED_ABOUT)]
    return hashlib.sha256("\n".join(map(item_stamp, some)).encode()).hexdigest()[:16]


def changed_since(chosen: xai.Dataset) -> str:
    """Empty, or what changes with each change to the files of a data set since it was listed; of many, some count."""
    changed = []
    for item in chosen.items[:: max(1, len(chosen) // _ASKED_ABOUT)]:
        for path, before in stamped_files(item.stamp).items():
            try:
                same = stamp(path) == before
            except NO_PATH:
                same = False
            if not same:
                changed.append(f"{path}:{file_stamp(path)}")
    return hashlib.sha256("\n".join(changed).encode()).hexdigest()[:16] if changed else ""
