"""How threads that share a computation wait for each other: asleep, so that a core that has other work can do it."""

from __future__ import annotations

import os

VARIABLE = "OMP_WAIT_POLICY"


def wait_asleep() -> None:
    """In a process of our own, before torch is loaded: its threads sleep while they wait, unless the variable is set.

    As torch comes, threads that are done with their share of a layer keep their cores busy until the others are, since
    there may soon be more. On a core that has other work, they keep it from that work, and it them from theirs: a
    picture's maps take many times as long (benchmarks/busy_speed.py). What is computed does not change.
    """
    os.environ.setdefault(VARIABLE, "PASSIVE")
