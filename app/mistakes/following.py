"""What stands around a gallery follows it: the bar walks in its order, and what stands below explains its picture."""

from __future__ import annotations

import streamlit as st

from app import state

_DRAWN = "picture and order that are drawn"  # session key; None while the whole page is drawn


def begin() -> None:
    """Before the gallery, on a run of the whole page: whatever it chooses is drawn by this very run."""
    st.session_state[_DRAWN] = None


def follow(explained: object) -> None:
    """After the gallery, in its fragment: run the whole page where what is explained or the order has changed.

    Parameters
    ----------
    explained : the picture, or the picture and its label
    """
    before = st.session_state.get(_DRAWN)
    st.session_state[_DRAWN] = now = (explained, hash(tuple(state.order())))
    if before not in (None, now):
        st.rerun()
