"""Workers that are actors of Ray Core: of a cluster that runs, or of one on this machine that ends with the study.

Nothing is sent anywhere: usage statistics and the dashboard are off, and a cluster of our own wants a token that only
this process and its workers have. An actor is given the order alone, since what is large is lost when it begins again.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Iterator
from tempfile import TemporaryDirectory
from typing import Any

from xai_core.batch.computing import Order
from xai_core.engines.engine import Answer, EngineError, Share, bound_libraries

WAIT_S = 0.5
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}


class _Actor:
    """What runs in an actor's process."""

    def __init__(self, order: Order, place: int) -> None:
        bound_libraries(order)
        from xai_core.engines.worker import opened

        self._worker, self._said = opened(order, place)

    def begin(self) -> Answer:
        """Whether it opened what it needs."""
        return self._said

    def compute(self, share: Share) -> list[Answer]:
        """What became of each part."""
        return [] if self._worker is None else list(self._worker.answers(share))


class RayActors:
    """As `Engine`.

    Parameters
    ----------
    workers : int
        How many actors, each of which is given the study's threads, and a GPU where the model is on one.
    address : str, optional
        Of a cluster that runs; else one is begun on this machine.
    """

    at_once = 2

    def __init__(self, workers: int, address: str | None = None) -> None:
        self.workers, self._address = workers, address
        self._order: Order | None = None
        self._folder: TemporaryDirectory[str] | None = None
        self._actors: dict[int, Any] = {}
        self._waiting: dict[Any, int] = {}  # what was asked of whom

    def start(self, order: Order) -> None:
        """As `Engine.start`."""
        self._order = order
        os.environ |= _QUIET
        own: dict[str, Any] = {"address": self._address}
        if self._address is None:
            self._folder = TemporaryDirectory(prefix="xai-", ignore_cleanup_errors=True)
            os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
            cores = self.workers * order.threads
            own = {"num_cpus": cores, "include_dashboard": False, "_temp_dir": self._folder.name}
        import ray

        try:
            ray.init(log_to_driver=False, logging_level=logging.ERROR, **own)
        except (ConnectionError, ray.exceptions.RayError) as error:
            raise EngineError(f"Ray cannot be reached at {self._address}: {error}") from error

    def _begin(self, worker: int) -> None:
        """A new actor, which begins to open what it needs."""
        import ray

        assert self._order is not None
        actor = ray.remote(num_cpus=self._order.threads, num_gpus=int(self._order.gpu), max_restarts=0)(_Actor)
        self._actors[worker] = actor.remote(self._order, worker)
        self._waiting[self._actors[worker].begin.remote()] = worker

    def give(self, worker: int, share: Share) -> None:
        """As `Engine.give`; a part a call, so that each is answered as soon as it is done."""
        if worker not in self._actors:
            self._begin(worker)
        for turn in share.turns:
            self._waiting[self._actors[worker].compute.remote(Share(share.stage, (turn,)))] = worker

    def answers(self) -> list[Answer]:
        """As `Engine.answers`."""
        import ray

        if not self._waiting:
            return []
        ready, _ = ray.wait(list(self._waiting), num_returns=1, timeout=WAIT_S)
        if not ready and not any(node["Alive"] for node in ray.nodes()):
            return self._without_machines()
        return [answer for one in ready for answer in self._of(one)]

    def _without_machines(self) -> list[Answer]:
        """All that wait are lost: Ray would have new actors wait for a machine for ever."""
        lost = sorted(set(self._waiting.values()))
        for worker in lost:
            self._forget(worker)
        return [Answer("lost", worker, why="Ray has no machine left: its node manager has ended.") for worker in lost]

    def _of(self, asked: Any) -> Iterator[Answer]:
        """What came of something that was asked."""
        import ray

        worker = self._waiting.pop(asked)
        try:
            said = ray.get(asked)
        except ray.exceptions.RayError as error:
            reason = str(error).strip().splitlines()[0]
            self._forget(worker)
            yield Answer("lost", worker, why=f"The actor ended before it was done: {reason}")
            return
        for answer in said if isinstance(said, list) else [said]:
            if answer.what == "refused":
                self._forget(worker)
            yield answer

    def _forget(self, worker: int) -> None:
        """One that has ended, with all that it was asked."""
        import ray

        ray.kill(self._actors.pop(worker))
        self._waiting = {asked: whose for asked, whose in self._waiting.items() if whose != worker}

    def stop(self) -> None:
        """As `Engine.stop`: a cluster of our own ends, too."""
        import ray

        for worker in list(self._actors):
            self._forget(worker)
        ray.shutdown()
        if self._folder is not None:
            self._folder.cleanup()
