"""Foreground vs Background: is it the object or its surroundings, by heatmap and by intervention?"""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import controls, frame, notices, state
from app.foreground.answer import choose_measure, guess_first, look_untrained, show_answer, show_heading
from app.foreground.choose import Choice, choose
from app.foreground.details import show_details
from app.foreground.export import offer_export
from app.foreground.interventions import intervene, show_intervention
from app.foreground.maps import look
from app.foreground.masks import read
from app.foreground.pictures import show_pictures
from app.foreground.progress import reporter
from app.foreground.start import may_begin, stoppable


def main() -> None:
    frame.begin("foreground")
    bar = frame.place_of_bar()
    chosen = choose()
    if chosen is None:
        notices.not_chosen("pictures with masks, a model and a layer")
        return
    try:
        if may_begin(chosen):
            with stoppable(chosen):
                _show(bar, chosen)
        else:
            frame.picture_bar(bar, "foreground")
    except xai.XaiError as error:
        st.error(controls.plain(str(error)), icon=":material/error:")


def _show(bar: st.delta_generator.DeltaGenerator, chosen: Choice) -> None:
    place = st.empty()
    report = reporter(place)
    try:
        samples = read(chosen.data, chosen.model, report)
        if samples is None:
            state.set_order(())
            frame.picture_bar(bar, "foreground")
            return
        notices.missing(state.settle([(sample.id, sample.name) for sample in samples]))
        shown, unknown = look(chosen.model, samples, chosen.source, chosen.layer, chosen.target, report)
        place.empty()
        show_heading(shown, chosen, unknown)
        if not guess_first(shown):
            frame.picture_bar(bar, "foreground")
            return
        maps = st.container() if frame.presenting() else None
        room = st.container()  # the answer stands above what it can be asked in other ways
        measure, fill, compared = choose_measure(chosen.source.method.repeatable)
        table = intervene(shown, fill, report)
        untrained = look_untrained(shown, report) if compared else ()
        place.empty()
        with room:
            answer = show_answer(shown, measure, table, fill, untrained)
        with maps or st.container():
            show_pictures(shown, measure)
        frame.picture_bar(bar, "foreground")  # it walks with the worst first, as they are shown
        show_intervention(shown, table, fill)
        found = show_details(shown, chosen, measure, table, fill, report, place)
        offer_export(
            shown,
            chosen,
            measure,
            answer=answer,
            intervention=table,
            fill=fill,
            groups=found.groups,
            models=found.models,
            dose=found.dose,
            depth=found.depth,
        )
    finally:
        place.empty()


main()
