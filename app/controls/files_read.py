"""How the files were read: what was decided for all of them, with examples, and the choices that change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

import xai_core as xai
from app import cache, state
from app.controls.text import Markup, plain
from xai_core.data import FILE_OPTIONS, option_address
from xai_core.types import Setting

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

TITLE = "How the files were read"
_EXAMPLES = 3


@dataclass(frozen=True)
class ReadingPanel:
    """Its places, for what was decided and for a layout's own choices, and what is chosen in it as (key, value)."""

    place: DeltaGenerator
    choices: DeltaGenerator
    is_open: bool
    options: tuple[tuple[str, str], ...]


def choose_reading(offered: Sequence[Setting] = FILE_OPTIONS) -> ReadingPanel:
    """The panel with its choices; what was decided is shown in it by `show_reading`, once the pictures are known.

    Parameters
    ----------
    offered : what can be chosen of the files; nothing of a data set that is known by name, whose files are always alike
    """
    panel = st.expander(TITLE, icon=":material/rule:", key="files-read", on_change="rerun")
    with panel:
        place, choices = st.container(), st.container()
        options = tuple((option.key, _choose(option)) for option in offered)
    return ReadingPanel(place, choices, bool(panel.open), options)


def _choose(option: Setting) -> str:
    """The value of an option, as its text."""
    address = option_address(option)
    if option.titles:
        said = st.selectbox(
            option.title,
            list(option.titles.values()),
            key=address,
            bind="query-params",
            accept_new_options=True,
            help=option.help,
        )
    else:
        said = st.text_input(
            option.title, key=address, bind="query-params", placeholder=option.default, help=option.help
        ).strip()
    value = str(said or option.default)
    state.note(address, "" if value in (option.default, option.name_of(option.default)) else value)
    return value


def show_reading(panel: ReadingPanel, found: xai.Dataset) -> None:
    """What was decided of the files, from what, and examples; computed only where the panel is open."""
    if not panel.is_open:
        return
    with panel.place:
        for sentence in found.how_read:
            st.markdown(plain(sentence))
        stamp = found.reading.stamp if found.reading is not None else ""
        examples = cache.data.examples(found, _EXAMPLES, stamp)
        if examples:
            from xai_core import figures

            st.html(Markup(figures.read_files_html(examples)))
