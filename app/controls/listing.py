"""How far the list of a large folder is."""

from __future__ import annotations

import streamlit as st

from app.cache.listing import Job


@st.fragment(run_every=1.0)
def show_listing(job: Job) -> None:
    """Say how far a list is, and run the page again once it is there."""
    if job.wait():
        st.rerun()
    st.info(f"Listing the folder: {job.words}. The pictures come when it is done.", icon=":material/hourglass_top:")
