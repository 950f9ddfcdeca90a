"""What Misclassifications shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

import xai_core as xai
from xai_core.questions.misclassified.findings import Answer


@dataclass(frozen=True, eq=False)
class ShownMistakes:
    """What the page shows; `table` holds the pictures evaluated so far."""

    key: str
    model: xai.Classifier
    data: xai.Dataset
    table: pd.DataFrame
    answer: Answer
    layer: str | None
    left_out: tuple[str, ...]

    @property
    def names(self) -> Sequence[str]:
        return self.model.class_names
