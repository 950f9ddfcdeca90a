"""Hands parts out to workers, few at a time, and the part of one that is lost, or says nothing for long, to another."""

from __future__ import annotations

import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from xai_core.batch.computing import Crew, GivenUp, Hiring, Made, Order
from xai_core.batch.made_with import MADE_WITH, mixed
from xai_core.batch.stages import StudyIncomplete
from xai_core.batch.store import StudyFolder
from xai_core.batch.study import Stage
from xai_core.batch.writing import StudyWriteError
from xai_core.engines.engine import Answer, Engine, Share
from xai_core.errors import say
from xai_core.types.counts import number_of

TRIES = 3  # of a part, and of a worker that ends before it has opened model and data
PATIENCE_S = 60.0  # without a word from a worker that computes
TIMES = 5  # as long as the longest part so far, where that is more
OPENING_S = 600.0  # without a word from one that opens model and data


class Foreman:
    """Keeps the workers of an engine busy.

    Parameters
    ----------
    engine : Engine
        Which has been started.
    study : StudyFolder
        Whose parts are made.
    clock : callable
        Seconds that only go forward.
    """

    def __init__(self, engine: Engine, study: StudyFolder, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine, self._study, self._clock = engine, study, clock
        self._heard: dict[int, float] = {}  # when each worker was given something, or said something, last
        self._longest = 0.0  # seconds of a part
        self._silent: set[int] = set()  # they get nothing until they say something
        self._held: dict[int, deque[int]] = {worker: deque() for worker in range(engine.workers)}
        self._opened: set[int] = set()
        self._false_starts: Counter[int] = Counter()
        self._said: set[str] = set()
        self._number = 0

    def parts(self, number: int, stage: Stage, turns: Sequence[int]) -> Iterator[Made | GivenUp]:
        """As `Crew.parts`."""
        self._number = number
        for worker, held in self._held.items():
            if held:  # what others were quicker with; it belongs to the stage before
                held.clear()
                self._silent.add(worker)
        waiting, tries, left = deque(turns), Counter[int](), set(turns)
        while left:
            self._take_back(waiting, left)
            self._hand_out(waiting)
            for answer in self._engine.answers():
                self._returned(answer)
                asked = answer.stage == number and answer.turn in left
                if answer.what == "made" and answer.made is not None and asked:
                    left.discard(answer.turn)
                    yield answer.made
                elif answer.what == "failed" and asked:
                    yield from self._again(answer.turn, answer.why, waiting, tries, left)
                elif answer.what == "unwritten":
                    raise StudyWriteError(answer.why)
                elif answer.what == "opened":
                    self._welcome(answer)
                elif answer.what in ("lost", "refused") and answer.worker in self._held:  # or it was left out before
                    yield from self._missed(answer, waiting, tries, left)

    def _take_back(self, waiting: deque[int], left: set[int]) -> None:
        """Where nothing waits, have workers without work do what one holds that has said nothing for long.

        Whoever is first has made it: both would write the same. Where all is shared at once, none gets it back, since a
        share may wait for its worker for hours.
        """
        idle = any(not held for worker, held in self._held.items() if worker not in self._silent)
        if waiting or not self._engine.at_once or not idle:
            return
        now = self._clock()
        for worker, held in self._held.items():
            there = worker in self._opened
            patience = max(PATIENCE_S, TIMES * self._longest) if there else OPENING_S
            if held and now - self._heard[worker] > patience:
                say(f"Worker {worker + 1}: silent for {patience:.0f} s; others do its work.", file=sys.stderr)
                waiting.extend(turn for turn in held if turn in left)
                held.clear()
                self._silent.add(worker)

    def _hand_out(self, waiting: deque[int]) -> None:
        """Give parts to workers that have few."""
        ready = {worker: held for worker, held in self._held.items() if worker not in self._silent}
        most, idle = self._engine.at_once, sum(not held for held in ready.values())
        share = most or -(-len(waiting) // max(idle, 1))
        for worker, held in ready.items():
            room = (share - len(held)) if most else (0 if held else share)
            turns = tuple(waiting.popleft() for _ in range(min(room, len(waiting))))
            if turns:
                if not held:
                    self._heard[worker] = self._clock()
                held.extend(turns)
                self._engine.give(worker, Share(self._number, turns))

    def _returned(self, answer: Answer) -> None:
        """A worker has said something; a part that it held is no longer with it."""
        self._heard[answer.worker] = self._clock()
        self._silent.discard(answer.worker)
        if answer.made is not None:
            self._longest = max(self._longest, answer.made.seconds)
        held = self._held.get(answer.worker, deque())
        if answer.what in ("made", "failed") and answer.stage == self._number and answer.turn in held:
            held.remove(answer.turn)

    def _again(
        self, turn: int, why: str, waiting: deque[int], tries: Counter[int], left: set[int]
    ) -> Iterator[GivenUp]:
        """A part that went wrong: once more, or never."""
        tries[turn] += 1
        if tries[turn] < TRIES:
            waiting.append(turn)
        else:
            left.discard(turn)
            yield GivenUp(turn, why)

    def _welcome(self, answer: Answer) -> None:
        """A worker is there; whether it computes as this process would."""
        self._opened.add(answer.worker)
        self._false_starts[answer.worker] = 0
        own: Mapping[str, Any] = self._study.head.get(MADE_WITH, {})
        if (said := mixed([own, answer.settings])) and said not in self._said:
            self._said.add(said)
            say(f"Worker {answer.worker + 1}: {said}", file=sys.stderr)

    def _missed(self, answer: Answer, waiting: deque[int], tries: Counter[int], left: set[int]) -> Iterator[GivenUp]:
        """A worker is gone: what it computed is to blame, what waited behind that is not."""
        held, worker = self._held[answer.worker], answer.worker
        had = [turn for turn in held if turn in left]
        held.clear()
        say(f"Worker {worker + 1}: {answer.why}", file=sys.stderr)
        if answer.what == "lost" and worker in self._opened:
            self._opened.discard(worker)
            if had:
                waiting.extendleft(reversed(had[1:]))
                yield from self._again(had[0], answer.why, waiting, tries, left)
            return
        waiting.extendleft(reversed(had))
        self._false_starts[worker] += 1
        if answer.what == "refused" or self._false_starts[worker] >= TRIES:
            del self._held[worker]
        if not self._held:
            raise StudyIncomplete(
                f"No worker is left, and {number_of(len(left), 'part')} of the stage are missing. The last one said: "
                f"{answer.why} What is done is kept in {self._study.folder}."
            )


def hired(engine: Engine) -> Hiring:
    """Have an engine's workers do the work of a study.

    Parameters
    ----------
    engine : Engine

    Returns
    -------
    callable
        As `run_study` takes it.
    """

    @contextmanager
    def crew(order: Order, study: StudyFolder) -> Iterator[Crew]:
        try:
            engine.start(order)
            yield Foreman(engine, study)
        finally:
            engine.stop()

    return crew
