"""What a link to a batch study opens: what the study was made with, how far it is, and that the page is about it."""

from __future__ import annotations

import streamlit as st

from app import cache, state
from app.controls import plain, show_running
from app.grid.page import names_grid, offer_back
from xai_core import studies
from xai_core.errors import XaiError
from xai_core.questions import QUESTIONS

_ALONE = "study that a link names, and nothing else"  # session key
_PAGES = {question.page for question in QUESTIONS}


def open_linked(page: str) -> None:
    """Of a link that names a study and neither pictures nor model, open those that it was made with.

    Without them the page would show its own example under the study's name.

    Parameters
    ----------
    page : on which the link leads
    """
    path = st.query_params.get("study", "")
    if _ALONE not in st.session_state:  # a visit begins
        st.session_state[_ALONE] = "" if state.address_says() else path
    elif not state.is_at(page):
        st.session_state[_ALONE] = ""
    if not path or st.session_state.get(_ALONE) != path:
        return
    try:
        asked, address = cache.study_folders.study(path).address
    except XaiError:
        return  # of which the page says why
    if asked in _PAGES:
        st.session_state[_ALONE] = ""
        looks = {key: st.query_params.get_all(key) for key in state.LOOK_KEYS}
        state.go(asked, {key: said for key, said in (looks | address).items() if said})
        state.leave()


def say_study() -> None:
    """Which study on disk the page shows the results of."""
    path = st.query_params.get("study")
    if not path or names_grid(path):
        return
    state.note("study", path)
    try:
        found = cache.study_folders.study(path)
    except XaiError as error:
        st.warning(plain(str(error)), icon=":material/link_off:")
        return
    if not found.complete and st.session_state.get(_ALONE) == path:
        show_running(path)
        st.stop()
    whole = "complete" if found.complete else "unfinished"
    named = f" {one}" if (one := found.request.get("model")) else ""
    said = f"From the batch study in {path} ({whole}). With its model{named}, its results are not computed again."
    st.caption(f":material/folder_open: {plain(said)}")
    offer_back(path)
    if found.summary is not None and found.summary.get("rules", 1) != studies.RULES:
        st.info(
            plain(
                "The rules by which numbers become verdicts have changed since this study was made "
                f"(docs/verdicts.md). Its numbers are the same; its own headline was: {found.summary.get('headline')}."
            ),
            icon=":material/gavel:",
        )
