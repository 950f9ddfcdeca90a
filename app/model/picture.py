"""One picture: the whole of it with what the network sees, and that as the network gets it."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import cache
from app.controls import Markup, plain
from xai_core import figures


def show_picture(model: xai.Classifier, sample: xai.Sample) -> None:
    """The whole picture beside what the network sees, and its answer."""
    st.subheader("A picture, as the model sees it", anchor=False)
    part = cache.data.whole(sample.id, model)
    st.html(Markup(figures.seen_html(part, sample.name, sample.pixels)))
    if part is None:
        st.caption("Nothing of the picture is cut off.")
    p = cache.maps.probabilities(model.id, sample.id, model, sample)
    best = int(p.argmax())
    label = f", its label is {sample.label}" if sample.label else ""
    st.caption(plain(f"{sample.name}: {model.class_names[best]} with {p[best]:.0%}{label}."))
