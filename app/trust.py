"""Can I trust this map? A badge with its reasons for any map that a page shows, computed when asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st

import xai_core as xai
from app import access, defaults, jobs, state
from app.cache.batches import Progress
from app.cards import show_limits
from app.charts import quiet, show_chart
from app.controls import choose_maps, plain
from xai_core import figures, reports
from xai_core.methods import usable_methods
from xai_core.roles import Role
from xai_core.studies.limits import limits_of
from xai_core.types import Method

_RIVALS = 8  # as many as the check looks at
_SHOWN = "checked map"  # of the board: what a report takes along
_RANDOMISED = "Similarity to the trained model's map while the weights are randomised from the top"


def offer(
    model: xai.Classifier,
    sample: xai.Sample,
    target: int,
    layers: Sequence[str],
    *,
    method: Method | None = None,
    beside: Sequence[Method] = (),
    others: Sequence[xai.Sample] = (),
    key: str = "trust",
) -> None:
    """The question, a button, and the answer once it was asked for; it stays for everybody who asks the same.

    Parameters
    ----------
    target : the class that the map explains
    layers : of the maps that are shown, the last one first asked for; empty where the model has none
    method : first asked for; None for the first that fits
    beside : others whose maps the page shows
    others : pictures of the page; the map has to beat those of the first eight, too
    """
    state.board().pop(_SHOWN, None)
    fit = [one for one in usable_methods(model, ranks=True) if layers or not one.at_layers]
    offered = {one.key: one for one in fit if one.usual or one is method or one in beside}
    if method is not None and not method.repeatable:
        offered = {method.key: method} | offered
    if offered:  # else no method explains such a model, and there is no map that could be checked
        rivals = [one for one in others if one.id != sample.id][:_RIVALS]
        st.fragment(_show)(model, sample, target, list(layers), offered, method, rivals, key)


def _titles(model: xai.Classifier, layers: Sequence[str]) -> dict[str, str]:
    """Layers by their names for people."""
    named = {one.name: one.title for one in model.select("stages")} if model.layers else {}
    return {name: named.get(name, name) for name in layers}


def _show(
    model: xai.Classifier,
    sample: xai.Sample,
    target: int,
    layers: list[str],
    offered: dict[str, Method],
    first: Method | None,
    rivals: list[xai.Sample],
    key: str,
) -> None:
    titles = _titles(model, layers)
    with st.expander("Can I trust this map?", key=f"{key}-box"):
        bar = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
        picker, beside_it = bar.container(width="content"), bar.container(width=230)
        if (brought := choose_maps(model, [sample.name], f"{key} map of {sample.id}", beside_it)) is not None:
            offered = {brought.key: brought} | {one: known for one, known in offered.items() if known.repeatable}
            first = brought
        default = first.key if first and first.key in offered else next(iter(offered))
        defaults.reset_on_change(f"{key}-method", default, default)
        chosen = picker.segmented_control(
            "Map",
            list(offered),
            format_func=lambda one: offered[one].title,
            default=default,
            required=True,
            wrap=True,
            key=f"{key}-method",
        )
        method = offered[chosen]
        where = layers[-1] if layers and method.at_layers and not method.layers else None
        if where and len(layers) > 1:
            where = bar.selectbox(
                "at", layers, index=len(layers) - 1, key=f"{key}-layer", format_func=titles.__getitem__, width=220
            )
        beside = tuple(one.id for one in rivals)
        work = jobs.checks.trust_run(model.id, sample.id, method.key, target, model.class_names[target], where, beside)
        if work.result is None:
            if sentence := access.refusal(Role.COMPUTE, "A check of a map"):
                bar.caption(plain(sentence))
                return
            button, prompt = bar.empty(), st.empty()
            asked = button.button("Check", type="primary", icon=":material/verified:", key=f"{key}-check")
            said = f"{method.title} of {sample.name} for {model.class_names[target]}"
            said += f", at {titles[where]}" if where else ""
            prompt.caption(
                plain(
                    f"{said}: do its weights matter, does what it points at matter, do other methods agree"
                    + (", does another seed give the same (minutes for large models)?" if method.draws_samples else "?")
                )
            )
            if not asked:
                return
            if not _compute(prompt, partial(work.compute, model, sample, method, target, where, rivals)):
                return
            button.empty()
            prompt.empty()
        title = f"{method.title} of {sample.name} for {model.class_names[target]}"
        _show_result(work.result, title + (f", at {titles[where]}" if where else ""), key)


def _compute(place: Any, compute: Callable[[Progress], None]) -> bool:
    """Run the checks under a bar; whether they came to their end."""
    bar = place.progress(0.0, "Checking …")
    try:
        compute(lambda done, total: bar.progress(done / total, f"Part {done} of {total} …"))
    except xai.XaiError as error:
        place.empty()
        st.error(plain(str(error)), icon=":material/error:")
        return False
    return True


def _show_result(found: xai.MapTrust | None, title: str, key: str) -> None:
    """The badge, and the tables behind it."""
    assert found is not None
    html = figures.trust_html(found.trust)
    st.html(html)
    state.board()[_SHOWN] = (title, html, found)
    with st.expander("What the checks saw"):
        st.caption(plain(title))
        if len(found.randomisation):
            show_chart(
                st,
                figures.randomisation_figure(found.randomisation),
                key=f"{key}-cascade",
                config=quiet("randomised-weights"),
                alt=_RANDOMISED,
            )
        if len(found.agreements):
            st.dataframe(found.agreements.rename(columns={"rank_correlation": "rank correlation"}), hide_index=True)
    show_limits(limits_of("map"))


def report_parts(board: dict[str, Any]) -> list[reports.Part]:
    """The badge on the page and what it rests on, for a report; empty where nothing was checked."""
    shown = board.get(_SHOWN)
    if shown is None:
        return []
    title, html, found = shown
    parts: list[reports.Part] = [reports.Text(f"Can this map be trusted? {title}."), reports.Markup(html)]
    if len(found.randomisation):
        figure = figures.randomisation_figure(found.randomisation)
        parts += [
            reports.Chart(figure, _RANDOMISED),
            reports.Table("Randomised weights", found.randomisation),
            reports.Table("Deletion of the checked map", found.deletion),
            reports.Table("Insertion of the checked map", found.insertion),
        ]
    return parts
