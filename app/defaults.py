"""Widgets whose default depends on what is chosen elsewhere."""

from __future__ import annotations

import streamlit as st


def follow_default(key: str, default: object) -> None:
    """Let a widget that still has its default go along when that changes, and keep what somebody chose."""
    was = f"{key} was for"
    before = st.session_state.get(was, default)
    if before != default and st.session_state.get(key) == before:
        st.session_state[key] = default
    st.session_state[was] = default


def reset_on_change(key: str, depends_on: str, value: object) -> None:
    """Give a widget its default again when what it depends on has changed, but keep what the URL brought."""
    seen = f"{key} was for"
    if st.session_state.get(seen, depends_on) != depends_on:
        st.session_state[key] = value
    st.session_state[seen] = depends_on
