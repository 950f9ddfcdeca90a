"""What tells a digit network that reads the digit from one that reads the background."""

from __future__ import annotations

import numpy as np
import pandas as pd

import xai_core as xai
from app.jobs import right
from app.jobs.queue import shared
from xai_core.studies import ShortcutReading, share_on_object, shortcut_reading

MAPS = 60  # pictures whose maps are looked at


@shared(8, right.shortcut_table, long=True)
def _table(model_id: str, strength: float, _model: xai.Classifier) -> pd.DataFrame:
    """Rows of (kind, value): whether each tied and each untied picture is right, and each share of energy."""
    rows = []
    for kind, data in (
        ("tied", xai.textured_digits("val", shortcut=strength)),
        ("untied", xai.textured_digits("test")),
    ):
        samples = data.read()[0]
        right_ones = xai.predict(_model, samples).classes == np.array([int(one.label or -1) for one in samples])
        rows += [(kind, float(value)) for value in right_ones]
        if kind == "untied":
            some = data.choose(None, MAPS).read()[0]
            layer = _model.select("stages")[-1].name
            maps = xai.grad_cam(_model, some, layers=layer, targets=[int(one.label or 0) for one in some])[layer]
            rows += [("share", share_on_object(raw, one.mask)) for raw, one in zip(maps, some, strict=True)]
    return pd.DataFrame(rows, columns=["kind", "value"])


def reading(model: xai.Classifier, strength: float) -> ShortcutReading:
    """A digit network's accuracy with and without the shortcut, and where its maps lie on pictures without it.

    Parameters
    ----------
    strength : of the shortcut among the tied pictures
    """
    table = _table(model.id, strength, model)
    tied, untied, shares = (
        table.loc[table["kind"] == kind, "value"].to_numpy() for kind in ("tied", "untied", "share")
    )
    return shortcut_reading(tied > 0, untied > 0, shares)
