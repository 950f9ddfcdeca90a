"""The same for a model of independent labels: one label against another, each with a probability of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

import xai_core as xai
from app import cache, controls
from app.explanations.request import Subject
from app.explanations.subjects import beside, choose_classes
from app.seen import show_seen
from xai_core import figures, studies


@dataclass(frozen=True, eq=False)
class OfLabels:
    """Pictures with several labels each; see `Evaluated`.

    Attributes
    ----------
    looked_at : content id of a picture -> the label that the page looks at, where it is not the picture's worst one
    """

    model: xai.Classifier
    data: xai.Dataset
    evaluation: xai.LabelEvaluation
    looked_at: Mapping[str, int]
    alone: str = "The model has one label only, so there is no other to hold against it."
    same: str = "Both labels are the same, so the difference is empty. Choose another one for either."

    def place(self, picture: str | None) -> int | None:
        return self.evaluation.ids.index(picture) if picture in self.evaluation.ids else None

    def index(self, place: int) -> int:
        return int(self.evaluation.index[place])

    def usable(self, place: int) -> bool:
        return bool(self.evaluation.usable[place])

    def guessed(self, place: int) -> int:
        return self._label(place)

    def _label(self, place: int) -> int:
        """The label to explain."""
        known = self.looked_at.get(self.evaluation.ids[place])
        return known if known is not None else studies.worst_label(self.evaluation, place)

    def show_picture(self, place: int, sample: xai.Sample) -> tuple[int, int]:
        evaluation, model = self.evaluation, self.model
        first = self._label(place)
        left, middle, right = st.columns([3, 6, 6], gap="medium")
        with left:
            st.image(figures.enlarged(sample.pixels, 256), width=256, alt=sample.name)
            show_seen(model, sample)
        with right:
            classes = choose_classes(
                model,
                f"{model.id} {sample.id} {first}",
                (first, studies.other_label(evaluation, place, first)),
                ("Explain the label", "against the label"),
            )
        with middle:
            has = ", ".join(evaluation.labels[place])
            st.markdown(controls.plain(f"The picture has {has}." if has else "The picture has no label."))
            st.html(
                figures.label_probabilities_html(
                    evaluation.probabilities[place],
                    model.class_names,
                    evaluation.thresholds,
                    evaluation.truth[place],
                    classes[0],
                )
            )
            st.caption(
                "Each label has a probability of its own; they need not add up to 100%. The mark on a bar is the "
                "label's threshold."
            )
        return classes

    def subjects(self, place: int, sample: xai.Sample, classes: tuple[int, int], buttons: Any) -> list[Subject]:
        def candidates(index: int) -> Any:
            return studies.found_pictures(self.evaluation, index, besides=place)

        this = Subject("This picture", self._lines(place, classes[0]), sample)
        return [this, *beside(self.model, classes, buttons, candidates, self._found, "correctly detected")]

    def _found(self, place: int, index: int) -> Subject | None:
        """A picture in which a label is correctly detected."""
        sample = cache.data.picture(self.data, self.index(place), self.model)
        if not isinstance(sample, xai.Sample):
            return None
        return Subject(f"correctly detected {self.model.class_names[index]}", self._lines(place, index), sample)

    def _lines(self, place: int, index: int) -> tuple[str, ...]:
        """What stands below a picture."""
        evaluation, name = self.evaluation, self.model.class_names[index]
        p = float(evaluation.probabilities[place, index])
        kinds = {
            "found": evaluation.found,
            "missed": evaluation.missed,
            "false positive": evaluation.false_positives,
            "rejected": evaluation.known,
        }
        outcome = next((word for word, flags in kinds.items() if flags[place, index]), "not annotated")
        has = ", ".join(evaluation.labels[place])
        said = f"{name} {studies.percent(p) if np.isfinite(p) else 'NaN'}, {outcome}"
        return (f"has {has}" if has else "has no label", said, evaluation.pictures[place])
