"""The edited picture as a file, and the page as a report with what was done."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

import xai_core as xai
from app import frame
from app.editing.elsewhere import PAGES
from app.editing.shown import Edited, Watched, maps_html, sentence
from app.heads import EDIT
from xai_core import figures, reports
from xai_core.reports.code import opening
from xai_core.studies.words import listed


def offer_export(watched: Watched, data: xai.Dataset, found: Edited) -> None:
    """Files of what is shown."""
    frame.offer_export(
        "edit",
        lambda board: make_report(watched, data, found, board["address"]),
        {"Edited picture (PNG)": ("edited.png", "image/png", lambda: figures.to_png(found.after.pixels))},
        charted=False,
    )
    where = listed([frame.PAGES[page].title for page in PAGES])
    st.caption(f"“Open in”, at the top of the page, takes the edited copy to {where}, with the unedited one beside it.")


def make_report(watched: Watched, data: xai.Dataset, found: Edited, address: str) -> reports.Report:
    """What was done to the picture, and what the model said before and after."""
    model = watched.model
    done = pd.DataFrame({"edit": [one.words for one in found.edits], "text": [one.text for one in found.edits]})
    order = np.argsort(-np.nan_to_num(found.p).max(axis=0), kind="stable")[:10]
    table = pd.DataFrame(
        {
            "class": [model.class_names[index] for index in order],
            "before": found.p[0][order].astype(float),
            "after": found.p[1][order].astype(float),
        }
    )
    was_edited = len(done) > 0
    edits: reports.Part = reports.Table("Edits", done) if was_edited else reports.Text("The picture was not edited.")
    bars = figures.changed_html(found.p[0], found.p[1], model.class_names, found.explained)
    shown: list[reports.Part] = [reports.Text(sentence(found, model)), reports.Markup(bars)]
    if found.heatmaps is not None:
        shown.append(reports.Markup(maps_html(found, model, pictures=True)))
    return reports.Report(
        key="edit",
        title=EDIT.title,
        question=EDIT.question,
        sections=(
            reports.Section("What was done", (edits,)),
            reports.Section("What the model says", (*shown, reports.Table("Probabilities", table))),
        ),
        settings={
            "picture": found.before.name,
            "data": data.title,
            "edits": [one.text for one in found.edits],
            "explained": model.class_names[found.explained],
            "address": address,
        },
        code=_code(model, data, found),
        numbers=_numbers(found),
        model=model,
        samples=[found.before],
        arrays={"before": found.before.pixels, "after": found.after.pixels}
        | ({} if found.maps is None else {"maps": found.maps}),
    )


def _numbers(found: Edited) -> dict[str, float]:
    return {when: float(row[found.explained]) for when, row in zip(("before", "after"), found.p, strict=True)}


def _code(model: xai.Classifier, data: xai.Dataset, found: Edited) -> str:
    """Lines that give the two probabilities again."""
    edits = [one.text for one in found.edits]
    others = "{sample.name: sample for sample in samples}"
    return (
        f"{opening(model, data.code)}"
        f"before = next(sample for sample in samples if sample.id == {found.before.id!r})\n"
        f"edits = [xai.Edit.parse(text) for text in {edits!r}]\n"
        f"after = xai.apply_edits(before, edits, {others})\n"
        "p = xai.predict(model, [before, after]).probabilities\n"
        f"numbers = {{when: float(row[{found.explained}]) for when, row in zip(('before', 'after'), p)}}\n"
    )
