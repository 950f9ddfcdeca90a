"""How threads that share a computation wait for each other: awake for a moment, then asleep, so others can work."""

from __future__ import annotations

import os

# Of the loop in which a thread waits awake, in GNU's OpenMP, which torch has on Linux.
TURNS = "GOMP_SPINCOUNT"
POLICY = "OMP_WAIT_POLICY"
FEW = "3000"  # some microseconds: the next part of a layer comes sooner


def wait_briefly() -> None:
    """In a process of our own, before torch is loaded: its threads wait awake for microseconds, and sleep after that.

    As torch comes, threads that are done with their share of a layer keep their cores busy for a hundred times as long,
    since there may soon be more. On a core that has other work, they keep it from that work, and it them from theirs: a
    picture's maps take many times as long (benchmarks/busy_speed.py). What is computed does not change. Where one of
    the variables is set, it stands; elsewhere than on Linux, torch has another OpenMP, which this does not change.
    """
    if POLICY not in os.environ:
        os.environ.setdefault(TURNS, FEW)
