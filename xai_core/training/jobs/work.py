"""What the process of a training does."""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path

from xai_core.errors import XaiError, say
from xai_core.training.jobs.files import STOP, write_last_progress, write_progress
from xai_core.training.jobs.queue import POLL, at_work, wait_for_turn
from xai_core.training.jobs.room import Weights
from xai_core.training.jobs.state import read_job
from xai_core.training.settings import Settings


def work(folder: str | Path, *, verbose: bool = False) -> int:
    """Do the training of a folder in this process; the exit status.

    0: finished; 1: failed, with the sentence in progress.json; 3: stopped.
    """
    folder = Path(folder).absolute()
    found = read_job(folder)
    if found.state == "finished":
        return 0
    weights = Weights(folder)
    with at_work(folder):
        try:
            write_progress(folder, state="queued")
            with wait_for_turn(folder) as go:
                outcome = "stopped"
                if go:
                    write_progress(folder, state="running")
                    outcome = "finished" if _train(folder, found.settings, verbose, weights) else "stopped"
            write_progress(folder, state=outcome, notice=weights.notice)
            return 0 if outcome == "finished" else 3
        except Exception as error:
            known = isinstance(error, XaiError)
            message = str(error) if known else f"The training ended with an error that was not foreseen: {error!r}."
            write_last_progress(folder, state="failed", message=message, notice=weights.notice)
            if known:
                say(message, file=sys.stderr)
                return 1
            raise
        finally:
            (folder / STOP).unlink(missing_ok=True)


def _train(folder: Path, settings: Settings, verbose: bool, weights: Weights) -> bool:
    from xai_core.training.loop import Progress, train

    said = 0.0

    def report(progress: Progress) -> None:
        nonlocal said
        now = time.monotonic()
        if now - said > POLL or progress.batch == progress.batches:
            said = now
            with contextlib.suppress(XaiError):  # a full disk ends it where an epoch cannot be written
                write_progress(folder, state="running", notice=weights.notice, **vars(progress))
            if verbose:
                say(
                    f"epoch {progress.epoch}/{progress.epochs}  batch {progress.batch}/{progress.batches}  "
                    f"loss {progress.loss:.3f}  accuracy {progress.accuracy:.3f}  {progress.seconds:.0f} s",
                    end="\n" if progress.batch == progress.batches else "\r",  # the next line takes its place
                    flush=True,
                )

    return train(settings, folder, stop=(folder / STOP).exists, report=report, may_keep=weights.may_keep)
