"""The section of a page that explains the chosen picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

import xai_core as xai
from app import cache, controls, state, teaching, trust
from app.explanations import check, growing, panel
from app.explanations.evaluated import Evaluated
from app.explanations.methods import choose_methods
from app.explanations.request import Request, derive
from xai_core import figures, reports
from xai_core.figures import Style
from xai_core.methods import DEFAULT

LOOK_S = 1.0  # between two looks at a method that draws samples while it runs
_PANEL = "panel"  # of the board: what it shows now


def show(evaluated: Evaluated, layer: str | None) -> None:
    """The chosen picture, explained; nothing where none is chosen."""
    for key in (_PANEL, check.CHECK):
        state.board().pop(key, None)
    place, model = evaluated.place(state.picture()), evaluated.model
    if place is None:
        return
    st.header("Why", anchor=False)
    sample = cache.data.picture(evaluated.data, evaluated.index(place), model)
    if not isinstance(sample, xai.Sample):
        st.warning(controls.plain(sample), icon=":material/broken_image:")
        return
    if not evaluated.usable(place):
        st.warning("The model answers NaN to this picture, so there is nothing to explain.", icon=":material/error:")
        return
    if len(model.class_names) < 2:
        st.info(evaluated.alone)
        return
    if layer and teaching.guided() and not guess_first(model, sample, layer, evaluated.guessed(place)):
        return
    polls = str(st.session_state.get(growing.RUNNING) or "").startswith(f"{model.id} {sample.id} ")
    st.fragment(explain, run_every=LOOK_S if polls else None)(evaluated, place, sample, layer, polls)


def guess_first(model: xai.Classifier, sample: xai.Sample, layer: str, index: int) -> bool:
    """With the guide on, the maps stay hidden until the viewer has guessed; whether they may be shown."""
    estimate = cache.maps.rival_maps(model.id, sample.id, (index, index), DEFAULT, layer, (), model, sample)
    one = estimate.heatmaps[layer][0]

    def overlay() -> np.ndarray:
        return figures.draw_evidence(sample.pixels, one, float(one.max()), Style()).pixels

    name = model.class_names[index]
    return teaching.predict_then_reveal(f"{sample.id} {model.id} {layer} {name}", sample, one, overlay, name)


def explain(evaluated: Evaluated, place: int, sample: xai.Sample, layer: str | None, polls: bool) -> None:
    """The panel. A fragment: its controls and what runs leave the rest of the page alone.

    `polls` says whether it looks again by itself, as it does while a method runs.
    """
    model = evaluated.model
    classes = evaluated.show_picture(place, sample)
    chosen = choose_methods(model, layer)
    if classes[0] == classes[1]:
        st.caption(evaluated.same)
    progress, room = chosen.bar.container(), st.container()
    buttons = st.container(horizontal=True, gap="small")
    subjects = evaluated.subjects(place, sample, classes, buttons)
    request = Request(model, layer, classes, chosen.methods, chosen.settings)
    if not request.methods:
        st.info("Every method is switched off: choose one above.", icon=":material/visibility_off:")
        return
    with progress:
        running = [
            method
            for method in request.sampled
            if growing.run(request, method, subjects if method in chosen.beside else subjects[:1])
        ]
    answers = [derive(request, subject) for subject in subjects]
    html = panel.panel_html(answers, chosen.style)
    room.html(controls.Markup(html))
    state.board()[_PANEL] = (f"{sample.name}: {request.names[0]} against {request.names[1]}", html)
    for method in request.sampled:
        growing.show(answers[0], method)
    panel.offer(answers, chosen.style, buttons)
    others = [subject.sample for subject in subjects]
    trust.offer(model, sample, classes[0], [layer] if layer else [], beside=request.methods, others=others)
    with st.expander("Does it matter, and do the methods agree?", key="does-it-matter"):
        check.show(answers[0].without(running))
        panel.show_agreement(answers[0])
    if not running:
        st.session_state[growing.RUNNING] = None  # done, stopped, or asked with other settings
    if bool(running) != polls:
        st.rerun()  # the whole page: it decides whether to look again by itself, and what checks the explanations


def report_parts(board: dict[str, Any]) -> list[reports.Part]:
    """The panel as it stands and its check, for a report; empty where none is open."""
    parts: list[reports.Part] = []
    if shown := board.get(_PANEL):
        title, html = shown
        parts += [reports.Text(title), reports.Markup(html)]
    if done := board.get(check.CHECK):
        sentence, own, name, share = done
        figure = figures.deletion_figure(own, name, share)
        parts += [
            reports.Text(sentence),
            reports.Chart(figure, f"Probability of {name} against the share of the picture hidden"),
            reports.Table("Deletion", own),
        ]
    return parts + trust.report_parts(board)
