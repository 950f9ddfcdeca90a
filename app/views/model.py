"""Model: what was found in a model, what was assumed, and what it sees of a picture."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import cache, controls, frame, notices, state
from app.model.assumed import show_assumed
from app.model.found import show_layers, show_methods, show_numbers, show_outputs, show_preprocessing
from app.model.picture import show_picture
from xai_core.errors import XaiError
from xai_core.models import BUNDLED

PICTURES = 8


def main() -> None:
    frame.begin("model")
    with st.sidebar:
        data = controls.choose_data(None, PICTURES)
        st.divider()
        model = controls.choose_model(controls.fitting(data))
        data = controls.choose_edited(data, model)
    if model is not None:
        frame.show_body(_show, model, data)


def _show(bar: st.delta_generator.DeltaGenerator, model: xai.Classifier, data: xai.Dataset | None) -> None:
    state.keep(controls.begins_with("photos", BUNDLED))
    st.header(controls.plain(model.title), anchor=False)
    samples, problems = cache.data.pictures(data, model, lambda *_: None) if data is not None else ([], [])
    notices.problems(problems)
    notices.missing(state.settle([(sample.id, sample.name) for sample in samples]))
    frame.picture_bar(bar, "model")
    notices.errors(barred=True)
    chosen = next((sample for sample in samples if sample.id == state.picture()), samples[0] if samples else None)
    show_numbers(model, chosen)
    show_assumed(model)
    left, right = st.columns(2, gap="large")
    with left:
        show_outputs(model)
        show_preprocessing(model)
        show_methods(model)
    with right:
        if chosen is not None:
            try:
                show_picture(model, chosen)
            except XaiError as error:
                controls.show_error(error)
        else:
            st.caption("Choose pictures in the sidebar to see one as the model does.")
    show_layers(model)


main()
