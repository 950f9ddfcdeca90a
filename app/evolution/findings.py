"""What happened in the training, in words."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import cards, controls
from app.evolution.runs import OpenedRun
from app.tables import show_table
from xai_core.studies.columns import GAP_HEADINGS
from xai_core.types.counts import number_of

FIRST = 3  # findings that are not folded


def not_recorded(run: xai.TrainingRun) -> str:
    """What a record lacks, in words; empty where it has all."""
    losses = run.log[["train_loss", "val_loss"]].notna().to_numpy().any()
    there = {"probabilities": run.p_true is not None, "losses": losses}
    return " and no ".join(what for what, known in there.items() if not known)


def show_findings(shown: OpenedRun) -> None:
    """What happened, in words."""
    run = shown.run
    k, e = len(run.class_names), len(run.epochs)
    weights = f"weights kept at {number_of(len(run.checkpoints), 'epoch')}" if run.checkpoints else "no weights kept"
    epochs = number_of(e, "epoch") + (f" ({run.epochs[0]} to {run.epochs[-1]})" if run.epochs[-1] != e else "")
    said = f"{number_of(len(run.pictures), 'picture')} · {number_of(k, 'class')} · {epochs} · {weights}"
    shortcut = run.settings.get("shortcut")
    if run.source and run.source.data == "textured_digits" and isinstance(shortcut, int | float) and shortcut > 0:
        said += (
            f". In training and in validation, {100 * shortcut:.0f}% of the backgrounds give the class away; those of "
            "the test pictures never do."
        )
    st.caption(controls.plain(said))
    if curves := run.settings.get("curves"):
        st.caption(controls.plain(f"Losses and accuracies by epoch: {curves}."))
    for problem in run.problems:
        st.markdown(controls.plain(problem))
    left_out = run.settings.get("left_out")
    if isinstance(left_out, list) and left_out:
        st.markdown(
            controls.plain(f"{number_of(len(left_out), 'picture')} could not be recorded, the first: {left_out[0]}")
        )
    with st.container(border=True, key="findings"):
        st.markdown("## What happened")
        findings = sorted(shown.answer.findings, key=lambda one: not one.warning)  # what should make one doubt first
        cards.show_findings(findings[:FIRST])
        more = len(findings) > FIRST or len(shown.answer.gaps) or shown.answer.card is not None
        if more:
            with st.expander("More of what happened", key="more-happened"):
                cards.show_findings(findings[FIRST:])
                if len(shown.answer.gaps):
                    st.markdown("**Validation against test pictures, class by class**")
                    show_table(shown.answer.gaps, GAP_HEADINGS)
                    st.caption(
                        "Boschloo's exact test (Fisher's where there are many pictures), Holm-corrected; "
                        "Agresti-Caffo intervals."
                    )
                if shown.answer.card is not None:
                    st.markdown(f"**{shown.answer.card.question}**")
                    cards.hypothesis_card(shown.answer.card, "progress-card")
        if missing := not_recorded(run):
            st.caption(f"This record has no {missing}, so charts that need them are missing.")
