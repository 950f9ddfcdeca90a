"""What the benchmarks share: timing in turn, so that a busy machine slows all alike, and the report."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure, with the bound that is claimed for it, if any."""

    name: str
    value: float
    at_least: float | None = None
    at_most: float | None = None

    @property
    def holds(self) -> bool:
        low = self.at_least is None or self.value >= self.at_least
        return low and (self.at_most is None or self.value <= self.at_most)

    @property
    def claim(self) -> str:
        if self.at_least is not None:
            return f">= {self.at_least:g}"
        return f"<= {self.at_most:g}" if self.at_most is not None else ""


def paired_times(
    calls: dict[str, Callable[[], None]], rounds: int, once: frozenset[str] = frozenset()
) -> dict[str, float]:
    """Median seconds of each call, run in turn in every round after a warm-up; those named in `once` a single time."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for name, call in calls.items():
        if name not in once:
            call()
    for turn in range(rounds):
        for name, call in calls.items():
            if turn and name in once:
                continue
            start = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def report(benchmark: str, rows: list[Row]) -> None:
    """Print a table and a line of JSON; exit with 1 if a claim does not hold."""
    width = max(len(row.name) for row in rows)
    print(f"\n{benchmark}")
    for row in rows:
        mark = "" if not row.claim else "ok" if row.holds else "MISSED"
        print(f"  {row.name:<{width}}  {row.value:>10.2f}  {row.claim:<9} {mark}")
    print(json.dumps({"benchmark": benchmark, "figures": {row.name: round(row.value, 4) for row in rows}}))
    sys.stdout.flush()
    if not all(row.holds for row in rows):
        raise SystemExit(1)
