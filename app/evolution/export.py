"""What can be taken from the page: its report, the figure, the measures and the run."""

from __future__ import annotations

import re
from typing import Any

import xai_core as xai
from app import cache, controls
from app.evolution.board import ATTENTION, BESIDE, COURSE, FIGURE
from app.evolution.runs import OpenedRun
from app.evolution.weights import read_picture
from xai_core import figures, reports
from xai_core.csv_text import csv_text
from xai_core.questions.evolution.findings import find
from xai_core.questions.evolution.report import evolution_report
from xai_core.shipped import RUNS


def run_code(run: xai.TrainingRun) -> str:
    """The expression that opens a run again."""
    key = next((key for key, (_, folder) in RUNS.items() if folder == run.folder), None)
    if key:
        return f"xai.TrainingRun.open(RUNS[{key!r}][1])"
    return f"xai.TrainingRun.open({str(run.folder or run.name)!r})"


def make_report(board: dict[str, Any], shown: OpenedRun) -> reports.Report:
    """The page as it stands."""
    run = shown.run
    settings = board.get(FIGURE) or {
        "first": int(run.epochs[0]),
        "last": int(run.epochs[-1]),
        "view": "class",
        "by_class": True,
        "sort": "misclassification",
        "true": (),
        "predicted": (),
        "only": "all",
    }
    name = board.get(COURSE)
    index = run.pictures.index(name) if name in run.pictures else None
    figure, _ = cache.runs.evolution(shown.id, picture=index, _run=run, **settings)
    attended, attention, source, evidence = board.get(ATTENTION, ("", None, "", ""))
    sample = read_picture(shown, index) if index is not None else None
    found = find(
        run,
        run_code(run),
        answered=shown.answer,
        picture=index,
        comparison=board.get(BESIDE),
        attention=attention if attended == shown.id else None,
        attention_of=source,
        attention_no_evidence=evidence,
        samples=[sample] if isinstance(sample, xai.Sample) else [],
    )
    return evolution_report(found, figure, settings={"figure": settings, "address": board["address"]})


def stem_of(run: xai.TrainingRun) -> str:
    """What files about a run are called."""
    return re.sub(r"[^\w]+", "-", run.name.lower()).strip("-") or "run"


def files_of(shown: OpenedRun) -> dict[str, controls.File]:
    """Figure, measures and the run itself as files."""
    run = shown.run
    stem = stem_of(run)

    def figure() -> str:
        first, last = int(run.epochs[0]), int(run.epochs[-1])
        made, _ = cache.runs.evolution(
            shown.id, first, last, "class", True, "misclassification", (), (), "all", None, _run=run
        )
        return figures.to_html(made, run.name, figures.class_entries(run))

    return {
        "Figure (HTML)": (f"{stem}.html", "text/html", figure),
        "Measures (CSV)": (f"{stem}.csv", "text/csv", lambda: csv_text(shown.answer.measures)),
        "Log (CSV)": (f"{stem}-log.csv", "text/csv", lambda: csv_text(run.log.assign(epoch=run.epochs))),
        "InstanceFlow (JSON)": (f"{stem}.json", "application/json", run.to_instanceflow),
    }
