"""The page that shows a report without a network."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache

import jinja2
import numpy as np
import pandas as pd
import plotly.graph_objects as go
from markupsafe import Markup as Safe
from plotly.offline import get_plotlyjs

from xai_core.reports.report import Chart, Markup, Report, Table, Text
from xai_core.studies import Hypothesis
from xai_core.studies.columns import column_in_words, number_in_words
from xai_core.studies.limits import address_of

_LETTERS = 60  # of the name of a chart's file
_NONE = "–"
_ROWS = 200  # of a table that are printed; the archive has them all


@cache
def _template() -> jinja2.Template:
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
    return environment.get_template("report.html.jinja")


def _chart(part: Chart) -> Safe:
    drawn = go.Figure(part.figure).update_layout(
        template="plotly_white", paper_bgcolor="white", plot_bgcolor="white", font_color="#262730"
    )
    name = re.sub(r"\W+", "-", part.alt.lower()).strip("-")[:_LETTERS]  # Plotly escapes nothing in its script
    image = {"format": "svg", "filename": name, "width": 1600, "height": 900}
    config = {"displaylogo": False, "showSendToCloud": False, "responsive": True, "toImageButtonOptions": image}
    return Safe(drawn.to_html(full_html=False, include_plotlyjs=False, auto_play=False, config=config))


def _table(frame: pd.DataFrame, words: Mapping[str, Mapping[str, str]], headings: Mapping[str, str]) -> Safe:
    def shown(value: object, heading: str) -> str:
        return number_in_words(float(value), heading) if isinstance(value, float | np.floating) else str(value)

    head = frame.head(_ROWS).replace(words) if words else frame.head(_ROWS)
    called = {name: headings.get(str(name), column_in_words(name)) for name in head}
    texts = head[[name for name in head if called[name]]].rename(columns=called)
    for heading in texts:
        texts[heading] = [shown(value, heading) for value in texts[heading]]
    return Safe(texts.to_html(index=False, escape=True, border=0, classes="table"))


def _said(value: object) -> str:
    """A setting for people: what it is made of, and no brackets of Python."""
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_said(one)}" for name, one in value.items() if _said(one) != _NONE) or _NONE
    if isinstance(value, list | tuple | set):
        return ", ".join(map(_said, value)) or _NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _NONE if value is None or value == "" else str(value)


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
    has_charts = any(isinstance(part, Chart) for section in report.sections for part in section.parts)
    # "<" would end the script element wherever a name holds "</script>".
    record = json.dumps(report.record(), indent=1, allow_nan=False).replace("<", "\\u003c")
    return _template().render(
        report=report,
        provenance=report.provenance(),
        record=Safe(record),
        address_of=address_of,
        chart=_chart,
        table=_table,
        said=_said,
        safe=Safe,
        plotly=Safe(get_plotlyjs()) if has_charts else "",
        rows=_ROWS,
    )
