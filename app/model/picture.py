"""One picture: the whole of it with what the network sees, and that as the network gets it."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import cache
from app.controls import Markup, plain
from xai_core import figures
from xai_core.studies import percent
from xai_core.types.counts import form
from xai_core.types.label_evaluation import THRESHOLD

_NAMED = 5  # labels that are named


def show_picture(model: xai.Classifier, sample: xai.Sample) -> None:
    """The whole picture beside what the network sees, and its answer."""
    st.subheader("A picture, as the model sees it", anchor=False)
    part = cache.data.whole(sample.id, model)
    st.html(Markup(figures.seen_html(part, sample.name, sample.pixels)))
    if part is None:
        st.caption("Nothing of the picture is cut off.")
    p = cache.maps.probabilities(model.id, sample.id, model, sample)
    labels = ", ".join(sample.every_label)
    word = form(len(sample.every_label), "label is", "labels are")
    label = f"; its {word} {labels}" if labels else ""
    predicted = [int(p.argmax())]
    if model.outputs.independent:
        predicted = [int(index) for index in (-p).argsort(kind="stable") if p[index] >= THRESHOLD][:_NAMED]
    said = ", ".join(f"{model.class_names[index]} ({percent(p[index])})" for index in predicted)
    what = f"is predicted as {said}" if said else "has no label above 50%"
    st.caption(plain(f"{sample.name} {what}{label}."))
