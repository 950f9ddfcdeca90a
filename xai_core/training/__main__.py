"""`python -m xai_core.training`: train on the command line with the same code as the page."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from xai_core.errors import XaiError
from xai_core.training import jobs
from xai_core.training.settings import AUGMENTATIONS, PRESETS, Settings


def _parser(prog: str = "python -m xai_core.training") -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog, description="Train with the same code as the page, and record every prediction of every epoch."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for key, preset in PRESETS.items():
        command = commands.add_parser(key, help=preset.title, description=preset.about)
        command.add_argument("--out", type=Path, help="folder of the run; without it a new one in runs/")
        for name, kind in (
            ("name", str),
            ("data", str),
            ("architecture", str),
            ("optimizer", str),
            ("epochs", int),
            ("batch-size", int),
            ("seed", int),
            ("redraws", int),
            ("checkpoint-every", int),
            ("learning-rate", float),
            ("weight-decay", float),
            ("shortcut", float),
        ):
            command.add_argument(f"--{name}", type=kind, default=argparse.SUPPRESS)
        for name in ("pretrained", "freeze"):
            command.add_argument(f"--{name}", action=argparse.BooleanOptionalAction, default=argparse.SUPPRESS)
        command.add_argument("--augment", nargs="*", choices=AUGMENTATIONS, default=argparse.SUPPRESS)
    again = commands.add_parser("resume", help="go on with a training")
    again.add_argument("folder", type=Path)
    commands.add_parser("list", help="the trainings in runs/ and how they stand")
    shipped = commands.add_parser("shipped", help="make the two runs that the project includes")
    shipped.add_argument("--out", type=Path, required=True)
    shipped.add_argument("--epochs", type=int, default=24)
    shipped.add_argument("--redraws", type=int, default=3)
    return parser


def _work(folder: Path) -> int:
    """Train here; Ctrl-C and SIGTERM end it after the batch."""
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, lambda *_: jobs.stop(folder))
    jobs.forget_stop(folder)
    os.nice(5)  # the pages stay quick while it trains
    return jobs.work(folder, verbose=True)


def run(given: Sequence[str] | None = None, prog: str = "python -m xai_core.training") -> int:
    """Train, go on with a training, or list them; the exit code, or what is wrong in a sentence.

    Parameters
    ----------
    given : sequence of str, optional
        Arguments; those of this process by default.
    prog : str
        What help calls the command.

    Returns
    -------
    int
    """
    try:
        return main(given, prog)
    except XaiError as error:
        print(error, file=sys.stderr)
        return 1


def main(given: Sequence[str] | None = None, prog: str = "python -m xai_core.training") -> int:
    """As `run`, but errors are raised."""
    arguments = vars(_parser(prog).parse_args(given))
    command = arguments.pop("command")
    if command == "list":
        for found in jobs.list_jobs():
            print(f"{found.state:<12} {found.done:>4}/{found.settings.epochs:<4} {found.name}  {found.folder}")
        return 0
    if command == "resume":
        return _work(arguments["folder"])
    if command == "shipped":
        from xai_core.training.shipped import make

        make(**arguments)
        return 0
    out = arguments.pop("out")
    settings: Settings = PRESETS[command].settings(**arguments)
    folder = jobs.prepare(settings, out)
    print(folder)
    return _work(folder)


if __name__ == "__main__":
    sys.exit(run())
