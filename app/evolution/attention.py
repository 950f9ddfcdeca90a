"""When the model begins to look at the object."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import cache, controls, state
from app.cards import limits_listed
from app.charts import quiet, show_chart
from app.evolution.board import ATTENTION
from app.evolution.runs import OpenedRun
from app.evolution.weights import choose_source, last_model, read_picture, show_problems
from xai_core import figures, studies
from xai_core.studies.limits import limits_of

ATTENTION_PICTURES = 60


@st.fragment
def show_attention(shown: OpenedRun) -> None:
    """When the model begins to look at the object, for pictures with masks."""
    run = shown.run
    if not run.checkpoints or not isinstance(first := read_picture(shown, 0), xai.Sample) or first.mask is None:
        return
    controls_bar = st.container(horizontal=True, vertical_alignment="center", gap="small")
    controls_bar.header("When does it look at the object?", anchor=False, width="content")
    bar = st.empty()
    try:
        model = last_model(run)
        with controls_bar:
            source = choose_source(model, "attention")
        of_truth = controls_bar.segmented_control(
            "Map for",
            [False, True],
            format_func=lambda truth: "For the label" if truth else "For the prediction",
            default=False,
            required=True,
            wrap=True,
            key="attention-target",
            label_visibility="collapsed",
            help="The prediction's map shows what the model decided by, right or wrong.",
        )
        there = cache.runs.run_samples(
            shown.id, model.id, tuple(spread(len(run.pictures), ATTENTION_PICTURES)), run, model
        )
        attention = cache.films.attention(
            run,
            shown.id,
            [sample for _, sample in there],
            [int(run.labels[i]) if of_truth else None for i, _ in there],
            source.method.key,
            source.layer,
            lambda done, total: bar.progress(done / total, f"Weights {done} of {total} …"),
        )
    except xai.XaiError as error:
        bar.empty()
        st.caption(controls.plain(f"This cannot be shown. {error}"))
        return
    bar.empty()
    target = "label" if of_truth else "prediction"
    evidence = source.method.no_evidence
    state.board()[ATTENTION] = (shown.id, attention.table, f"{source.words} for the {target}", evidence)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _say(studies.attention_answer(attention.table, evidence))
    key = (shown.id, cache.stamps.weights_stamp(run), source.words, of_truth)
    show_chart(
        right,
        cache.results.kept(key, figures.attention_figure, attention.table, run),
        key="attention",
        config=quiet("attention"),
        alt=f"Share of {source.method.title}'s evidence on the object by epoch, with the validation loss",
    )
    st.caption(
        f"{source.words} for the {target} on {len(there)} of {len(run.pictures):,} pictures, at the epochs whose "
        "weights are kept. Solid: share of the evidence on the object. Dashed: share to expect if maps only marked "
        "where objects usually lie. Band: uncertainty of their difference (95% interval). Dotted: 95% of networks with "
        "random weights are in between."
    )
    show_problems(attention.problems)


def _say(said: studies.AttentionAnswer) -> None:
    """The answer, and behind a click the numbers that it rests on."""
    st.markdown(controls.plain(said.answer))
    if said.test:
        with st.expander("Show the test", key="attention-test"):
            st.markdown(controls.plain(said.test))
            st.markdown(limits_listed(limits_of("attention")))


def spread(n: int, limit: int) -> list[int]:
    """At most `limit` of n positions, evenly spread."""
    step = max(1, -(-n // limit))
    return list(range(0, n, step))
