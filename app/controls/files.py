"""Results as files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

import streamlit as st

from app import access, state

File = tuple[str, str, Callable[[], str | bytes]]  # its name, media type, and what makes its content
_MOST = 40  # letters of each part of a file's name
DATA_OF_BOARD = "data set"  # of the board: reports say how its files were read
WHOLE_OF_BOARD = "whole data set"  # of the board: all that the chosen pictures were chosen from
EDITED_OF_BOARD = "edited"  # of the board: how one of the pictures was edited, in words
MODEL_OF_BOARD = "model"  # of the board: its title


def named(name: str) -> str:
    """A file's name with data set, label, model and date of what the page shows."""
    stem, _, ending = name.rpartition(".")
    labels = st.query_params.get_all("labels")
    data = state.board().get(DATA_OF_BOARD)
    about = [data.title if data is not None else "", labels[0] if len(labels) == 1 else ""]
    about.append(str(state.board().get(MODEL_OF_BOARD, "")))
    parts = [re.sub(r"[^\w]+", "-", one.lower()).strip("-")[:_MOST] for one in about]
    return ".".join(["-".join([stem, *filter(None, parts), date.today().isoformat()]), ending])


def offer_files(files: Mapping[str, File]) -> None:
    """Buttons side by side that make a file when pressed: label -> (file name, media type, its content).

    The names get what the file is about, and the day: fifty files called table.csv are of no use.
    """
    bar = st.container(horizontal=True, gap="small")
    for label, (name, kind, make) in files.items():
        told = access.recorded(make, "download", file=label)
        bar.download_button(label, told, named(name), kind, on_click="ignore")
