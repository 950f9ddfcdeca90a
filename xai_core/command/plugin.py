"""The option `--plugin` of all commands: files of one's own that add models, methods and data sets."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from xai_core import plugins
from xai_core.errors import say
from xai_core.types.arguments import Arguments
from xai_core.types.exit_codes import ExitCode


def add_option(parser: argparse.ArgumentParser) -> None:
    """What help says of it; it is taken by `without_plugins` before a command's own arguments are read."""
    parser.add_argument(
        "--plugin",
        action="append",
        default=argparse.SUPPRESS,
        metavar="FILE",
        help="a Python file, or a folder with an __init__.py, that registers a model, a method or a data set of your "
        "own; it runs with your rights; can be repeated",
    )


def without_plugins(arguments: Sequence[str]) -> list[str]:
    """The other arguments, after what was stated as plug-ins is.

    Parameters
    ----------
    arguments : sequence of str
        Of any command.

    Returns
    -------
    list of str

    Examples
    --------
    >>> from xai_core.command.plugin import without_plugins
    >>> without_plugins(["study", "layers", "--limit", "8"])
    ['study', 'layers', '--limit', '8']
    """
    parser = Arguments(prog="xai", add_help=False, allow_abbrev=False)
    add_option(parser)
    stated, others = parser.parse_known_args(list(arguments))
    try:
        for place in getattr(stated, "plugin", ()):
            plugins.state(place)
    except plugins.PluginError as error:
        say(error, file=sys.stderr)
        raise SystemExit(ExitCode.UNUSABLE) from None
    return others
