"""Accuracy and what it hides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from app import cards, controls
from app.charts import quiet, show_chart
from app.mistakes.shown import ShownMistakes
from app.tables import place_table
from xai_core import figures, studies
from xai_core.questions.misclassified.findings import Answer
from xai_core.studies import Finding
from xai_core.studies.columns import RATE_HEADINGS
from xai_core.types.counts import number_of, part_of

BELOW = "Calibration"  # the first finding that does not stand above everything


def show_heading(shown: ShownMistakes, seconds: float) -> None:
    """What was evaluated, what counts in no number, and how often the model is right."""
    table = shown.table
    st.caption(
        controls.plain(
            f"{shown.model.title} on {shown.model.device.type} · {controls.data_in_words(shown.data)} · "
            f"{number_of(len(table), 'picture')} · evaluated in {seconds:.1f}\N{NO-BREAK SPACE}s"
        )
    )
    _say_left_out(shown)
    if shown.answer.summary.n:
        *others, last = _split(shown.answer)[0]
        false = studies.false_positives_sentence(shown.answer.classes)
        cards.show_findings([*others, replace(last, sentence=f"{last.sentence} {false}".strip())])


def _split(answer: Answer) -> tuple[list[Finding], list[Finding]]:
    """How often it is right, and what it mixes up; and what else was found."""
    findings = answer.findings
    below = [finding.topic for finding in findings].index(BELOW)
    return findings[:below], findings[below:]


def show_summary(shown: ShownMistakes) -> None:
    """Accuracy and what it hides."""
    if shown.answer.summary.n:
        _draw_numbers(shown.key, shown.answer)
        st.markdown(f"**{shown.answer.card.question}**")
        # By itself: what one kept drawing holds of another one would be drawn again outside of its box.
        cards.hypothesis_card(shown.answer.card)
        _draw_classes(shown.key, quiet("reliability"), shown.answer)


@st.cache_data(max_entries=64, show_spinner=False)  # drawn once, and again from that
def _draw_numbers(key: str, _answer: Answer) -> None:
    summary = _answer.summary
    low, high = summary.interval
    bar = st.container(horizontal=True, gap="large")
    interval = f"95% interval {100 * low:.1f} to {100 * high:.1f}%{summary.counting}"
    bar.metric("Accuracy", f"{100 * summary.accuracy:.1f}%", help=interval)
    if summary.top5 == summary.top5:  # not NaN
        bar.metric("Top-5", f"{100 * summary.top5:.1f}%", help="The label is among the five likeliest classes.")
    bar.metric("Wrong", f"{summary.n - summary.right:,}", help=f"Of {number_of(summary.n, 'picture')}.")
    bar.metric("Macro F1", f"{summary.macro_f1:.3f}", help="Mean F1 of the classes, each counting the same.")
    bar.metric(
        "Calibration error",
        f"{100 * summary.ece:.1f} points",
        help="Expected calibration error: the mean gap between confidence and accuracy, in 15 bins.",
    )
    with st.container(border=True, key="findings"):
        cards.show_findings(_split(_answer)[1])


@st.cache_data(max_entries=64, show_spinner=False)
def _draw_classes(key: str, config: dict[str, Any], _answer: Answer) -> None:
    left, right = st.columns([2, 1])  # all columns of the table are in view
    with left.expander(f"By class: precision, recall, F1, false positives ({len(_answer.classes)})"):
        place_table(_answer.classes, RATE_HEADINGS)
    with right.expander("Can its confidence be believed? Reliability diagram"):
        show_chart(
            st, figures.reliability_figure(_answer.bins), key="reliability", config=config, alt="Accuracy by confidence"
        )
        st.caption("A bar below the dashed line means overconfidence.")


def _say_left_out(shown: ShownMistakes) -> None:
    """Which pictures count in no number, and how those with several labels count."""
    summary, table = shown.answer.summary, shown.table
    if any(len(item.every_label) > 1 for item in shown.data.items):
        st.info(
            "Some pictures have several labels. The classes of this model exclude each other, so its prediction "
            "counts as right where it is any of a picture's labels. If its outputs are independent labels, say so "
            "under “Outputs and layers” in the sidebar.",
            icon=":material/label:",
        )
    if summary.unlabelled:
        unknown = sorted({str(label) for label in table.loc[table["true"] < 0, "label"] if label})
        some = f" ({', '.join(unknown[:6])}{' …' if len(unknown) > 6 else ''})" if unknown else ""
        st.info(
            controls.plain(
                f"{part_of(summary.unlabelled, len(table), 'picture', 'has', 'have')} no label that is a class of "
                f"{shown.model.title}{some}. They are neither right nor wrong and are left out of all numbers."
            ),
            icon=":material/label_off:",
        )
    if summary.unusable:
        st.error(
            f"To {part_of(summary.unusable, len(table), 'picture')} the model answers NaN instead of probabilities. "
            "They are left out of all numbers; its weights may be damaged, or its input scaled differently.",
            icon=":material/error:",
        )
