"""The class that the maps explain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

import xai_core as xai
from app import cache, state
from app.controls.missing import warn_of_missing
from xai_core.questions.choices import TARGET
from xai_core.studies import ClassSeen

_LOOKED_AT = 4  # pictures, for the classes that are offered
_LIKELIEST = 5
CHOOSE_OF_BOARD = "what is still to be chosen"  # of the board: a sentence
_ASKED = "predictions were asked for"  # session key: the sidebar is still to follow


@dataclass(frozen=True)
class Target:
    """Which class the maps explain.

    Attributes
    ----------
    kind : "label", "prediction" or "class"
    index : the class of "class"
    """

    kind: str
    index: int | None = None


def choose_target(model: xai.Classifier, data: xai.Dataset | None) -> Target | None:
    """The class that the maps explain; None until one is chosen, since maps for any class would be made at once."""
    labelled = bool(data and data.labels)
    kinds = {**TARGET.options, "class": TARGET.other}
    kind = st.segmented_control(
        TARGET.title,
        list(kinds),
        format_func=kinds.__getitem__,
        default="label" if labelled else "prediction",
        required=True,
        wrap=True,
        key=TARGET.address,
        help=TARGET.help,
        bind="query-params",
    )
    state.note("target", kinds[kind])
    if kind != "class":
        return Target(kind)
    index = choose_class(model, data)
    return None if index is None else Target("class", index)


def offer_prediction(seen: ClassSeen) -> None:
    """A button that asks about the predictions, below an answer that the model does not see what was asked about."""
    if st.session_state.pop(_ASKED, False):
        st.rerun()  # the sidebar, too, which a fragment leaves as it is
    if seen.seen or st.session_state.get(TARGET.address) in (None, "prediction"):
        return
    st.button("Explain the predictions instead", icon=":material/swap_horiz:", on_click=_ask_for_predictions)


def _ask_for_predictions() -> None:
    st.session_state[TARGET.address] = "prediction"
    st.session_state[_ASKED] = True


def choose_class(model: xai.Classifier, data: xai.Dataset | None) -> int | None:
    """A class of the model, those of the pictures first; None until one is chosen."""
    warn_of_missing("class", "Class", model.class_names)
    known = set(data.labels) if data else set()
    first = [name for name in model.class_names if name in known]
    if data is not None:
        first += [name for name in _likeliest(model, data) if name not in known]
    offered = list(dict.fromkeys([*first, *model.class_names]))
    place = model.class_names.index(name) if (name := st.session_state.get("class")) in set(model.class_names) else None
    if state.asked("class") and place is None:
        place = 0  # the address asks for one that is not here
    name = st.selectbox(
        "Class",
        offered,
        index=None if place is None else offered.index(model.class_names[place]),
        key="class",
        bind="query-params",
        placeholder="Choose a class",
    )
    state.note("class", name)
    if name is None:
        st.caption(
            "Choose the class that the maps are to explain. The labels of the pictures stand first, then the classes "
            "that the model finds likeliest in them."
        )
        if data is not None:
            state.board()[CHOOSE_OF_BOARD] = (
                "Choose the class that the maps are to explain, at the foot of the sidebar."
            )
        return None
    return model.class_names.index(name)


def _likeliest(model: xai.Classifier, data: xai.Dataset) -> list[str]:
    """The classes that the model finds likeliest in the first pictures; none where these cannot be read."""
    try:
        samples, _ = cache.data.pictures(data[:_LOOKED_AT], model, lambda *_: None)
        p = [cache.maps.probabilities(model.id, sample.id, model, sample) for sample in samples]
    except xai.XaiError:  # the page says it, where it looks at the pictures itself
        return []
    if not p:
        return []
    mean = np.nan_to_num(np.mean(p, axis=0), nan=-1.0)
    return [model.class_names[index] for index in np.argsort(-mean, kind="stable")[:_LIKELIEST]]
