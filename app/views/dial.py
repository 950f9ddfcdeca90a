"""From honest to cheating: a dial over networks that were trained with ever more of a shortcut."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import controls, frame, state
from app.dial import shown
from xai_core.shipped import DIAL
from xai_core.studies import percent

SKIPPED = "Show without a guess"


def main() -> None:
    frame.begin("dial")
    for key in ("strength", "turns"):
        state.own(key)
    st.markdown(
        "Five networks were trained on pictures in which the background may tell which digit it is: brick behind 0, "
        "grass behind 1, and so on. The slider sets in what share of the training pictures the background tells the "
        "digit. The networks differ in nothing else."
    )
    titles = {f"{one:g}": percent(one) for one in DIAL}
    said = st.select_slider(
        "Training pictures whose background gives the digit away",
        list(titles),
        format_func=titles.__getitem__,
        key="strength",
        bind="query-params",
    )
    strength = float(said)
    try:
        with st.container(border=True):
            st.markdown(f"## {controls.plain(shown.network(strength).title)}")
            shown.show_network(strength)
        _course(strength)
    except xai.XaiError as error:
        controls.show_error(error)


def _course(strength: float) -> None:
    """A guess, and then all networks together."""
    st.markdown("## When does it stop reading the digit?")
    choices = [*shown.guesses(), SKIPPED]
    guess = st.radio(shown.QUESTION, choices, index=None, key="turns", bind="query-params", horizontal=True)
    if guess is None:
        st.caption("Guess first; then the accuracy of all five networks is shown.")
        return
    shown.show_course(strength, None if guess == SKIPPED else guess)


main()
