"""Maps that a visitor made elsewhere: dropped on a page, or held by the study that the page shows."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

import xai_core as xai
from app import access, cache
from app.controls.text import plain, show_error
from app.controls.uploads import show_bound
from xai_core.batch.given import maps_of_study
from xai_core.methods import given_method, maps_in_files
from xai_core.roles import Role
from xai_core.types import Method
from xai_core.types.counts import number_of

MAX_MB = 200  # of a file
_ONE = (
    "These files hold one map of each picture; several are compared here. Give an NPZ file with an array (pictures, "
    "h, w) for each layer, the earliest first."
)
_NEW = "maps that were just dropped"  # session key: the method that they became


@dataclass(frozen=True)
class _Dropped:
    """Files, and what stands for their names and content."""

    files: tuple[tuple[str, bytes], ...]
    digest: str


def choose_maps(
    model: xai.Classifier, pictures: Sequence[str], key: str, place: Any, *, layers: bool = False
) -> Method | None:
    """Maps of pictures that a visitor drops, as a method; None where there are none, or they are none of these.

    Parameters
    ----------
    model : Classifier
        What they explain.
    pictures : sequence of str
        Names of the pictures; of one alone, any name of the file will do.
    key : str
        Of the control; what was dropped stays for the session under it.
    place : container
        For the control.
    layers : bool
        Whether several maps of each picture are wanted, one for each layer; else one of them is chosen.
    """
    with place.popover("Maps made elsewhere", icon=":material/upload_file:", width="stretch"):
        dropped = _dropped(key, len(pictures))
        if dropped is None:
            return None
        try:
            names = tuple(pictures)
            found = cache.results.kept((dropped.digest, names), maps_in_files, dropped.files, names)
            if layers and len(found.names) < 2:
                raise xai.DataError(_ONE)
            if len(found.names) > 1 and not layers:
                chosen = st.selectbox("Which of its maps", found.names, len(found.names) - 1, key=f"{key}-of")
                found = found.only(str(chosen))
            method = given_method(found, model)
        except xai.XaiError as error:
            show_error(error)
            return None
        sizes = {one.shape for one in found.of(pictures[:8], model.preprocessing.size)[found.names[0]]}
        size = "" if layers else f" of {' × '.join(map(str, sizes.pop()))} cells"
        of = f"{', '.join(found.names)}, " if layers else ""
        sign = "signed" if found.signed else "not signed"
        st.caption(plain(f"{of}{number_of(len(pictures), 'map')}{size}, {sign}."))
    if st.session_state.get(f"{key} {_NEW}") != method.key:
        st.session_state[f"{key} {_NEW}"] = method.key
        st.session_state[f"{key} is new"] = True
    return method


def just_dropped(key: str) -> bool:
    """Whether the maps were dropped since this was asked last: a page then shows them at once."""
    return bool(st.session_state.pop(f"{key} is new", False))


def maps_in_study(model: xai.Classifier) -> Method | None:
    """The maps made elsewhere that the opened study is about, as a method; None where it is about none."""
    study = cache.study_folders.opened_study()
    found = maps_of_study(study) if study is not None and study.model_id == model.id else None
    return given_method(found, model) if found is not None else None


def _dropped(key: str, pictures: int) -> _Dropped | None:
    """What was dropped here, now or before in this session."""
    if sentence := access.refusal(Role.COMPUTE, "Uploading maps"):
        st.info(plain(sentence), icon=":material/lock:")
        return None
    files = st.file_uploader(
        "NPY, NPZ or grey PNG",
        ["npy", "npz", "png"],
        accept_multiple_files=True,
        key=f"{key}-files",
        max_upload_size=MAX_MB,
    )
    show_bound()
    if files:
        named = tuple((file.name, file.getvalue()) for file in files)
        st.session_state[key] = _Dropped(named, _digest(named))
    kept: _Dropped | None = st.session_state.get(key)
    if kept is None:
        st.caption(
            "A map of this picture: numbers (h, w), of any resolution, signed or not, over what the network sees."
            if pictures == 1
            else "A map for each picture, in a file named as the picture is, or one file with all of them: numbers "
            "(pictures, h, w), or an array for each picture by its name. Any resolution, signed or not; each covers "
            "what the network sees."
        )
    elif not files:
        st.caption(f"{number_of(len(kept.files), 'file')} dropped before.")
        st.button("Forget them", key=f"{key}-forget", on_click=lambda: st.session_state.pop(key, None), type="tertiary")
    return kept


def _digest(files: Sequence[tuple[str, bytes]]) -> str:
    found = hashlib.sha256()
    for name, content in files:
        found.update(f"{name}\0{len(content)}\0".encode("utf-8", "replace") + content)
    return found.hexdigest()
