"""Claim: beside other programs, maps of a picture come much sooner where torch's threads soon sleep while they wait.

So they do in the dashboard and in every command (`xai_core.threads`). Two processes take turns, one as torch comes, one
whose threads soon sleep: first with nothing beside them, where the second may take a fifth longer at most, then with
three times as many programs that compute as there are cores, where it is at least twice as fast.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from contextlib import ExitStack

from harness import Row, report

from xai_core.threads import FEW, POLICY, TURNS

ROUNDS, MAPS = 7, 3
BESIDE = 3 * (os.cpu_count() or 1)
_MAPS = f"""
import time
import xai_core as xai
model = xai.load_model("efficientnet_lite0")
sample = model.preprocessing.prepare(xai.load_dataset("photos")[0])
xai.grad_cam(model, [sample], layers="stages")
print("ready", flush=True)
while input():
    start = time.perf_counter()
    for _ in range({MAPS}):
        xai.grad_cam(model, [sample], layers="stages")
    print((time.perf_counter() - start) / {MAPS}, flush=True)
"""


class Maps:
    """A process that makes maps when it is told to."""

    def __init__(self, stack: ExitStack, **settings: str) -> None:
        command = [sys.executable, "-c", _MAPS]
        env = {name: value for name, value in os.environ.items() if name not in (POLICY, TURNS)} | settings
        self._process = stack.enter_context(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        )
        stack.callback(self._process.terminate)
        self._said()

    def _said(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def seconds(self) -> float:
        """Of one picture's maps at all stages."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return float(self._said())


def medians(awake: Maps, asleep: Maps) -> tuple[float, float]:
    """Seconds of each, in turn."""
    found = [(awake.seconds(), asleep.seconds()) for _ in range(ROUNDS)]
    return statistics.median(one for one, _ in found), statistics.median(two for _, two in found)


def main() -> list[Row]:
    with ExitStack() as stack:
        awake, asleep = Maps(stack), Maps(stack, **{TURNS: FEW})
        quiet = medians(awake, asleep)
        for _ in range(BESIDE):
            stack.callback(stack.enter_context(subprocess.Popen([sys.executable, "-c", "while True: pass"])).kill)
        busy = medians(awake, asleep)
    return [
        Row("with nothing beside it, s", quiet[1]),
        Row("... as a multiple of torch as it comes", quiet[1] / quiet[0], at_most=1.2),
        Row(f"beside {BESIDE} busy programs, s", busy[1]),
        Row("torch as it comes takes so many times as long", busy[0] / busy[1], at_least=2),
    ]


if __name__ == "__main__":
    report("Maps of a picture while other programs compute", main())
