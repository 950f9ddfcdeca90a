"""Discovery: what a class relies on that nobody asked about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

import xai_core as xai
from app import cache, cards, controls, frame, notices, state
from app.controls import plain
from app.discovery.cards import show_card
from app.discovery.compute import discovered, views_of
from app.discovery.names import Names
from app.discovery.pictures import show_pictures
from app.discovery.sidebar import DATA, MODEL, DiscoveryChoice, choose
from app.discovery.suspects import show_suspects
from xai_core.csv_text import csv_text
from xai_core.questions.discovery.findings import CANNOT, Findings, find, report
from xai_core.studies import Hypothesis
from xai_core.types.counts import form, number_of

OPEN = 2  # suspected groups that stand on the page; more of them are folded
OTHERS = 6  # groups that are not suspected and are drawn without being asked for


def main() -> None:
    frame.begin("discovery")
    chosen = choose()
    if chosen is None:
        notices.not_chosen("labelled pictures and a model")
        return
    frame.show_body(_show, chosen)


def _show(bar: st.delta_generator.DeltaGenerator, chosen: DiscoveryChoice) -> None:
    state.keep(controls.begins_with(DATA, MODEL))
    try:
        found = discovered(chosen)
    except xai.XaiError as error:
        state.set_order(())
        frame.picture_bar(bar, "discovery")
        if isinstance(error, xai.DataError):  # what these pictures lack
            st.warning(controls.plain(str(error)), icon=":material/label_off:")
        else:
            controls.show_error(error)
        return
    notices.missing(state.settle(list(zip(found.pictures["id"], found.pictures["picture"], strict=True))))
    frame.picture_bar(bar, "discovery")
    views = views_of(chosen, found)
    asked_of = f"{chosen.model.id}{cache.stamps.data_stamp(chosen.model, chosen.data)}"
    names = Names(f"{asked_of}{chosen.method.key}{chosen.layer}{chosen.asked}")
    findings = find(chosen.model, chosen.data.code, found, views=views, asked=chosen.asked, names=names.given)
    cards.hypothesis_card(_headline(found, findings))
    _show_groups(found, findings, names)
    _show_limits(found)
    with st.expander("Map of the pictures", icon=":material/scatter_plot:"):  # nothing is tested on it
        show_pictures(chosen, found, asked_of)
    show_suspects(found)
    _offer(chosen, findings)


def _headline(found: xai.Discovery, findings: Findings) -> Hypothesis:
    """The page's verdict: what it says of each suspected group stands on that group's own card, just below."""
    if not found.suspects:
        return findings.card
    n = len(found.suspects)
    return replace(
        findings.card,
        plain=f"In {number_of(n, 'group')} of pictures, the surroundings, the colour or a detail makes the class "
        f"much more probable. {form(n, 'Its card, below,', 'Below, a card for each group')} says what it is, "
        "and how it was tested.",
    )


def _show_groups(found: xai.Discovery, findings: Findings, names: Names) -> None:
    """Suspected shortcuts first, then the other groups."""
    advice = "Click a picture to choose it. “Open in”, at the top, then shows it on the other pages."
    if found.suspects:
        st.caption(advice)
    for strategy in found.suspects[:OPEN]:
        show_card(found, strategy, findings.views, names)
    if more := found.suspects[OPEN:]:
        with st.expander(f"More suspected shortcuts ({len(more)})", icon=":material/error:"):
            for strategy in more:
                show_card(found, strategy, findings.views, names)
    others = [one for one in found.strategies if one not in found.suspects]
    if others:
        with st.expander(f"Other groups ({len(others)})", icon=":material/group_work:"):
            if not found.suspects:
                st.caption(advice)
            shown = st.toggle("Show all of them", key="all-groups") if len(others) > OTHERS else True
            for strategy in others if shown else others[:OTHERS]:
                show_card(found, strategy, findings.views, names)


def _show_limits(found: xai.Discovery) -> None:
    """What was left out, what could have been found, and what cannot be."""
    with st.expander("What could be found, and what cannot", icon=":material/help:"):
        st.markdown("\n".join(f"- {plain(one)}" for one in found.sentences) or "Every class asked about is suspected.")
        st.markdown("**What this cannot find**")
        st.markdown("\n".join(f"- {plain(one)}" for one in CANNOT))


def _offer(chosen: DiscoveryChoice, findings: Findings) -> None:
    """Report and tables."""
    found = findings.discovery

    def made(board: dict[str, Any]) -> Any:
        return report(findings, address=board["address"])

    frame.offer_export(
        "discovery",
        made,
        {
            "Pictures (CSV)": ("pictures.csv", "text/csv", lambda: csv_text(found.pictures)),
            "Tests (CSV)": ("tests.csv", "text/csv", lambda: csv_text(found.table)),
        },
    )


main()
