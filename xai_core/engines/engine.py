"""What an engine is: it takes shares of parts to workers, and tells what became of them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from xai_core.batch.computing import Made, Order
from xai_core.errors import XaiError
from xai_core.threads import wait_briefly

What = Literal["opened", "made", "failed", "unwritten", "refused", "lost"]


class EngineError(XaiError):
    """An engine that is not there, or cannot be used as was asked."""


def bound_libraries(order: Order) -> None:
    """In a worker's process, before it opens anything: libraries that are loaded from here on use so many threads.

    Those of torch soon sleep while they wait for each other.

    Parameters
    ----------
    order : Order
    """
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(order.threads)
    wait_briefly()


@dataclass(frozen=True)
class Share:
    """Parts for one worker, in the order in which it is to compute them.

    Attributes
    ----------
    stage : int
        Number of the stage, from 0.
    turns : tuple of int
        Places in the stage.
    """

    stage: int
    turns: tuple[int, ...]


@dataclass(frozen=True)
class Answer:
    """What a worker says, or what is said of it.

    Attributes
    ----------
    what : str
        "opened": it has opened model and data. "made": a part is in the folder. "failed": a part could not be computed.
        "unwritten": a part could not be written. "refused": it would make another study. "lost": it has ended; what it
        had of its share has to be given again.
    worker : int
        Its place among the workers.
    turn : int
        Of the part; -1 where it is about none.
    stage : int
        Of the part; a worker that was slow may answer when its stage is over.
    why : str
        A sentence.
    made : Made, optional
        What was made.
    settings : dict of str to object
        What one that has opened computes with.
    """

    what: What
    worker: int
    turn: int = -1
    stage: int = -1
    why: str = ""
    made: Made | None = None
    settings: dict[str, Any] = field(default_factory=dict)


class Engine(Protocol):
    """Takes shares to workers.

    Attributes
    ----------
    workers : int
        How many there are at a time, numbered from 0.
    at_once : int
        Parts that a worker has been given and not yet answered: 2, so that none waits for its next; 0 shares all that
        is left among the workers, where handing out costs much.
    """

    workers: int
    at_once: int

    def start(self, order: Order) -> None:
        """Nothing has been given yet."""
        ...

    def give(self, worker: int, share: Share) -> None:
        """Give a worker more to do; one that is lost is replaced."""
        ...

    def answers(self) -> list[Answer]:
        """What has been said since; waits a moment where that is nothing."""
        ...

    def stop(self) -> None:
        """Nothing more is wanted; workers end."""
        ...
