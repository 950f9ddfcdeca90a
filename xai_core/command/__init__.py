"""The command `xai`, which `python -m xai_core` is, too: dashboard, studies, trainings, model cards, what is installed.

How each ends, `xai_core.types.exit_codes` says.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from typing import Any

from xai_core.batch.request import add_study
from xai_core.command import card, dashboard, doctor, plugin, study
from xai_core.command.output import nowhere
from xai_core.engines.options import add_options
from xai_core.errors import say
from xai_core.questions import QUESTIONS, SECTIONS
from xai_core.threads import wait_briefly
from xai_core.types.arguments import Arguments
from xai_core.types.exit_codes import ExitCode, listed_codes

TRAIN = "train"  # its arguments are those of the module that trains
_DO: dict[str | None, Callable[[dict[str, Any]], int]] = {
    None: dashboard.run,
    "study": study.run,
    "doctor": doctor.run,
    "card": card.run,
}


def _version() -> str:
    """What is installed, by its name and version."""
    try:
        return f"xai-core {metadata.version('xai-core')}"
    except metadata.PackageNotFoundError:  # a checkout that was not installed
        return "xai-core, from a checkout"


def _parser() -> argparse.ArgumentParser:
    parser = Arguments(
        prog="xai",
        description="What an image classifier looks at, and whether that is evidence. "
        "Without a command: the dashboard, in a browser.",
        epilog=listed_codes("xai"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=_version())
    plugin.add_option(parser)
    dashboard.add_options(parser)
    commands = parser.add_subparsers(dest="command", metavar="study|train|card|doctor")
    add_study(commands, (*QUESTIONS, *SECTIONS), _add_more)
    commands.add_parser(TRAIN, help="train a network and record every prediction of every epoch", add_help=False)
    card.add_options(commands)
    doctor.add_options(commands)
    return parser


def _add_more(parser: argparse.ArgumentParser) -> None:
    """What each study is asked besides its question."""
    add_options(parser)
    plugin.add_option(parser)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of this process by default.

    Returns
    -------
    int
        The exit code.

    Examples
    --------
    >>> import contextlib, io
    >>> from xai_core.command import main
    >>> with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.suppress(SystemExit):
    ...     main(["study", "--help"])
    >>> "layers" in said.getvalue()
    True
    """
    wait_briefly()
    arguments = plugin.without_plugins(sys.argv[1:] if arguments is None else arguments)
    if arguments[:1] == [TRAIN]:
        from xai_core.training.__main__ import run

        return run(arguments[1:], "xai train")
    stated, unknown = _parser().parse_known_args(arguments)
    given = vars(stated)
    command = given.pop("command")
    if unknown:
        asked = " ".join(one for one in ("xai", command, given.get("kind")) if one)
        say(f"{asked} does not know {' '.join(unknown)}. {asked} --help lists what it takes.", file=sys.stderr)
        raise SystemExit(ExitCode.UNUSABLE)
    try:
        code = _DO[command](dashboard.without_options(given) if command else given)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads what is printed has had enough, as `head` has
        nowhere()
        code = ExitCode.FAILED
    return code
