"""InstanceFlow's JSON: classes, pictures with their true class, and the classes predicted at each epoch."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from xai_core import regular
from xai_core.errors import NO_PATH, RecordError
from xai_core.records.fields import PictureSource
from xai_core.records.limits import require_size
from xai_core.types import IntArray

Run = TypeVar("Run")
MAX_BYTES = 512 << 20  # of a file: a thousand epochs of a hundred thousand pictures
MAX_PARTS = 1_000_000  # lists and objects in it: an empty one takes 2 bytes there and 60 in memory
_EXPECTED = 'Expected "labels", "instances" and "epochs", as InstanceFlow writes them.'


def _load(source: str | Path | bytes) -> tuple[Any, str, str]:
    """(content, what to call it, folder of the pictures)."""
    if isinstance(source, bytes):
        called, folder, content = "The file", "", source
    else:
        called, folder = str(source)[-80:], ""
        try:
            path = Path(source).expanduser()
            called, folder = path.name, str(path.absolute().parent)
            content = regular.read_bytes(path, MAX_BYTES + 1)
            if len(content) > MAX_BYTES:
                raise RecordError(f"{called} has more than {MAX_BYTES >> 20} MB; so large a record is not read.")
        except RecordError:
            raise
        except NO_PATH as error:
            why = error.strerror if isinstance(error, OSError) else "there can be no such path"
            raise RecordError(f"{called} cannot be read: {why}.") from error
    if (parts := content.count(b"[") + content.count(b"{")) > MAX_PARTS:
        raise RecordError(f"{called} has {parts:,} lists and objects; at most {MAX_PARTS:,} are read.")
    try:
        return json.loads(content), called, folder
    except RecursionError as error:
        raise RecordError(f"{called} is nested too deeply to be a training run. {_EXPECTED}") from error
    except ValueError as error:  # of the decoding or of the JSON
        raise RecordError(f"{called} is not whole JSON: it is damaged, cut off or another kind of file.") from error


def _whole(values: Any) -> bool:
    return isinstance(values, list) and all(type(value) is int and abs(value) < 2**31 for value in values)


def _numbers(given: list[tuple[int, Any]]) -> list[int]:
    """The epochs' own numbers where they ascend, else their positions."""
    own = [int(name) for _, name in given if str(name).isdecimal() and len(str(name)) < 10]
    ascending = all(a < b for a, b in itertools.pairwise(own))
    return own if len(own) == len(given) and ascending else [position for position, _ in given]


def read(source: str | Path | bytes, name: str | None, make: Callable[..., Run]) -> Run:
    """See `TrainingRun.from_instanceflow`. An epoch that does not fit is left out, and `problems` says so.

    Parameters
    ----------
    source : str, Path or bytes
        A file, or its content.
    name : str or None
        What to call the run; None takes the file's own name for it.
    make : callable
        Called with the fields of a `TrainingRun`, which this module does not know.
    """
    data, called, folder = _load(source)
    keys = ("labels", "instances", "epochs")
    if not isinstance(data, dict) or not all(isinstance(data.get(key), list) for key in keys):
        raise RecordError(f"{called} is JSON, but no training run. {_EXPECTED}")
    classes, instances, epochs = (data[key] for key in keys)
    require_size(called, classes=len(classes), epochs=len(epochs), pictures=len(instances))
    if not all(isinstance(label, str) for label in classes):
        raise RecordError(f"{called}: the labels are not all text.")
    title = name or (data["name"] if isinstance(data.get("name"), str) and data["name"] else Path(called).stem)
    names, labels, files = [], [], []
    for position, instance in enumerate(instances):
        actual = instance.get("actual") if isinstance(instance, dict) else None
        if not _whole([actual]):
            raise RecordError(f'{called}: instance {position} has no class number under "actual".')
        names.append(str(position if instance.get("id") is None else instance["id"]))
        labels.append(actual)
        files.append(image if isinstance(image := instance.get("image"), str) else "")
    given, predictions, problems = [], [], []
    for position, epoch in enumerate(epochs, start=1):
        found: Any = epoch.get("classifications") if isinstance(epoch, dict) else None
        if not _whole(found):
            problems.append(f"Epoch {position} of {len(epochs)} has no list of class numbers: left out.")
        elif len(found) != len(names):
            problems.append(
                f"Epoch {position} of {len(epochs)} has {len(found)} predictions for {len(names)} pictures: left out."
            )
        else:
            given.append((position, epoch.get("id")))
            predictions.append(found)
    if problems and not given:
        raise RecordError(f"{called} has no whole epoch. {problems[0]}")
    numbers = _numbers(given)
    return make(
        name=title,
        class_names=tuple(classes),
        pictures=tuple(names),
        labels=np.array(labels, dtype=np.int64),
        epochs=np.array(numbers, dtype=np.int64),
        predictions=np.array(predictions, dtype=np.int64).reshape(len(numbers), len(names)),
        source=PictureSource(files=folder if any(files) else ""),
        files=tuple(files) if any(files) else (),
        problems=tuple(problems),
    )


def text(
    name: str,
    class_names: Sequence[str],
    pictures: Sequence[str],
    labels: IntArray,
    files: Sequence[str],
    epochs: IntArray,
    predictions: IntArray,
) -> str:
    """See `TrainingRun.to_instanceflow`; the parameters are its fields."""
    named = zip(pictures, labels, files or [""] * len(pictures), strict=True)
    return json.dumps(
        {
            "name": name,
            "labels": list(class_names),
            "instances": [{"id": picture, "actual": int(label), "image": file} for picture, label, file in named],
            "epochs": [
                {"id": str(int(epoch)), "classifications": row.tolist()}
                for epoch, row in zip(epochs, predictions, strict=True)
            ],
        }
    )
