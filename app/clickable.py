"""HTML that can be clicked: an element with `data-pick` reports its value. The HTML must come escaped."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".clickable");
  if (root.shown !== data.html) {
    const focused = (parentElement.activeElement || document.activeElement)?.dataset?.pick;
    root.innerHTML = root.shown = data.html;
    if (focused) root.querySelector(`[data-pick="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }
  root.onclick = (event) => {
    const picked = event.target.closest("[data-pick]");
    if (picked) setTriggerValue("pick", picked.dataset.pick);
  };
}
"""
_mount = st.components.v2.component("clickable", html='<div class="clickable"></div>', js=_JS)


def clickable(html: str, key: str, on_pick: Callable[[str], None]) -> None:
    """Show HTML; `on_pick` gets the `data-pick` of what is clicked, before the page runs again."""

    def picked() -> None:
        value = st.session_state[key]["pick"]
        if value is not None:
            on_pick(str(value))

    _mount(key=key, data={"html": html}, on_pick_change=picked)
