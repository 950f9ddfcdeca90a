"""What an address asks for and is not here."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from app import state
from app.controls.text import plain
from xai_core.errors import XaiError

ABSENT_OF_BOARD = "what is not here"  # of the board: parameter of the address -> a sentence
MISSING_OF_BOARD = "what is missing"  # of the board: why the pictures or the model of the sidebar cannot be had, a list
SEE_PAGE = "This cannot be used. The page says why."


def warn_of_missing(key: str, what: str, offered: Iterable[str]) -> None:
    """Say what the address asked for and is not here, for the page, too; the widget passes it over without a word."""
    there = set(offered)
    if missing := [text for text in state.asked(key) if text and text not in there]:
        said = f"{what}: the address asks for {', '.join(missing)}, which is not here."
        show_absent(said)
        state.board().setdefault(ABSENT_OF_BOARD, {})[key] = said


def show_absent(said: str) -> None:
    st.warning(plain(said), icon=":material/link_off:")


def show_missing(error: XaiError) -> None:
    """Mark what cannot be used in the sidebar, and let the page say why: on a phone the sidebar is closed."""
    st.caption(f":material/error: {SEE_PAGE}")
    state.board().setdefault(MISSING_OF_BOARD, []).append(str(error))
