"""Rounds of a duel: which of two networks stands left is drawn by chance, and no address says it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

import streamlit as st

SIDES = ("A", "B")
_DUELS = "duels"  # session key: kind -> its duel


@dataclass
class Round:
    """One question.

    Attributes
    ----------
    seed : draws pictures, and random weights
    swapped : whether the one that is looked for stands on the left
    said : the side that was chosen, or nothing so far
    """

    seed: int
    swapped: bool
    said: str = ""

    @property
    def answer(self) -> str:
        return SIDES[0] if self.swapped else SIDES[1]

    @property
    def right(self) -> bool:
        return self.said == self.answer


@dataclass
class Duel:
    """All rounds of a kind in this session."""

    rounds: list[Round] = field(default_factory=list)

    @property
    def now(self) -> Round:
        if not self.rounds:
            self.begin()
        return self.rounds[-1]

    @property
    def hits(self) -> list[bool]:
        return [one.right for one in self.rounds if one.said]

    def begin(self) -> None:
        """The next round; one that was not decided is drawn anew."""
        if self.rounds and not self.rounds[-1].said:
            self.rounds.pop()
        self.rounds.append(Round(secrets.randbelow(1000), bool(secrets.randbelow(2))))

    def decide(self, side: str) -> None:
        """The first word counts."""
        if not self.now.said and side in SIDES:
            self.now.said = side


def duel(kind: str) -> Duel:
    """The duel of a kind in this session."""
    return st.session_state.setdefault(_DUELS, {}).setdefault(kind, Duel())


def forget(kind: str) -> None:
    """For the next player."""
    st.session_state.setdefault(_DUELS, {}).pop(kind, None)
