"""Which rules turn numbers into verdicts: those of docs/verdicts.md."""

from __future__ import annotations

RULES = 15  # raised when the same numbers could get another verdict; studies on disk say under which they were made
