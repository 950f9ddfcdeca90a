"""What a class answered: beside one question when its answer is revealed, and over all of them at the end."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import streamlit as st

from app.classroom import store
from app.classroom.asked import Asked
from app.controls import Markup, plain
from app.lessons.engine import show_evidence
from app.lessons.lesson import Evidence, Step
from xai_core import figures, studies
from xai_core.types.counts import part_of


def show_answers(room: store.Room, step: Step, found: Evidence) -> None:
    """How many chose what, against chance, and the evidence."""
    given = Counter(choice for place, _, choice in store.votes(room) if place == room.step)
    votes = [given[choice] for choice in step.choices]
    st.html(Markup(figures.votes_html(step.choices, votes, step.choices.index(found.answer))))
    st.markdown(studies.votes_sentence(given[found.answer], sum(votes), 1 / len(step.choices)))
    show_evidence(found)


def answers(room: store.Room, asked: Asked) -> pd.DataFrame:
    """The answers to all questions that were revealed: a row each, with people by numbers that mean nothing else."""
    steps = asked.steps(room)
    right = {place: steps[place].evidence().answer for place in room.closed}
    given = [one for one in store.votes(room) if one[0] in right]
    numbers: dict[str, int] = {}
    rows = [
        (place + 1, steps[place].question, numbers.setdefault(voter, len(numbers) + 1), choice, choice == right[place])
        for place, voter, choice in given
    ]
    return pd.DataFrame(rows, columns=["question", "text", "person", "answer", "right"])


def show_all(room: store.Room, asked: Asked) -> None:
    """How the class did in each question, and each person as one value over all of them."""
    steps, table = asked.steps(room), answers(room, asked)
    lines = []
    for place in sorted(room.closed):
        hits = table.loc[table["question"] == place + 1, "right"]
        said = studies.votes_sentence(int(hits.sum()), len(hits), 1 / len(steps[place].choices))
        lines.append(f"{place + 1}. **{plain(steps[place].title)}** {said}")
    st.markdown("\n".join(lines) if lines else "No answer was revealed.")
    if len(table):
        chances = [1 / len(steps[place - 1].choices) for place in table["question"]]
        shares = table.groupby("person")["right"].mean()
        st.markdown(studies.people_sentence(shares.tolist(), float(np.mean(chances))))


def own_sentence(room: store.Room, asked: Asked, said: dict[int, str]) -> str:
    """How often one's own answers were right."""
    steps = asked.steps(room)
    given = [said[place] == steps[place].evidence().answer for place in room.closed if place in said]
    return f"You were right in {part_of(sum(given), len(given), 'answer')}." if given else ""
