"""What is stated of a model: how its pictures are prepared, what its outputs mean, where its layers' axes stand."""

from __future__ import annotations

from typing import Any

import streamlit as st

import xai_core as xai
from app import defaults, state
from app.controls.missing import show_missing, warn_of_missing
from app.controls.text import plain
from xai_core.types.model_settings import MODEL_SETTINGS, ModelSetting, stated_arguments

PARTS = {"pictures": "How pictures are prepared", "network": "Outputs and layers"}
_OWN = ""  # what a control says where nothing is stated


def choose_model_settings(of: str) -> tuple[tuple[str, Any], ...] | None:
    """What is stated of the model, as arguments of `xai.load_model`; None with the reason shown.

    Parameters
    ----------
    of : the model that is chosen; another one gets controls of its own
    """
    texts: dict[str, str] = {}
    for part, title in PARTS.items():
        settings = [one for one in MODEL_SETTINGS if one.part == part]
        for one in settings:
            defaults.reset_on_change(one.address, of, _OWN)
            if one.choices:
                warn_of_missing(one.address, one.title, one.choices.values())
        stated = [one for one in settings if st.session_state.get(one.address) or state.asked(one.address)]
        with st.expander(title + (" · changed" if stated else ""), icon=":material/tune:"):
            st.caption("Leave a field empty to use the model's own value.")
            texts |= {one.key: _choose(one) for one in settings}
    try:
        found = stated_arguments(texts)
    except ValueError as error:
        show_missing(xai.ModelError(str(error)))
        return None
    for one in MODEL_SETTINGS:
        if texts[one.key].strip():
            state.note(one.address, one.in_address(one.canonical(texts[one.key])))
    return tuple(found.items())


def _choose(setting: ModelSetting) -> str:
    """A control for one of them; empty where it is left to the model."""
    said = setting.about[0].upper() + setting.about[1:] + "."
    common: dict[str, Any] = {"key": setting.address, "bind": "query-params", "help": plain(said)}
    if setting.choices:
        titles = {_OWN: setting.unstated} | dict(setting.choices)
        return str(st.selectbox(setting.title, list(titles), format_func=titles.__getitem__, **common))
    write = st.text_area if setting.repeated else st.text_input
    return str(write(setting.title, placeholder=setting.placeholder, **common))
