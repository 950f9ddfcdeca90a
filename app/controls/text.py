"""Text and HTML as the pages show them: names are text, whatever they contain."""

from __future__ import annotations

import re
from dataclasses import dataclass

import streamlit as st

import xai_core as xai
from xai_core.errors import printable
from xai_core.studies import typeset

# Web and mail addresses become links, and names of icons icons, whatever is escaped: an invisible letter prevents it.
_LINKED = re.compile(r"(?<=:)(?=//|material/|streamlit:)|(?<=www)(?=\.)|(?<=@)", re.IGNORECASE)
_NUMBERED = re.compile(r"^(\s*\d+)([.)])(?=\s|$)")  # would begin a list


@dataclass(frozen=True)
class Markup:
    """HTML made here. As plain text, Streamlit would look for its indentation, which takes long where pictures are."""

    body: str

    def _repr_html_(self) -> str:
        return self.body


def plain(text: str) -> str:
    """Text as it is, in one line, with nothing that Markdown would act on; numbers as they are printed."""
    text = printable(" ".join(typeset(text).splitlines()))
    text = _LINKED.sub("\N{WORD JOINER}", text)
    for character in "\\`*_{}[]<>()#+-!|$:~&":
        text = text.replace(character, "\\" + character)
    return _NUMBERED.sub(r"\1\\\2", text)


def show_error(error: xai.XaiError) -> None:
    st.error(plain(str(error)), icon=":material/error:")
