"""Results as files."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st


def offer_files(files: Mapping[str, tuple[str, str, Callable[[], str | bytes]]]) -> None:
    """Buttons side by side that make a file when pressed: label -> (file name, media type, its content)."""
    for column, (label, (name, kind, make)) in zip(st.columns(len(files)), files.items(), strict=True):
        column.download_button(label, make, name, kind, width="stretch", on_click="ignore")
