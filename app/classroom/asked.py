"""What a class can be asked: the lessons, the rounds of Which is which?, and where the dial turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np
import streamlit as st

from app.classroom import deck, store
from app.dial import shown
from app.duel import cheats, weights
from app.duel.rounds import Round, drawn
from app.lessons import LESSONS
from app.lessons.lesson import Evidence, Lesson, Step
from xai_core.shipped import DIAL

ROUNDS = 4  # of a duel: as many as a class has patience for


@dataclass(frozen=True)
class Asked:
    """Questions that a class answers one after another.

    Attributes
    ----------
    title : what the teacher chooses
    about : what will be asked, in a sentence
    steps : the questions of a class: the same ones on each phone
    made : whether they are made of pictures and a model that the teacher chooses
    """

    title: str
    about: str
    steps: Callable[[store.Room], Sequence[Step]]
    made: bool = False


def _lesson(lesson: Lesson) -> Asked:
    about = f"The {len(lesson.steps)} questions of the lesson, each with its picture, map or numbers."
    return Asked(f"Lesson: {lesson.title}", about, lambda _: lesson.steps)


def _duel(title: str, section: ModuleType) -> Asked:
    def steps(room: store.Room) -> list[Step]:
        seeds = np.random.SeedSequence(room.seed).generate_state(ROUNDS)
        return [_round(title, section, drawn(int(one), section.N)) for one in seeds]

    return Asked(f"Which is which? {title}", f"{ROUNDS} rounds, each drawn anew.", steps)


def _round(title: str, section: ModuleType, now: Round) -> Step:
    def show() -> None:
        for place, (column, name) in enumerate(zip(st.columns(section.N, gap="large"), now.names, strict=True)):
            with column, st.container(border=True):
                st.markdown(f"#### {name}")
                section.show_side(place, now)

    def found() -> Evidence:
        return Evidence(now.answer, f"It is {now.answer}.", section.WHY, lambda: section.reveal(now))

    return Step("round", title, section.ABOUT, section.QUESTION, now.names, found, show)


def _dial() -> Asked:
    def found() -> Evidence:
        turns = shown.turning_point(shown.readings())
        return Evidence(
            turns.capitalize(),
            f"Measured: {turns}.",
            "A usual test set has the same shortcut as the training pictures, and shows none of this.",
            lambda: shown.show_course(max(DIAL), None),
        )

    step = Step(
        "dial",
        "From honest to cheating",
        "Five networks learned to read digits. In training, the background of a digit came from its own class in 0, "
        "25, 50, 75 or 95 percent of the pictures; nothing else differs between them.",
        shown.QUESTION,
        tuple(one.capitalize() for one in shown.guesses()),
        found,
    )
    return Asked(step.title, "One question: where does a network begin to cheat?", lambda _: (step,))


ASKED: dict[str, Asked] = {
    **{one.key: _lesson(one) for one in LESSONS.values()},
    "cheats": _duel("Which model cheats?", cheats),
    "weights": _duel("Which weights are random?", weights),
    "dial": _dial(),
    "pictures": Asked(
        "Your pictures and your model: what will it say?",
        f"A question for each of your pictures, {deck.MOST} at most: which of up to four classes does the model name?",
        deck.steps,
        made=True,
    ),
}
