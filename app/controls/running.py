"""How far a batch study is that runs, or that was left before its end."""

from __future__ import annotations

import streamlit as st

from app import cache
from app.controls.text import plain
from xai_core.batch.progress import by_worker, how_far
from xai_core.questions.so_far import sentences_so_far

LOOK_S = 2.0  # between two looks


@st.fragment(run_every=LOOK_S)
def show_running(path: str) -> None:
    """Say how far the study in a folder is, and run the page again once it is complete.

    Parameters
    ----------
    path : of the folder
    """
    found = cache.study_folders.study(path)
    if found.complete:
        st.rerun()
    st.caption("This folder holds a batch study that is not complete yet. Its page opens when it is.")
    far = how_far(found)
    if far is None:
        return
    st.progress(far.share, plain(far.sentence))
    for sentence in sentences_so_far(found):
        st.caption(plain(sentence))
    for sentence in by_worker(far.workers):
        st.caption(plain(sentence))
    if not far.running:
        st.caption("It ended before it was complete: the command that began it goes on with it.")
