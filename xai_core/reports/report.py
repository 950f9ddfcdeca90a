"""A report: its parts, the page that shows them without a network, and the archive with the numbers themselves."""

from __future__ import annotations

import io
import itertools
import json
import platform
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import jinja2
import numpy as np
import pandas as pd
import plotly.graph_objects as go
from markupsafe import Markup as Safe
from plotly.offline import get_plotlyjs

from xai_core.export import arrays_to_npz
from xai_core.studies import Hypothesis
from xai_core.types import Classifier, Sample

PACKAGES = ("xai-core", "torch", "torchvision", "captum", "lime", "numpy", "scipy", "pandas", "plotly", "scikit-image")
_ROWS = 200  # of a table that are printed; the archive has them all


@dataclass(frozen=True)
class Text:
    """A sentence or more; a warning stands out."""

    text: str
    warning: bool = False


@dataclass(frozen=True, eq=False)
class Chart:
    """A figure, interactive, and what it shows in words for those who cannot see it."""

    figure: go.Figure
    alt: str


@dataclass(frozen=True, eq=False)
class Table:
    """A table; in the archive it is a CSV file named after its title."""

    title: str
    frame: pd.DataFrame


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

    def provenance(self) -> dict[str, Any]:
        """Content ids of weights and pictures, versions of packages, the device: plain values for JSON."""
        found: dict[str, Any] = {}
        if self.model is not None:
            found["model"] = {
                "title": self.model.title,
                "weights and preprocessing (SHA-256)": self.model.id,
                "preprocessing": self.model.preprocessing.settings(),
                "device": self.model.device.type,
            }
        found["pictures"] = [{"name": sample.name, "SHA-256": sample.id} for sample in self.samples]
        found["versions"] = {name: known for name in PACKAGES if (known := _version(name))}
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


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _chart(part: Chart) -> Safe:
    drawn = go.Figure(part.figure).update_layout(
        template="plotly_white", paper_bgcolor="white", plot_bgcolor="white", font_color="#262730"
    )
    config = {"displaylogo": False, "showSendToCloud": False, "responsive": True}
    return Safe(drawn.to_html(full_html=False, include_plotlyjs=False, auto_play=False, config=config))


def _table(frame: pd.DataFrame) -> Safe:
    def shown(value: object) -> str:
        if isinstance(value, float | np.floating):
            return "–" if not np.isfinite(value) else f"{value:.4g}"
        return str(value)

    head = frame.head(_ROWS)
    texts = head.apply(lambda column: column.map(shown)) if len(head) else head
    return Safe(texts.to_html(index=False, escape=True, border=0, classes="table"))


def to_html(report: Report) -> str:
    """The report as one page of HTML with all that it needs inside: it opens from disk, with no network.

    Parameters
    ----------
    report : Report

    Returns
    -------
    str
        HTML.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("xai_core.reports", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.tests |= {
        kind.__name__.lower(): lambda part, kind=kind: isinstance(part, kind)
        for kind in (Text, Chart, Table, Markup, Hypothesis)
    }
    has_charts = any(isinstance(part, Chart) for section in report.sections for part in section.parts)
    # "<" would end the script element wherever a name holds "</script>".
    record = json.dumps(report.record(), indent=1, allow_nan=False).replace("<", "\\u003c")
    return environment.get_template("report.html.jinja").render(
        report=report,
        provenance=report.provenance(),
        record=Safe(record),
        chart=_chart,
        table=_table,
        safe=Safe,
        plotly=Safe(get_plotlyjs()) if has_charts else "",
        rows=_ROWS,
    )


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "table"


def to_zip(report: Report) -> bytes:
    """The report with its numbers: report.html, report.json, a CSV for each table, code.py, arrays.npz.

    Parameters
    ----------
    report : Report

    Returns
    -------
    bytes
        The archive.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.html", to_html(report))
        archive.writestr("report.json", json.dumps(report.record(), indent=2, allow_nan=False))
        archive.writestr("code.py", report.code)
        for name, frame in all_tables(report).items():
            archive.writestr(f"tables/{name}.csv", frame.to_csv(index=False))
        if report.arrays:
            archive.writestr("arrays.npz", arrays_to_npz(report.arrays))
    return buffer.getvalue()


def all_tables(report: Report) -> dict[str, pd.DataFrame]:
    """Every table by the name of its file: those shown, the tests of each card, those for the archive alone.

    Parameters
    ----------
    report : Report

    Returns
    -------
    dict of str to DataFrame
        Name -> table.
    """
    found: dict[str, pd.DataFrame] = {}

    def add(name: str, frame: pd.DataFrame) -> None:
        free = (f"{name}-{number}" for number in itertools.count(2))
        found[name if name not in found else next(one for one in free if one not in found)] = frame

    for section in report.sections:
        for part in section.parts:
            if isinstance(part, Table):
                add(_slug(part.title), part.frame)
            elif isinstance(part, Hypothesis):
                add("tests", part.tests())
    for title, frame in report.tables.items():
        add(_slug(title), frame)
    return found
