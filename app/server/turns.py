"""A run of a page that takes long makes way for clicks that have just been made.

Python draws one page at a time, a little of each in turn, so a click beside four pages that are being opened would take
five times as long. What a click takes is a tenth of what a page takes that is opened.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext

from app.server.decoding import still_there

LONG_S = 0.2  # of processor time, after which a run makes way
FRESH_S = 0.4  # for which others make way for a click
PATIENCE_S = 1.0  # for which a run waits in all
LOOK_S = 0.05


@dataclass(eq=False)
class _Run:
    began: float
    worked: float  # processor time that its thread had taken before, s
    waited: float = 0.0


class Turns:
    """Runs that are under way, each in a thread of its own, and for which of them the others make way."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._fresh: set[_Run] = set()
        self._of_thread = threading.local()

    @contextmanager
    def run(self) -> Iterator[None]:
        """Within the block this thread draws a page, or a part of one."""
        mine = self._of_thread.run = _Run(time.monotonic(), time.thread_time())
        with self._changed:
            self._fresh.add(mine)
        try:
            yield
        finally:
            self.is_long()
            self._of_thread.run = None

    def is_long(self) -> None:
        """Nobody makes way for what this thread draws any more."""
        mine: _Run | None = getattr(self._of_thread, "run", None)
        with self._changed:
            if mine in self._fresh:
                self._fresh.remove(mine)
                self._changed.notify_all()

    def make_way(self, look: Callable[[], None] = lambda: None) -> None:
        """Wait for those that have just begun, where what this thread draws has taken long.

        Parameters
        ----------
        look : called while it waits; what it raises ends that
        """
        mine: _Run | None = getattr(self._of_thread, "run", None)
        if mine is None or time.thread_time() - mine.worked < LONG_S:
            return
        self.is_long()
        while mine.waited < PATIENCE_S:
            began = time.monotonic()
            with self._changed:
                if not any(began - one.began < FRESH_S for one in self._fresh):
                    return
                self._changed.wait(LOOK_S)
            mine.waited += time.monotonic() - began
            look()


TURNS = Turns()


def take_turns() -> None:
    """From now on, every run of a page in this process makes way whenever it sends something to the browser."""
    draw, send = ScriptRunner._run_script, ScriptRunContext.enqueue

    def drawn(self: ScriptRunner, rerun_data: RerunData) -> None:
        with TURNS.run():
            draw(self, rerun_data)

    def sent(self: ScriptRunContext, msg: ForwardMsg) -> None:
        TURNS.make_way(still_there)
        send(self, msg)

    ScriptRunner._run_script = drawn  # type: ignore[method-assign]
    ScriptRunContext.enqueue = sent  # type: ignore[method-assign]
