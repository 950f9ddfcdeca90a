"""Thirty phones that vote while the presenter computes: no answer is lost or doubled, and none waits long.

Each phone speaks the browser's protocol with a cookie of its own. It answers every question after a pause; one in five
loses its connection just after it has answered, comes back and answers again. Meanwhile the presenter uploads new
pictures to Layer Explorer, so that the server computes maps all the time. At the end a thousand answers come at once.
"""

from __future__ import annotations

import os
import random
import tempfile
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from harness import Row, report
from load_speed import broken, own_picture
from server import served
from session import Session

import xai_core as xai
from app.classroom import store
from app.classroom.watching import LOOK_S
from app.lessons import LESSONS

PHONES, LESSON, AT_ONCE = 30, "where", 1000
TEACHER = "the teacher of a benchmark"
PAUSE_S, PATIENCE_S = 8.0, 120.0


@dataclass
class Seen:
    """What the phones saw."""

    votes: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    computed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def name_of(number: int) -> str:
    """The name in a phone's cookie."""
    return f"{number:022d}"


def choice_of(number: int, step: int) -> int:
    """What a phone answers, so that every answer that is kept can be checked."""
    return (number + step) % len(LESSONS[LESSON].steps[step].choices)


def phone(number: int, server: str, code: str, seen: Seen, done: threading.Barrier) -> None:
    """What one of them does."""
    chance = random.Random(number)
    cookie = {"Cookie": f"xai_voter={name_of(number)}"}
    try:
        session = Session(server, f"code={code}", "classroom", headers=cookie)
        session.__enter__()
        session.run()
        for step, asked in enumerate(LESSONS[LESSON].steps):
            done.wait(PATIENCE_S)  # the question stands
            for _ in range(1 + int(chance.uniform(0, PAUSE_S) / LOOK_S)):  # as often as the page of a phone looks
                time.sleep(LOOK_S)
                session.look()
            session.run()
            key = f"{code}-{step}"
            answer = asked.choices[choice_of(number, step)]
            found = [session.choose(f"vote-{key}", answer)]
            found.append(session.press(f"cast-{key}"))
            with seen.lock:
                seen.votes.append(found[1][0])
                seen.errors += broken(found)
            if chance.random() < 0.2:  # the connection is lost, and it comes back
                session.__exit__(None, None, None)
                session = Session(server, f"code={code}", "classroom", headers=cookie)
                session.__enter__()
                session.run()
            done.wait(PATIENCE_S)  # all have answered
        session.__exit__(None, None, None)
    except Exception:
        with seen.lock:
            seen.errors.append(traceback.format_exc())
        done.abort()


def presenter(server: str, seen: Seen, stop: threading.Event) -> None:
    """Computes all the time."""
    photos = [sample.pixels for sample in xai.load_dataset("photos")]
    with Session(server, "data=Upload", "layer_explorer") as session:
        session.run()
        for number in range(10_000):
            if stop.is_set():
                return
            session.upload("files", f"new-{number}.png", own_picture(number, photos))
            seen.computed += 1


def drawn_at_once(server: str, key: str) -> tuple[float, float]:
    """Seconds until the last of all phones shows a question, and its evidence, when all ask at the same moment."""
    room = store.find(store.begin(key, TEACHER))
    assert room is not None
    slowest = []
    for act in (lambda: store.go(room, TEACHER, 0), lambda: store.reveal(store.find(room.code) or room, TEACHER)):
        act()
        begun, ends = time.perf_counter(), []

        def look(number: int, ends: list[float] = ends) -> None:
            cookie = {"Cookie": f"xai_voter={name_of(number)}"}
            with Session(server, f"code={room.code}", "classroom", headers=cookie) as session:
                session.run()
                ends.append(time.perf_counter())

        people = [threading.Thread(target=look, args=(number,)) for number in range(PHONES)]
        for one in people:
            one.start()
        for one in people:
            one.join()
        assert len(ends) == PHONES
        slowest.append(max(ends) - begun)
    return slowest[0], slowest[1]


def at_once(code: str) -> tuple[int, float]:
    """A thousand answers from threads: how many counted, and the seconds that all took."""
    room = store.find(code)
    assert room is not None
    begun = time.perf_counter()
    with ThreadPoolExecutor(32) as pool:
        took = list(pool.map(lambda number: store.vote(room, f"crowd {number}", 0, "x"), range(AT_ONCE)))
    return sum(took), time.perf_counter() - begun


def main() -> list[Row]:
    """Rows of the report."""
    code = store.begin(LESSON, TEACHER)
    seen, stop = Seen(), threading.Event()
    done = threading.Barrier(PHONES + 1)
    with served() as (server, _):
        people = [threading.Thread(target=phone, args=(n, server, code, seen, done)) for n in range(PHONES)]
        beside = threading.Thread(target=presenter, args=(server, seen, stop))
        for one in (*people, beside):
            one.start()
        try:
            for step in range(len(LESSONS[LESSON].steps)):
                room = store.find(code)
                assert room is not None
                store.go(room, TEACHER, step)
                done.wait(PATIENCE_S)
                done.wait(PATIENCE_S)
        except threading.BrokenBarrierError:
            pass
        for one in people:
            one.join()
        stop.set()
        beside.join()
        asked, revealed = drawn_at_once(server, "weights")
    for error in seen.errors[:2]:
        print(error)
    room = store.find(code)
    assert room is not None
    kept = store.votes(room)
    steps = LESSONS[LESSON].steps
    wrong = 0
    for number in range(PHONES):
        said = store.said(room, name_of(number))
        wrong += sum(said.get(step) != one.choices[choice_of(number, step)] for step, one in enumerate(steps))
    crowd = store.begin(LESSON, TEACHER)
    found = store.find(crowd)
    assert found is not None
    store.go(found, TEACHER, 0)
    counted, seconds = at_once(crowd)
    return [
        Row("phones", PHONES),
        Row("answers kept", len(kept), at_least=PHONES * len(steps), at_most=PHONES * len(steps)),
        Row("answers lost, doubled or changed", wrong, at_most=0),
        Row("errors", len(seen.errors), at_most=0),
        Row("pictures that the presenter computed meanwhile", seen.computed, at_least=1),
        Row("from answer to its receipt, median, s", float(np.median(seen.votes))),
        Row("from answer to its receipt, 95th percentile, s", float(np.percentile(seen.votes, 95)), at_most=2),
        Row("a round of Which is which? on all phones at the same moment, the last, s", asked, at_most=10),
        Row("its evidence on all phones at the same moment, the last, s", revealed, at_most=10),
        Row("a thousand answers at once: counted", counted, at_least=AT_ONCE, at_most=AT_ONCE),
        Row("a thousand answers at once, s", seconds, at_most=30),
    ]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XAI_RUNS"] = folder
        os.environ["XAI_VOTERS"] = "2000"
        report("Thirty phones that vote while the presenter computes", main())
