"""What changes when a file, a folder, a record or a data set does: part of the keys under which results are kept."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import xai_core as xai
from xai_core.data import SPLITS
from xai_core.errors import NO_PATH

LISTS = {".csv", ".tsv", ".json", ".jsonl", ".parquet", ".yaml", ".yml"}  # endings of files that say what pictures are
_DEEPEST = 5  # folders in folders that are looked at, as train/images/cat/siamese/
_NAMES = 50_000  # that are looked at, since it is done at every run of a page


def is_folder(path: str | Path) -> bool:
    """Whether a path is that of a folder; what can be no path is none."""
    try:
        return Path(path).expanduser().is_dir()
    except NO_PATH:
        return False


def file_stamp(path: str | Path) -> str:
    """Changes when the file or folder does; empty where there is none."""
    try:
        status = Path(path).expanduser().stat()
    except NO_PATH:
        return ""
    return f"{status.st_mtime_ns}:{status.st_size}:{status.st_ino}"


def model_stamp(path: str | Path) -> str:
    """Changes when a file of weights does, or any file in a folder of a model."""
    try:
        place = Path(path).expanduser()
        files = sorted(place.iterdir()) if place.is_dir() else [place]
    except NO_PATH:
        return ""
    return " ".join(file_stamp(file) for file in files)


def data_path_stamp(path: str) -> str:
    """`folder_stamp` of a folder; of a file that lists pictures, its own and that of the folder in which it lies."""
    if is_folder(path):
        return folder_stamp(path)
    return f"{file_stamp(path)} {folder_stamp(str(Path(path).parent))}"


def folder_stamp(path: str) -> str:
    """Changes when a folder, or one in it, gains or loses a file, or a table of labels beside them changes."""
    try:
        root = Path(path).expanduser()
        folders = _folders_below(root)
        stamp = f"{len(folders)}:{max((folder.stat().st_mtime_ns for folder in folders), default=0)}"
        tables = [root, *(root / split for split in SPLITS)]
        files = (path for folder in tables if folder.is_dir() for path in folder.iterdir())
        lists = sorted(path for path in files if path.suffix.lower() in LISTS)
        return stamp + "".join(map(file_stamp, lists))
    except NO_PATH:  # one may go while they are looked at
        return ""


def _folders_below(root: Path) -> list[Path]:
    """A folder and those below, outer ones first, as deep as layouts lie, until so many names were looked at."""
    found, level, names = [root], [root], 0
    for _ in range(_DEEPEST):
        inner: list[Path] = []
        for folder in level:
            if names > _NAMES:
                return found
            with os.scandir(folder) as entries:
                for entry in entries:
                    names += 1
                    if not entry.name.startswith(".") and entry.is_dir():
                        inner.append(Path(entry.path))
        level = sorted(inner)
        found += level
    return found


def run_stamp(path: str | Path) -> str:
    """Changes when any file of a record that is read does, its weights apart, or a JSON file."""
    if not is_folder(path):
        return file_stamp(path)
    place = Path(path).expanduser()
    try:
        epochs = sorted((place / "epochs").iterdir())
    except NO_PATH:
        epochs = []
    files = [place / "run.json", place / "pictures.parquet", place / "epochs", *epochs]
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
    return digest.hexdigest()[:16]
