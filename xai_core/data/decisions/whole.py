"""A data set's files as a whole: some of them are looked at once, and what is decided then holds for each."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

import numpy as np

from xai_core.data import costly
from xai_core.data.decisions.choosing import choose_coding
from xai_core.data.decisions.codings import CODINGS, Coding, half_of
from xai_core.data.decisions.mask_facts import MaskFacts
from xai_core.data.decisions.options import Chosen
from xai_core.data.decisions.reading import FileReading, current, reading_as
from xai_core.data.decisions.records import Decisions
from xai_core.errors import PictureError
from xai_core.pixels import Intensities, IntensityRange, choose_range
from xai_core.types import Sample

LOOKED_AT = 64  # pictures, evenly spread
_MOST_PIXELS = 200_000_000  # of masks and pictures of more than 8 bits that are decoded for it
Read = Callable[[], Sample]
Others = Callable[[], Iterable[Sequence[Read]]]


@dataclass
class _Survey(FileReading):
    """Notes what files are like while they are read for nothing else."""

    measures_only = True
    bands: tuple[int, ...] = ()
    intensities: list[Intensities] = field(default_factory=list)
    masks: list[MaskFacts] = field(default_factory=list)

    def range_of(self, own: Intensities) -> IntensityRange:
        self.intensities.append(own)
        return super().range_of(own)

    def coding_of(self, facts: MaskFacts) -> Coding:
        self.masks.append(facts)
        return CODINGS["nonzero"]


def spread(count: int, most: int = LOOKED_AT) -> list[int]:
    """Places of at most so many of a list, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int)).tolist() if count else []


class SetReading(FileReading):
    """Files read as was decided for their data set, when the first of them asks.

    Parameters
    ----------
    reads : Sequence of callable
        ``read() -> Sample`` of each picture, as its layout gave it.
    chosen : Chosen
        What the user said.
    others : callable, optional
        ``others() -> Iterable`` of the same of each other split, asked only where there is something to decide: all
        splits are then read alike.
    stamp : str
        Changes when files that decide for the others do; for caches.
    """

    def __init__(self, reads: Sequence[Read], chosen: Chosen, others: Others = tuple, stamp: str = "") -> None:
        self._reads, self.chosen, self._others, self.stamp = reads, chosen, others, stamp
        self.span_is_given, self.bands = chosen.span is not None, chosen.bands
        self._lock = threading.Lock()
        self._decided: Decisions | None = None

    @property
    def decisions(self) -> Decisions:
        """What was decided; some of the files are looked at when it is asked for the first time."""
        # Who decides reads pictures, and large ones take turns: nobody who waits for the lock may have the last turn.
        turn = costly.taking_turns(costly.LARGE) if self._decided is None else nullcontext()
        with turn, self._lock:
            if self._decided is None:
                self._decided = decide(self._reads, self.chosen, self._others)
            return self._decided

    def range_of(self, own: Intensities) -> IntensityRange:
        """As was chosen or decided for all pictures of the kind; this one's own where none of those was looked at."""
        if self.chosen.span is not None:
            return self.chosen.span
        decided = self.decisions
        return (decided.whole if own.whole else decided.floating) or super().range_of(own)

    def coding_of(self, facts: MaskFacts) -> Coding:
        """As was chosen or decided for all masks."""
        if self.chosen.coding is not None:
            return self.chosen.coding
        coding = self.decisions.coding
        if coding is None:
            return super().coding_of(facts)
        alone = len(facts.marked) == 1 and facts.levels[0] == 0 and facts.levels[-1] < half_of(facts.white)
        # Two values of which none is bright are no shades: its object is what it marks.
        return CODINGS["nonzero"] if alone and coding.key == "half" else coding


def decide(reads: Sequence[Read], chosen: Chosen, others: Others = tuple) -> Decisions:
    """What holds for all files of a data set, from some of them.

    Parameters
    ----------
    reads : Sequence of callable
        ``read() -> Sample``; what cannot be read is passed over.
    chosen : Chosen
        What the user said.
    others : callable
        As of `SetReading`.

    Returns
    -------
    Decisions
    """
    survey = _Survey(bands=chosen.bands)
    looked, pictures = _look(survey, reads), len(reads)
    if survey.intensities or survey.masks:
        for more in others():
            looked, pictures = looked + _look(survey, more), pictures + len(more)
    whole = [one for one in survey.intensities if one.whole]
    floating = [one for one in survey.intensities if not one.whole]
    masks = choose_coding(survey.masks) if survey.masks else None
    return Decisions(
        pictures=pictures,
        looked_at=looked,
        deep=len(survey.intensities),
        whole=_range(whole, chosen),
        floating=_range(floating, chosen),
        masks=len(survey.masks),
        coding=chosen.coding or (masks.coding if masks else None),
        voices=masks.voices if masks else 0,
        others=masks.others if masks else 0,
        range_chosen=chosen.span is not None,
        coding_chosen=chosen.coding is not None,
    )


def _look(survey: _Survey, reads: Sequence[Read]) -> int:
    """Read some pictures for what their files are like; how many."""
    looked, pixels = 0, 0
    with reading_as(survey):
        for place in spread(len(reads)):
            if pixels > _MOST_PIXELS:
                break
            before = len(survey.intensities) + len(survey.masks)
            looked += 1
            try:
                sample = reads[place]()
            except PictureError:
                continue  # it is said where it is shown
            if len(survey.intensities) + len(survey.masks) > before:
                pixels += sample.pixels.shape[0] * sample.pixels.shape[1]
    return looked


def _range(found: Sequence[Intensities], chosen: Chosen) -> IntensityRange | None:
    return None if not found else chosen.span or choose_range(found)


def read_as(read: Read, reading: FileReading) -> Sample:
    """A picture, its files read as was decided; within a survey, as that does."""
    if current().measures_only:
        return read()
    with reading_as(reading):
        return read()


def fingerprint(stamps: Sequence[str]) -> str:
    """Changes when files that decide for the others do, as far as names and times say."""
    return hashlib.sha256("\n".join(stamps[place] for place in spread(len(stamps))).encode()).hexdigest()[:8]
