"""Methods at layers, compared when asked: it grows, can be stopped, and says what cannot be told apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

import xai_core as xai
from app import controls, jobs, state
from app.charts import quiet, show_chart
from app.comparing.choose import ComparisonChoice, choose
from app.jobs.comparisons import ComparisonRun
from xai_core import figures, reports, studies
from xai_core.csv_text import csv_text
from xai_core.questions.methods.findings import comparison_parts
from xai_core.types import Method

LOOK_S = 1.5  # between two looks while it runs
_RUNNING = "comparison runs for"  # session key
_SHOWN = "compared methods"  # of the board: what a report takes along


@dataclass(frozen=True, eq=False)
class Compared:
    """Pictures and a model.

    Attributes
    ----------
    key : stands for the pictures and the classes that are explained
    targets : of each picture; None for what is predicted
    given : maps of these pictures that were made elsewhere, compared as further methods
    """

    key: str
    model: xai.Classifier
    samples: Sequence[xai.Sample]
    targets: Sequence[int] | None = None
    given: tuple[Method, ...] = ()


def show(subject: Compared) -> None:
    """The section: nothing runs before it is asked for."""
    state.board().pop(_SHOWN, None)
    polls = st.session_state.get(_RUNNING) == _identity(subject)
    st.fragment(_section, run_every=LOOK_S if polls else None)(subject, polls)


def _identity(subject: Compared) -> str:
    return f"{subject.model.id} {subject.key}"


def _section(subject: Compared, polls: bool) -> None:
    bar = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    chosen = choose(subject.model, subject.given, len(subject.samples), bar)
    if not chosen.methods:
        st.info("Choose at least one method.", icon=":material/visibility_off:")
        return
    model = subject.model
    known = jobs.comparisons.stored_on_disk(model, subject.samples)
    if known is not None:
        _show_result(known, False)
        return
    run = jobs.comparisons.comparison_run(
        model.id, model.class_names, subject.key, chosen.methods, chosen.layers, chosen.pictures
    )
    running = _control(subject, chosen, run, bar)
    if run.error:
        st.error(controls.plain(run.error), icon=":material/error:")
    if run.latest is None:
        if not running:
            st.caption(
                "Each method explains the same pictures at each layer. Which of them finds what the model uses? "
                "Does it depend on what the model has learned, and give the same map under imperceptible noise? "
                "Once it runs, it says how long it will take; if you stop it, what is done by then stays."
            )
    else:
        _show_result(run.latest, running)
    if running != polls:
        st.rerun()  # the whole page: it decides whether to look again by itself


def _control(subject: Compared, chosen: ComparisonChoice, run: ComparisonRun, bar: Any) -> bool:
    """Begin, stop and go on; whether it is under way."""
    me = _identity(subject)

    def start() -> None:
        st.session_state[_RUNNING] = me

    def stop() -> None:
        st.session_state[_RUNNING] = None
        run.stop()

    if run.complete:
        st.session_state[_RUNNING] = None
        return False
    if st.session_state.get(_RUNNING) != me:
        word = "Go on" if run.latest else "Compare"
        bar.button(word, on_click=start, type="primary", icon=":material/play_arrow:", key="compare-start")
        return False
    bar.button("Stop", on_click=stop, icon=":material/stop:", key="compare-stop")
    run.want(
        lambda: run.begin(
            subject.model,
            subject.samples,
            chosen.methods,
            subject.given,
            chosen.layers,
            subject.targets,
            chosen.pictures,
        )
    )
    done, total = run.parts
    looked_at = run.latest.done if run.latest else 0
    left = "" if math.isnan(run.seconds_left) else f", about {run.seconds_left:,.0f} s left"
    st.progress(done / total, f"{done / total:.0%} done, {looked_at:,} of {chosen.pictures:,} pictures complete{left}")
    return True


def _show_result(found: xai.MethodComparison, running: bool) -> None:
    """The recommendation, on what it rests, and the numbers."""
    state.board()[_SHOWN] = found
    with st.container(border=True, key="compared"):
        icon = ":green[:material/check_circle:]" if found.best else ":gray[:material/help:]"
        take = controls.plain(f"Take {found.best}:")
        st.markdown(f"{icon} {controls.plain(found.recommendation).replace(take, f'**{take}**', 1)}")
        st.caption(controls.plain(found.sampled))
    for said in found.left_out:
        st.caption(f":material/block: {controls.plain(said)}")
    known = [key for key in studies.CRITERIA if found.table[key].notna().any()]
    criterion = st.segmented_control(
        "Compared by",
        known,
        format_func=lambda key: studies.CRITERIA[key].title,
        default=known[0],
        required=True,
        wrap=True,
        key="compare-by",
        bind="query-params",
    )
    st.caption(
        f"{studies.CRITERIA[criterion].help} Diamond: the recommended one; green: what cannot be told apart from it."
        if found.best
        else studies.CRITERIA[criterion].help
    )
    beside = st.container(horizontal=True, gap="small")  # below one another where the window is narrow
    left, right = beside.container(width=340), beside.container(width=460)
    show_chart(
        left,
        figures.criterion_figure(found.table, criterion),
        key="compared-matrix",
        config=quiet("methods"),
        alt=f"{studies.CRITERIA[criterion].title} by method and layer",
    )
    show_chart(
        right,
        figures.methods_figure(found.table, criterion),
        key="compared-forest",
        config=quiet("methods-intervals"),
        alt=f"{studies.CRITERIA[criterion].title} of each method and layer with its interval",
    )
    with st.expander("All numbers"):
        st.dataframe(studies.ranking_in_words(found.table), hide_index=True, width="stretch")
        st.caption(
            "Outcome: sign-flip tests over pictures, Holm-corrected, against random orders over all candidates, "
            "against the recommended one over all pairs. Lying on the object decides nothing: of a model that goes "
            "by the background, the better map lies on the background."
        )
    if not running:
        controls.offer_files(
            {
                "Comparison (CSV)": ("methods.csv", "text/csv", lambda: csv_text(found.table)),
                "Every picture (CSV)": ("methods-pictures.csv", "text/csv", lambda: csv_text(found.pictures)),
            }
        )


def shown(board: dict[str, Any]) -> xai.MethodComparison | None:
    """The comparison as it stands; None where none ran."""
    return board.get(_SHOWN)


def report_parts(board: dict[str, Any]) -> list[reports.Part]:
    """The comparison as it stands, for a report; empty where none ran."""
    found = shown(board)
    return [] if found is None else comparison_parts(found)
