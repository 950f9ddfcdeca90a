"""What had to be assumed, and the Python that gives the model as it stands."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app.controls import plain


def show_assumed(model: xai.Classifier) -> None:
    """The notes, and how each is corrected."""
    st.subheader("What was found out or assumed", anchor=False)
    if not model.notes:
        st.markdown("Nothing had to be assumed: everything was in the model's files, or was stated by you.")
    for note in model.notes:
        st.markdown(f":material/info: {plain(note)}")
    if model.notes:
        st.caption(
            "What you state in the sidebar takes the place of what was assumed, and stands in the address, in reports "
            "and in studies."
        )
    with st.expander("The same model in Python"):
        st.code(f"import xai_core as xai\n\nmodel = {model.code}", language="python", wrap_lines=True)
