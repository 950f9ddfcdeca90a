"""The sections of a page, beside its tools: what is on it, where one is, and the way there."""

from __future__ import annotations

import streamlit as st

_CSS = """
nav{display:flex;flex-wrap:wrap;align-items:center;min-height:2.5rem}
nav[hidden]{display:none}
button{font:inherit;font-size:.8125rem;color:var(--st-text-color);background:transparent;cursor:pointer;border:0;
border-bottom:2px solid transparent;padding:.35rem .4rem;white-space:nowrap}
button:hover,button:focus-visible{color:var(--st-primary-color)}
button[aria-current]{border-color:var(--st-primary-color)}
"""
# Headings come and go with what is chosen: the list follows what is drawn. The first section has no heading, since
# it is the page's answer.
_JS = """
export default function ({ parentElement }) {
  const nav = parentElement.querySelector("nav");
  const main = document.querySelector('[data-testid="stMain"]');
  const bar = () => document.querySelector(".st-key-bar")?.offsetHeight ?? 0;  // once it is at the top
  let sections = [], written = "", waiting = 0;
  const show = (heading) => {
    const top = heading ? main.scrollTop + heading.getBoundingClientRect().top - bar() - 32 : 0;
    main.scrollTo({ top, behavior: matchMedia("(prefers-reduced-motion:reduce)").matches ? "auto" : "smooth" });
    if (!heading) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  };
  const mark = () => {
    const ends = main.scrollTop + main.clientHeight >= main.scrollHeight - 4 && main.scrollTop > 0;
    let at = 0;
    sections.forEach((one, place) => { if (one && one.getBoundingClientRect().top < bar() + 64) at = place; });
    if (ends) at = sections.length - 1;
    [...nav.children].forEach((button, place) => {
      if (place === at) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    });
  };
  const draw = () => {
    waiting = 0;
    const shown = (one) => one.offsetParent !== null && one.innerText.trim();
    const seen = [...main.querySelectorAll(".stHeading h2")].filter(shown);
    const words = seen.map((one) => one.innerText.trim());
    sections = [null, ...seen];
    if (written !== JSON.stringify(words)) {
      written = JSON.stringify(words);
      nav.hidden = words.length < 2;
      nav.replaceChildren(...["Top", ...words].map((text, place) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = text;
        button.onclick = () => show(sections[place]);
        return button;
      }));
    }
    mark();
  };
  const soon = () => { waiting ||= setTimeout(draw, 150); };
  const watch = new MutationObserver(soon);
  watch.observe(main, { childList: true, subtree: true });
  main.addEventListener("scroll", mark, { passive: true });
  draw();
  return () => { watch.disconnect(); clearTimeout(waiting); main.removeEventListener("scroll", mark); };
}
"""
_contents = st.components.v2.component("contents", html='<nav aria-label="On this page"></nav>', css=_CSS, js=_JS)


def show_contents() -> None:
    """The names of the sections, in the bar that stays in view."""
    _contents(key="contents", height="content", width="stretch")
