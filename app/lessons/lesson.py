"""What a lesson is: steps of a question and a claim, whose numbers are computed where it is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def _nothing() -> None:
    return None


def capital(text: str) -> str:
    """With a capital at its beginning, and all others as they are."""
    return text[0].upper() + text[1:]


@dataclass(frozen=True)
class Evidence:
    """What the numbers say.

    Attributes
    ----------
    answer : the choice of the step that they make right
    claim : a sentence with the numbers in it
    why : what to take from it, in a sentence or two
    show : draws what goes with it
    """

    answer: str
    claim: str
    why: str
    show: Callable[[], None] = _nothing


@dataclass(frozen=True)
class Step:
    """A question, and the evidence that answers it.

    Attributes
    ----------
    key : in the keys of widgets
    title : the topic, which does not give the answer away
    text : what one needs to know and what is shown
    show : draws what is seen before the answer
    evidence : computes the answer
    """

    key: str
    title: str
    text: str
    question: str
    choices: tuple[str, ...]
    evidence: Callable[[], Evidence]
    show: Callable[[], None] = _nothing

    @property
    def chance(self) -> float:
        """How often who guesses is right."""
        return 1 / len(self.choices)


@dataclass(frozen=True)
class Lesson:
    """Ten minutes about one question.

    Attributes
    ----------
    key : in addresses
    title : the question
    opening : what it is about, in two sentences
    teacher : notes, a sentence or two each
    page : that it leads to
    query : of the address there
    leads : what one does there, in a sentence
    """

    key: str
    title: str
    opening: str
    steps: tuple[Step, ...]
    teacher: tuple[str, ...]
    page: str
    query: dict[str, str]
    leads: str
