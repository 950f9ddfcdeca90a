"""Asking a storage that may be slow, fail or be gone for a while: some times more, each time after a longer wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from xai_core.errors import DownloadError

R = TypeVar("R")
TRIES = 9
FIRST_S, LONGEST_S = 0.5, 16.0  # waits double from the first to the longest: 63.5 s in all, so a minute is outlasted
_FINAL = (FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError, ValueError, TypeError, ImportError)
_MISSING, _BUSY = 404, (408, 425, 429)  # of HTTP


class StorageError(DownloadError):
    """A storage elsewhere that cannot be read or written."""


def sleep(seconds: float) -> None:
    """Wait; tests put another clock here."""
    time.sleep(seconds)


def patiently(what: str, call: Callable[[], R]) -> R:
    """What a call gives, tried again where that can help.

    Parameters
    ----------
    what : str
        What could not be done, as a sentence begins.
    call : callable
        Without arguments.

    Returns
    -------
    object

    Raises
    ------
    StorageError
        If it fails for good, or too often. Texts of libraries are not repeated: they may hold what is secret.
    """
    wait = FIRST_S
    for turn in range(TRIES):
        try:
            return call()
        except Exception as error:  # each library has kinds of its own
            if why := _why(error):
                raise StorageError(f"{what}: {why}.") from error
            if turn == TRIES - 1:
                raise StorageError(
                    f"{what}: the storage did not answer, or not as it should, in {TRIES} tries "
                    f"({type(error).__name__} was the last)."
                ) from error
        sleep(wait)
        wait = min(2 * wait, LONGEST_S)
    raise AssertionError


def _why(error: Exception) -> str:
    """Why another try would not help, in words; empty where it may."""
    status = getattr(error, "status", None) or getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, FileNotFoundError) or status == _MISSING:
        return "nothing is there"
    if isinstance(error, PermissionError) or status in (401, 403):
        return "the storage refused it; the credentials are missing, wrong, or not allowed to do this"
    if "Credentials" in type(error).__name__:
        return "no credentials were found where the storage's own programs look for them"
    if isinstance(error, _FINAL):
        return f"it cannot be done there ({type(error).__name__})"
    if isinstance(status, int) and 400 <= status < 500 and status not in _BUSY:
        return f"the server answered {status}"
    return ""
