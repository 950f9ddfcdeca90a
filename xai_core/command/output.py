"""What a command prints for programs: one object on the standard output, and nothing else there."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

_OUTPUT, _ERRORS = 1, 2  # as the system numbers the two


def nowhere() -> None:
    """Whatever is still to be printed on the standard output goes nowhere: nobody reads there any more."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, _OUTPUT)
    os.close(nothing)


@contextmanager
def errors_only() -> Iterator[None]:
    """Whatever is printed meanwhile goes to the standard error, also by libraries below Python and child processes."""
    sys.stdout.flush()
    kept = os.dup(_OUTPUT)
    os.dup2(_ERRORS, _OUTPUT)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(kept, _OUTPUT)
        os.close(kept)
