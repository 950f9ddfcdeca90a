"""How far the copying of what lies elsewhere is, on the terminal."""

from __future__ import annotations

import sys

from tqdm import tqdm  # type: ignore[import-untyped]

from xai_core.errors import say
from xai_core.types.counts import number_of


class Bar:
    """Says what is copied before it begins, and shows how far it is.

    Parameters
    ----------
    quiet : bool
        Say nothing.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._bar: tqdm | None = None

    def begins(self, address: str, files: int, size: int) -> None:
        """As `Watch.begins`."""
        if not self._quiet:
            say(f"Copying {number_of(files, 'file')} ({size / 1e9:,.2f} GB) from {address}.", file=sys.stderr)
        self._bar = tqdm(total=files, desc="copying", unit="file", disable=self._quiet, file=sys.stderr)

    def copied(self, size: int) -> None:
        """As `Watch.copied`."""
        if self._bar is not None:
            self._bar.update()

    def ends(self) -> None:
        """As `Watch.ends`."""
        if self._bar is not None:
            self._bar.close()
