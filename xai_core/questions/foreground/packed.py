"""What the control needs of all pictures; their masks are kept small."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from xai_core import studies
from xai_core.types import ByteArray, Heatmaps


class PackedMasks(Sequence["ByteArray | None"]):
    """Masks that are unpacked when asked for; a mask of 224 x 224 pixels takes one or two kilobytes.

    Parameters
    ----------
    masks : Iterable of ndarray
        uint8 (H, W).
    """

    def __init__(self, masks: Iterable[ByteArray]) -> None:
        self._packed = [(zlib.compress(mask.tobytes(), 1), mask.shape) for mask in masks]

    def __len__(self) -> int:
        return len(self._packed)

    def __getitem__(self, place):  # type: ignore[no-untyped-def]
        """uint8 (H, W), which must not be written to."""
        packed, shape = self._packed[place]
        return np.frombuffer(zlib.decompress(packed), np.uint8).reshape(shape)


class Held(NamedTuple):
    """What the control needs of all pictures: maps at the study's layer, masks, and who lends whom a mask."""

    heatmaps: Heatmaps
    masks: PackedMasks
    lent: studies.Lent
