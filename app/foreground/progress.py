"""How far a computation is, said in one place of the page."""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from app import controls

LONG_S = 2.0  # after which the time that is left is said
Report = Callable[[str], Callable[[int, int], object]]


def reporter(place: st.delta_generator.DeltaGenerator) -> Report:
    """What gives a computation, by its name, the function that it calls as it goes on; shown in `place`."""

    def report(word: str) -> Callable[[int, int], object]:
        started = time.perf_counter()

        def progress(done: int, total: int) -> None:
            spent = time.perf_counter() - started
            left = spent / done * (total - done) if done else 0.0
            rest = f", about {left:.0f} s left" if spent > LONG_S and left >= 1 else ""
            place.progress(done / total, controls.plain(f"{word} {done} of {total}{rest}"))

        return progress

    return report
