"""What the commands read their arguments with."""

from __future__ import annotations

import argparse
from typing import NoReturn

from xai_core.types.exit_codes import ExitCode

_REQUIRED = "the following arguments are required: "  # as argparse says it


class Arguments(argparse.ArgumentParser):
    """A parser that says what is wrong in a sentence, and where help is; not all of the usage before it.

    Examples
    --------
    >>> import contextlib, sys
    >>> from xai_core.types.arguments import Arguments
    >>> parser = Arguments("xai study layers")
    >>> _ = parser.add_argument("--out", required=True), parser.add_argument("--data", required=True)
    >>> with contextlib.redirect_stderr(sys.stdout), contextlib.suppress(SystemExit):
    ...     parser.parse_args([])
    xai study layers needs --out and --data. xai study layers --help lists what it takes.
    """

    def error(self, message: str) -> NoReturn:
        """End with the sentence."""
        needed = message.removeprefix(_REQUIRED)
        said = f"{self.prog}: {message.removesuffix('.')}"
        if needed != message:
            said = f"{self.prog} needs {' and '.join(needed.rsplit(', ', 1))}"
        self.exit(ExitCode.UNUSABLE, f"{said}. {self.prog} --help lists what it takes.\n")
