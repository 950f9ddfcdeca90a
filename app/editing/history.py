"""The edits of each picture in this session; those of the picture that is shown stand in the address."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

import xai_core as xai
from app import kept, state
from xai_core.types.edits import EDITED

MOST = 30  # edits of a picture, so that an address can hold them
_EDITS = "edits of pictures"  # session key: name of a picture -> its edits
_TAKEN = "edits that the address brought"  # session key: the texts that were taken over


def edits_of(picture: str) -> list[xai.Edit]:
    """What was done to a picture, in order."""
    return list(kept.of_visitor(_EDITS).get(picture, []))


def arrive(picture: str) -> list[str]:
    """Take over the edits that the address brought for this picture; gives the texts that are none."""
    asked = state.asked(state.EDITS)
    wanted = (picture, tuple(asked))
    named: list[list[str]] = [[], [picture], [picture + EDITED]]
    if not asked or state.asked(state.PICTURE) not in named or st.session_state.get(_TAKEN) == wanted:
        return list(st.session_state.get(f"{_TAKEN} refused", ())) if st.session_state.get(_TAKEN) == wanted else []
    edits, refused = [], []
    for text in asked[:MOST]:
        try:
            edits.append(xai.Edit.parse(text))
        except ValueError:
            refused.append(text)
    st.session_state[_TAKEN], st.session_state[f"{_TAKEN} refused"] = wanted, refused + asked[MOST:]
    _set(picture, edits)
    return refused + asked[MOST:]


def unedited(names: Sequence[str]) -> None:
    """Where the edited copy of a picture stands out, let the picture itself, which is the one to edit."""
    shown = state.picture_name() or ""
    if shown not in names and (name := shown.removesuffix(EDITED)) in names:
        state.choose_picture("", name, by_hand=False)


def add(picture: str, edit: xai.Edit) -> None:
    """One more, if there is room."""
    edits = edits_of(picture)
    if len(edits) < MOST:
        _set(picture, [*edits, edit])


def undo(picture: str) -> None:
    """Without the last one."""
    _set(picture, edits_of(picture)[:-1])


def reset(picture: str) -> None:
    """Without any."""
    _set(picture, [])


def to_address(picture: str) -> None:
    """What the address says is what is shown."""
    texts = [edit.text for edit in edits_of(picture)]
    if texts:
        st.query_params[state.EDITS] = texts
    else:
        st.query_params.pop(state.EDITS, None)


def _set(picture: str, edits: list[xai.Edit]) -> None:
    kept.of_visitor(_EDITS)[picture] = edits
