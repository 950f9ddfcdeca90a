"""How a test is shown: the verdict with what limits it, and every test in a table."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from app.controls import plain
from xai_core import studies


def verdict_card(verdict: studies.Verdict, focus: studies.LayerFocus) -> None:
    """The answer, the tests it rests on, and what limits it."""
    looks = {
        "focuses": (":material/check_circle:", "green"),
        "spreads": (":material/zoom_out_map:", "orange"),
        "differs": (":material/shuffle:", "blue"),
        "none": (":material/remove_circle:", "gray"),
        "unknown": (":material/help:", "gray"),
    }
    icon, colour = looks[verdict.outcome]
    if not verdict.robust:
        colour = "orange"
    with st.container(border=True, key="verdict"):
        st.markdown(f"#### :{colour}[{icon}] {verdict.headline}")
        st.markdown(plain(verdict.sentence))
        if verdict.outcome != "unknown":
            for column, test in zip(st.columns(3), focus.results, strict=True):
                column.metric(
                    f"{test.name}, n = {test.n}",
                    f"{test.effect:.2f}",
                    f"{test.effect_name}, {studies.format_p(test.p)}",
                    delta_color="off",
                    delta_arrow="off",
                )
        for caveat in verdict.caveats:
            st.markdown(f":material/warning: {plain(caveat)}")
        st.caption(f"{verdict.h0}  \n{verdict.h1}")


def tests_table(results: Mapping[str, studies.LayerFocus]) -> pd.DataFrame:
    """A row a test, for the result on each grid."""

    def number(value: float, text: str) -> str:
        return text if np.isfinite(value) else "–"

    rows = [
        {
            "test": test.name,
            "maps on": grid,
            "n": test.n,
            "statistic": number(test.value, f"{test.statistic} = {test.value:.4g}"),
            "p": studies.format_p(test.p),
            "effect": number(test.effect, f"{test.effect_name} = {test.effect:.2f}"),
            "95 % interval": number(test.interval[0], f"{test.interval[0]:.2f} to {test.interval[1]:.2f}"),
            "note": test.reason,
        }
        for grid, focus in results.items()
        for test in focus.results
    ]
    return pd.DataFrame(rows)


def foreground_card(verdict: studies.ForegroundVerdict, tests: studies.PairedTests) -> None:
    """The answer to object or background, the tests that it rests on, and what limits it."""
    looks = {
        "more": (":material/check_circle:", "green"),
        "less": (":material/wallpaper:", "red"),
        "none": (":material/remove_circle:", "gray"),
        "unknown": (":material/help:", "gray"),
    }
    icon, colour = looks[verdict.outcome]
    with st.container(border=True, key="verdict"):
        st.markdown(f"#### :{colour}[{icon}] {verdict.headline}")
        st.markdown(plain(verdict.sentence))
        if verdict.outcome != "unknown":
            bar = st.container(horizontal=True, gap="large")
            t, signed = tests.t, tests.wilcoxon
            bar.metric(f"Paired t, n = {t.n}", f"{t.value:.2f}", studies.format_p(t.p), "off", delta_arrow="off")
            bar.metric(
                "d_z", f"{t.effect:.2f}", f"{t.interval[0]:.2f} to {t.interval[1]:.2f}", "off", delta_arrow="off"
            )
            low, high = tests.d_av_interval
            bar.metric("d_av", f"{tests.d_av:.2f}", f"{low:.2f} to {high:.2f}", "off", delta_arrow="off")
            bar.metric(
                "Wilcoxon, rank-biserial", f"{signed.effect:.2f}", studies.format_p(signed.p), "off", delta_arrow="off"
            )
            bar.metric("Shapiro-Wilk", studies.format_p(tests.shapiro_p))
        for caveat in verdict.caveats:
            st.markdown(f":material/warning: {plain(caveat)}")
        st.caption(f"{verdict.h0}  \n{verdict.h1}")
