"""What the charts of the pages have in common."""

from __future__ import annotations

import weakref
from typing import Any

import streamlit as st
from plotly.graph_objects import Figure

from app import state
from app.controls.files import named

FORMAT = "charts"  # key of the choice, and parameter of the address
_FORMATS = ("PNG", "SVG")
INK = "#5A6070"  # at the axes of a chart on a light page: 6.3 on white
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


def show_chart(place: Any, figure: Figure, **look: Any) -> Any:
    """A chart as `plotly_chart` draws it, with letters at its axes that are dark enough, on the page and in a file.

    Streamlit's grey of the light theme has a contrast of 3.7 on white; a style sheet does not reach a file.

    Parameters
    ----------
    place : where it is drawn: Streamlit itself, or one of its containers
    figure : it is left as it is, since others may draw it, too
    **look : as `plotly_chart` takes it
    """
    return place.plotly_chart(figure if st.context.theme.type == "dark" else inked(figure), **look)


_inked: dict[int, Figure] = {}  # id of a figure that is still there -> its copy with INK


def inked(figure: Figure) -> Figure:
    """A copy with INK at its axes; the same one each time, since copying takes five times as long as sending it."""
    if (there := _inked.get(id(figure))) is not None:
        return there
    weakref.finalize(figure, _inked.pop, id(figure), None)
    copy = _inked[id(figure)] = Figure(figure)
    copy.layout.font.color = copy.layout.legend.title.font.color = INK
    for axis in (*copy.select_xaxes(), *copy.select_yaxes()):
        axis.tickfont.color = axis.title.font.color = INK
    for axis in copy.select_coloraxes():
        axis.colorbar.tickfont.color = axis.colorbar.title.font.color = INK
    return copy


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
