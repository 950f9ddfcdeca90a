"""The parts of a stage: what is computed of one, who computes them, and what is told of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from xai_core.batch.made_with import MADE_WITH
from xai_core.batch.reading import waited_s
from xai_core.batch.request import Request
from xai_core.batch.store import StudyFolder
from xai_core.batch.study import Stage

HERE = "this process"


@dataclass(frozen=True)
class Made:
    """A part that is in the folder.

    Attributes
    ----------
    turn : int
        Its place in the stage.
    worker : str
        Who made it.
    computed, written, read : float
        Seconds; the last, for which it waited for pictures, are no part of the first.
    """

    turn: int
    worker: str
    computed: float
    written: float
    read: float = 0.0

    @property
    def seconds(self) -> float:
        """From its beginning to its end."""
        return self.read + self.computed + self.written


@dataclass(frozen=True)
class GivenUp:
    """A part that could not be made.

    Attributes
    ----------
    turn : int
        Its place in the stage.
    why : str
        A sentence.
    """

    turn: int
    why: str


@dataclass(frozen=True)
class Order:
    """All that a worker is told: what is asked and where it goes, and nothing that has been opened.

    Attributes
    ----------
    folder : pathlib.Path
        Of the study.
    request : Request
        As it was asked for.
    identity : str
        What stands for the study; a worker that would make another one refuses.
    threads : int
        With which each part is computed.
    gpu : bool
        Whether the model is on one, so that each worker needs one.
    """

    folder: Path
    request: Request
    identity: str
    threads: int
    gpu: bool = False


class Crew(Protocol):
    """Who computes parts."""

    def parts(self, number: int, stage: Stage, turns: Sequence[int]) -> Iterator[Made | GivenUp]:
        """Some parts of a stage, in whichever order they come.

        Parameters
        ----------
        number : int
            Of the stage, from 0; those before it are in the folder.
        stage : Stage
            As this process has it.
        turns : Sequence[int]
            Places in the stage.
        """
        ...


Hiring = Callable[[Order, StudyFolder], AbstractContextManager[Crew]]


def compute_part(stage: Stage, turn: int, study: StudyFolder, settings: dict[str, Any], worker: str = HERE) -> Made:
    """Compute a part and write it, whole or not at all.

    Parameters
    ----------
    stage : Stage
    turn : int
        Place of the part in it.
    study : StudyFolder
        Where it goes.
    settings : dict of str to object
        What `made_with` says of this process.
    worker : str
        Who this is.

    Returns
    -------
    Made

    Raises
    ------
    StudyWriteError
        If it cannot be written.
    XaiError
        If it cannot be computed.
    """
    began, before = time.perf_counter(), waited_s()
    about, arrays = stage.compute(turn)
    computed, read = time.perf_counter(), waited_s() - before
    study.write(stage.first + turn, {"columns": {}, "ids": [], **about, MADE_WITH: settings}, arrays)
    written = time.perf_counter() - computed
    return Made(turn, worker, round(computed - began - read, 4), round(written, 4), round(read, 4))
