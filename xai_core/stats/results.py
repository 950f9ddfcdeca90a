"""What cannot be computed is NaN with a reason that people can read."""

from __future__ import annotations

from xai_core.types import StatResult
from xai_core.types.counts import form

NAN = float("nan")
USABLE = "pictures with a usable map at every layer"


def cannot(name: str, statistic: str, effect_name: str, n: int, reason: str) -> StatResult:
    """A test that cannot be computed, with the reason."""
    return StatResult(name, statistic, NAN, NAN, effect_name, NAN, (NAN, NAN), 0.95, n, reason=reason)


def too_few(n: int, fewest: str, what: str) -> str:
    """Why a test of so few cannot be computed: "It needs at least two pictures; there is 1."."""
    return f"It needs at least {fewest} {what}; there {form(n, 'is', 'are')} {n}."
