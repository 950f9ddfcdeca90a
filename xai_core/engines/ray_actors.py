"""Workers that are actors of Ray Core: of a cluster that runs, or of one on this machine that ends with the study.

Nothing is sent anywhere: usage statistics and the dashboard are off, and a cluster of our own wants a token that only
this process and its workers have. An actor is given the order alone, since what is large is lost when it begins again.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from xai_core.batch.computing import Order
from xai_core.batch.stages import StudyIncomplete
from xai_core.engines.engine import Answer, EngineError, Share, bound_libraries
from xai_core.errors import say
from xai_core.types.counts import number_of

WAIT_S = 0.5
HEAD_S = 5.0  # for the head of a cluster to take a connection, and for one that takes none to be there again
END_S = 2.0  # for Ray's processes on this machine to end by themselves
_TOKEN = secrets.token_hex(32)  # of all clusters of this process: Ray reads it once
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}


def _kill(processes: Sequence[psutil.Process]) -> None:
    """End each that is still there."""
    for one in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()


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


def places(nodes: Sequence[Mapping[str, Any]], threads: int, *, gpu: bool) -> int:
    """How many workers find room on the machines of a cluster; each runs on one of them.

    Parameters
    ----------
    nodes : Sequence[Mapping]
        As `ray.nodes` gives them.
    threads : int
        CPUs of a worker.
    gpu : bool
        Whether it takes a GPU, too.

    Examples
    --------
    >>> from xai_core.engines.ray_actors import places
    >>> places([{"Alive": True, "Resources": {"CPU": 6.0}}, {"Alive": True, "Resources": {"CPU": 3.0}}], 4, gpu=False)
    1
    """
    found = 0
    for node in nodes:
        there = node["Resources"] if node["Alive"] else {}
        room = int(there.get("CPU", 0) // threads)
        found += min(room, int(there.get("GPU", 0))) if gpu else room
    return found


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
        self._answered = 0.0  # when the head last took a connection
        self._headless = False  # it has taken none for too long

    def start(self, order: Order) -> None:
        """As `Engine.start`."""
        self._order = order
        os.environ |= _QUIET
        own: dict[str, Any] = {"address": self._address}
        if self._address is None:
            if "ray" in sys.modules and os.environ.get("RAY_AUTH_TOKEN") != _TOKEN:
                raise EngineError(
                    "Ray was loaded in this process before the study began, and so without the token that keeps "
                    "others out: it cannot begin here. Let no plug-in import ray, or give the --address of a cluster "
                    "that runs."
                )
            self._folder = TemporaryDirectory(prefix="xai-", ignore_cleanup_errors=True)
            os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": _TOKEN}
            cores = self.workers * order.threads
            own = {"num_cpus": cores, "include_dashboard": False, "_temp_dir": self._folder.name}
        import ray

        try:
            ray.init(log_to_driver=False, logging_level=logging.ERROR, **own)
        except (ConnectionError, RuntimeError, ray.exceptions.RayError) as error:
            where = f"be reached at {self._address}" if self._address else "begin on this machine"
            raise EngineError(f"Ray cannot {where}: {error}") from error
        self._answered = time.monotonic()
        self._fit(ray.nodes(), ray.available_resources())

    def _fit(self, nodes: Sequence[Mapping[str, Any]], free: Mapping[str, float]) -> None:
        """No more workers than there is room for: Ray would let the others wait for it for ever."""
        assert self._order is not None
        threads, gpu = self._order.threads, self._order.gpu
        needed = number_of(threads, "CPU") + (" and a GPU" if gpu else "")
        room = places(nodes, threads, gpu=gpu)
        if not room:
            raise EngineError(
                f"Ray has no machine with {needed}, which each worker takes here. Ask for fewer --threads, or add a "
                "machine to the cluster."
            )
        if room < self.workers:
            say(
                f"Ray has room for {room} of {number_of(self.workers, 'worker')}, each of which takes {needed}: "
                f"{number_of(room, 'worker')} will do the work.",
                file=sys.stderr,
            )
            self.workers = room
        if free.get("CPU", 0.0) < self.workers * threads:
            say(
                f"Others are using Ray's machines: {free.get('CPU', 0.0):g} of their CPUs are free, and the workers "
                f"take {self.workers * threads}. Those that find no room begin when there is some.",
                file=sys.stderr,
            )

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
        if self._has_head() and not ready and self._no_machine():
            return self._without_machines()
        return [answer for one in ready for answer in self._of(one)]

    def _no_machine(self) -> bool:
        """Whether the head says, in time, that no machine is left: Ray waits a minute for one that has just ended."""
        import ray

        nodes: list[Mapping[str, Any]] = []
        asking = threading.Thread(target=lambda: nodes.extend(ray.nodes()), daemon=True)
        asking.start()
        asking.join(HEAD_S)
        return bool(nodes) and not any(node["Alive"] for node in nodes)

    def _has_head(self) -> bool:
        """Without the process that knows the cluster, what Ray is asked takes a minute, and then Ray ends this one."""
        import ray

        assert self._order is not None
        host, _, port = ray.get_runtime_context().gcs_address.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), HEAD_S).close()
        except OSError as error:
            self._headless = time.monotonic() - self._answered > HEAD_S
            if self._headless:
                raise StudyIncomplete(
                    f"Ray's head no longer answers: its gcs_server has ended, or cannot be reached. What is done is "
                    f"kept in {self._order.folder}."
                ) from error
            return False
        self._answered = time.monotonic()
        return True

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
        began = self._processes()
        if self._headless:  # they would wait for it, and Ray for them
            _kill(began)
        ray.shutdown()
        _kill(psutil.wait_procs(began, END_S)[1])
        if self._folder is not None:
            self._folder.cleanup()

    def _processes(self) -> list[Any]:
        """What Ray began on this machine for a cluster of our own, whose folder is named to each."""
        found: list[Any] = []
        if self._folder is None:
            return found
        for one in psutil.Process().children():
            with contextlib.suppress(psutil.Error):
                if any(self._folder.name in said for said in one.cmdline()):
                    found += [one, *one.children(recursive=True)]
        return found
