"""What cannot be computed is NaN with a reason that people can read."""

from __future__ import annotations

from xai_core.types import StatResult

NAN = float("nan")


def cannot(name: str, statistic: str, effect_name: str, n: int, reason: str) -> StatResult:
    """A test that cannot be computed, with the reason."""
    return StatResult(name, statistic, NAN, NAN, effect_name, NAN, (NAN, NAN), 0.95, n, reason=reason)
