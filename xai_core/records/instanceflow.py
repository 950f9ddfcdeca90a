"""InstanceFlow's JSON: classes, pictures with their true class, and the classes predicted at each epoch."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from xai_core.errors import RecordError
from xai_core.records.fields import PictureSource
from xai_core.records.json_file import parsed
from xai_core.records.limits import require_size

Run = TypeVar("Run")
_EXPECTED = 'Expected "labels", "instances" and "epochs", as InstanceFlow writes them.'


def _whole(values: Any) -> bool:
    return isinstance(values, list) and all(type(value) is int and abs(value) < 2**31 for value in values)


def _numbers(given: list[tuple[int, Any]]) -> list[int]:
    """The epochs' own numbers where they ascend, else their positions."""
    own = [int(name) for _, name in given if str(name).isdecimal() and len(str(name)) < 10]
    ascending = all(a < b for a, b in itertools.pairwise(own))
    return own if len(own) == len(given) and ascending else [position for position, _ in given]


def read(
    content: bytes, make: Callable[..., Run], *, called: str, name: str | None = None, place: Path | None = None
) -> Run:
    """See `TrainingRun.from_instanceflow`.

    Parameters
    ----------
    content : bytes
        Of the file.
    make, called, name, place
        As `read_json`.
    """
    return read_json(parsed(content, called, _EXPECTED), make, called=called, name=name, place=place)


def read_json(
    data: Any, make: Callable[..., Run], *, called: str, name: str | None = None, place: Path | None = None
) -> Run:
    """A run from what such a file says. An epoch that does not fit is left out, and `problems` says so.

    Parameters
    ----------
    data : object
        JSON that was read.
    make : callable
        Called with the fields of a `TrainingRun`, which this module does not know.
    called : str
        What sentences call the file.
    name : str, optional
        What to call the run; None takes the file's own name for it.
    place : Path, optional
        Where the file lies; the names of its pictures start from its folder.
    """
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
                f"Epoch {position} of {len(epochs)} has {len(found):,} predictions for {len(names):,} pictures: left "
                "out."
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
        source=PictureSource(files=str(place.absolute().parent) if place is not None and any(files) else ""),
        files=tuple(files) if any(files) else (),
        problems=tuple(problems),
        folder=place,
    )


def text(run: Any) -> str:
    """See `TrainingRun.to_instanceflow`; it is of a `TrainingRun`, which this module does not know."""
    named = zip(run.pictures, run.labels, run.files or [""] * len(run.pictures), strict=True)
    return json.dumps(
        {
            "name": run.name,
            "labels": list(run.class_names),
            "instances": [{"id": picture, "actual": int(label), "image": file} for picture, label, file in named],
            "epochs": [
                {"id": str(int(epoch)), "classifications": row.tolist()}
                for epoch, row in zip(run.epochs, run.predictions, strict=True)
            ],
        }
    )
