"""The queue of the pages: one computation for equal requests, a place for who waits, nothing for who left."""

import threading
import time

import pytest

from app.jobs import queue as work
from app.jobs.queue import Queue


class Left(Exception):  # noqa: N818 (as Streamlit's own, which end a run)
    """What drawing raises when a page was left."""


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(work, "QUIET_S", 0.01)
    monkeypatch.setattr(work, "LOOK_S", 0.01)


def ask(queue, key, compute, tell=lambda before: None, keep=4):
    return queue.get("test", key, compute, keep=keep, tell=tell)


class Asking(threading.Thread):
    """A session that waits."""

    def __init__(self, *args, **kwargs):
        super().__init__(daemon=True)
        self.args, self.kwargs, self.result, self.error, self.places = args, kwargs, None, None, []
        self.start()

    def run(self):
        try:
            self.result = ask(*self.args, tell=self.places.append, **self.kwargs)
        except Exception as error:
            self.error = error


def until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


@pytest.fixture
def busy():
    """A queue whose thread is held until the event is set."""
    queue, go = Queue(), threading.Event()
    first = Asking(queue, "first", lambda: go.wait(10) and "first")
    until(lambda: first.places)
    yield queue, go
    go.set()
    first.join(10)


def test_equal_requests_are_computed_once_and_the_result_is_kept(busy):
    queue, go = busy
    calls = []
    sessions = [Asking(queue, "same", lambda: calls.append(1) or object()) for _ in range(5)]
    until(lambda: all(session.places for session in sessions))
    go.set()
    for session in sessions:
        session.join(10)
    assert len(calls) == 1
    assert len({id(session.result) for session in sessions}) == 1
    assert ask(queue, "same", lambda: pytest.fail("It is computed again.")) is sessions[0].result


def test_who_waits_is_told_how_many_come_first(busy):
    queue, go = busy
    sessions = []
    for number in range(3):
        sessions.append(Asking(queue, number, lambda number=number: number))
        until(lambda: sessions[-1].places)
    assert [session.places[-1] for session in sessions] == [1, 2, 3]
    go.set()
    for number, session in enumerate(sessions):
        session.join(10)
        assert session.result == number


def test_what_nobody_waits_for_any_more_never_runs(busy):
    queue, go = busy

    def leave(before):
        raise Left

    with pytest.raises(Left):
        ask(queue, "left", lambda: pytest.fail("It ran."), tell=leave)
    after = Asking(queue, "after", lambda: "after")
    until(lambda: after.places)
    assert after.places[-1] == 1  # the one that left is not counted
    go.set()
    after.join(10)
    assert after.result == "after"
    assert ask(queue, "left", lambda: "now it does") == "now it does"


def test_one_that_leaves_does_not_take_it_from_the_others(busy):
    queue, go = busy
    stays = Asking(queue, "shared", lambda: "there")
    until(lambda: stays.places)

    def leave(before):
        raise Left

    with pytest.raises(Left):
        ask(queue, "shared", lambda: "not used", tell=leave)
    go.set()
    stays.join(10)
    assert stays.result == "there"


def test_an_error_reaches_everybody_and_is_not_kept(busy):
    queue, go = busy

    def fail():
        raise ValueError("no")

    sessions = [Asking(queue, "bad", fail) for _ in range(2)]
    until(lambda: all(session.places for session in sessions))
    go.set()
    for session in sessions:
        session.join(10)
        assert isinstance(session.error, ValueError)
    assert ask(queue, "bad", lambda: "better") == "better"


def test_only_the_last_used_results_are_kept():
    queue = Queue()
    for key in (1, 2, 3):
        ask(queue, key, lambda: "old", keep=2)
    assert ask(queue, 2, lambda: "new", keep=2) == "old"
    assert ask(queue, 1, lambda: "new", keep=2) == "new"  # and 3 goes, since 2 was used after it
    assert ask(queue, 3, lambda: "new", keep=2) == "new"


def test_long_requests_do_not_stand_before_short_ones():
    assert work.queue(True) is not work.queue(False)
    assert work.queue(False) is work.queue(False)


def test_arguments_with_an_underscore_do_not_count():
    calls = []

    @work.shared(4)
    def double(number, _object, *, sign=1):
        calls.append(number)
        return 2 * number * sign

    assert double(3, object()) == double(3, object()) == double(number=3, _object=None, sign=1) == 6
    assert double(3, None, sign=-1) == -6
    assert calls == [3, 3]
