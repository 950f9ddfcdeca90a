"""Report and files of Misclassifications for independent labels."""

from __future__ import annotations

from typing import Any

import xai_core as xai
from app import cache, comparing, explanations, frame
from app.mistakes.labels.gallery import CARDS, gallery_cards
from app.mistakes.labels.shown import ShownLabels
from xai_core import reports, studies
from xai_core.csv_text import csv_text
from xai_core.questions.misclassified.labels.findings import LabelFindings
from xai_core.questions.misclassified.labels.report import labels_report


def make_report(board: dict[str, Any], shown: ShownLabels) -> reports.Report:
    """The page as it stands: the first pictures of the gallery, and the panel of the chosen one."""
    asked = board["gallery"]
    some = studies.choose_labelled(shown.evaluation, **asked).head(CARDS)
    drawn = [cache.data.picture(shown.data, int(index), shown.model) for index in some["index"]]
    seen = len(shown.evaluation) + len(shown.left_out)
    found = LabelFindings(
        shown.model,
        shown.data.code if seen >= len(shown.data) else f"{shown.data.code}[:{seen}]",
        shown.evaluation,
        shown.answer,
        samples=[one for one in drawn if isinstance(one, xai.Sample)],
        cards=gallery_cards(shown, some),
        left_out=shown.left_out,
    )
    return labels_report(
        found,
        why=explanations.report_parts(board),
        methods=comparing.report_parts(board),
        settings={"gallery": asked, "address": board["address"]},
    )


def offer_downloads(shown: ShownLabels) -> None:
    """The evaluation as files, made when asked for."""
    frame.offer_export(
        "misclassified",
        lambda board: make_report(board, shown),
        {
            "Evaluation (CSV)": ("evaluation.csv", "text/csv", lambda: csv_text(studies.label_table(shown.evaluation))),
            "Labels (CSV)": ("labels.csv", "text/csv", lambda: csv_text(shown.answer.labels)),
        },
    )
