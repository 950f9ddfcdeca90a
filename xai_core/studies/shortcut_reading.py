"""What tells a network that reads the digit from one that reads the background."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xai_core.stats import bootstrap_interval, share_interval
from xai_core.studies.words import format_interval, percent
from xai_core.types import FloatArray
from xai_core.types.counts import number_of


@dataclass(frozen=True)
class ShortcutReading:
    """A network's evidence.

    Attributes
    ----------
    tied, untied : tuple of int
        (right, n): correctly classified pictures whose background goes with the class, and whose does not.
    on_object : float
        Mean share of the maps' energy on the object, in [0, 1]; NaN where no map has any.
    interval : tuple of float
        Its 95% bootstrap interval over pictures.
    n_maps : int
        Pictures whose share is known.
    """

    tied: tuple[int, int]
    untied: tuple[int, int]
    on_object: float
    interval: tuple[float, float]
    n_maps: int

    @property
    def tied_interval(self) -> tuple[float, float]:
        """Of the accuracy on tied pictures, 95%."""
        return share_interval(*self.tied)

    @property
    def untied_interval(self) -> tuple[float, float]:
        """Of the accuracy on untied pictures, 95%."""
        return share_interval(*self.untied)

    @property
    def sentences(self) -> tuple[str, ...]:
        """The three results in words."""
        return (
            f"Background goes with the digit: {accuracy_words(*self.tied)}",
            f"Background says nothing about the digit: {accuracy_words(*self.untied)}",
            f"Share of the map's energy on the digit: {percent(self.on_object)} "
            f"({format_interval(self.interval, '.0f', 100)}%, {number_of(self.n_maps, 'picture')})",
        )


def shortcut_reading(tied: Sequence[bool], untied: Sequence[bool], shares: FloatArray) -> ShortcutReading:
    """Counts, mean and interval from single pictures.

    Parameters
    ----------
    tied, untied : sequence of bool
        Whether each picture is correctly classified.
    shares : ndarray
        float (n,), each map's share of energy on the object, NaN where it has none.

    Returns
    -------
    ShortcutReading
    """
    known = np.asarray(shares, float)
    known = known[np.isfinite(known)]
    mean = float(known.mean()) if len(known) else float("nan")
    interval = bootstrap_interval(known, lambda drawn: drawn.mean(axis=1))
    return ShortcutReading(
        (int(np.sum(tied)), len(tied)), (int(np.sum(untied)), len(untied)), mean, interval, len(known)
    )


def accuracy_words(right: int, n: int) -> str:
    """ "250 of 300 pictures right (83%, 95% interval 79 to 87%)"."""
    interval = format_interval(share_interval(right, n), ".0f", 100)
    return f"{right} of {number_of(n, 'picture')} right ({percent(right / n)}, {interval}%)"
