"""A report: its parts, and where its numbers come from."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from xai_core.reports.versions import versions
from xai_core.studies import Hypothesis
from xai_core.types import Classifier, Sample


@dataclass(frozen=True)
class Text:
    """A sentence or more; a warning stands out."""

    text: str
    warning: bool = False


@dataclass(frozen=True, eq=False)
class Chart:
    """A figure, interactive, and what it shows in words for those who cannot see it.

    Attributes
    ----------
    figure : plotly.graph_objects.Figure
    alt : str
        What it shows.
    narrowest : int
        Pixels; where there are fewer, it scrolls by itself.
    """

    figure: go.Figure
    alt: str
    narrowest: int = 0


@dataclass(frozen=True, eq=False)
class Table:
    """A table; in the archive it is a CSV file named after its title.

    Attributes
    ----------
    title : str
        Above it.
    frame : DataFrame
        As in the file.
    words : Mapping of str to Mapping of str to str
        Column -> value -> how the page says it.
    headings : Mapping of str to str
        Column -> what it is called here, in place of `studies.column_in_words`; "" where only the file has it.
    """

    title: str
    frame: pd.DataFrame
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Markup:
    """HTML of `xai_core.figures`, in which names and labels are escaped already."""

    html: str


Part = Text | Chart | Table | Markup | Hypothesis


@dataclass(frozen=True, eq=False)
class Section:
    """Parts under a heading."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, eq=False)
class Report:
    """All that a page found, and how to find it again.

    Attributes
    ----------
    key : "layers", "foreground", "misclassified" or "evolution"
    title, question : str
        For people.
    sections : tuple of Section
        What was found, in the page's order.
    settings : Mapping of str to object
        Every choice, as plain values.
    code : str
        Lines of Python that give the dictionary `numbers` again.
    numbers : Mapping of str to float
        What those lines give.
    model : Classifier, optional
        What was asked, or None.
    samples : Sequence[Sample]
        The pictures that are named with their content ids.
    pictures : int, optional
        How many it is about, where those are not all.
    tables : Mapping of str to DataFrame
        For the archive alone.
    arrays : Mapping of str to ndarray
        For the archive alone.
    reading : tuple of str
        What was decided of the pictures' files as a whole, a sentence each.
    subject : str
        Data set or recorded run, labels and date, for the head of a page's report.
    """

    key: str
    title: str
    question: str
    sections: tuple[Section, ...]
    settings: Mapping[str, Any]
    code: str
    numbers: Mapping[str, float]
    model: Classifier | None = None
    samples: Sequence[Sample] = ()
    pictures: int | None = None
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    reading: tuple[str, ...] = ()
    subject: str = ""

    def provenance(self) -> dict[str, Any]:
        """Content ids of weights and pictures, versions of packages, the device: plain values for JSON."""
        found: dict[str, Any] = {}
        if self.model is not None:
            found["model"] = {
                "title": self.model.title,
                "weights and preprocessing (SHA-256)": self.model.id,
                "outputs": self.model.outputs.sentence,
                "preprocessing": self.model.preprocessing.settings(),
                "device": self.model.device.type,
            }
            if self.model.notes:
                found["model"]["found out or assumed"] = " ".join(self.model.notes)
        if self.reading:
            found["how the files were read"] = list(self.reading)
        found["pictures"] = [{"name": sample.name, "SHA-256": sample.id} for sample in self.samples]
        found["versions"] = versions()
        found["python"] = platform.python_version()
        found["system"] = platform.platform()
        return found

    def record(self) -> dict[str, Any]:
        """Settings, numbers and provenance: what the archive's `report.json` and the page's own data hold."""
        record = {
            "report": self.key,
            "title": self.title,
            "settings": dict(self.settings),
            "numbers": dict(self.numbers),
            "code": self.code,
            **self.provenance(),
        }
        return dict(_plain(record))


def _plain(value: Any) -> Any:
    """Values that JSON has; a number that is none becomes null."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | np.ndarray):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return value if value is None or isinstance(value, str | int | bool) else str(value)
