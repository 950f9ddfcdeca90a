"""One of the options of a question."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app import access
from app.controls.text import plain
from xai_core.questions.question import Choice
from xai_core.roles import Role


def choose_flag(choice: Choice) -> bool:
    """A question's choice of yes or no, where yes takes many more passes."""
    if sentence := access.refusal(Role.COMPUTE, choice.title):
        st.caption(plain(sentence))
        return False
    return st.toggle(
        choice.title, value=choice.default, key=choice.address, bind="query-params", help=choice.help or None
    )


def choose_option(choice: Choice) -> Any:
    """One of the options of a question's choice."""
    return st.segmented_control(
        choice.title,
        list(choice.options),
        format_func=choice.name_of,
        default=choice.default,
        required=True,
        wrap=True,
        key=choice.address,
        bind="query-params",
        help=choice.help or None,
    )
