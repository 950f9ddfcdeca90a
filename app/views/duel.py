"""Which is which? Unnamed networks side by side: decide, and then see the evidence."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import controls, frame, state
from app.duel import cheats, weights
from app.duel.rounds import duel, forget
from xai_core import studies

_KINDS = {"cheats": "Which model cheats?", "weights": "Which weights are random?"}
_SECTIONS = {"cheats": cheats, "weights": weights}


def main() -> None:
    frame.begin("duel")
    state.own("duel")
    kind = st.segmented_control(
        "Question",
        list(_KINDS),
        format_func=_KINDS.__getitem__,
        default="cheats",
        required=True,
        key="duel",
        bind="query-params",
        wrap=True,
    )
    try:
        _play(kind or "cheats")  # an address may hold the question without an answer
    except xai.XaiError as error:
        controls.show_error(error)


@st.fragment
def _play(kind: str) -> None:
    """One round, and the tally of all of them."""
    section = _SECTIONS[kind]
    game = duel(kind, section.N)
    now = game.now
    st.markdown(f"{section.ABOUT} **{section.QUESTION}**")
    for place, (column, side) in enumerate(zip(st.columns(section.N, gap="large"), now.names, strict=True)):
        with column, st.container(border=True, key=f"side-{kind}-{side}"):
            st.markdown(f"## {side}")
            section.show_side(place, now)
            st.button(
                f"It is {side}",
                on_click=game.decide,
                args=(side,),
                disabled=bool(now.said),
                type="primary" if now.said in ("", side) else "secondary",
                key=f"say-{kind}-{side}",
            )
    if kind == "cheats":
        with st.expander(
            "More evidence: the same digits on other backgrounds", icon=":material/swap_horiz:", key=f"more-{now.seed}"
        ):
            cheats.show_more(now)
    if now.said:
        with st.container(border=True):
            if now.right:
                st.success(f"You said {now.said}, which is right.", icon=":material/check:")
            else:
                st.error(f"You said {now.said}, which is wrong: it is {now.answer}.", icon=":material/close:")
            section.reveal(now)
            st.markdown(section.WHY)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(studies.tally_sentence(game.hits, 1 / section.N))
        st.button("Next round", on_click=game.begin, disabled=not now.said, icon=":material/skip_next:", key="round")
        st.button(
            "Forget all rounds",
            on_click=forget,
            args=(kind,),
            disabled=not game.hits,
            type="tertiary",
            icon=":material/restart_alt:",
            key="forget-rounds",
        )


main()
