"""Who did what, where whoever runs the server asked for it: a line of JSON for each, in a file that stays small.

XAI_ACCESS_LOG names the file. It holds no pictures, no names of uploaded files and no paths of folders.
"""

from __future__ import annotations

import functools
import json
import logging
import logging.handlers
import os
from datetime import UTC, datetime
from pathlib import Path

from app.server.accounts import Account
from xai_core.errors import XaiError
from xai_core.quotas import ACCESS_LOG

VARIABLE = "XAI_ACCESS_LOG"
_MB = 1_000_000  # bytes


def record(event: str, account: Account | None, **what: str | int | None) -> None:
    """Write a line, if lines are written.

    Parameters
    ----------
    event : what happened
    account : who did it; None where nobody is logged in
    what : of what, by keys of data sets and models; what is None is left out
    """
    place = os.environ.get(VARIABLE)
    if place is None:
        return
    line: dict[str, str | int | None] = {"time": datetime.now(UTC).isoformat(timespec="seconds"), "event": event}
    line |= {"account": account.name if account is not None else None}
    line |= {name: value for name, value in what.items() if value is not None}
    _log(place).info(json.dumps(line))


def check() -> None:
    """Refuse to start where lines are asked for and cannot be written.

    Raises
    ------
    XaiError
        In a sentence for whoever runs the server.
    """
    if (place := os.environ.get(VARIABLE)) is not None:
        _log(place)


@functools.cache
def _log(place: str) -> logging.Logger:
    """What writes the file: the one that is full becomes `place`.1, in the place of the one before."""
    path = Path(place).expanduser().absolute()
    try:
        path.touch(mode=0o600)
        most = max(1, ACCESS_LOG.value * _MB // 2)
        handler = logging.handlers.RotatingFileHandler(path, maxBytes=most, backupCount=1, encoding="utf-8")
    except OSError as error:
        raise XaiError(f"{VARIABLE} names {place!r}, which cannot be written: {error.strerror or error}.") from error
    log = logging.getLogger(f"{__name__}.{path}")
    log.propagate = False
    log.setLevel(logging.INFO)
    log.addHandler(handler)
    return log
