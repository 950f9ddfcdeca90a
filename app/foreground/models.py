"""Other models on the same pictures."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import xai_core as xai
from app import cache, controls, defaults
from app.charts import quiet, show_chart
from app.foreground.interventions import drops, intervene
from app.foreground.maps import MeasuredMaps, look
from app.foreground.progress import Report
from app.foreground.tables import show_effects
from xai_core import figures, studies
from xai_core.questions.foreground.findings import interventions_of


def choose_models(shown: MeasuredMaps) -> list[str]:
    """The keys of the models to be compared."""
    known = {info.key: info for info in xai.list_models() if info.on_disk and info.key != shown.model.key}
    quick = not shown.source.method.draws_samples
    start = ["digits"] if quick and shown.model.key == "digits_shortcut" else []
    defaults.follow_default("beside-models", start)
    return st.multiselect(
        "Other models on the same pictures",
        list(known),
        default=start,
        key="beside-models",
        bind="query-params",
        format_func=lambda key: known[key].title,
        placeholder="none",
    )


def show_models(
    shown: MeasuredMaps,
    table: pd.DataFrame,
    fill: str,
    data: xai.Dataset,
    target: controls.Target,
    measure: str,
    report: Report,
) -> pd.DataFrame | None:
    """Other models on the same pictures, compared; None where there are none."""
    st.header("Side by side", anchor=False)
    if not shown.source.method.repeatable:
        st.caption(f"{shown.source.method.title} are of one model, so no other can be compared by them.")
        return None
    beside = choose_models(shown)
    if not beside:
        st.caption("Choose models to compare: where they look, and what another background costs them.")
        return None
    tables, lost, interventions = {shown.model.title: shown.table}, {shown.model.title: drops(table)}, {}
    request: tuple[object, ...] = (shown.key, fill, measure)
    interventions[shown.model.title] = table
    for key in beside:
        other = cache.models.classifier(key, (), "")
        samples, _ = cache.data.pictures(data, other, report(f"Reading pictures for {other.title}"))
        ids = [sample.id for sample in shown.samples]
        there = {sample.id: sample for sample in samples}
        if any(one not in there or studies.mask_problem(there[one].mask) for one in ids):
            st.caption(controls.plain(f"{other.title} crops these pictures so that a mask is lost; it is left out."))
            continue
        try:
            layer = other.select("stages")[-1].name if shown.source.method.at_layers else None
            found, unknown = look(other, [there[one] for one in ids], shown.source, layer, target, report)
        except xai.XaiError as error:
            st.caption(controls.plain(f"{other.title} is left out: {error}"))
            continue
        if unknown == len(ids):
            st.caption(controls.plain(f"{other.title} knows none of these labels: its maps explain its predictions."))
        request += (found.key,)
        tables[other.title] = found.table
        interventions[other.title] = intervene(found, fill, report)
        lost[other.title] = drops(interventions[other.title])
    if len(tables) < 2:
        return None
    compared = cache.results.kept(request, studies.compare_models, tables, lost, measure)
    draw_comparison(request, compared, tables, interventions, measure)
    return compared


def draw_comparison(
    request: tuple[object, ...],
    compared: pd.DataFrame,
    tables: dict[str, pd.DataFrame],
    interventions: dict[str, pd.DataFrame],
    measure: str,
) -> None:
    """The models in words, figures and numbers; `tables` and `interventions` go by a model's title."""
    said = studies.models_sentences(compared, measure)
    st.markdown("\n- ".join(controls.plain(one) for one in said))
    left, right = st.columns([3, 2], gap="medium")
    titles = interventions_of(pd.concat(interventions.values()))
    with left:
        show_chart(
            st,
            cache.results.kept(request, figures.intervention_figure, interventions, titles),
            key="models-interventions",
            config=quiet("models-interventions"),
            alt="Probability by intervention and model",
        )
    with right:
        stacked = pd.concat([one.assign(model=name) for name, one in tables.items()])
        groups = cache.results.kept(request, studies.compare_groups, stacked, "model", measure)
        forest = cache.results.kept(request, figures.forest_figure, groups, "model")
        show_chart(st, forest, key="models-forest", config=quiet("models-effects"), alt="Effect of each model")
    show_effects(compared, measure)
