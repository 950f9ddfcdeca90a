"""Pages that are opened take turns; who has one open goes on at once."""

import threading
import time
from types import SimpleNamespace

import pytest

from app import arrivals


@pytest.fixture
def sessions(monkeypatch):
    """What each thread's session holds."""
    local = threading.local()

    class State:
        def get(self, key):
            return getattr(local, "kept", {}).get(key)

        def __setitem__(self, key, value):
            local.kept = {**getattr(local, "kept", {}), key: value}

    monkeypatch.setattr(arrivals.st, "session_state", State())


def drawn(count, draw):
    threads = [threading.Thread(target=draw, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)


def test_first_pages_are_drawn_one_after_another_and_later_ones_at_once(sessions, monkeypatch):
    monkeypatch.setattr(arrivals, "PATIENCE_S", 20)
    inside, most, together = 0, [], threading.Barrier(4, timeout=20)

    def draw(number):
        nonlocal inside
        with arrivals.one_at_a_time():
            inside += 1
            most.append(inside)
            time.sleep(0.01)
            inside -= 1
        with arrivals.one_at_a_time():
            together.wait()  # all four are in it

    drawn(4, draw)
    assert most == [1, 1, 1, 1]
    assert not together.broken


def test_a_page_that_computes_while_it_is_opened_keeps_nobody_out_for_long(sessions, monkeypatch):
    monkeypatch.setattr(arrivals, "PATIENCE_S", 0.05)
    together = threading.Barrier(3, timeout=20)

    def draw(number):
        with arrivals.one_at_a_time():
            together.wait()

    drawn(3, draw)
    assert not together.broken


def test_between_two_openings_there_is_time_for_those_who_go_on(sessions, monkeypatch):
    """On a clock of the test's own: each begins as long after the end of the one before."""
    now, begun = 0.0, []

    def sleep(seconds):
        nonlocal now
        now += seconds

    monkeypatch.setattr(arrivals, "time", SimpleNamespace(monotonic=lambda: now, sleep=sleep))
    door = arrivals.Door()
    for took in (0.25, 0.5, 100, 0.25):
        with door.passing():
            begun.append(now)
            now += took
    assert begun == [0, 0.25 * (1 + arrivals.REST), 0.5 + 0.5 * (1 + arrivals.REST), 101.5 + arrivals.PATIENCE_S]


def test_a_page_that_ends_early_gives_its_turn_back(sessions, monkeypatch):
    monkeypatch.setattr(arrivals, "PATIENCE_S", 20)
    entered = []

    def ends_early(number):
        with arrivals.one_at_a_time():
            entered.append(number)
            raise SystemExit

    def draw(number):
        with pytest.raises(SystemExit):
            ends_early(number)

    drawn(3, draw)
    assert sorted(entered) == [0, 1, 2]
