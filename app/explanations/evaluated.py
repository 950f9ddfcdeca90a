"""What the section that explains a picture must know of an evaluation, whatever that evaluates."""

from __future__ import annotations

from typing import Any, Protocol

import xai_core as xai
from app.explanations.request import Subject


class Evaluated(Protocol):
    """Pictures that were evaluated, of which one is to be explained; `place` is that of a picture in the evaluation."""

    @property
    def model(self) -> xai.Classifier:
        """What was asked."""
        ...

    @property
    def data(self) -> xai.Dataset:
        """The pictures that it was asked about."""
        ...

    @property
    def alone(self) -> str:
        """Said where there is no second class, or label, to hold against the first."""
        ...

    @property
    def same(self) -> str:
        """Said where the two that are chosen are the same."""
        ...

    def place(self, picture: str | None) -> int | None:
        """The place of a picture by its content id; None where it was not evaluated."""
        ...

    def index(self, place: int) -> int:
        """A picture's place in the data set."""
        ...

    def usable(self, place: int) -> bool:
        """Whether the model answers numbers."""
        ...

    def guessed(self, place: int) -> int:
        """The class, or label, of which the guide asks where the model looks for it."""
        ...

    def show_picture(self, place: int, sample: xai.Sample) -> tuple[int, int]:
        """Draw the picture, what the model says of it, and the choice of the two classes, or labels, to explain."""
        ...

    def subjects(self, place: int, sample: xai.Sample, classes: tuple[int, int], buttons: Any) -> list[Subject]:
        """The picture, and others to hold it against; `buttons` is the place for those that choose yet others."""
        ...
