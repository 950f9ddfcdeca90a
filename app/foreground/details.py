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
    """All tabs, that of classes where there are several; `table` is what the interventions gave, `place` for bars."""
    labels = classes_of(shown)
    titles = [*(("By class",) if labels else ()), "Other models", "By depth", "Methods", "Adversarial pictures"]
    *by_class, beside, by_depth, by_method, attacked = st.tabs(titles, key="fg-tab", bind="query-params")
    with beside:
        models = show_models(shown, table, fill, chosen.data, chosen.target, measure, report)
    groups = None
    for tab in by_class:
        with tab:
            groups = show_groups(shown, labels, measure)
    with by_depth:
        depth = show_depth(shown, measure, report) if chosen.source.method.at_layers else None
        if not chosen.source.method.at_layers:
            st.caption(f"{chosen.source.method.title} has no layers.")
    place.empty()
    given = () if chosen.source.method.repeatable else (chosen.source.method,)
    with by_method:
        st.header("Which layer, which method", anchor=False)
        comparing.show(comparing.Compared(shown.key, shown.model, shown.samples, shown.targets, given))
    with attacked:
        dose = show_attack(shown, place)
    return Details(groups, models, depth, dose)
