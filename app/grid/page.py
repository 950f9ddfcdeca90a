"""What stands in place of a page whose address names a grid of studies, and the ways there and back."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app import cache, paths, state
from app.controls import plain, show_error
from app.grid.shown import show_compared, show_running
from xai_core.batch.grid_folder import is_grid
from xai_core.errors import XaiError
from xai_core.questions import get_question


def names_grid(path: str) -> bool:
    """Whether a path is that of a grid of studies that may be opened.

    Parameters
    ----------
    path : as it was typed, or stands in the address
    """
    try:
        return is_grid(paths.allowed(path))
    except XaiError:
        return False


def show_if_grid(page: str) -> bool:
    """Show the grid of studies that the address names; whether it takes the place of the page.

    Parameters
    ----------
    page : its file in views/, without its ending
    """
    path = st.query_params.get("study")
    if not path or not names_grid(path):
        return False
    state.note("study", path)
    try:
        grid = cache.study_folders.grid(path)
        asked = get_question(grid.kind)
        if asked.page != page:
            offer(path, f"Open the grid of studies on {asked.title}")
            return False
        found = cache.study_folders.studies_in(grid)
    except XaiError as error:
        show_error(error)
        return True
    st.caption(f":material/grid_on: {plain(f'All studies of the grid in {path}.')}")
    if all(one.ended for one in found):
        show_compared(grid, found)
    else:
        show_running(path)
    return True


def offer(path: str, label: str) -> None:
    """A button to the page of a grid, if it can be opened.

    Parameters
    ----------
    path : of its folder
    label : of the button
    """
    try:
        asked = get_question(cache.study_folders.grid(path).kind)
    except XaiError as error:
        show_error(error)
        return
    st.button(label, on_click=state.go, args=(asked.page, {"study": path}), icon=":material/grid_on:", key="open-grid")


def offer_back(path: str) -> None:
    """From a study to the grid that it is part of.

    Parameters
    ----------
    path : of the study's folder
    """
    above = str(Path(path).parent)
    if names_grid(above):
        offer(above, "All studies of this grid")
