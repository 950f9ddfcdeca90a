"""Results as files."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

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


class _Made:
    """A file that is made when it is first asked for: who asks again, or meanwhile, gets the same and computes nothing.

    A press makes it in a thread of its own, and a browser may ask as often as it likes.
    """

    def __init__(self, make: Callable[[], str | bytes]) -> None:
        self._make, self._lock = make, threading.Lock()
        self._content: str | bytes | None = None

    def __call__(self) -> str | bytes:
        with self._lock:
            if self._content is None:
                self._content = self._make()
            return self._content


def offer_file(label: str, name: str, kind: str, make: Callable[[], str | bytes], **look: Any) -> None:
    """A button that makes a file when pressed; its name gets what the page shows, and the press goes to the access log.

    Parameters
    ----------
    label, name, kind : of the button; of the file, and its media type
    make : gives its content
    **look : as `st.download_button` takes it
    """
    told = access.recorded(_Made(make), "download", file=label)
    st.download_button(label, told, named(name), kind, on_click="ignore", **look)


def offer_files(files: Mapping[str, File], row: st.delta_generator.DeltaGenerator | None = None) -> None:
    """Buttons side by side that make a file when pressed: label -> (file name, media type, its content).

    The names get what the file is about, and the day: fifty files called table.csv are of no use. They stand in a row
    of their own, or among other buttons in the `row` that is given.
    """
    with row or st.container(horizontal=True, gap="small"):
        for label, file in files.items():
            offer_file(label, *file)
