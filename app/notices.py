"""What a page says of pictures before it shows them: left out, without a known label, changed on reading."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

import xai_core as xai
from app import cache, state
from app.controls import ABSENT_OF_BOARD, CHOOSE_OF_BOARD, MISSING_OF_BOARD, WAITS_OF_BOARD, plain
from xai_core import plugins, studies
from xai_core.types.counts import first_of, form, number_of, part_of

_NOTED = 5  # pictures whose notes are shown


def of_plugins() -> None:
    """Say in the sidebar which plug-ins cannot be used; everything else works."""
    if not plugins.looked_for():
        for known in (xai.list_methods, xai.list_datasets, xai.list_models):
            known()  # what is broken is found where it is looked for
    for sentence in plugins.problems():
        st.sidebar.warning(plain(sentence), icon=":material/extension_off:")


def problems(found: Sequence[xai.Problem]) -> None:
    """Say which files were passed over, and why."""
    _left_out("file", pd.DataFrame([(p.name, p.reason) for p in found], columns=["file", "why"]))


def unreadable(reasons: Sequence[str]) -> None:
    """Say which pictures of a long list could not be read, and why."""
    _left_out("picture", pd.DataFrame({"why": list(reasons)}))


def not_chosen(what: str = "pictures and a model") -> None:
    """Say that something is still to be chosen in the sidebar, and what is wrong there: on a phone it is closed.

    Parameters
    ----------
    what : the page still needs
    """
    if errors() or state.board().get(WAITS_OF_BOARD):
        return  # or the page begins with an uploader
    said = state.board().get(CHOOSE_OF_BOARD) or f"Choose {what} in the sidebar, which says what is missing."
    st.info(said, icon=":material/arrow_back:")


def errors(barred: bool = False) -> bool:
    """Say why what was chosen in the sidebar cannot be used; `barred`: all but what the bar of pictures says.

    Returns
    -------
    Whether anything was said.
    """
    absent = " ".join(state.board().get(ABSENT_OF_BOARD, {}).values()) if barred else ""
    found = [one for one in state.board().get(MISSING_OF_BOARD, ()) if one not in absent]
    for error in found:
        st.error(plain(error), icon=":material/error:")
    return bool(found)


def none_readable(why: str = "") -> None:
    """Say that there is nothing to show, and why the first picture cannot be read."""
    st.warning(plain(f"None of the pictures can be read, so there is nothing to show. {why}".strip()))


def _left_out(what: str, listed: pd.DataFrame) -> None:
    if listed.empty:
        return
    word = f"{number_of(len(listed), what)} {form(len(listed), 'was', 'were')}"
    with st.expander(f"{word} left out", icon=":material/warning:"):
        st.dataframe(listed, hide_index=True, width="stretch")


def missing(sentence: str) -> None:
    """Say what the address asked for and is not here, if anything."""
    if sentence:
        st.warning(plain(sentence), icon=":material/link_off:")


def labels(samples: Sequence[xai.Sample], truth: Sequence[int | None], model: xai.Classifier) -> None:
    """Say where a label is none of the model's classes, so that the prediction is explained instead."""
    unknown = sorted({str(s.label) for s, t in zip(samples, truth, strict=True) if t is None and s.label})
    count = sum(t is None for t in truth)
    if not count:
        return
    instead = "likeliest label" if model.outputs.independent else "prediction"
    if not unknown and count == len(samples):
        label_off(studies.unknown_labels(count, [None] * count, model.title, instead))
        return
    which = f" ({first_of(unknown, 6)})" if unknown else ""
    label_off(
        f"{part_of(count, len(samples), 'picture', 'has', 'have')} no label that {model.title} knows{which}. "
        f"{form(count, 'Its map explains', 'Their maps explain')} the {instead} instead."
        if len(samples) > 1
        else f"The picture has no label that {model.title} knows{which}. Its map explains the {instead} instead."
    )


def label_off(sentence: str) -> None:
    """Say, without raising one's voice, of which pictures the maps explain another class than the label, and why."""
    st.caption(f":material/label_off: {plain(sentence)}")


def near_copies(samples: Sequence[xai.Sample]) -> None:
    """Say where pictures that the tests count one by one look nearly the same as others."""
    if sentence := cache.results.near_copies(samples).sentence:
        st.warning(plain(sentence), icon=":material/content_copy:")


def notes(samples: Sequence[xai.Sample]) -> None:
    """Say what was done to pictures on reading them, a line for each."""
    noted = [(sample.name, "; ".join(sample.notes)) for sample in samples if sample.notes]
    if noted:
        lines = [plain(f"{name}: {notes}") for name, notes in noted[:_NOTED]]
        if len(noted) > _NOTED:
            lines.append(f"… and {len(noted) - _NOTED} more")
        st.caption("  \n".join(lines))  # two blanks end a line
