"""What Misclassifications shows of a model of independent labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import xai_core as xai
from xai_core.questions.misclassified.labels.findings import LabelAnswer


@dataclass(frozen=True, eq=False)
class ShownLabels:
    """What the page shows; `evaluation` is of the pictures evaluated so far, at the thresholds that are chosen."""

    key: str
    model: xai.Classifier
    data: xai.Dataset
    evaluation: xai.LabelEvaluation
    answer: LabelAnswer
    layer: str | None
    left_out: tuple[str, ...]

    @property
    def names(self) -> Sequence[str]:
        return self.model.class_names
