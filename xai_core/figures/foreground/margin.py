"""The space around every figure of the study."""

from __future__ import annotations

MARGIN = {"l": 10, "r": 10, "t": 10, "b": 10}
