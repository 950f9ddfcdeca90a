"""Questions about pictures and a model of the teacher's own: what will the model say?

They are made once, where the class is begun, and kept with it: no phone loads the model or reads the pictures.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import streamlit as st

import xai_core as xai
from app import cache
from app.classroom import store
from app.controls import Markup
from app.lessons.lesson import Evidence, Step
from xai_core import figures
from xai_core.studies import percent

MOST = 12  # questions
_CHOICES, _SIDE = 4, 320
TITLE = "What will the model say?"
QUESTION = "What does the model say that this is?"
WHY = (
    "The map shows which places raise the score of that class. It says nothing yet of whether they are the reason: the "
    "pages with masks and interventions test that."
)
NO_MAP = "No map can be made of this model's layers, so there is nothing to show of where it looked."


def make_deck(model: xai.Classifier, samples: Sequence[xai.Sample]) -> str:
    """The questions as JSON: for each picture the answer, and three classes that are likely or right beside it.

    Raises
    ------
    XaiError
        Where the model has one class alone, or cannot be asked, or answers NaN to all pictures; one to which it does
        is left out.
    """
    names = list(model.class_names)
    if len(set(names)) < 2:
        raise xai.ModelError("This model has one class, so there is nothing to guess.")
    shown = list(samples)[:MOST]
    targets = xai.true_classes(model, shown)
    maps = cache.maps.at_last_stage(model, shown, [None] * len(shown)) if model.layers else None
    p = (maps.predictions if maps is not None else xai.predict(model, shown)).probabilities
    questions: list[dict[str, str | list[str]]] = []
    for place, (sample, target, row) in enumerate(zip(shown, targets, p, strict=True)):
        if not np.isfinite(row).all():
            continue  # there is no answer, and so no right one
        order = np.argsort(-row, kind="stable").tolist()
        top = order[0]
        among = dict.fromkeys(names[one] for one in [top, *([] if target is None else [target]), *order[1:]])
        choices = sorted(list(among)[:_CHOICES])
        label = "" if sample.label is None else f" Its label is '{sample.label}'."
        picture = figures.pictures_html([sample.pixels], [f"Picture {len(questions) + 1}"], _SIDE)
        found = "" if maps is None else figures.edited_maps_html([sample.pixels], maps.take([place]), [""], _SIDE)
        questions.append(
            {
                "choices": choices,
                "answer": names[top],
                "claim": f"It says '{names[top]}', with a probability of {percent(float(row[top]))}.{label}",
                "picture": picture,
                "found": found,
            }
        )
    if not questions:
        raise xai.ModelError("The model's answers to these pictures are no numbers (NaN), so none of them is right.")
    return json.dumps(questions)


@st.cache_data(max_entries=32, show_spinner=False)
def _questions(code: str) -> list[dict[str, str | list[str]]]:
    return json.loads(store.deck(code) or "[]")


def forget_deck(code: str) -> None:
    """Keep the questions of a class that has ended no longer."""
    _questions.clear(code)


def steps(room: store.Room) -> list[Step]:
    """The questions of a class that was begun with pictures."""
    return [_step(one) for one in _questions(room.code)]


def _step(one: dict[str, str | list[str]]) -> Step:
    found = str(one["found"])

    def show() -> None:
        st.html(Markup(str(one["picture"])))

    def show_map() -> None:
        if found:
            st.html(Markup(found))
        else:
            st.caption(NO_MAP)

    evidence = Evidence(str(one["answer"]), str(one["claim"]), WHY if found else "", show_map)
    return Step("picture", TITLE, "", QUESTION, tuple(one["choices"]), lambda: evidence, show)
