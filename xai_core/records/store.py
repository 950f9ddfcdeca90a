"""A run on disk: a folder that is whole after every epoch, whatever happens in between.

    run.json                names, classes, where the pictures are, settings, versions
    pictures.parquet        a row a picture: name, label, file, png (or null)
    epochs/0001.parquet     a row a picture: predicted, p_predicted, p_true; the epoch's figures in its metadata
    checkpoints/0001.safetensors

Every file is written beside its place and then moved there, so each is either whole or absent. An epoch counts from
the moment when its Parquet file is in place.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from xai_core import bounded_json, regular
from xai_core.errors import RecordError
from xai_core.records.fields import COUNT, LOG, RIGHT, PictureSource, read_by_class
from xai_core.records.files import write_whole
from xai_core.records.limits import require_size
from xai_core.records.tables import packed, read_table
from xai_core.types import FloatArray, IntArray

Run = TypeVar("Run")
FORMAT, VERSION = "xai-core training run", 1
_RUN, _PICTURES, _EPOCHS, _CHECKPOINTS = "run.json", "pictures.parquet", "epochs", "checkpoints"
MAX_HEAD = 16 << 20  # bytes of run.json: a hundred thousand names
_NUMBER = re.compile(r"\d{4,9}")
_ROUNDING = 1e-3  # a probability may lie so far beyond 0 or 1


def is_run(folder: Path) -> bool:
    """Whether a folder holds a record, by its name for it.

    Parameters
    ----------
    folder : pathlib.Path

    Returns
    -------
    bool
    """
    return (folder / _RUN).is_file()


def _numbered(folder: Path) -> dict[int, Path]:
    """The epochs' files in one of the two folders, by number."""
    suffix = ".parquet" if folder.name == _EPOCHS else ".safetensors"
    return dict(sorted((int(p.stem), p) for p in folder.glob(f"*{suffix}") if _NUMBER.fullmatch(p.stem)))


def record_files(folder: Path) -> list[Path]:
    """Those files of a record that opening it reads."""
    return [folder / _RUN, folder / _PICTURES, folder / _EPOCHS, *_numbered(folder / _EPOCHS).values()]


def _plain(name: str) -> str:
    """A name that any program can read: file systems allow bytes that are no text."""
    return name.encode("utf-8", "replace").decode()


class RunWriter:
    """Writes a run epoch by epoch; opening the folder of a run that was begun goes on with it.

    Parameters
    ----------
    folder : str or pathlib.Path
        Made where it is not there.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def begin(
        self,
        *,
        name: str,
        class_names: Sequence[str],
        pictures: Sequence[str],
        labels: IntArray,
        source: PictureSource,
        files: Sequence[str] = (),
        pngs: Sequence[bytes] = (),
        settings: Mapping[str, Any] | None = None,
        versions: Mapping[str, str] | None = None,
    ) -> None:
        """Write what stays the same through the run.

        Parameters
        ----------
        name : str
            What people call the run.
        class_names : Sequence[str]
            K names in the order of the outputs.
        pictures : Sequence[str]
            N names.
        labels : ndarray
            int64 (N,), true classes.
        source : PictureSource
            Where the pictures are found again.
        files : Sequence[str]
            N file names below `source.files`, or none.
        pngs : Sequence[bytes]
            N pictures as PNG, if the record is to hold them.
        settings : Mapping of str to object, optional
            Of the training, as plain values.
        versions : Mapping of str to str, optional
            Package -> version that trained.
        """
        none = [None] * len(pictures)
        columns = {
            "name": [_plain(name) for name in pictures],
            "label": np.asarray(labels, np.int32),
            "file": [_plain(file) for file in files] or none,
            "png": list(pngs) or none,
        }
        write_whole(self.folder / _PICTURES, packed(columns))
        content = {
            "format": FORMAT,
            "version": VERSION,
            "name": name,
            "class_names": list(class_names),
            "source": {"data": source.data, "split": source.split, "files": source.files, "stored": bool(len(pngs))},
            "settings": dict(settings or {}),
            "versions": dict(versions or {}),
        }
        write_whole(self.folder / _RUN, json.dumps(content, indent=1, default=str).encode())

    def epoch(
        self,
        number: int,
        predictions: IntArray,
        p_predicted: FloatArray,
        p_true: FloatArray,
        *,
        validation: tuple[IntArray, IntArray] | None = None,
        **figures: float,
    ) -> None:
        """Write one epoch, numbered from 1: int64 (N,), float32 (N,) twice, and any of `LOG`'s figures.

        Parameters
        ----------
        number : int
            From 1.
        predictions : ndarray
            int64 (N,).
        p_predicted, p_true : ndarray
            float32 (N,) in [0, 1].
        validation : tuple of ndarray, optional
            int64 (K,) twice: how many validation pictures of each class are right, and how many there are.
        **figures
            Any of `LOG`.
        """
        if unknown := set(figures) - set(LOG):
            raise TypeError(f"An epoch has no figure {unknown.pop()!r}; it has {', '.join(LOG)}.")
        columns = {
            "predicted": np.asarray(predictions, np.int32),
            "p_predicted": np.asarray(p_predicted, np.float32),
            "p_true": np.asarray(p_true, np.float32),
        }
        # JSON has no NaN; what is not a number is absent.
        known: dict[str, Any] = {key: float(value) for key, value in figures.items() if math.isfinite(value)}
        if validation is not None:
            known |= {key: np.asarray(one).tolist() for key, one in zip((RIGHT, COUNT), validation, strict=True)}
        write_whole(self.folder / _EPOCHS / f"{number:04d}.parquet", packed(columns, known))

    def checkpoint(self, number: int, content: bytes) -> Path:
        """Write the weights after an epoch, as a safetensors file."""
        path = self.folder / _CHECKPOINTS / f"{number:04d}.safetensors"
        write_whole(path, content)
        return path

    @property
    def last_epoch(self) -> int:
        """The number of the last whole epoch; 0 before the first."""
        return max(_numbered(self.folder / _EPOCHS), default=0)


def stored_pngs(folder: Path) -> list[bytes]:
    """The pictures that a record holds."""
    return read_table(folder / _PICTURES, ["png"])[0]["png"]


def _read_head(folder: Path) -> dict[str, Any]:
    path = folder / _RUN
    try:
        if path.stat().st_size > MAX_HEAD:
            raise RecordError(f"{path} has more than {MAX_HEAD >> 20} MB; it is no training run.")
        head = bounded_json.loads(regular.read_bytes(path, MAX_HEAD))
    except RecordError:
        raise
    except OSError as error:
        raise RecordError(f"{folder} holds no training run: it has no {_RUN}.") from error
    except ValueError as error:
        raise RecordError(f"{path} is damaged or cut off, so the run cannot be opened.") from error
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise RecordError(f"{path} is JSON of another kind, not a training run.")
    if head.get("version") != VERSION:
        raise RecordError(f"{path} has the version {head.get('version')!r}; this program reads version {VERSION}.")
    names, source = head.get("class_names"), head.get("source")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or not isinstance(source, dict):
        raise RecordError(f"{path} is damaged: its classes or its pictures' place are not what they should be.")
    return head


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _read_epoch(path: Path, n: int, k: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The columns of an epoch of N pictures and K classes, and its figures.

    Raises
    ------
    RecordError
        If it is damaged, or says what cannot be.
    """
    values, figures = read_table(path, ["predicted", "p_predicted", "p_true"])
    if len(values["predicted"]) != n:
        raise RecordError(f"it has {len(values['predicted']):,} of {n:,} pictures.")
    if n and not 0 <= values["predicted"].min() <= values["predicted"].max() < k:
        raise RecordError("it predicts a class that the run does not have.")
    # After a training that diverged all are NaN.
    known = [values[key] for key in ("p_predicted", "p_true") if not np.isnan(values[key]).all()]
    if n and any(np.nanmin(p) < -_ROUNDING or np.nanmax(p) > 1 + _ROUNDING for p in known):
        raise RecordError("it has probabilities that are not between 0 and 1.")
    return values, figures


