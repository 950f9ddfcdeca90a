"""Queues for what asks a model: equal requests are computed once, who waits sees their place, who left is dropped.

A session's thread waits and draws; a thread of the queue computes. So what a visitor no longer waits for, since a
slider moved on or the page was left, never runs. There is a queue for short requests and one for long ones. Forward
passes take turns besides (`xai_core.turns`), so that whatever takes many lets the others in after each.
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, ParamSpec, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app import access
from app.jobs.right import Right, anything
from xai_core.errors import XaiError
from xai_core.quotas import ACCOUNT_WAITING
from xai_core.result_cache import ResultCache, from_environment
from xai_core.result_types import returned

P = ParamSpec("P")
R = TypeVar("R")
LOOK_S = 0.25  # between two looks of a session at what it waits for
QUIET_S = 0.5  # before a place in the queue is worth saying


class CrowdedError(XaiError):
    """One account waits for as much as it may."""


class Job:
    """A request on its way.

    Attributes
    ----------
    done : its result or its error
    interested : sessions that wait for it
    """

    def __init__(self, name: str, key: object, compute: Callable[[], Any], keep: int) -> None:
        self.name, self.key, self.compute, self.keep = name, key, compute, keep
        self.done: Future[Any] = Future()
        self.interested = 0
        self.running = False


class Queue:
    """Requests in the order in which they came, and the results of the last ones."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._order: deque[Job] = deque()
        self._jobs: dict[object, Job] = {}
        self._kept: dict[str, OrderedDict[object, Any]] = {}
        self._worker: threading.Thread | None = None
        self._waiting: Counter[str] = Counter()  # account -> its sessions that wait

    def get(
        self,
        name: str,
        key: object,
        compute: Callable[[], R],
        *,
        keep: int,
        tell: Callable[[int], object],
        whose: str = "",
    ) -> R:
        """The result of a request, computed now or before.

        Parameters
        ----------
        name, key : what is computed, and of what; equal ones have one result
        compute : run by the queue's thread
        keep : results of that name that are kept, the last used ones
        tell : called now and then with the number of requests that come first; what it raises ends the wait
        whose : stands for the account that asks; empty where there are none

        Raises
        ------
        CrowdedError
            Where the account waits for as much as it may.
        Exception
            What `compute` raises, in every session that waits; the next one to ask tries again.
        """
        whole = (name, key)
        with self._changed:
            kept = self._kept.setdefault(name, OrderedDict())
            if key in kept:
                kept.move_to_end(key)
                return kept[key]
            if whose and self._waiting[whose] >= ACCOUNT_WAITING.value:
                raise CrowdedError(
                    f"Your account waits for {ACCOUNT_WAITING.value:,} computations in other tabs, as many as one may "
                    f"({ACCOUNT_WAITING.variable}). Close some, or reload this page when they are done."
                )
            self._waiting[whose] += 1
            job = self._jobs.get(whole)
            if job is None:
                job = self._jobs[whole] = Job(name, key, compute, keep)
                self._order.append(job)
                self._begin()
                self._changed.notify()
            job.interested += 1
        try:
            self._wait(job, tell)
            return job.done.result()
        finally:
            with self._changed:
                job.interested -= 1
                self._waiting[whose] -= 1
                if not job.interested and job in self._order:
                    self._order.remove(job)
                    del self._jobs[whole]

    def _wait(self, job: Job, tell: Callable[[int], object]) -> None:
        patience = QUIET_S
        while True:
            try:
                job.done.exception(patience)
            except TimeoutError:
                patience = LOOK_S
                tell(self.before(job))
            else:
                return

    def before(self, job: Job) -> int:
        """Requests that come first: the one that runs, and those that came earlier."""
        with self._changed:
            if job not in self._order:
                return 0
            return self._order.index(job) + sum(one.running for one in self._jobs.values())

    def _begin(self) -> None:
        if self._worker is None or not self._worker.is_alive():
            self._worker = threading.Thread(target=self._work, name="work", daemon=True)
            self._worker.start()

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._order:
                    self._changed.wait()
                job = self._order.popleft()
                job.running = True
            try:
                result, error = job.compute(), None
            except BaseException as raised:  # it belongs to whoever waits for it
                result, error = None, raised
            with self._changed:
                del self._jobs[job.name, job.key]
                if error is None:
                    kept = self._kept[job.name]
                    kept[job.key] = result
                    while len(kept) > job.keep:
                        kept.popitem(last=False)
            if error is None:
                job.done.set_result(result)
            else:
                job.done.set_exception(error)


