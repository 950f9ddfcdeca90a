"""Misclassifications: what a model mixes up, and what in a picture speaks for the wrong class."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import cache, comparing, controls, explanations, frame, jobs, notices, state
from app.mistakes import following
from app.mistakes.evaluating import evaluate
from app.mistakes.gallery import browse
from app.mistakes.labels import page as labels
from app.mistakes.shown import ShownMistakes
from app.mistakes.sidebar import MistakesChoice, choose
from app.mistakes.summary import show_heading, show_summary
from app.mistakes.takeaway import offer_downloads
from xai_core.questions.misclassified.findings import answer


def main() -> None:
    frame.begin("misclassifications")
    chosen = choose()
    if chosen is None:
        notices.not_chosen("labelled pictures and a model")
        return
    data, model = chosen.data.taking_turns(), chosen.model
    data_id = cache.stamps.data_stamp(model, data)
    try:
        work = evaluate(data, model, data_id)
    except xai.XaiError as error:
        controls.show_error(error)
        return
    frame.show_body(_show, chosen, data, data_id, work)


def _show(
    bar: st.delta_generator.DeltaGenerator,
    chosen: MistakesChoice,
    data: xai.Dataset,
    data_id: str,
    work: jobs.evaluations.Evaluation | str | None,
) -> None:
    state.keep(controls.begins_with("textured_digits", "digits"))
    if work is None or isinstance(work, str):
        state.set_order(())  # of the pictures that were judged before
        frame.picture_bar(bar, "misclassifications")
        if work:
            st.warning(controls.plain(work), icon=":material/label_off:")
        return
    model = chosen.model
    try:
        if model.outputs.independent:
            labels.show(bar, chosen, data, work)
            return
        table = work.table
        said = cache.results.kept((model.id, data_id, work.done), answer, table, model.class_names, data.groups)
    except xai.XaiError as error:
        controls.show_error(error)
        return
    key, left_out = f"{model.id}{data_id}{work.done}", tuple(work.problems)
    shown = ShownMistakes(key, model, data, table, said, chosen.layer, left_out)
    notices.missing(state.settle(list(zip(table["id"], table["picture"], strict=True))))
    maps = st.container() if frame.presenting() else None
    show_heading(shown, work.seconds)
    following.begin()
    browse(shown)
    frame.picture_bar(bar, "misclassifications")  # it walks in the gallery's order
    with maps or st.container():
        explanations.show(explanations.OfOneClass(shown.model, shown.data, shown.table), shown.layer)
    with st.expander("Accuracy, calibration and confidence", key="accuracy"):
        show_summary(shown)
    with st.expander("Which layer, which method", key="compare-methods"):
        comparing.show(comparing.Compared(key, model, data[: len(table) + len(left_out)]))
    offer_downloads(shown)


main()
