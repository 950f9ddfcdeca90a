"""The archive of a report: its page, and the numbers themselves."""

from __future__ import annotations

import io
import itertools
import json
import re
import zipfile

import pandas as pd

from xai_core.csv_text import csv_text
from xai_core.export import arrays_to_npz
from xai_core.reports.page import to_html
from xai_core.reports.report import Report, Table
from xai_core.studies import Hypothesis, numbers_of


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "table"


def to_zip(report: Report, page: str | None = None) -> bytes:
    """The report with its numbers: report.html, report.json, a CSV for each table, code.py, arrays.npz.

    Parameters
    ----------
    report : Report
    page : str, optional
        What `to_html` gave for it, where that is at hand.

    Returns
    -------
    bytes
        The archive.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.html", to_html(report) if page is None else page)
        archive.writestr("report.json", json.dumps(report.record(), indent=2, allow_nan=False))
        archive.writestr("code.py", report.code)
        for name, frame in all_tables(report).items():
            archive.writestr(f"tables/{name}.csv", csv_text(frame))
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
                add("tests", numbers_of(part))
    for title, frame in report.tables.items():
        add(_slug(title), frame)
    return found
