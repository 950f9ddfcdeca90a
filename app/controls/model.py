"""The model: one that is known, or a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache as once
from pathlib import Path
from typing import Any

import streamlit as st

import xai_core as xai
from app import by_hand, cache, defaults, paths, state
from app.controls.downloads import download
from app.controls.files import MODEL_OF_BOARD
from app.controls.labels import note_nameless
from app.controls.missing import ABSENT_OF_BOARD, MISSING_OF_BOARD, show_missing, warn_of_missing
from app.controls.model_notes import show_notes
from app.controls.model_settings import choose_model_settings
from app.controls.text import plain
from xai_core.models import ARCHITECTURES, BUNDLED, cached_place

CHECKPOINT = "checkpoint"
FOUND = ""  # in the place of an architecture's key
_LAST = "last_model"  # session key: what the last model that loaded was loaded with


def fitting(data: xai.Dataset | None, default: str = BUNDLED) -> str:
    """The key of the model that comes along and knows such pictures best; a page's own default without pictures."""
    return default if data is None else (data.models or (BUNDLED,))[0]


@once  # which asks of every model whether its weights are there
def begins_with(data: str, model: str) -> Mapping[str, str]:
    """The data set and the model that a page begins with, as the address names them."""
    return {"data": by_hand.titles("data")[data], "model": by_hand.titles("model")[model]}


def _titles(known: dict[str, xai.ModelInfo]) -> dict[str, str]:
    """What the list of models says: those that people know or have, a file of their own, and then all the others."""
    all_of_it = {key: info.title for key, info in known.items()}
    first = {key: title for key, title in all_of_it.items() if known[key].common or known[key].on_disk}
    return first | {CHECKPOINT: by_hand.CHECKPOINT} | all_of_it  # which leaves the first where they are


Request = tuple[str, tuple[tuple[str, Any], ...], str]  # what `cache.models.classifier` takes


def choose_model(default: str = BUNDLED) -> xai.Classifier | None:
    """The model; where the one asked for cannot be loaded, the last one that could, and the page says so.

    Parameters
    ----------
    default : key of the model that a page begins with
    """
    known = {info.key: info for info in xai.list_models()}
    titles = _titles(known)
    warn_of_missing("model", "Model", titles.values())
    defaults.follow_default("model", default)
    key = st.selectbox(
        "Model",
        list(titles),
        index=list(titles).index(default),
        format_func=titles.__getitem__,
        key="model",
        bind="query-params",
    )
    state.note("model", titles[key])
    before = len(state.board().get(MISSING_OF_BOARD, ()))
    model = _load(_request(key, known))
    if model is None:
        model = _last(default)
        st.caption(f"Until then the page stays with {plain(model.title)}.")
        why = [*state.board().get(MISSING_OF_BOARD, ())[before:], f"{titles[key]}: none is chosen yet."]
        said = f"{why[0]} What follows is about {model.title}."
        state.board().setdefault(ABSENT_OF_BOARD, {})["weights"] = said
    state.board()[MODEL_OF_BOARD] = model.title
    note_nameless(model)
    show_notes(model)
    return model


def _request(key: str, known: dict[str, xai.ModelInfo]) -> Request | None:
    """What is to be loaded, with what is stated of it; None with the reason shown."""
    request: Request | None = (key, (), "")
    if key == CHECKPOINT:
        try:
            request = _checkpoint_request()
        except xai.XaiError as error:
            show_missing(error)
            request = None
    elif not known[key].on_disk:
        download(known[key])
        request = None
    stated = choose_model_settings(f"{key} {request[0] if request else ''}")
    if request is None or stated is None:
        return None
    key, settings, stamp = request
    return key, (*settings, *stated), stamp


def _load(request: Request | None) -> xai.Classifier | None:
    """The model, which is remembered; None with the reason shown."""
    if request is None:
        return None
    try:
        with st.spinner("Loading the model …"):
            model = cache.models.classifier(*request)
    except xai.XaiError as error:
        show_missing(error)
        return None
    st.session_state[_LAST] = request
    return model


def _last(default: str) -> xai.Classifier:
    """The last model that could be loaded."""
    try:
        return cache.models.classifier(*(st.session_state.get(_LAST) or (default, (), "")))
    except xai.XaiError:  # its file has gone, too
        return cache.models.classifier(default, (), "")


def _checkpoint_request() -> Request | None:
    kinds = {FOUND: "As the file's tensors say"} | {key: kind.title for key, kind in ARCHITECTURES.items()}
    path = st.text_input(
        "File or folder",
        key="weights",
        placeholder="/home/me/model.pth",
        help="Weights (a state dict or .safetensors), an ONNX file, a folder of Hugging Face's, or the name of a model "
        "that is on this disk: hf:microsoft/resnet-18, timm:vit_tiny_patch16_224.",
        bind="query-params",
    )
    architecture = st.selectbox(
        "Architecture",
        list(kinds),
        format_func=lambda key: kinds.get(key, key),
        accept_new_options=True,
        key="arch",
        help="Of weights without a network around them. Any network of timm's can be typed, too: timm:convnext_atto.",
        bind="query-params",
    )
    names = st.text_area(
        "Class names, one a line",
        key="classes",
        placeholder="cat\ndog\n… or the word imagenet",
        help="In the order of the model's outputs, one a line, or all in one line with commas between them. "
        "Left empty, the classes are numbered.",
        bind="query-params",
    )
    if not path.strip():
        st.caption("Type the path of a file or folder. Only tensors and descriptions are read from it, never code.")
        return None
    state.note("weights", path.strip())
    state.note("arch", kinds.get(architecture, architecture))
    state.note("classes", names)
    # One line is a list; of several, a name may hold commas.
    given = names.splitlines() if "\n" in names.strip() else names.split(",")
    lines = tuple(line.strip() for line in given if line.strip())
    classes: Any = "imagenet" if lines == ("imagenet",) else lines or None
    settings = (("architecture", architecture or None), ("class_names", classes))
    place = paths.model(path)
    if cache.stamps.is_folder(place):
        paths.check_links(Path(place))
    return place, settings, cache.stamps.model_stamp(cached_place(place) or place)
