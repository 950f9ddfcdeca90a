"""How often labels are right, over all of them and one by one."""

from __future__ import annotations

import numpy as np
import streamlit as st

from app import cache, cards, controls
from app.charts import quiet, show_chart
from app.mistakes.labels.shown import ShownLabels
from app.tables import show_table
from xai_core import figures, studies
from xai_core.questions.misclassified.labels.findings import left_out_sentences, single_label_sentence
from xai_core.studies.columns import RATE_HEADINGS
from xai_core.types.counts import form, number_of

_HELP = {
    "known": "Pictures whose data say whether they have the label; others are left out.",
    "pictures": "Pictures that have it.",
    "prevalence": "Share of the known pictures that have it: the average precision of a guess.",
    "predicted": "Pictures in which its probability reaches the threshold.",
    "average_precision": "Mean precision over all thresholds, weighted by the rise of recall.",
    "missed": "Have it, not predicted.",
    "false_positives": "Predicted, do not have it.",
    "best_threshold": "Where F1 is highest on these very pictures, so it is optimistic: choose thresholds on others.",
    "reason": "Why a number is missing.",
}


def show_summary(shown: ShownLabels, seconds: float) -> None:
    """The numbers over all labels, what they hide, and the card."""
    summary, n = shown.answer.summary, len(shown.evaluation)
    st.caption(
        controls.plain(
            f"{shown.model.title} on {shown.model.device.type} · {controls.data_in_words(shown.data)} · "
            f"{number_of(n, 'picture')} · {number_of(len(shown.names), 'label')} · evaluated in "
            f"{seconds:.1f}\N{NO-BREAK SPACE}s"
        )
    )
    for sentence in filter(None, [single_label_sentence(shown.data), *left_out_sentences(summary, shown.model, n)]):
        st.info(controls.plain(sentence), icon=":material/label_off:")
    if not summary.n:
        return
    bar = st.container(horizontal=True, gap="medium")
    metrics = (
        ("Mean AP", summary.mean_average_precision, "Mean average precision, over the labels that some picture has."),
        ("Macro F1", summary.macro_f1, "Mean F1 of those labels, each counting the same."),
        ("Micro F1", summary.micro_f1, "F1 of all decisions together; frequent labels count more."),
    )
    for title, value, help_text in metrics:
        bar.metric(title, f"{value:.3f}" if np.isfinite(value) else "–", help=help_text)
    low, high = summary.interval
    bar.metric(
        "Every label right",
        f"{100 * summary.exact_share:.1f}%",
        help=f"Of {number_of(summary.n, 'picture')}; 95% interval {100 * low:.1f} to {100 * high:.1f}%.",
    )
    report = shown.answer.labels
    bar.metric("Missed", f"{report['missed'].sum():,}", help="Labels that a picture has and that are not predicted.")
    bar.metric(
        "False positives", f"{report['false_positives'].sum():,}", help="Labels predicted that a picture does not have."
    )
    with st.container(border=True, key="findings"):
        cards.show_findings(shown.answer.findings)
    st.markdown(f"**{shown.answer.card.question}**")
    cards.hypothesis_card(shown.answer.card)


def show_labels(shown: ShownLabels) -> None:
    """Each label's numbers, and what other thresholds would give it."""
    st.header("Label by label", anchor=False)
    report = shown.answer.labels
    show_chart(
        st,
        cache.results.kept((shown.key, "labels"), figures.labels_figure, report),
        key="labels-figure",
        config=quiet("labels"),
        alt="Precision, recall, F1 and average precision of each label",
    )
    with st.expander(f"All numbers ({number_of(len(report), 'label')})"):
        show_table(report.drop(columns="class"), RATE_HEADINGS, _HELP)
    left, right = st.columns(2)
    with left.expander("Which threshold? Precision and recall of a label"):
        _show_curve(shown)
    with right.expander("Can its probabilities be believed? Reliability diagram"):
        what = "pictures that have the label"
        show_chart(
            st,
            figures.reliability_figure(shown.answer.bins, what),
            key="reliability",
            config=quiet("reliability"),
            alt="Share of pictures that have a label, by its probability",
        )
        st.caption(
            "All labels together. A bar below the dashed line: given more often than it is there. Expected calibration "
            f"error {100 * shown.answer.summary.ece:.1f} points; most probabilities are those of absent labels."
        )


def _show_curve(shown: ShownLabels) -> None:
    """Precision against recall of a label that is chosen."""
    report = shown.answer.labels
    some = report[report["pictures"] > 0]
    if some.empty:
        st.caption("No picture is known to have any label.")
        return
    label = st.selectbox(
        "Label", some["class"].tolist(), format_func=shown.names.__getitem__, key="curve-of", bind="query-params"
    )
    row = report.iloc[int(label)]
    curve = studies.precision_recall(shown.evaluation, int(label))
    show_chart(
        st,
        figures.precision_recall_figure(curve, float(row["threshold"]), float(row["prevalence"])),
        key="curve",
        config=quiet("precision-recall"),
        alt="Precision against recall at every threshold",
    )
    st.caption(
        controls.plain(
            f"Average precision {row['average_precision']:.3f}; {studies.percent(row['prevalence'])} of "
            f"{number_of(row['known'], 'picture')} {form(row['known'], 'has', 'have')} {row['label']}. F1 is "
            f"highest, {row['best_f1']:.3f}, from {row['best_threshold']:.3g} on; that is chosen on these very "
            "pictures, so it is optimistic."
        )
    )
