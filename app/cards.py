"""The hypothesis card: how every page shows what was asked, tested, assumed and found, and how robust that is."""

from __future__ import annotations

import pickle
from collections.abc import Sequence

import numpy as np
import streamlit as st

import xai_core as xai
from app import cache, state
from app.controls import plain
from xai_core import studies
from xai_core.studies import Checked, Finding, Hypothesis, Tone, format_p, typeset
from xai_core.studies.explained_tests import ExplainedTest
from xai_core.studies.limits import Limit, cited
from xai_core.types import StatResult

LOOKS: dict[Tone, tuple[str, str]] = {
    "yes": (":material/check_circle:", "green"),
    "no": (":material/cancel:", "red"),
    "caution": (":material/rule:", "orange"),
    "none": (":material/remove_circle:", "gray"),
    "unknown": (":material/help:", "gray"),
}
_LIMITS = "Known limitations, with sources"
_SHOWN = 3  # results in large letters; all of them stand in the table below
_FOR = {True: ":green[:material/add:]", False: ":red[:material/remove:]", None: ":gray[:material/question_mark:]"}
_MARKS = {True: ":green[:material/check:]", False: ":orange[:material/warning:]", None: ":gray[:material/info:]"}


def of_these(card: Hypothesis, samples: Sequence[xai.Sample]) -> Hypothesis:
    """A card with what is known of the pictures beside their test: near copies, and one that was brought along."""
    told = studies.with_copies(card, cache.results.near_copies(samples))
    guest = state.brought()
    return studies.with_guest(told, guest) if guest else told


def hypothesis_card(card: Hypothesis, key: str = "verdict") -> None:
    """The verdict and what it means in plain words; behind a click, the test that it rests on with effect and n."""
    icon, colour = LOOKS[card.tone]
    with st.container(border=True, key=key):
        st.markdown(f"## :{colour}[{icon}] {plain(card.headline)}")
        if card.plain:
            st.markdown(plain(card.plain))
        for caveat in card.caveats:
            st.markdown(f":material/warning: {plain(caveat)}")
        if not card.plain:
            _show_evidence(card)
        with st.expander("Show the test", key=f"{key}-test"):
            _show_test(card)


# Most runs of a page show a card again as it was: what is drawn here is kept, and drawn again from that.
@st.cache_data(max_entries=256, show_spinner=False, hash_funcs={Hypothesis: pickle.dumps})
def _show_test(card: Hypothesis) -> None:
    """Sentences with all numbers, the effects in large letters, robustness checks, assumptions, every test."""
    if card.plain:
        _show_evidence(card)
    bar = st.container(horizontal=True, gap="large")
    tested = card.tone != "unknown" or np.isfinite(card.carries.p)  # no number in large letters of what is untested
    for test in card.results[:_SHOWN]:
        if tested and np.isfinite(test.effect):
            _metric(bar, test)
    left, right = st.columns(2, gap="large")
    if card.tone != "unknown" or np.isfinite(card.carries.effect):  # without a test nothing rests on anything
        _list(left, "Robustness checks", card.changes)
        _list(right, "Assumptions", card.assumptions)
    st.caption(f"{plain(card.h0)}  \n{plain(card.h1)}  \n{plain(card.measured)}")
    st.markdown("**All numbers**")
    st.dataframe(card.tests(), hide_index=True, width="stretch")
    _show_explained(card.explained)
    if card.limits:
        st.markdown(f"**{_LIMITS}**\n{limits_listed(card.limits)}")


def _show_explained(tests: Sequence[ExplainedTest]) -> None:
    """What each test asks, how it goes and when it misleads, a tab each."""
    if not tests:
        return
    st.markdown("**What these tests ask**")
    for tab, one in zip(st.tabs([one.title for one in tests]), tests, strict=True):
        tab.markdown(
            f"{plain(one.asks)}\n\n{plain(one.goes)}\n\n**Effect.** {plain(one.effect)}\n\n"
            f"**Beware.** {plain(one.beware)}\n\n**Source.** {'; '.join(map(cited, one.sources))}."
        )


def _show_evidence(card: Hypothesis) -> None:
    if len(card.evidence) < 2:
        st.markdown(plain(card.sentence))
    else:
        st.markdown(
            "\n\n".join(f"{_FOR[one.fine]} **{plain(one.name)}.** {plain(one.sentence)}" for one in card.evidence)
        )


def show_findings(findings: Sequence[Finding]) -> None:
    """What was found, a paragraph each; what should make one doubt the model has a mark."""
    for finding in findings:
        mark = ":material/warning: " if finding.warning else ""
        st.markdown(f"{mark}**{finding.topic}.** {plain(finding.sentence)}")


def show_limits(limits: Sequence[Limit]) -> None:
    """What no such answer can show, each with a link to where it is explained."""
    if limits:
        with st.expander(_LIMITS):
            st.markdown(limits_listed(limits))


def limits_listed(limits: Sequence[Limit]) -> str:
    """A line for each, in Markdown."""
    return "\n".join(
        f"- **{plain(one.title)}.** {plain(one.sentence)} {'; '.join(map(cited, one.sources))}" for one in limits
    )


def _metric(bar: st.delta_generator.DeltaGenerator, test: StatResult) -> None:
    effect = studies.effect_in_words(test)
    said = [format_p(test.p)] if np.isfinite(test.p) else []
    said += [f"95% interval {effect.interval}"] if np.isfinite(test.interval[0]) else []
    bar.metric(
        typeset(f"{test.name}, n = {test.n:,}"),
        typeset(effect.size),
        typeset(f"{test.effect_name}, {'; '.join(said)}"),
        delta_color="off",
        delta_arrow="off",
    )


def _list(place: st.delta_generator.DeltaGenerator, title: str, checks: tuple[Checked, ...]) -> None:
    if checks:
        lines = [f"{_MARKS[one.fine]} **{plain(one.name)}.** {plain(one.sentence)}" for one in checks]
        place.markdown(f"**{title}**\n\n" + "\n\n".join(lines))
