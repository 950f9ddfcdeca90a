"""One point of a hypothesis card: what was looked at, and how it came out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Checked:
    """An assumption that was looked at, or a change that was tried.

    Attributes
    ----------
    name : str
        In a few words.
    fine : bool or None
        The assumption holds, or the change leaves the outcome as it is; None where that cannot be told from data.
    sentence : str
        How it came out.
    """

    name: str
    fine: bool | None
    sentence: str
