"""What a class answered: beside one question when its answer is revealed, and over all of them at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.classroom import store
from app.classroom.asked import Asked
from app.controls import Markup, plain
from app.lessons.engine import show_evidence
from app.lessons.lesson import Evidence, Step
from xai_core import figures, studies
from xai_core.types.counts import form, number_of, part_of


def show_answers(room: store.Room, step: Step, found: Evidence) -> None:
    """How many chose what, against chance, and the evidence."""
    given = Counter(choice for place, _, choice in store.votes(room) if place == room.step)
    votes = [given[choice] for choice in step.choices]
    st.html(Markup(figures.votes_html(step.choices, votes, step.choices.index(found.answer))))
    st.markdown(studies.votes_sentence(given[found.answer], sum(votes), step.chance))
    show_evidence(found)


def _right(room: store.Room, steps: Sequence[Step]) -> dict[int, str]:
    """Place of each question that was revealed -> its answer."""
    return {place: steps[place].evidence().answer for place in room.closed}


def answers(room: store.Room, asked: Asked) -> pd.DataFrame:
    """The answers to all questions that were revealed: a row each, with phones by numbers that mean nothing else."""
    steps = asked.steps(room)
    right = _right(room, steps)
    given = [one for one in store.votes(room) if one[0] in right]
    numbers = {voter: number for number, voter in enumerate(sorted({voter for _, voter, _ in given}), start=1)}
    rows = [
        (place + 1, steps[place].question, numbers[voter], choice, choice == right[place])
        for place, voter, choice in given
    ]
    return pd.DataFrame(rows, columns=["question", "text", "phone", "answer", "right"])


def show_all(room: store.Room, asked: Asked) -> None:
    """How the class did in each question, and each phone as one value over all of them."""
    steps, table = asked.steps(room), answers(room, asked)
    lines = []
    for place in sorted(room.closed):
        hits = table.loc[table["question"] == place + 1, "right"]
        said = studies.votes_sentence(int(hits.sum()), len(hits), steps[place].chance)
        title = plain(steps[place].title)
        ending = "" if title.endswith("?") else "."
        lines.append(f"- **Question {place + 1}: {title}{ending}** {said}")
    st.markdown("\n".join(lines) if lines else "No answer was revealed.")
    if len(lines) > 1 and len(table):
        chances = table["question"].map(lambda number: steps[number - 1].chance)
        phones = table.assign(chance=chances).groupby("phone")[["right", "chance"]].mean()
        st.markdown(studies.phones_sentence(phones["right"].tolist(), float(phones["chance"].mean())))
    if left := len(steps) - len(lines):
        st.caption(f"{number_of(left, 'question')} {form(left, 'was', 'were')} not revealed, and left out here.")


def own_sentence(room: store.Room, asked: Asked, said: dict[int, str]) -> str:
    """How often one's own answers were right."""
    right = _right(room, asked.steps(room))
    given = [said[place] == answer for place, answer in right.items() if place in said]
    return f"You were right in {part_of(sum(given), len(given), 'answer')}." if given else ""
