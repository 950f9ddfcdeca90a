"""A run of a page that takes long makes way for clicks that have just been made, and not for ever."""

import threading
from types import SimpleNamespace

import pytest
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.testing.v1 import AppTest

from app.server import turns


@pytest.fixture
def clock(monkeypatch):
    """Both clocks of the module, which go on by hand and by what is waited for."""
    times = SimpleNamespace(now=0.0, worked=0.0)
    of_module = SimpleNamespace(monotonic=lambda: times.now, thread_time=lambda: times.worked)
    monkeypatch.setattr(turns, "time", of_module)
    return times


@pytest.fixture
def place(clock, monkeypatch):
    """Turns in which to wait is to let the clock go on, after which `meanwhile` is called."""
    place = turns.Turns()
    place.waits, place.meanwhile = 0, lambda: None

    def wait(seconds):
        place.waits += 1
        clock.now += seconds
        place._changed.release()
        place.meanwhile()
        place._changed.acquire()

    monkeypatch.setattr(place._changed, "wait", wait)
    return place


class Click:
    """A run in a thread of its own, from when it is made until it ends."""

    def __init__(self, place, *, opens=False):
        self._over, begun = threading.Event(), threading.Event()

        def draw():
            with place.run():
                if opens:
                    place.is_long()
                begun.set()
                self._over.wait(20)

        self._thread = threading.Thread(target=draw, daemon=True)
        self._thread.start()
        assert begun.wait(20)

    def end(self):
        self._over.set()
        self._thread.join(20)


def test_a_long_run_waits_until_the_click_is_answered(place, clock):
    with place.run():
        click = Click(place)
        clock.worked = turns.LONG_S
        place.meanwhile = lambda: click.end() if place.waits == 3 else None
        place.make_way()
    assert place.waits == 3


def test_a_short_run_waits_for_nobody(place, clock):
    with place.run():
        click = Click(place)
        clock.worked = 0.9 * turns.LONG_S
        place.make_way()
        click.end()
    assert place.waits == 0


def test_nobody_waits_for_a_click_that_computes_nor_for_who_opens_a_page(place, clock):
    with place.run():
        clock.worked = turns.LONG_S
        opening = Click(place, opens=True)
        place.make_way()
        assert place.waits == 0
        click = Click(place)
        place.make_way()
        assert clock.now == pytest.approx(turns.FRESH_S, abs=1.01 * turns.LOOK_S)
        opening.end()
        click.end()


def test_however_many_click_a_run_waits_so_long_in_all(place, clock):
    def again():
        for one in place._fresh:
            one.began = clock.now

    place.meanwhile = again
    with place.run():
        click = Click(place)
        clock.worked = turns.LONG_S
        for _ in range(5):
            place.make_way()
        click.end()
    assert clock.now == pytest.approx(turns.PATIENCE_S, abs=1.01 * turns.LOOK_S)


def test_two_long_runs_do_not_wait_for_each_other(place, clock):
    with place.run():
        clock.worked = turns.LONG_S
        other = Click(place, opens=True)
        place.make_way()
        other.end()
    assert place.waits == 0


def test_a_run_that_is_to_end_ends_while_it_waits(place, clock):
    def look():
        raise SystemExit

    with place.run():
        click = Click(place)
        clock.worked = turns.LONG_S
        with pytest.raises(SystemExit):
            place.make_way(look)
        click.end()
    assert place.waits == 1


def test_who_draws_no_page_waits_for_nobody(place, clock):
    click = Click(place)
    clock.worked = 10 * turns.LONG_S
    place.make_way()
    click.end()
    assert place.waits == 0


def test_streamlits_runs_take_turns_with_each_element_that_they_send(monkeypatch):
    for of, name in ((ScriptRunner, "_run_script"), (ScriptRunContext, "enqueue")):
        monkeypatch.setattr(of, name, getattr(of, name))  # as it was, afterwards
    place, sent = turns.Turns(), []
    monkeypatch.setattr(place, "make_way", lambda look: sent.append(len(place._fresh)))
    monkeypatch.setattr(turns, "TURNS", place)
    turns.take_turns()
    page = AppTest.from_string("import streamlit as st\nst.write('one')\nst.write('two')").run()
    assert [one.value for one in page.markdown] == ["one", "two"]
    assert len(sent) >= 2
    assert set(sent) == {1}
    assert place._fresh == set()
