"""The pictures of a group on other pages."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import controls, frame, state
from xai_core.data import places_text

MOST = 100  # pictures that another page begins with; its own field asks for more


def open_group(found: xai.Discovery, strategy: xai.Strategy) -> None:
    """A menu of the pages that can show the pictures of a group.

    Parameters
    ----------
    found : Discovery
    strategy : Strategy
    """
    whole: xai.Dataset = state.board()[controls.WHOLE_OF_BOARD]
    names = set(found.pictures.loc[found.pictures["place"].isin(strategy.places), "picture"])
    places = [place for place, item in enumerate(whole.items) if item.name in names]
    asked = {controls.ONLY: places_text(whole, places), "n": str(min(len(places), MOST))}
    with st.popover("Open this group in", icon=":material/open_in_new:", key=f"open-group-{strategy.name}"):
        st.caption("Only these pictures, with this model.")
        for page, question in frame.PAGES.items():
            if page in (state.EVOLUTION, "discovery"):
                continue
            address = (state.address_for(page) or {}) | state.looks() | asked
            st.button(
                question.title,
                on_click=state.go,
                args=(page, address),
                icon=question.icon,
                key=f"open-{page}-{strategy.name}",
                type="tertiary",
            )
