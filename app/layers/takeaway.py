"""Report and files of the Layer Explorer."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

import xai_core as xai
from app import controls, trust
from app.layers.shown import ShownLayers
from xai_core import reports, studies
from xai_core.questions.layers.report import layers_report


def make_report(
    board: dict[str, Any],
    shown: ShownLayers,
    focus: studies.LayerFocus,
    card: studies.Hypothesis,
    swept: pd.DataFrame | None,
) -> reports.Report:
    """The page as it stands."""
    return layers_report(
        shown.model,
        shown.data.code,
        shown.samples,
        shown.layers,
        shown.heatmaps,
        shown.captions,
        focus,
        card,
        swept=swept,
        style=board.get("style"),
        chosen=shown.chosen,
        settings={"method": shown.method.title, "map for": shown.settings["target"], "address": board["address"]},
        checks=trust.report_parts(board),
    )


def offer_downloads(shown: ShownLayers, focus: studies.LayerFocus, pooled: studies.LayerFocus) -> None:
    """Table, maps and settings as files, made when asked for."""
    table = pd.concat([focus.table.assign(grid="own"), pooled.table.assign(grid="common")])
    table.insert(1, "id", np.repeat([s.id for s in shown.samples], len(shown.layers)).tolist() * 2)
    settings = shown.settings | {"threshold": focus.threshold, "measure": focus.measure.key}
    controls.offer_files(
        {
            "Table (CSV)": ("layers.csv", "text/csv", lambda: table.to_csv(index=False)),
            "Raw maps (NPZ)": (
                "layers.npz",
                "application/octet-stream",
                lambda: xai.to_npz(shown.heatmaps, shown.samples),
            ),
            "Settings (JSON)": ("layers.json", "application/json", lambda: json.dumps(settings, indent=2)),
        }
    )
