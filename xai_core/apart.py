"""Whether content is decoded in processes of their own, and how a wait for one learns that nobody waits any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Look = Callable[[], object]
LOOK_S = 0.1  # between two looks at whether somebody still waits


def _nobody_knows() -> None:
    """Outside of a server whoever waits is there."""


_look: Look | None = None


def switch_on(look: Look = _nobody_knows) -> None:
    """From now on, decode what is costly in processes of their own.

    Parameters
    ----------
    look : callable
        Called now and then by the thread that waits; what it raises ends the wait and the process.
    """
    global _look
    _look = look


def is_on() -> bool:
    """Whether it was switched on."""
    return _look is not None


def look() -> None:
    """Whether somebody still waits: raises what the server's way of telling raises, where nobody does."""
    if _look is not None:
        _look()


@contextmanager
def switched_on(look: Look = _nobody_knows) -> Iterator[None]:
    """Within the block it is on, whoever decodes.

    Parameters
    ----------
    look : callable
        As of `switch_on`.
    """
    global _look
    before, _look = _look, look
    try:
        yield
    finally:
        _look = before
