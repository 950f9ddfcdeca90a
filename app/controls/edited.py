"""A picture and its edited copy, where the address says what was done to it on Edit and watch."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import cache, state
from app.controls.files import DATA_OF_BOARD, EDITED_OF_BOARD, WHOLE_OF_BOARD
from app.controls.text import plain
from xai_core.types.counts import number_of
from xai_core.types.edits import EDITED


def choose_edited(data: xai.Dataset | None, model: xai.Classifier | None) -> xai.Dataset | None:
    """The picture that is looked at and its edited copy; without edits in the address, the pictures as they are.

    Parameters
    ----------
    data : what is looked at; None stays None
    model : as which sees them the edits are made
    """
    texts = st.query_params.get_all(state.EDITS)
    if data is None or model is None or not texts:
        return data
    state.note(state.EDITS, texts)
    try:
        found = _edited(data, model, texts)
    except (ValueError, xai.XaiError) as error:
        st.error(plain(str(error)), icon=":material/error:")
        found = data
    else:
        state.board()[DATA_OF_BOARD] = found
        state.board()[EDITED_OF_BOARD] = found.notes[-1]
        st.caption(f"and its copy after {number_of(len(texts), 'edit')}")
    st.button("Leave the edits out", on_click=leave_out, icon=":material/ink_eraser:", type="tertiary", key="unedited")
    return found


def _edited(data: xai.Dataset, model: xai.Classifier, texts: list[str]) -> xai.Dataset:
    if len(data) != 1:
        raise xai.DataError(
            f"The address holds {number_of(len(texts), 'edit')} of one picture, but {len(data):,} are looked at, so "
            "none is edited. Choose one picture, or leave the edits out."
        )
    edits = tuple(map(xai.Edit.parse, texts))
    return cache.data.with_edits(state.board()[WHOLE_OF_BOARD], data.items[0].name, edits, model)


def leave_out() -> None:
    """Without the edits; where the copy stands out, the picture itself does instead."""
    st.query_params.pop(state.EDITS, None)
    if (name := state.picture_name()) and name.endswith(EDITED):
        state.choose_picture("", name.removesuffix(EDITED))
