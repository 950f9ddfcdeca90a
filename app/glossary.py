"""What the pages' terms mean and what the keys do, at hand on each page."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import streamlit as st

KEYS = {"N": "next picture", "P": "previous picture", "L": "copy the link", "?": "this list, and what terms mean"}
TERMS, SHORTCUTS = "Terms", "Keyboard shortcuts"  # tabs
_GLOSSARY = Path(__file__).with_name("glossary.md")  # a page of the docs, too


@cache
def sections() -> dict[str, list[tuple[str, str]]]:
    """The terms and their meanings, in Markdown without links, under their headings."""
    written: dict[str, list[tuple[str, str]]] = {}
    heading = ""
    for line in _GLOSSARY.read_text("utf-8").splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        elif line.startswith("| **"):
            term, meaning = (
                re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", cell.strip()) for cell in line.strip("|").split("|")
            )
            written.setdefault(heading, []).append((term, meaning))
    return written


def found(wanted: str) -> dict[str, list[tuple[str, str]]]:
    """The terms in which, or in whose meanings, each word that is wanted occurs."""
    words = wanted.casefold().split()
    kept = {
        heading: [row for row in rows if all(word in " ".join(row).replace("*", "").casefold() for word in words)]
        for heading, rows in sections().items()
    }
    return {heading: rows for heading, rows in kept.items() if rows}


@st.dialog("Glossary", width="large")
def show_glossary(opened: str) -> None:
    """All terms or those that are looked for, and the keyboard shortcuts; `opened` is the tab that is open at first."""
    terms, keys = st.tabs([TERMS, SHORTCUTS], default=opened)
    with terms:
        wanted = st.text_input("Find a term", key="glossary-term", placeholder="AUC, Holm, superpixel")
        kept = found(wanted)
        if not kept:
            st.markdown("No term has these words.")
        for heading, rows in kept.items():
            st.markdown(f"**{heading}**")
            _table("Term", "Meaning", rows)
    with keys:
        _table("Key", "Does", [(f"**{key}**", words) for key, words in KEYS.items()])
        st.caption("The address of this page holds all that is chosen: copy it to come back, or to show somebody.")


def _table(left: str, right: str, rows: list[tuple[str, str]]) -> None:
    st.markdown("\n".join([f"| {left} | {right} |", "|---|---|", *(f"| {one} | {two} |" for one, two in rows)]))
