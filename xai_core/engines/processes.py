"""Workers that are processes of this machine, each with a pipe to this one.

On Linux, they are forked from one process that has loaded the library and opened nothing, so that only the first waits
for that; elsewhere, each begins anew.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from xai_core.batch.computing import Order
from xai_core.engines.engine import Answer, Share, bound_libraries

WAIT_S = 0.5
END_S = 5.0  # for a worker to end by itself
_HOW = "forkserver" if sys.platform == "linux" else "spawn"
_LOADED = ["xai_core.engines.worker", "xai_core.questions.layers.study", "xai_core.questions.foreground.study"]


@dataclass(eq=False)
class _Hand:
    """A worker's process, and the pipe to it."""

    process: BaseProcess
    pipe: Connection


class Processes:
    """As `Engine`.

    Parameters
    ----------
    workers : int
        How many.
    work : callable, optional
        What each does with its pipe, the order and its place; by default it computes parts.
    """

    at_once = 2

    def __init__(self, workers: int, work: Callable[[Connection, Order, int], None] | None = None) -> None:
        self.workers, self._work = workers, work or _work
        self._hands: dict[int, _Hand] = {}
        self._order: Order | None = None
        self._context: Any = multiprocessing.get_context(_HOW)
        if _HOW == "forkserver":  # it loads while this process opens what is asked for
            self._context.set_forkserver_preload(_LOADED)
            forkserver.ensure_running()

    def start(self, order: Order) -> None:
        """As `Engine.start`: processes begin with the first share."""
        self._order = order

    def give(self, worker: int, share: Share) -> None:
        """As `Engine.give`."""
        if worker not in self._hands:
            ours, theirs = self._context.Pipe()
            process = self._context.Process(target=self._work, args=(theirs, self._order, worker), daemon=True)
            process.start()
            theirs.close()  # so that its end is the pipe's end
            self._hands[worker] = _Hand(process, ours)
        with contextlib.suppress(OSError):  # it has ended; what it had is told of by `answers`
            self._hands[worker].pipe.send(share)

    def answers(self) -> list[Answer]:
        """As `Engine.answers`."""
        found: list[Answer] = []
        ready = wait([hand.pipe for hand in self._hands.values()], WAIT_S)
        for worker, hand in list(self._hands.items()):
            if hand.pipe not in ready:
                continue
            try:
                while hand.pipe.poll():
                    found.append(hand.pipe.recv())
            except (EOFError, OSError):
                found.append(self._buried(worker))
        for answer in found:
            if answer.what == "refused" and answer.worker in self._hands:
                self._buried(answer.worker)
        return found

    def _buried(self, worker: int) -> Answer:
        """Of a worker that has ended."""
        hand = self._hands.pop(worker)
        hand.pipe.close()
        hand.process.join(END_S)
        code = hand.process.exitcode
        how = signal.Signals(-code).name if code is not None and code < 0 else f"exit code {code}"
        return Answer("lost", worker, why=f"The process {hand.process.pid} ended ({how}) before it was done.")

    def stop(self) -> None:
        """As `Engine.stop`."""
        for hand in self._hands.values():
            hand.pipe.close()  # one that waits for a share ends by that
        for hand in self._hands.values():
            hand.process.terminate()
        for hand in self._hands.values():
            hand.process.join(END_S)
            if hand.process.is_alive():
                hand.process.kill()
                hand.process.join()
        self._hands.clear()


def _work(pipe: Connection, order: Order, place: int) -> None:
    """All that a worker's process does, until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that hands out
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that no half a file is left
    bound_libraries(order)
    from xai_core.engines.worker import opened

    try:
        worker, said = opened(order, place)
        pipe.send(said)
        while worker is not None:
            for answer in worker.answers(pipe.recv()):
                pipe.send(answer)
    except (EOFError, OSError):  # the one who hands out is gone
        pass
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # nothing is left to be tidied up
