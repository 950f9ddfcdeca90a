"""How the commands end: exit codes are stable, so that scripts and continuous integration can go by them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum


class ExitCode(IntEnum):
    """What the shell is told."""

    DONE = 0
    FAILED = 1
    UNUSABLE = 2  # also what argparse ends with
    INCOMPLETE = 3
    TAKEN = 4
    FOUND = 5
    INTERRUPTED = 130  # what shells have for Ctrl-C


# Command -> code -> when it ends so. docs/programs.md has the same table.
EXIT_CODES: Mapping[str, Mapping[ExitCode, str]] = {
    "xai": {
        ExitCode.DONE: "the dashboard was ended",
        ExitCode.FAILED: "its server ended with an error",
        ExitCode.UNUSABLE: "the port is taken, or there is no such data or model; a sentence says why",
    },
    "xai study": {
        ExitCode.DONE: "done",
        ExitCode.FAILED: "an unexpected error, a part that could not be made, or the results cannot be written",
        ExitCode.UNUSABLE: "arguments, model or data cannot be used; a sentence says why",
        ExitCode.INCOMPLETE: "done, but some pictures were left out; they are named in summary.json",
        ExitCode.TAKEN: "the folder holds another study, or another process works in it",
        ExitCode.FOUND: "done, and what --fail-if names was found",
        ExitCode.INTERRUPTED: "interrupted; finished batches are kept, and the same command goes on with them",
    },
    "xai train": {
        ExitCode.DONE: "finished",
        ExitCode.FAILED: "it cannot begin, or it failed; a sentence says why",
        ExitCode.UNUSABLE: "there is no such option or training",
        ExitCode.INCOMPLETE: "stopped before its last epoch; `xai train resume` goes on with it",
    },
    "xai card": {
        ExitCode.DONE: "printed or written",
        ExitCode.UNUSABLE: "a folder holds no finished study, or they are of several models; a sentence says why",
    },
    "xai doctor": {
        ExitCode.DONE: "nothing is wrong",
        ExitCode.FAILED: "something is wrong; the line that mends it is printed",
    },
}


def listed_codes(command: str) -> str:
    """The exit codes of a command, as its help ends.

    Parameters
    ----------
    command : str
        A key of EXIT_CODES.

    Returns
    -------
    str
        A line each.

    Examples
    --------
    >>> from xai_core.types.exit_codes import listed_codes
    >>> print(listed_codes("xai doctor"))
    exit codes:
      0    nothing is wrong
      1    something is wrong; the line that mends it is printed
    """
    return "\n".join(["exit codes:", *(f"  {code:<3d}  {when}" for code, when in EXIT_CODES[command].items())])
