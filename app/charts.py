"""What the charts of the pages have in common."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app import state
from app.controls.files import named

FORMAT = "charts"  # key of the choice, and parameter of the address
_FORMATS = ("PNG", "SVG")
# Pixels of a slide, on which a chart's letters of 12 pixels are as large as 12 points; a PNG has three times as many.
_WIDTH, _HEIGHT, _SCALE = 960, 540, 3


def quiet(name: str) -> dict[str, Any]:
    """Plotly without its bar of buttons but for the picture of a chart, when the pointer is on it.

    The picture is as large as a slide, and its file says what it shows: the chart, data, label, model and day.

    Parameters
    ----------
    name : of the chart, as in a file's name
    """
    form = st.session_state.get(FORMAT, st.query_params.get(FORMAT))
    form = "svg" if form == "SVG" else "png"
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {
            "format": form,
            "filename": named(f"{name}.{form}").removesuffix(f".{form}"),
            "width": _WIDTH,
            "height": _HEIGHT,
            "scale": _SCALE if form == "png" else 1,
        },
    }


def offer_format() -> None:
    """As what the camera above each chart saves it, on this page and those that follow."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
        st.markdown(
            ":material/photo_camera: on a chart saves a slide (16:9) as",
            width="content",
            help="PNG goes into any program; SVG stays sharp at any size and can be edited. Charts in reports are SVG.",
        )
        form = st.segmented_control(
            "Charts are saved as",
            _FORMATS,
            default=_FORMATS[0],
            required=True,
            key=FORMAT,
            bind="query-params",
            label_visibility="collapsed",
            width="content",
        )
    state.note(FORMAT, None if form == _FORMATS[0] else form)
