"""Which picture is explained, for which two classes, and beside which others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

import xai_core as xai
from app import cache, controls
from app.defaults import reset_on_change
from app.explanations.request import Subject
from xai_core import figures, studies

Labels = tuple[str, str]  # above the two choices


def choose_classes(
    model: xai.Classifier, stands_for: str, defaults: tuple[int, int], labels: Labels
) -> tuple[int, int]:
    """The two classes, or labels, to explain: the defaults, until others take their place.

    Parameters
    ----------
    stands_for : changes with whatever the defaults go by
    """
    for key, default in zip(("class-1", "class-2"), defaults, strict=True):
        reset_on_change(key, stands_for, default)
    numbers = range(len(model.class_names))
    first, second = (
        int(
            st.selectbox(
                label, numbers, index=start, key=key, bind="query-params", format_func=model.class_names.__getitem__
            )
        )
        for label, key, start in zip(labels, ("class-1", "class-2"), defaults, strict=True)
    )
    return first, second


def beside(
    model: xai.Classifier,
    classes: tuple[int, int],
    buttons: Any,
    candidates: Callable[[int], Sequence[int]],
    subject: Callable[[int, int], Subject | None],
    good: str,
) -> list[Subject]:
    """Pictures of both classes that the model gets right, and a button for others.

    Parameters
    ----------
    buttons : the place for the buttons that choose others
    candidates : class -> places of its pictures, the best first
    subject : place and class -> the picture; None where it cannot be read
    good : what the model did with them, before the name of the class on the button
    """
    found = []
    for which in (1, 0):
        index = classes[which]
        right = candidates(index)
        if not len(right) or (which == 0 and classes[0] == classes[1]):
            continue
        turn = f"turn {model.id} {index}"

        def another(turn: str = turn) -> None:
            st.session_state[turn] = st.session_state.get(turn, 0) + 1

        if len(right) > 1:
            buttons.button(
                controls.plain(f"Another {good} {model.class_names[index]}"),
                key=f"another-{which}",
                on_click=another,
                icon=":material/shuffle:",
                type="tertiary",
            )
        one = subject(int(right[st.session_state.get(turn, 0) % len(right)]), index)
        if one is not None:
            found.append(one)
    return found


@dataclass(frozen=True, eq=False)
class OfOneClass:
    """Pictures of one class each: the predicted class against the actual one; see `Evaluated`."""

    model: xai.Classifier
    data: xai.Dataset
    table: pd.DataFrame
    alone: str = "The model has one class only, so there is no other to hold against it."
    same: str = "Both classes are the same, so the difference is empty. Choose another one for either."

    def place(self, picture: str | None) -> int | None:
        found = np.flatnonzero((self.table["id"] == picture).to_numpy())
        return int(found[0]) if len(found) else None

    def index(self, place: int) -> int:
        return int(self.table["index"].iloc[place])

    def usable(self, place: int) -> bool:
        return bool(self.table["usable"].iloc[place])

    def guessed(self, place: int) -> int:
        return int(self.table["predicted"].iloc[place])

    def show_picture(self, place: int, sample: xai.Sample) -> tuple[int, int]:
        model, row = self.model, self.table.iloc[place]
        p = cache.maps.probabilities(model.id, sample.id, model, sample)
        left, middle, right = st.columns([3, 6, 6], gap="medium")
        with left:
            st.image(figures.enlarged(sample.pixels, 256), width=256, alt=str(row["picture"]))
        with right:
            said = row["true"] >= 0 and not row["correct"]
            classes = choose_classes(
                model,
                f"{model.id} {row['id']}",
                (int(row["predicted"]), studies.rival(self.table, place, p)),
                ("Explain the predicted class", "against the true class" if said else "against the runner-up"),
            )
        with middle:
            self._say(row, p)
        return classes

    def _say(self, row: pd.Series, p: np.ndarray) -> None:
        """What the model says of the picture."""
        label = row["label"] or "without a label"
        verdict = "right" if row["correct"] else "wrong" if row["true"] >= 0 else "label unknown to the model"
        st.markdown(
            f"**{controls.plain(str(row['predicted_class']))}**, {studies.percent(row['confidence'])} · is "
            f"{controls.plain(str(label))} · {verdict}"
        )
        marks = {int(row["predicted"]): "predicted"}
        if row["true"] >= 0:
            marks[int(row["true"])] = "predicted and label" if row["correct"] else "label"
        st.html(figures.probabilities_html(p, self.model.class_names, marks))

    def subjects(self, place: int, sample: xai.Sample, classes: tuple[int, int], buttons: Any) -> list[Subject]:
        def candidates(index: int) -> Any:
            return studies.right_pictures(self.table, index, besides=place)

        others = beside(self.model, classes, buttons, candidates, self._right, "correctly classified")
        return [self._this(place, sample), *others]

    def _right(self, place: int, index: int) -> Subject | None:
        """A correctly classified picture."""
        row, name = self.table.iloc[place], self.model.class_names[index]
        sample = cache.data.picture(self.data, int(row["index"]), self.model)
        if not isinstance(sample, xai.Sample):
            return None
        lines = (f"{name}, {studies.percent(row['confidence'])} sure", str(row["picture"]))
        return Subject(f"correctly classified {name}", lines, sample)

    def _this(self, place: int, sample: xai.Sample) -> Subject:
        """The picture that is explained."""
        row = self.table.iloc[place]
        said = f"predicted {row['predicted_class']}, {studies.percent(row['confidence'])}"
        name = str(row["picture"])
        return Subject("This picture", (f"label {row['label']}", said, name) if row["label"] else (said, name), sample)
