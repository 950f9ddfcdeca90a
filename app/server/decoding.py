"""Pictures that visitors send are decoded in processes of their own, which end when the visitor leaves."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from xai_core import apart

_ANY = "anything"  # a key that need not be there


def decode_apart() -> None:
    """From now on, decode what is costly in processes with bounds."""
    apart.switch_on(still_there)


def still_there() -> None:
    """End the run of a page that was left, or that has to run anew."""
    if get_script_run_ctx(suppress_warning=True) is not None:
        _ = _ANY in st.session_state  # which is where Streamlit ends such a run
