"""Report and files of Misclassifications."""

from __future__ import annotations

from typing import Any

import xai_core as xai
from app import cache, comparing, explanations, frame
from app.mistakes.gallery import CARDS, gallery_cards
from app.mistakes.shown import ShownMistakes
from xai_core import reports, studies
from xai_core.csv_text import csv_text
from xai_core.questions.misclassified.findings import find
from xai_core.questions.misclassified.report import misclassified_report


def make_report(board: dict[str, Any], shown: ShownMistakes) -> reports.Report:
    """The page as it stands: the first pictures of the gallery, and the panel of the chosen one."""
    table = shown.table
    asked, order = board["gallery"]
    rows = studies.choose_pictures(table, **asked, sort="sure" if order == "disagree" else order)
    some = table.iloc[rows].head(CARDS)
    drawn = [cache.data.picture(shown.data, int(index), shown.model) for index in some["index"]]
    evaluated = (
        shown.data.code
        if len(table) + len(shown.left_out) >= len(shown.data)
        else (f"{shown.data.code}[:{len(table) + len(shown.left_out)}]")
    )
    found = find(
        shown.model,
        evaluated,
        table,
        answered=shown.answer,
        samples=[one for one in drawn if isinstance(one, xai.Sample)],
        cards=gallery_cards(shown, some, order),
        left_out=shown.left_out,
    )
    return misclassified_report(
        found,
        why=explanations.report_parts(board),
        methods=comparing.report_parts(board),
        settings={"gallery": asked | {"order": order}, "address": board["address"]},
    )


def offer_downloads(shown: ShownMistakes) -> None:
    """The evaluation as files, made when asked for."""
    frame.offer_export(
        "misclassified",
        lambda board: make_report(board, shown),
        {
            "Evaluation (CSV)": ("evaluation.csv", "text/csv", lambda: csv_text(shown.table)),
            "Classes (CSV)": ("classes.csv", "text/csv", lambda: csv_text(shown.answer.classes)),
            "Confused pairs (CSV)": ("pairs.csv", "text/csv", lambda: csv_text(shown.answer.pairs)),
        },
    )
