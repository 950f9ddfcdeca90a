"""Report and files of the Layer Explorer."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

import xai_core as xai
from app import controls, trust
from app.layers.shown import ShownLayers
from xai_core import reports
from xai_core.csv_text import csv_text
from xai_core.questions.layers.findings import Answer, Findings
from xai_core.questions.layers.report import layers_report


def make_report(board: dict[str, Any], shown: ShownLayers, found: Findings) -> reports.Report:
    """The page as it stands."""
    return layers_report(
        found,
        style=board.get("style"),
        chosen=shown.chosen,
        settings={"method": shown.method.title, "map for": shown.settings["target"], "address": board["address"]},
        checks=trust.report_parts(board),
    )


def files_of(shown: ShownLayers, answer: Answer) -> dict[str, controls.File]:
    """Table, maps and settings as files."""

    def table() -> str:
        every = pd.concat([focus.table.assign(grid=grid) for grid, focus in answer.focus.items()])
        every.insert(1, "id", np.repeat([s.id for s in shown.samples], len(shown.layers)).tolist() * len(answer.focus))
        return csv_text(every)

    own = answer.focus["own"]
    settings = shown.settings | {"threshold": own.threshold, "measure": own.measure.key}
    return {
        "Table (CSV)": ("layers.csv", "text/csv", table),
        "Raw maps (NPZ)": ("layers.npz", "application/octet-stream", lambda: xai.to_npz(shown.heatmaps, shown.samples)),
        "Settings (JSON)": ("layers.json", "application/json", lambda: json.dumps(settings, indent=2)),
    }
