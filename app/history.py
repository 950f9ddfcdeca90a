"""Back leaves a page at once and finds the one before as it was left, although pages write into their address."""

from __future__ import annotations

import streamlit as st

# The browser's widgets of Streamlit replace the address when they change, its server adds a step to the history.
# A step that nothing goes back by would only have to be clicked away, so that both replace. A page that is on its way
# may write its address before the browser has left the other one, which then gets back what it had at the last act.
_JS = """
export default function () {
  if (history.replaces) return;
  history.replaces = true;
  const push = history.pushState, replace = history.replaceState;
  let acted = location.href;
  for (const act of ["pointerdown", "keydown"]) addEventListener(act, () => { acted = location.href; }, true);
  const path = (address) => new URL(address, location.href).pathname;
  history.pushState = function (state, title, address) {
    if (path(address) === location.pathname) return replace.call(history, state, title, address);
    if (path(acted) === location.pathname) replace.call(history, state, title, acted);
    push.call(history, state, title, address);
  };
}
"""
_history = st.components.v2.component("history", html="<span></span>", js=_JS)


def shorten_history() -> None:
    """One step in the browser's history for each page that is opened, however much is chosen there."""
    with st.container(key="history"):
        _history(key="history-of-pages")
