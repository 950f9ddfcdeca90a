"""How long work is cut up: into batches small enough that a bar moves and a change of mind is soon noticed."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], object]
BATCH = 8  # pictures
