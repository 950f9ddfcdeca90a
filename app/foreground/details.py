"""What stands behind the answer, in tabs: classes, other models, depth, methods, adversarial pictures."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app import comparing
from app.foreground.attacks import show_attack
from app.foreground.choose import Choice
from app.foreground.classes import classes_of, show_groups
from app.foreground.depth import show_depth
from app.foreground.maps import MeasuredMaps
from app.foreground.models import show_models
from app.foreground.progress import Report


@dataclass(frozen=True, eq=False)
class Details:
    """What the tabs found, for the report; None where there is nothing to be found or it was not asked for."""

    groups: pd.DataFrame | None
    models: pd.DataFrame | None
    depth: tuple[pd.DataFrame, list[str]] | None
    dose: pd.DataFrame | None


def show_details(
    shown: MeasuredMaps,
    chosen: Choice,
    measure: str,
    table: pd.DataFrame,
    fill: str,
    report: Report,
    place: st.delta_generator.DeltaGenerator,
) -> Details:
    """All tabs: that of classes where there are several, that of depth where maps are of layers.

    `table` is what the interventions gave, `place` for bars.
    """
    labels = classes_of(shown)
    wanted = {
        "By class": bool(labels),
        "Other models": True,
        "By depth": chosen.source.method.at_layers,
        "Methods": True,
        "Adversarial pictures": True,
    }
    titles = [title for title, there in wanted.items() if there]
    tabs = dict(zip(titles, st.tabs(titles, key="fg-tab", bind="query-params"), strict=True))
    with tabs["Other models"]:
        models = show_models(shown, table, fill, chosen.data, chosen.target, measure, report)
    groups = depth = None
    if "By class" in tabs:
        with tabs["By class"]:
            groups = show_groups(shown, labels, measure)
    if "By depth" in tabs:
        with tabs["By depth"]:
            depth = show_depth(shown, measure, report)
    place.empty()
    given = () if chosen.source.method.repeatable else (chosen.source.method,)
    with tabs["Methods"]:
        st.header("Which layer, which method", anchor=False)
        comparing.show(comparing.Compared(shown.key, shown.model, shown.samples, shown.targets, given))
    with tabs["Adversarial pictures"]:
        dose = show_attack(shown, place)
    return Details(groups, models, depth, dose)