def open_run(folder: Path, make: Callable[..., Run]) -> Run:
    """See `TrainingRun.open`.

    Parameters
    ----------
    folder : Path
        Of the record.
    make : callable
        Called with the fields of a `TrainingRun`, which this module does not know, so that the record can open itself.
    """
    head = _read_head(folder)
    pictures, _ = read_table(folder / _PICTURES, ["name", "label", "file"])
    n, there = len(pictures["name"]), _numbered(folder / _EPOCHS)
    require_size(str(folder), classes=len(head["class_names"]), epochs=len(there), pictures=n)
    numbers, rows, log, by_class, problems = [], [], [], [], []
    for number, path in there.items():
        try:
            values, figures = _read_epoch(path, n, len(head["class_names"]))
        except RecordError as error:
            problems.append(f"Epoch {number} was left out: {error}")
            continue
        numbers.append(number)
        rows.append(values)
        by_class.append(figures)
        log.append({key: value for key in LOG if isinstance(value := figures.get(key), int | float)})
    name = _text(head.get("name")) or folder.name
    if not rows:
        why = f" ({problems[0]})" if problems else ""
        raise RecordError(f"{name} has no whole epoch yet{why}.")

    def column(key: str, kind: type) -> np.ndarray:
        return np.stack([row[key] for row in rows]).astype(kind)

    source = head["source"]
    files = tuple(file for file in pictures["file"] if isinstance(file, str))
    return make(
        name=name,
        class_names=tuple(head["class_names"]),
        pictures=tuple(str(picture) for picture in pictures["name"]),
        labels=pictures["label"].astype(np.int64),
        epochs=np.array(numbers, dtype=np.int64),
        predictions=column("predicted", np.int64),
        p_predicted=column("p_predicted", np.float32),
        p_true=column("p_true", np.float32),
        log=pd.DataFrame(log, columns=list(LOG), dtype=float),
        validation=read_by_class(by_class, len(head["class_names"])),
        checkpoints={number: path for number, path in _numbered(folder / _CHECKPOINTS).items() if number in numbers},
        source=PictureSource(
            _text(source.get("data")),
            _text(source.get("split")) or None,
            _text(source.get("files")),
            source.get("stored") is True,
        ),
        files=files if len(files) == n else (),
        settings=_dict(head.get("settings")),
        versions=_dict(head.get("versions")),
        problems=tuple(problems),
        folder=folder,
    )
