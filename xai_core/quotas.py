"""What one server gives to all who use it: bounds that whoever runs it can set, by variables of the environment."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Quota:
    """A bound that can be set.

    Attributes
    ----------
    variable : str
        Of the environment, which holds a number that is not negative.
    default : int
        What holds where it is not set, or is no such number.
    bounds : str
        What it bounds, and in which unit.
    """

    variable: str
    default: int
    bounds: str

    @property
    def value(self) -> int:
        """The bound that holds now."""
        said = os.environ.get(self.variable, "").strip()
        if not said:
            return self.default
        if not said.isascii() or not said.isdecimal():
            _LOG.warning("%s is not a whole number; %d is taken.", self.variable, self.default)
            return self.default
        return int(said)


UPLOADS = Quota("XAI_UPLOADS_MB", 200, "uploads that a session may hold, in MB")
ALL_UPLOADS = Quota("XAI_ALL_UPLOADS_MB", 2_000, "uploads of all sessions together, in MB")
SESSIONS = Quota("XAI_SESSIONS", 200, "browser tabs that are connected at a time")
QUOTAS = (UPLOADS, ALL_UPLOADS, SESSIONS)
