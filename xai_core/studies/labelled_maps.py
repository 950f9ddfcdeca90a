"""Where maps lie, label by label: all labels together can say "on the object" where one of them says "off it"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.studies.foreground import ALPHA
from xai_core.studies.paired import Direction, control_tests
from xai_core.studies.words import classes_listed, listed


def maps_by_label(table: pd.DataFrame, measure: str, labels: Sequence[str | None]) -> dict[str, Direction]:
    """Whether the maps of each label lie on the object more than where the objects of other pictures lie.

    Parameters
    ----------
    table : DataFrame
        N rows of `foreground_background` for one layer, held against other pictures' masks.
    measure : str
        Key of FOREGROUND_MEASURES.
    labels : Sequence[str or None]
        N labels.

    Returns
    -------
    dict of str to {"more", "less", "none", "unknown"}
        By sign-flip tests, Holm-corrected over the labels; empty where there is one label, or no other mask.
    """
    parts = {str(label): part for label, part in table.assign(label=list(labels)).groupby("label", sort=False)}
    tests = {label: control_tests(part, measure) for label, part in parts.items()}
    known = {label: one for label, one in tests.items() if one is not None}
    if len(known) < 2:
        return {}
    corrected = stats.holm(np.array([one.result.p for one in known.values()]))
    found: dict[str, Direction] = {}
    for (label, one), p in zip(known.items(), corrected, strict=True):
        found[label] = "none" if one.outcome in ("more", "less") and p >= ALPHA else one.outcome
    return found


def maps_sentence(by_label: Mapping[str, Direction]) -> str:
    """For which labels the maps lie on the object and for which off it."""
    words: dict[Direction, str] = {"more": "on the object for", "less": "off the object for"}
    parts = [f"{said} {some}" for way, said in words.items() if (some := named(by_label, way))]
    return f"Class by class, the maps lie {listed(parts)} (sign flips, Holm over the classes)."


def named(by_label: Mapping[str, Direction], way: Direction) -> str:
    """The labels whose maps lie one way, as a headline names them; empty where there are none."""
    some = [label for label, one in by_label.items() if one == way]
    return classes_listed(some) if some else ""
