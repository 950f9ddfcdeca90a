"""The button that copies the page's address; its keys are those of the page: L, and ? for the list of all."""

from __future__ import annotations

import streamlit as st

_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  const button = parentElement.querySelector("button"), said = parentElement.querySelector("span");
  const copy = async () => {
    const link = location.href;
    try {
      await navigator.clipboard.writeText(link);
    } catch {  // only pages on https or this computer may use the clipboard
      const field = document.createElement("textarea");
      field.value = link;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    said.textContent = "Copied";
    setTimeout(() => { said.textContent = "Copy link"; }, 1500);
  };
  button.onclick = copy;
  const onKey = (event) => {
    const into = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (into.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(into.tagName)) return;
    if (event.key === "?") setTriggerValue("help", true);
    if (event.key === "l" || event.key === "L") copy();
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}
"""
_CSS = """
button{font:inherit;font-size:.875rem;color:var(--st-text-color);background:transparent;cursor:pointer;height:2.5rem;
padding:0 .75rem;border:1px solid var(--st-border-color);border-radius:var(--st-button-radius,.5rem);white-space:nowrap}
button:hover,button:focus-visible{border-color:var(--st-primary-color);color:var(--st-primary-color)}
"""
LINK = st.components.v2.component(
    "link", html='<button type="button" title="L"><span aria-live="polite">Copy link</span></button>', css=_CSS, js=_JS
)
