"""A chart of Weights & Biases as its web pages export it, `wandb_export_*.csv`: scalars by step.

The first column is the chart's x-axis, as "Step"; of each run and metric there are "RUN - METRIC" and the same with
__MIN and __MAX at the end, which are of the points that the chart draws as one.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import BinaryIO

from xai_core.records.scalars import DamagedError, Event

MAX_BYTES = 8 << 20  # a chart has a thousand points or so
MAX_COLUMNS = 10_000  # three of each run and metric
_BETWEEN, _OF_SEVERAL = " - ", ("__MIN", "__MAX")
_STEPS = re.compile(r"(.*[/_ ])?(step|epoch)", re.IGNORECASE)  # x-axes that count, unlike "Relative Time (Process)"


def is_export(name: str) -> bool:
    """Whether a file has the name that a browser saves such a table under.

    Parameters
    ----------
    name : str
    """
    return fnmatchcase(name, "wandb_export_*.csv")


def events(file: BinaryIO) -> Iterator[Event]:
    """The scalars of each row; of several runs, each has its value at a step.

    Parameters
    ----------
    file : binary file

    Yields
    ------
    Event
        Where the x-axis counts epochs, these are a scalar, too: "epoch".

    Raises
    ------
    DamagedError
        If it is no such table, or larger than one can be.
    """
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise DamagedError
    try:
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        titles = next(rows, [])
        axis = _STEPS.fullmatch(titles[0]) if titles else None
        if axis is None or len(titles) > MAX_COLUMNS:
            raise DamagedError
        for row in rows:
            if len(row) != len(titles):
                raise DamagedError
            step = _number(row[0])
            if step is None or not step.is_integer():
                yield Event(len(row), [])
                continue
            counted = [(int(step), "epoch", step)] if axis[2].lower() == "epoch" else []
            named = [
                (int(step), title.rpartition(_BETWEEN)[2], value)
                for title, text in zip(titles[1:], row[1:], strict=True)
                if not title.endswith(_OF_SEVERAL) and (value := _number(text)) is not None
            ]
            yield Event(len(row), counted + named)
    except (UnicodeDecodeError, csv.Error) as error:
        raise DamagedError from error


def _number(text: str) -> float | None:
    """What a cell says; None where it is empty or says something else."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
