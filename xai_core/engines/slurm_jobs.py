"""Workers that are jobs of Slurm, handed in by submitit, several at once as an array.

A job begins when Slurm lets it, and nobody can talk to it: it has its share from the beginning, and says what became of
each part in a file of its own, in the folder `jobs` of the study, which all machines must see.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from xai_core import bounded_json, regular
from xai_core.batch.computing import Made, Order
from xai_core.engines.engine import Answer, EngineError, Share, What, bound_libraries
from xai_core.engines.options import MINUTES_AT_MOST

WAIT_S = 0.5
JOBS = "jobs"
_MOST = 4 << 20  # bytes of answers that are read at a time; a line has some hundred, or a sentence more


@dataclass(eq=False)
class _Job:
    """A share that was handed in.

    Attributes
    ----------
    worker : int
        Whose it is.
    left : set of int
        Its parts that nothing was said of.
    said : pathlib.Path
        Where its answers are.
    job : object
        Submitit's, as soon as it was handed in.
    read : int
        Bytes of the answers that were read.
    """

    worker: int
    left: set[int]
    said: Path
    job: Any = None
    read: int = 0
    share: Share = field(default=Share(0, ()))


class SlurmJobs:
    """As `Engine`.

    Parameters
    ----------
    workers : int
        Jobs at a time.
    partition : str, optional
        Of Slurm; its own default without.
    minutes : int
        That a job may take.
    cluster : str
        "slurm"; "local" has the jobs run as processes of this machine.
    """

    at_once = 0

    def __init__(
        self, workers: int, partition: str | None = None, minutes: int = MINUTES_AT_MOST, cluster: str = "slurm"
    ) -> None:
        self.workers, self._partition, self._minutes, self._cluster = workers, partition, minutes, cluster
        self._order: Order | None = None
        self._executor: Any = None
        self._jobs: list[_Job] = []
        self._name, self._count = secrets.token_hex(4), 0  # answers of an earlier command are nobody's

    def start(self, order: Order) -> None:
        """As `Engine.start`."""
        import submitit

        self._order, folder = order, order.folder / JOBS
        if folder.is_symlink():
            raise EngineError(f"{folder} is a link, and jobs run what lies there. Remove it, or choose another --out.")
        folder.mkdir(mode=0o700, exist_ok=True)  # likewise: nobody else is to write there
        executor = submitit.AutoExecutor(folder=folder, cluster=self._cluster)
        wanted: dict[str, Any] = {"timeout_min": self._minutes, "cpus_per_task": order.threads, "name": "xai"}
        if order.gpu:
            wanted["gpus_per_node"] = 1
        if self._partition:
            wanted["slurm_partition"] = self._partition
        executor.update_parameters(**wanted)
        self._executor = executor

    def give(self, worker: int, share: Share) -> None:
        """As `Engine.give`: it is handed in with what else is given now."""
        assert self._order is not None
        self._count += 1
        said = self._order.folder / JOBS / f"{self._name}-{self._count:05d}.jsonl"
        self._jobs.append(_Job(worker, set(share.turns), said, share=share))

    def answers(self) -> list[Answer]:
        """As `Engine.answers`."""
        self._hand_in()
        found: list[Answer] = []
        for job in list(self._jobs):
            ended = job.job.done()
            found += self._read(job)
            if not job.left:
                self._jobs.remove(job)
            elif ended:
                self._jobs.remove(job)
                said = f"The job {job.job.job_id} ended ({job.job.state}) before it was done."
                found.append(Answer("lost", job.worker, why=said))
        if not found:
            time.sleep(WAIT_S)
        return found

    def _hand_in(self) -> None:
        """What was given since, as one array where it is more than one job."""
        new = [job for job in self._jobs if job.job is None]
        if not new:
            return
        with self._executor.batch():
            for job in new:
                job.job = self._executor.submit(_work, self._order, job.worker, job.share, job.said)

    def _read(self, job: _Job) -> list[Answer]:
        """What a job has said since; one that says what no worker says is done with, and lost."""
        try:
            with regular.opened(job.said) as file:
                file.seek(job.read)
                lines = file.read(_MOST)
            whole = lines[: lines.rfind(b"\n") + 1]
            if len(lines) == _MOST and not whole:
                raise ValueError(f"a line of more than {_MOST:,} bytes")
            found = [_answer(bounded_json.loads(line), job) for line in whole.splitlines()]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError) as error:
            job.left.clear()
            job.job.cancel(check=False)
            said = f"What the job {job.job.job_id} wrote to {job.said} cannot be read ({error}), and it was ended."
            return [Answer("lost", job.worker, why=said)]
        job.read += len(whole)
        for one in found:
            job.left.discard(one.turn)
            if one.what == "refused":
                job.left.clear()
        return found

    def stop(self) -> None:
        """As `Engine.stop`."""
        for job in self._jobs:
            if job.job is not None:
                job.job.cancel(check=False)
        self._jobs.clear()


def _answer(said: Any, job: _Job) -> Answer:
    """An answer from its line, of which a disk or somebody else may have made anything.

    Raises
    ------
    KeyError, TypeError, ValueError
        If no worker of that job says it.
    """
    made = Made(**said["made"]) if said["made"] else None
    answer = Answer(**{**said, "made": made})
    about = answer.turn in job.share.turns and answer.stage == job.share.stage
    if answer.what not in get_args(What) or answer.worker != job.worker or not (about or answer.turn == -1):
        raise ValueError("it is about no part that the job was given")
    if (answer.what == "made") != (made is not None) or not isinstance(answer.settings, dict):
        raise ValueError("it is no answer")
    if made is not None and (made.turn != answer.turn or not math.isfinite(made.seconds)):
        raise ValueError("it is about another part")
    return dataclasses.replace(answer, why=str(answer.why))


def _work(order: Order, place: int, share: Share, path: Path) -> None:
    """All that a job does."""
    bound_libraries(order)
    from xai_core.engines.worker import opened

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:

        def say(answer: Answer) -> None:
            file.write(json.dumps(dataclasses.asdict(answer)) + "\n")
            file.flush()
            os.fsync(file.fileno())

        worker, said = opened(order, place)
        say(said)
        for answer in worker.answers(share) if worker is not None else ():
            say(answer)
