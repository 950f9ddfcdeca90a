"""Misclassifications of independent labels, from the evaluation to the files."""

from __future__ import annotations

from typing import Any

import streamlit as st

import xai_core as xai
from app import cache, comparing, explanations, frame, jobs, notices, state
from app.mistakes import following
from app.mistakes.labels import gallery, thresholds
from app.mistakes.labels.filtering import looked_at
from app.mistakes.labels.shown import ShownLabels
from app.mistakes.labels.summary import show_labels, show_summary
from app.mistakes.labels.takeaway import offer_downloads
from app.mistakes.sidebar import MistakesChoice
from xai_core.questions.misclassified.labels.findings import answer


def show(bar: Any, chosen: MistakesChoice, data: xai.Dataset, work: jobs.evaluations.Evaluation) -> None:
    """All sections; `bar` is the place for the picture that stands out, `data` in the order of the evaluation."""
    model = chosen.model
    asked = thresholds.choose(model.class_names)
    evaluation = work.table.at(asked)
    key = f"{model.id}{work.data_id}{work.done}{sorted(asked.items())}"
    said = cache.results.kept((key,), answer, evaluation, data.groups)
    shown = ShownLabels(key, model, data, evaluation, said, chosen.layer, tuple(work.problems))
    notices.missing(state.settle(list(zip(evaluation.ids, evaluation.pictures, strict=True))))
    show_summary(shown, work.seconds)
    show_labels(shown)
    following.begin()
    gallery.browse(shown)
    frame.picture_bar(bar, "misclassifications")  # it walks in the gallery's order
    explanations.show(explanations.OfLabels(model, data, evaluation, looked_at()), shown.layer)
    seen = len(evaluation) + len(shown.left_out)
    st.header("Which layer, which method", anchor=False)
    comparing.show(comparing.Compared(key, model, data[:seen]))
    offer_downloads(shown)
