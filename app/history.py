"""Back leaves a page at once, although pages write into their address what they begin with."""

from __future__ import annotations

import streamlit as st

# Streamlit adds a step to the browser's history whenever the address changes. What a page writes into it before
# anybody did anything there belongs to the arrival, so it takes the place of the address that one arrived with.
_JS = """
export default function () {
  if (history.arrivals) return;
  history.arrivals = true;
  let arrived = true;
  const push = history.pushState, replace = history.replaceState;
  history.pushState = function (state, title, address) {
    const other = new URL(address, location.href).pathname !== location.pathname;
    (arrived && !other ? replace : push).call(history, state, title, address);
    arrived ||= other;
  };
  addEventListener("popstate", () => { arrived = true; });
  for (const done of ["pointerdown", "keydown"]) addEventListener(done, () => { arrived = false; }, true);
}
"""
_history = st.components.v2.component("history", html="<span></span>", js=_JS)


def shorten_history() -> None:
    """One step for each arrival at a page, and one for each thing that is chosen there."""
    with st.container(key="history"):
        _history(key="history-of-arrivals")
