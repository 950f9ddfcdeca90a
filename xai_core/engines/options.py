"""Which engines there are, and the command's options for them. Nothing heavy."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Any

WORKERS, THREADS, ENGINE, ADDRESS = "workers", "threads", "engine", "address"
PARTITION, MINUTES = "partition", "minutes"
MINUTES_AT_MOST = 720  # of a job of Slurm
MOST = 1024  # workers, and threads of each
ENGINES = {
    "processes": "processes of this machine",
    "ray": "a Ray cluster, or Ray on this machine",
    "slurm": "jobs of Slurm",
}


@dataclass(frozen=True)
class Chosen:
    """Who is to compute a study.

    Attributes
    ----------
    workers : int
        How many; one without an engine is this process.
    threads : int, optional
        Of each.
    engine : str
        A key of ENGINES.
    address : str, optional
        Of a Ray cluster.
    partition : str, optional
        Of Slurm.
    minutes : int, optional
        That a job of Slurm may take.
    """

    workers: int = 1
    threads: int | None = None
    engine: str = "processes"
    address: str | None = None
    partition: str | None = None
    minutes: int | None = None


def _count(text: str, most: int = MOST) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to {most:,}")
    return int(text)


def _minutes(text: str) -> int:
    return _count(text, 100_000)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options that are no part of what makes one study another.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        Of a study.
    """
    group = parser.add_argument_group("of the work", "None of these changes the results; see docs/scale.md.")
    add = group.add_argument
    add(f"--{WORKERS}", type=_count, default=1, metavar="N", help="how many share the work; default: 1, this process")
    add(
        f"--{THREADS}",
        type=_count,
        metavar="N",
        help="of each worker; default: those that the study was begun with, else this machine's, shared among workers",
    )
    said = "; ".join(f"{key}: {title}" for key, title in ENGINES.items())
    add(f"--{ENGINE}", choices=tuple(ENGINES), default="processes", help=f"who the workers are. {said}")
    add(f"--{ADDRESS}", metavar="HOST:PORT", help="of a Ray cluster that runs; default: one on this machine")
    add(f"--{PARTITION}", metavar="NAME", help="of Slurm; default: the cluster's own")
    add(
        f"--{MINUTES}",
        type=_minutes,
        metavar="N",
        help=f"after which a job of Slurm ends; default: {MINUTES_AT_MOST}. Another job does what is left",
    )


def take_options(given: dict[str, Any]) -> Chosen:
    """Take from the arguments who is to compute.

    Parameters
    ----------
    given : dict of str to object
        Arguments of the command by their names; those of the work are removed.

    Returns
    -------
    Chosen
    """
    return Chosen(**{name: given.pop(name) for name in (WORKERS, THREADS, ENGINE, ADDRESS, PARTITION, MINUTES)})
