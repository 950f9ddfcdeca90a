"""What takes long and grows: a run in a thread of its own, such as a method that draws samples on one picture."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import streamlit as st

import xai_core as xai
from app.jobs import right
from app.jobs.queue import disk
from xai_core.types import Estimate

PATIENCE_S = 4.0  # for which work in the background goes on after a page last asked for it


class Growing(Protocol):
    """What is known so far."""

    @property
    def complete(self) -> bool:
        """Whether there is no more to come."""
        ...


G = TypeVar("G", bound=Growing)


@dataclass(eq=False)
class GrowingRun(Generic[G]):
    """What takes long and grows, such as a method that draws samples on one picture, as far as it has come.

    A thread of its own computes it as long as somebody asks for it.
    A page's fragment could not be stopped while it computes: Streamlit lets it run to its end.

    Attributes
    ----------
    key : what it is of
    latest : the last estimate, or None
    error : why it ended early, or empty
    kept_as : what the complete one is called on the disk
    """

    key: tuple[object, ...]
    latest: G | None = None
    error: str = ""
    kept_as: str = "estimate"
    _steps: Iterator[G] | None = None
    _wanted_until: float = 0.0
    _thread: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def complete(self) -> bool:
        return bool(self.error) or (self.latest is not None and self.latest.complete)

    def want(self, begin: Callable[[], Iterator[G]]) -> None:
        """Keep it going for the next seconds; `begin` gives the estimates."""
        with self._lock:
            self._wanted_until = time.monotonic() + PATIENCE_S
            if self._thread is not None or self.complete:
                return
            self._steps = self._steps or begin()
            self._thread = threading.Thread(target=self._work, name="samples", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End it after the estimate under way, unless another session goes on asking."""
        with self._lock:
            self._wanted_until = 0.0

    def _work(self) -> None:
        while True:
            with self._lock:
                if self.complete or self._steps is None or time.monotonic() > self._wanted_until:
                    self._thread = None
                    self._steps = None if self.complete else self._steps
                    return
                steps = self._steps
            try:
                self.latest = found = next(steps)
                if found.complete and (there := disk()) is not None:
                    there.put(self.kept_as, self.key, found)
            except xai.XaiError as error:
                self.error = str(error)
            except Exception:
                logging.getLogger(__name__).exception("%s ended early", self.key[0])
                self.error = "It ended early; the server's log says why."


@st.cache_resource(max_entries=64, show_spinner=False)
def growing_run(
    method: str, model_id: str, picture: str, classes: tuple[int, int], settings: tuple[tuple[str, Any], ...]
) -> GrowingRun[Estimate]:
    """The run of a method on a picture for two classes, which another server may have done."""
    key = (method, model_id, picture, classes, settings)
    if (there := disk()) is None:
        return GrowingRun(key)
    return GrowingRun(
        key, there.find("estimate", key, None, kind=Estimate, right=lambda found: right.estimate(found, classes))
    )
