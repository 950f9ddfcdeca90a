"""The picture to draw on: the browser shows what is drawn or dragged, and reports it once it is done."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

import xai_core as xai
from xai_core import figures
from xai_core.figures.tiles import jpeg_uri

_SIDE = 420  # CSS pixels, less where there is less room
_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".edit"), img = root.querySelector("img");
  const pad = root.querySelector("canvas"), pen = pad.getContext("2d");
  if (img.src !== data.src) img.src = data.src;
  img.alt = data.alt;
  root.style.maxWidth = data.side + "px";
  pad.style.cursor = data.tool === "object" ? "default" : data.tool ? "crosshair" : "default";
  pad.style.touchAction = data.tool ? "none" : "auto";
  let points = null, solid = null;
  const ghost = new Image();  // the object's outline on what is transparent elsewhere
  ghost.onload = () => {
    const small = new OffscreenCanvas(ghost.width, ghost.height).getContext("2d");
    small.drawImage(ghost, 0, 0);
    solid = small;
    draw();
  };
  img.onload = () => draw();
  if (data.ghost) ghost.src = data.ghost;
  const onObject = ([x, y]) => {  // or near it, since a finger is wide
    if (!solid) return false;
    const { width, height } = solid.canvas, near = Math.ceil(width * 12 / pad.clientWidth);
    const there = solid.getImageData(x * width / 1000 - near, y * height / 1000 - near, 2 * near + 1, 2 * near + 1);
    return there.data.some((value, place) => place % 4 === 3 && value > 0);
  };
  const within = (value) => Math.max(0, Math.min(1000, Math.round(1000 * value)));
  const at = (event) => {
    const box = pad.getBoundingClientRect();
    return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)];
  };
  const ends = () => [
    Math.min(points[0][0], points[1][0]), Math.min(points[0][1], points[1][1]),
    Math.max(points[0][0], points[1][0]), Math.max(points[0][1], points[1][1]),
  ];
  const draw = () => {
    pad.width = pad.clientWidth;
    pad.height = pad.clientHeight;
    if (data.tool === "object" && solid && (!points || points.length === 1)) {  // what can be dragged
      pen.globalAlpha = 0.7;
      pen.drawImage(ghost, 0, 0, pad.width, pad.height);
      pen.globalAlpha = 1;
    }
    if (!points) return;
    const [x, y] = [pad.width / 1000, pad.height / 1000];
    if (data.tool === "object" && points.length > 1) {
      const [from, to] = points;
      pen.imageSmoothingEnabled = false;
      pen.drawImage(ghost, (to[0] - from[0]) * x, (to[1] - from[1]) * y, pad.width, pad.height);
    } else if (data.tool === "box" && points.length > 1) {
      const [left, top, right, bottom] = ends();
      for (const [colour, width] of [["#111", 4], ["#fff", 2]]) {
        pen.strokeStyle = colour;
        pen.lineWidth = width;
        pen.strokeRect(left * x, top * y, (right - left) * x, (bottom - top) * y);
      }
    } else if (data.tool === "stroke") {
      pen.strokeStyle = "#D1495BB0";
      pen.lineWidth = data.width * Math.min(x, y);
      pen.lineCap = pen.lineJoin = "round";
      pen.beginPath();
      pen.moveTo(points[0][0] * x + 0.1, points[0][1] * y);  // a dot is seen, too
      points.forEach(([px, py]) => pen.lineTo(px * x, py * y));
      pen.stroke();
    }
  };
  pad.onpointerdown = (event) => {
    if (!data.tool || event.button || (data.tool === "object" && !onObject(at(event)))) return;
    pad.setPointerCapture(event.pointerId);
    points = [at(event)];
    draw();
  };
  pad.onpointermove = (event) => {
    if (data.tool === "object") pad.style.cursor = points ? "grabbing" : onObject(at(event)) ? "grab" : "default";
    if (!points) return;
    const next = at(event), last = points.at(-1);
    if (data.tool !== "stroke") points = [points[0], next];
    else if (Math.hypot(next[0] - last[0], next[1] - last[1]) >= 12) points.push(next);
    draw();
  };
  pad.onpointerup = () => {
    if (!points) return;
    if (data.tool === "object") {
      const by = points.length > 1 ? [points[1][0] - points[0][0], points[1][1] - points[0][1]] : [0, 0];
      if (by[0] || by[1]) setTriggerValue("moved", by);
    } else if (data.tool === "box") {
      if (points.length > 1) {
        const [left, top, right, bottom] = ends();
        if (right - left >= 5 && bottom - top >= 5) setTriggerValue("drawn", [left, top, right, bottom]);
      }
    } else {
      while (points.length > 120) points = points.filter((_, place) => place % 2 === 0 || place === points.length - 1);
      setTriggerValue("drawn", [data.width, ...points.flat()]);
    }
    points = null;
    draw();
  };
  pad.onpointercancel = () => { points = null; draw(); };
}
"""
_CSS = """
.edit{position:relative;line-height:0;border-radius:6px;overflow:hidden}
.edit img{width:100%;display:block}
.edit canvas{position:absolute;inset:0;width:100%;height:100%}
"""
_mount = st.components.v2.component(
    "edited-picture", html='<div class="edit"><img><canvas></canvas></div>', css=_CSS, js=_JS
)


def show_canvas(
    shown: xai.Sample,
    name: str,
    tool: str,
    width: int,
    on_region: Callable[[xai.Region], None],
    on_move: Callable[[xai.Edit], None],
) -> None:
    """The edited picture; what is drawn on it, or how far its object was dragged, is reported to the page.

    Parameters
    ----------
    shown : the edited picture
    name : of the unedited one
    tool : "box", "stroke", "object", which is dragged and needs a mask, or empty where nothing is drawn
    width : of a stroke, in thousandths of the shorter side
    """
    key = "canvas"

    def drawn() -> None:
        numbers = st.session_state[key]["drawn"]
        if numbers is None or tool not in ("box", "stroke"):
            return
        try:
            on_region(xai.Region(tool, tuple(int(one) for one in numbers)))  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):  # no browser sends that
            return

    def moved() -> None:
        numbers = st.session_state[key]["moved"]
        if numbers is None or tool != "object":
            return
        try:
            on_move(xai.Edit("move", amount=(*(int(one) for one in numbers), 100)))
        except (TypeError, ValueError, OverflowError):  # as above
            return

    movable = shown.mask if tool == "object" else None
    data = {
        "src": jpeg_uri(figures.enlarged(shown.pixels, _SIDE), 92),
        "alt": f"The edited picture {name}",
        "ghost": "" if movable is None else figures.ghost_uri(shown.pixels, movable, _SIDE),
        "tool": tool,
        "width": width,
        "side": _SIDE,
    }
    _mount(key=key, data=data, on_drawn_change=drawn, on_moved_change=moved)
