"""The studies of a grid: a table whose rows lead to them, effects with intervals, and pairs picture by picture."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st

from app import cache, tables
from app.charts import quiet, show_chart
from app.controls import plain
from app.controls.running import LOOK_S
from xai_core import figures
from xai_core.batch.grid_folder import GridFolder
from xai_core.errors import XaiError
from xai_core.questions.grid_compared import concluded, differences, effects, measure_of, not_concluded
from xai_core.questions.grid_studies import GridStudy
from xai_core.questions.so_far import sentences_so_far
from xai_core.studies.columns import number_in_words
from xai_core.studies.words import capitalised

_WORDS = {"name": "pair", "size": "mean difference"}


@st.fragment(run_every=LOOK_S)
def show_running(path: str) -> None:
    """Say how far each study is, and run the page again once all have ended.

    Parameters
    ----------
    path : of the grid's folder
    """
    try:
        found = cache.study_folders.studies_in(cache.study_folders.grid(path))
    except XaiError:
        st.rerun()  # the page says what is wrong
    if all(one.ended for one in found):
        st.rerun()
    ended = sum(one.ended for one in found)
    st.progress(ended / len(found), f"{ended} of {len(found)} studies have ended.")
    _show_table(found, effects(found))
    for one in found:
        if not one.ended and one.study is not None:
            for sentence in sentences_so_far(one.study):
                st.caption(plain(f"{one.name}: {sentence}"))
    st.caption(
        "Studies are compared when all of them have ended. The command that began the grid also goes on with it."
    )


def show_compared(grid: GridFolder, found: Sequence[GridStudy]) -> None:
    """All studies of a grid that has come to its end.

    Parameters
    ----------
    grid : what was asked
    found : its studies
    """
    key = tuple((one.cell.name, one.study.identity if one.study else "", one.state) for one in found)
    own, pairs = _tables(str(grid.folder), key, found)
    _show_table(found, own)
    st.header("What may be concluded", anchor=False)
    for sentence in concluded(own, pairs, measure_of(grid)):
        st.markdown(plain(sentence))
    st.markdown("**What may not be concluded**")
    st.markdown("\n".join(f"- {plain(sentence)}" for sentence in not_concluded(found, pairs)))
    _show_effects(own)
    if len(pairs):
        _show_pairs(pairs, measure_of(grid))


@st.cache_data(max_entries=16, show_spinner="Comparing the studies picture by picture …")
def _tables(
    folder: str, key: tuple[tuple[str, str, str], ...], _found: Sequence[GridStudy]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    return effects(_found), differences(_found)


def _show_table(found: Sequence[GridStudy], own: pd.DataFrame) -> None:
    """A row a study, whose name opens it once it is complete."""
    lines = ["| study | answer | n | effect (95% interval) | p | p (Holm) |", "|---|---|---:|---|---|---|"]
    for one, row in zip(found, own.itertuples(), strict=True):
        known = np.isfinite(row.size)
        between = f" ({row.low:.2f} to {row.high:.2f})" if np.isfinite(row.low) else ""
        effect = f"{row.effect} {row.size:.2f}{between}" if known else ""
        p, corrected = (_p(value) for value in (row.p, row.p_holm))
        lines.append(
            f"| {_link(one)} | {plain(one.state)} | {row.n or ''} | {plain(effect)} | {plain(p)} | {plain(corrected)} |"
        )
    with st.container(key="wide"):
        st.markdown("\n".join(lines))


def _p(value: float) -> str:
    said = number_in_words(value, "p") if np.isfinite(value) else ""
    return said.replace(" ", "\N{NO-BREAK SPACE}")


def _link(one: GridStudy) -> str:
    """The name of a study; a link to its page, which says all of it."""
    if one.study is None or not one.study.complete:
        return plain(one.name)
    page, address = one.study.address
    if not page.isidentifier():
        return plain(one.name)
    return f"[{plain(one.name)}]({page}?{urlencode({**address, 'study': str(one.study.folder)}, doseq=True)})"


def _show_effects(own: pd.DataFrame) -> None:
    """A figure for each test that studies answer by: effects of different tests have no common axis."""
    st.header("Effects of the studies", anchor=False)
    drawn = own[np.isfinite(own["size"].to_numpy(float))]
    for number, ((test, effect), rows) in enumerate(drawn.groupby(["test", "effect"], sort=False)):
        _show_intervals(rows, effect, f"{effect} ({test})", "grid-effects", number)
    st.caption(
        "A diamond: p is below 5% when corrected for all primary tests. A circle: it is not, or nothing can be told."
    )


def _show_pairs(pairs: pd.DataFrame, measure: str) -> None:
    """Each pair that differs in one thing, on the pictures that both have."""
    st.header("Differences on the same pictures", anchor=False)
    _show_intervals(pairs, "difference", f"Difference in the {measure}", "grid-pairs")
    with st.expander("All numbers"):
        tables.show_table(pairs.drop(columns=["first", "second"]), _WORDS)


def _show_intervals(rows: pd.DataFrame, axis: str, title: str, name: str, number: int = 0) -> None:
    """A figure below its title, which has lines on the page where a phone would cut it in the figure."""
    st.markdown(f"**{plain(capitalised(title))}, with 95% interval**")
    show_chart(
        st,
        figures.intervals_figure(rows, axis),
        key=f"{name}-{number}",
        config=quiet(name),
        alt=f"{title} with its interval, a row for each",
    )
