"""The lock with a queue: first come, first served, and nobody shut out by a thread that asks again at once."""

import threading
import time

import pytest

import xai_core as xai
from xai_core.turns import Turns


def started(target):
    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    return thread


def waiting(turns, count):
    deadline = time.monotonic() + 10
    while turns.waiting < count:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_waiters_are_served_in_the_order_in_which_they_came():
    turns, order = Turns(), []

    def take(number):
        with turns:
            order.append(number)

    with turns:
        threads = []
        for number in range(8):
            threads.append(started(lambda number=number: take(number)))
            waiting(turns, number + 1)
    for thread in threads:
        thread.join(10)
    assert order == list(range(8))
    assert turns.waiting == 0


def test_whoever_asks_again_stands_behind_those_who_wait():
    turns, order = Turns(), []

    def greedy():
        for _ in range(3):
            with turns:
                order.append("batch")
                if len(order) == 1:
                    waiting(turns, 1)

    first = started(greedy)
    while not order:
        time.sleep(0.001)
    with turns:
        order.append("small")
    first.join(10)
    assert order == ["batch", "small", "batch", "batch"]


def test_a_thread_that_has_the_turn_may_take_it_again():
    turns = Turns()
    with turns, turns:
        other = started(lambda: turns.acquire() and turns.release())
        waiting(turns, 1)
        assert other.is_alive()
    other.join(10)
    assert not other.is_alive()


def test_an_error_gives_the_turn_back():
    turns = Turns()
    with pytest.raises(KeyError), turns:
        raise KeyError
    other = started(lambda: turns.acquire() and turns.release())
    other.join(10)
    assert not other.is_alive()


def test_only_who_has_the_turn_can_give_it_back():
    with pytest.raises(RuntimeError, match="Only the thread"):
        Turns().release()


def test_without_blocking_it_says_whether_the_turn_was_free():
    turns, found = Turns(), []

    def ask():
        found.append(turns.acquire(blocking=False))
        if found[-1]:
            turns.release()

    with turns:
        assert turns.acquire(blocking=False)  # its own
        turns.release()
        started(ask).join(10)
    started(ask).join(10)
    assert found == [False, True]


def test_a_short_request_waits_for_one_batch_of_a_long_one(monkeypatch):
    """A page asks for a prediction while LIME takes its thousand."""
    model = xai.load_model("digits")
    one = model.preprocessing.prepare(xai.load_dataset("textured_digits")[0])
    forward, who, asked = model.net.forward, [], []

    def noted(x):
        who.append(threading.current_thread().name)
        return forward(x)

    monkeypatch.setattr(model.net, "forward", noted)
    long = threading.Thread(
        name="LIME", target=lambda: xai.lime(model, one, num_samples=4000, segments="slic"), daemon=True
    )
    long.start()
    while who.count("LIME") < 3:
        time.sleep(0.001)
    while long.is_alive() and len(asked) < 5:
        asked.append(len(who))
        xai.predict(model, [one])
    assert len(asked) >= 3
    for begun in asked:
        waited = who[begun:].index(threading.current_thread().name)
        assert waited <= 2  # the batch under way, and one that was asked for at the same time
    long.join(60)
    assert who.count("LIME") > 20
