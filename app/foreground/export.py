"""What can be taken from the page: its report, tables and a figure."""

from __future__ import annotations

import pandas as pd

from app import comparing, controls, frame, trust
from app.foreground.choose import Choice
from app.foreground.maps import MeasuredMaps, conditions
from xai_core import figures
from xai_core.csv_text import csv_text
from xai_core.questions.foreground.findings import Answer, find
from xai_core.questions.foreground.report import foreground_report
from xai_core.studies import FOREGROUND_MEASURES


def offer_export(
    shown: MeasuredMaps,
    chosen: Choice,
    measure: str,
    *,
    answer: Answer,
    intervention: pd.DataFrame,
    fill: str,
    groups: pd.DataFrame | None,
    models: pd.DataFrame | None,
    dose: pd.DataFrame | None,
    depth: tuple[pd.DataFrame, list[str]] | None,
) -> None:
    """All that the page has found, as a report and as files made when asked for."""
    frame.offer_export(
        "foreground",
        lambda board: foreground_report(
            find(
                shown.model,
                chosen.data.code,
                shown.samples,
                shown.heatmaps,
                shown.table,
                measure,
                answered=answer,
                intervention=intervention,
                fill=fill,
                groups=groups,
                models=models,
                dose=dose,
                depth=depth[0] if depth is not None else None,
                stages=depth[1] if depth is not None else (),
            ),
            checks=trust.report_parts(board),
            methods=comparing.report_parts(board),
            settings={"method": chosen.source.words, "map for": chosen.target.kind, "address": board["address"]},
        ),
        files_of(shown, measure, intervention),
    )


def files_of(shown: MeasuredMaps, measure: str, intervention: pd.DataFrame) -> dict[str, controls.File]:
    """Tables and figures as files."""
    table = shown.table.assign(
        id=[sample.id for sample in shown.samples],
        label=[", ".join(sample.every_label) or None for sample in shown.samples],
        target=[shown.model.class_names[index] for index in shown.targets],
    )
    first, second, labels = conditions(shown.table, measure)

    def figure() -> str:
        names = [sample.name for sample in shown.samples]
        made = figures.differences_figure(first, second, names, labels, range(len(names)))
        return figures.to_html(made, f"{shown.model.title}: {FOREGROUND_MEASURES[measure].title}")

    return {
        "Measures (CSV)": ("foreground.csv", "text/csv", lambda: csv_text(table)),
        "Interventions (CSV)": ("interventions.csv", "text/csv", lambda: csv_text(intervention)),
        "Figure (HTML)": ("foreground.html", "text/html", figure),
    }
