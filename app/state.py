"""Session keys, and the model and the picture that stay chosen."""

from __future__ import annotations

import streamlit as st

_LAST_MODEL = "last_model"  # (key, settings, stamp) of the last model that loaded
_PICTURE = "picture"  # content id of the picture that stands out


def last_model() -> tuple[str, tuple[tuple[str, object], ...], str] | None:
    """What the last model that loaded in this session was loaded with."""
    return st.session_state.get(_LAST_MODEL)


def remember_model(request: tuple[str, tuple[tuple[str, object], ...], str]) -> None:
    """Keep a model to fall back on when the next one cannot be loaded."""
    st.session_state[_LAST_MODEL] = request


def picture() -> str | None:
    """The content id of the picture that stands out, if any."""
    return st.session_state.get(_PICTURE)


def choose_picture(sample_id: str | None) -> None:
    """Let a picture stand out, or none."""
    st.session_state[_PICTURE] = sample_id


def reset_on_change(key: str, depends_on: str, value: object) -> None:
    """Give a widget its default again when what it depends on has changed, but keep what the URL brought."""
    seen = f"{key} was for"
    if st.session_state.get(seen, depends_on) != depends_on:
        st.session_state[key] = value
    st.session_state[seen] = depends_on