_queues: dict[bool, Queue] = {}


def queue(long: bool = False) -> Queue:
    """The server's queue of short requests, or of long ones."""
    return _queues.get(long) or _queues.setdefault(long, Queue())  # one, also where two sessions are the first


def _result_types() -> tuple[type, ...]:
    from xai_core import CarrierTest, Discovery, LimeExplanation, Strategy
    from xai_core.checks.map_trust import MapTrust
    from xai_core.checks.method_comparison import MethodComparison
    from xai_core.data import Problem
    from xai_core.inference.evaluation import BatchEvaluation
    from xai_core.studies import Agreement, Check, ObjectAttention, Trust
    from xai_core.types import Estimate, Heatmaps, LabelEvaluation, Predictions, Preprocessing

    explained = (Heatmaps, Predictions, Preprocessing, Estimate, LimeExplanation)
    evaluated = (BatchEvaluation, LabelEvaluation)
    discovered = (Discovery, Strategy, CarrierTest)
    checked = (MapTrust, MethodComparison, Trust, Check, Agreement)
    return *explained, *evaluated, *discovered, *checked, ObjectAttention, Problem


@functools.cache
def disk() -> ResultCache | None:
    """Results on disk, which other servers and later ones find; None unless XAI_CACHE_DIR is set."""
    return from_environment(_result_types)


def stored(
    name: str, key: object, compute: Callable[[], R], kind: Any = Any, right: Callable[[R], bool] = anything
) -> R:
    """A result from the disk where one is kept there that is of its kind and `right`, else computed and kept there."""
    kept = disk()
    return compute() if kept is None else kept.get(name, key, compute, kind, right)


def say_news() -> None:
    """Tell the visitor what is wrong with the results on disk, which the log says as well; each fault is said once."""
    kept = disk()
    if kept is not None and get_script_run_ctx(suppress_warning=True) is not None:
        for sentence in kept.take_news():
            st.toast(sentence, icon=":material/save:", duration="long")


class Place:
    """How a page says its place in the queue; without a page, as in a notebook, it says nothing."""

    def __init__(self) -> None:
        self._slot: Any = None

    def __call__(self, before: int) -> None:
        if get_script_run_ctx(suppress_warning=True) is None:
            return
        if self._slot is None:
            self._slot = st.empty()
        # Drawing is also what ends the wait of a page that was left.
        self._slot.caption(
            f":material/hourglass: {before} ahead of yours" if before else ":material/hourglass: Computing …"
        )

    def clear(self) -> None:
        if self._slot is not None:
            self._slot.empty()


def shared(keep: int, right: Right = anything, *, long: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Run a function in the queue, once for equal arguments; those with a leading underscore do not count.

    What it gives is one object for all sessions, so nobody may change it.

    Parameters
    ----------
    keep : results that stay
    right : whether a result from the disk can be that of such arguments, which it gets by name; see `app.jobs.right`
    long : takes many forward passes, so that short requests should not stand behind it
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        parameters = inspect.signature(function).parameters
        names = list(parameters)
        defaults = {name: one.default for name, one in parameters.items() if one.default is not one.empty}
        name, kind = f"{function.__module__}.{function.__qualname__}", functools.cache(lambda: returned(function))

        def on_disk(key: object, args: Any, kwargs: Any) -> R:
            given = defaults | dict(zip(names, args, strict=False)) | kwargs
            return stored(name, key, lambda: function(*args, **kwargs), kind(), lambda found: right(found, **given))

        @functools.wraps(function)
        def asked(*args: P.args, **kwargs: P.kwargs) -> R:
            given = defaults | dict(zip(names, args, strict=False)) | kwargs
            key = tuple(given[name] for name in names if not name.startswith("_"))
            place = Place()
            try:
                there, whose = queue(long), access.owner()
                return there.get(name, key, lambda: on_disk(key, args, kwargs), keep=keep, tell=place, whose=whose)
            except CrowdedError as error:
                st.error(str(error), icon=":material/hourglass_disabled:")
                st.stop()
            finally:
                place.clear()
                say_news()

        return asked

    return decorate
