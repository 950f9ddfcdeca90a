"""What the labels of the pictures are among the model's classes, and what the user says they are."""

from __future__ import annotations

import re

import streamlit as st

import xai_core as xai
from app import defaults, state
from app.controls.files import DATA_OF_BOARD
from app.controls.missing import warn_of_missing
from app.controls.text import plain
from xai_core.data import NO_CLASS, label_address
from xai_core.models import LabelMatch, ambiguous_sentence, everyday_labels, everyday_sentence, match_labels
from xai_core.types.counts import number_of, part_of

SHOWN = 24  # labels that have a control of their own; the command and the library take a file of any number
_NAMES = "classes"  # key of the field for a checkpoint's class names
_NUMBERED = re.compile(r"class \d+")  # what a class is called that has no name
NAMELESS_OF_BOARD = "no class names"  # of the board: the model, where its weights came without names
_FOUND = ""  # in the place of a class's name


def choose_classes(data: xai.Dataset | None, model: xai.Classifier | None) -> xai.Dataset | None:
    """The pictures, with what their labels were said to stand for: two columns, labels and classes.

    Parameters
    ----------
    data : with or without labels; None stays None
    model : whose classes they are
    """
    if data is None or model is None or not data.labels:
        return data
    matches = match_labels(model, data)
    changed = [match for match in matches if _is_stated(match.label)]
    open_ones = [match for match in matches if match.index is None and match not in changed]
    first = list(dict.fromkeys([*changed, *open_ones]))
    title = "Labels and classes"
    words = set(everyday_labels(model, open_ones))
    if none := len(open_ones) - len(words):
        title += f" · {part_of(none, len(matches), 'label')} without a class"
    if words:
        title += f" · {number_of(len(words), 'word')} for several classes"
    if changed and not open_ones:
        title += " · changed"
    with st.expander(title, icon=":material/label:", key="labels-and-classes"):
        _explain(matches, model)
        everyone = len(first) < len(matches) and st.toggle("Show the labels that have a class", key="matched-labels")
        asked = list(dict.fromkeys([*first, *(matches if everyone else ())]))
        shown = asked[:SHOWN]
        # In the labels' own order, so that no row jumps when another one is chosen.
        stated = {match.label: _choose(match, model, data) for match in matches if match in shown}
        if len(asked) > SHOWN:
            st.caption(f"{len(asked) - SHOWN} more: say what they stand for in a file, to the command or library.")
    said = {label: "" if one == NO_CLASS else one for label, one in stated.items() if one != _FOUND}
    return data.map_labels(said) if said else data


def note_nameless(model: xai.Classifier) -> None:
    """Let the page know of weights that came without class names, and may be given some."""
    if _NAMES in st.session_state and all(_NUMBERED.fullmatch(name) for name in model.class_names):
        state.board()[NAMELESS_OF_BOARD] = model


def offer_names() -> None:
    """Say on the page that the weights came without class names, and offer the labels where there are as many."""
    model: xai.Classifier | None = state.board().get(NAMELESS_OF_BOARD)
    if model is None:
        return
    data: xai.Dataset | None = state.board().get(DATA_OF_BOARD)
    names = sorted(data.labels) if data is not None else []
    fit = len(names) == len(model.class_names)
    st.warning(
        plain(
            f"The checkpoint came without class names, so its classes are called {model.class_names[0]} to "
            f"{model.class_names[-1]}. Type their names in the sidebar" + (", or take the labels." if fit else ".")
        ),
        icon=":material/label_off:",
    )
    if fit and st.button(
        "Use the labels as class names",
        key="names-of-labels",
        on_click=_name_classes,
        args=(names,),
        icon=":material/label:",
        help=f"In the order of the alphabet, as most training programs number them: {plain(names[0])} is class 0.",
    ):
        st.rerun()  # with the sidebar, whose field holds them now


def _name_classes(names: list[str]) -> None:
    st.session_state[_NAMES] = "\n".join(names)


def _is_stated(label: str) -> bool:
    key = label_address(label)
    return bool(st.session_state.get(key) or state.asked(key))


def _explain(matches: list[LabelMatch], model: xai.Classifier) -> None:
    """How many have a class, and which cannot be told apart."""
    there = sum(match.index is not None for match in matches)
    st.caption(
        f"{part_of(there, len(matches), 'label', 'is', 'are')} among the model's "
        f"{number_of(len(model.class_names), 'class')} by name. "
        "A label without a class is neither right nor wrong."
    )
    if several := ambiguous_sentence(matches, model.class_names):
        st.caption(plain(several))
    if words := everyday_sentence(model, matches):
        st.caption(plain(words))


def _choose(match: LabelMatch, model: xai.Classifier, data: xai.Dataset) -> str:
    """A row: the label, and what it stands for."""
    key = label_address(match.label)
    found = model.class_names[match.index] if match.index is not None else "no class found"
    titles = {_FOUND: f"By name: {found}" if match.index is not None else found, NO_CLASS: NO_CLASS}
    titles |= {name: name for name in model.class_names if name not in titles}
    state.own(key)
    defaults.reset_on_change(key, f"{data.key} {hash(model.class_names)}", _FOUND)
    warn_of_missing(key, f"The class of {match.label}", titles.values())
    if st.session_state.get(key, _FOUND) not in titles:
        del st.session_state[key]
    chosen = st.selectbox(
        plain(match.label), list(titles), format_func=titles.__getitem__, key=key, bind="query-params"
    )
    state.note(key, titles[chosen] if chosen != _FOUND else None)
    return str(chosen)
