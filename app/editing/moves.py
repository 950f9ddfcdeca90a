"""What can be done to the picture: the tools, their numbers, and the buttons that do it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

import xai_core as xai
from xai_core.types.edits import FILL_TITLES

TOOLS = {"box": "Box", "stroke": "Stroke", "object": "Object", "whole": "Whole picture"}
BY_SLIDERS = ("object", "whole")  # tools whose sliders are not a second way only, for those who cannot draw
_WHOLE = {  # title, unit, lowest and highest value, and the one to begin with
    "brightness": ("Brightness", "percent of the range", -100, 100, 30),
    "noise": ("Noise", "percent of the range", 0, 100, 10),
    "rotate": ("Rotation", "degrees, anticlockwise", -180, 180, 15),
}
_BOX = 220  # pixels of a control in the row of tools
Do = Callable[[xai.Edit], None]


@dataclass(frozen=True)
class Tool:
    """What is chosen.

    Attributes
    ----------
    kind : of `TOOLS`
    fill : of `FILL_TITLES`
    source : name of the picture to paste from, else empty
    outside : whether everything else is filled
    width : of a stroke, in thousandths of the shorter side
    """

    kind: str
    fill: str
    source: str
    outside: bool
    width: int

    def fills(self, region: xai.Region) -> xai.Edit:
        """The edit that fills a region as is chosen."""
        return xai.Edit(self.fill, xai.Region(region.shape, region.numbers, self.outside), source=self.source)


def choose_tool(masked: bool, others: Sequence[str]) -> Tool:
    """The tool and what it fills with.

    Parameters
    ----------
    masked : whether there is an object to fill or to move
    others : names of the pictures that can be pasted from
    """
    offered = [kind for kind in TOOLS if masked or kind != "object"]
    if st.session_state.get("edit-tool") not in (None, *offered):
        st.session_state["edit-tool"] = offered[0]
    kind = st.segmented_control(
        "What to change",
        offered,
        format_func=TOOLS.__getitem__,
        default="box",
        required=True,
        key="edit-tool",
        wrap=True,
        width="content",
    )
    fill, source, outside, width = "blur", "", False, 60
    if kind != "whole":
        fills = [one for one in FILL_TITLES if others or one != "paste"]
        fill = st.selectbox(
            "What it is filled with", fills, format_func=FILL_TITLES.__getitem__, key="edit-fill", width=_BOX
        )
        if fill == "paste":
            source = st.selectbox("The other picture", list(others), key="edit-source", width=_BOX)
        outside = st.toggle("Fill everything else instead", key="edit-outside")
    if kind == "stroke":
        width = 10 * st.slider("Width of the stroke in percent", 1, 30, 6, key="edit-width", width=_BOX)
    return Tool(kind, fill, source, outside, width)


def show_numbers(tool: Tool, do: Do) -> None:
    """The same by numbers: all that is drawn can be done with the keyboard."""
    {"box": _box, "stroke": _stroke, "object": _object, "whole": _whole}[tool.kind](tool, do)


def _box(tool: Tool, do: Do) -> None:
    with st.expander("The box by numbers", icon=":material/keyboard:"):
        left, right = st.slider("From left to right in percent of the width", 0, 100, (30, 70), key="edit-across")
        top, bottom = st.slider("From top to bottom in percent of the height", 0, 100, (30, 70), key="edit-down")
        numbers = (10 * left, 10 * top, 10 * right, 10 * bottom)
        empty = left >= right or top >= bottom
        _button("Fill this box", lambda: do(tool.fills(xai.Region("box", numbers))), disabled=empty)


def _stroke(tool: Tool, do: Do) -> None:
    with st.expander("The stroke by numbers", icon=":material/keyboard:"):
        left, right = st.slider("Its ends from left to right in percent of the width", 0, 100, (20, 80), key="edit-x")
        begin = st.slider("Its left end in percent of the height, from the top", 0, 100, 50, key="edit-begin")
        end = st.slider("Its right end in percent of the height, from the top", 0, 100, 50, key="edit-end")
        numbers = (tool.width, 10 * left, 10 * begin, 10 * right, 10 * end)
        _button("Draw this stroke", lambda: do(tool.fills(xai.Region("stroke", numbers))))


def _object(tool: Tool, do: Do) -> None:
    words = "Fill everything but the object" if tool.outside else "Fill the object"
    _button(words, lambda: do(tool.fills(xai.Region("object"))))
    across = st.slider("Move to the right in percent of the picture's width", -100, 100, 0, key="edit-right")
    down = st.slider("Move down in percent of the picture's height", -100, 100, 0, key="edit-lower")
    size = st.slider("Size in percent of what it is now", 10, 400, 100, key="edit-size")
    edit = xai.Edit("move", amount=(10 * across, 10 * down, size))
    _button("Move and scale the object", lambda: do(edit), disabled=edit.amount == (0, 0, 100))


def _whole(tool: Tool, do: Do) -> None:
    for what, (title, unit, low, high, start) in _WHOLE.items():
        row = st.container(horizontal=True, vertical_alignment="bottom")
        amount = row.slider(f"{title} in {unit}", low, high, start, key=f"edit-{what}", width=_BOX)
        with row:
            _button(f"Apply: {title.lower()}", partial(do, xai.Edit(what, amount=(amount,))))


def _button(words: str, act: Callable[[], None], *, disabled: bool = False) -> None:
    st.button(words, on_click=act, disabled=disabled, key=f"do-{words}")
