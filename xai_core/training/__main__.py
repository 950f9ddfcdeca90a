"""`python -m xai_core.training`: train on the command line with the same code as the page."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xai_core.errors import TrainingError, XaiError, say
from xai_core.threads import wait_briefly
from xai_core.training import jobs
from xai_core.training.jobs.job import Job
from xai_core.training.settings import AUGMENTATIONS, PRESETS, Settings
from xai_core.types.arguments import Arguments
from xai_core.types.exit_codes import ExitCode, listed_codes

JSON = "--json"


def _parser(prog: str = "python -m xai_core.training") -> argparse.ArgumentParser:
    parser = Arguments(
        prog=prog,
        description="Train with the same code as the page, and record every prediction of every epoch.",
        epilog=listed_codes("xai train"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
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
    for command in commands.choices.values():
        command.add_argument(JSON, action="store_true", help="for programs: one object on the standard output")
    return parser


def _work(folder: Path, as_json: bool) -> dict[str, Any]:
    """Train here; Ctrl-C and SIGTERM end it after the batch. How it ended and how it stands."""
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, lambda *_: jobs.stop(folder))
    jobs.forget_stop(folder)
    if hasattr(os, "nice"):  # not on Windows
        os.nice(5)  # the pages stay quick while it trains
    return {"exit_code": jobs.work(folder, verbose=not as_json), **_plain(jobs.read_job(folder))}


def _plain(job: Job) -> dict[str, Any]:
    """A training as JSON holds it."""
    return {
        "folder": str(job.folder),
        "name": job.name,
        "state": job.state,
        "done": job.done,
        "epochs": job.settings.epochs,
        "message": job.message,
        "notice": job.notice,
    }


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
    wait_briefly()
    given = sys.argv[1:] if given is None else given
    try:
        return main(given, prog)
    except XaiError as error:
        if JSON in given:
            print(json.dumps({"exit_code": ExitCode.FAILED, "error": str(error)}, indent=2))
        else:
            say(error, file=sys.stderr)
        return ExitCode.FAILED


def main(given: Sequence[str] | None = None, prog: str = "python -m xai_core.training") -> int:
    """As `run`, but errors are raised."""
    arguments = vars(_parser(prog).parse_args(given))
    as_json: bool = arguments.pop("json")
    done = _done(arguments.pop("command"), arguments, as_json)
    if as_json:
        print(json.dumps(done, indent=2))
    elif "error" in done:
        say(done["error"], file=sys.stderr)
    return int(done["exit_code"])


def _done(command: str, arguments: dict[str, Any], as_json: bool) -> dict[str, Any]:
    """Do it; the exit code, and what there is to say for programs."""
    if command == "list":
        there = jobs.list_jobs()
        for found in [] if as_json else there:
            say(f"{found.state:<12} {found.done:>4}/{found.settings.epochs:<4} {found.name}  {found.folder}")
        return {"exit_code": ExitCode.DONE, "trainings": [_plain(found) for found in there]}
    if command == "resume":
        try:
            jobs.read_job(arguments["folder"])
        except TrainingError as error:  # as that of somebody's own loop, which only its recorder can go on with
            return {"exit_code": ExitCode.UNUSABLE, "error": str(error)}
        return _work(arguments["folder"], as_json)
    if command == "shipped":
        from xai_core.training.shipped import make

        make(**arguments)
        return {"exit_code": ExitCode.DONE, "folder": str(arguments["out"])}
    out = arguments.pop("out")
    settings: Settings = PRESETS[command].settings(**arguments)
    folder = jobs.prepare(settings, out)
    if not as_json:
        say(folder)
    return _work(folder, as_json)


if __name__ == "__main__":
    sys.exit(run())
