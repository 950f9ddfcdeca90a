"""Pictures that a recorder goes through at every epoch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch.utils.data import RandomSampler, SubsetRandomSampler, WeightedRandomSampler

from xai_core.errors import RecordError
from xai_core.training.evaluation import Batches

SHUFFLED = "Record with a loader that does not shuffle."
_SHUFFLING = (RandomSampler, SubsetRandomSampler, WeightedRandomSampler)


def in_batches(pictures: Batches | tuple[torch.Tensor, torch.Tensor]) -> Batches:
    """Batches that can be gone through again and again in the same order."""
    if isinstance(getattr(pictures, "sampler", None), _SHUFFLING):
        raise RecordError(f"This loader shuffles its pictures. {SHUFFLED}")
    return again(pictures)


def again(pictures: Batches | tuple[torch.Tensor, torch.Tensor]) -> Batches:
    """Batches that can be gone through again and again."""
    if isinstance(pictures, tuple) and len(pictures) == 2 and isinstance(pictures[0], torch.Tensor):
        inputs, wanted = pictures
        return [(inputs[i : i + 64], wanted[i : i + 64]) for i in range(0, len(inputs), 64)]
    if isinstance(pictures, Iterator):
        raise RecordError("These pictures can be gone through only once. Give a DataLoader or a list of batches.")
    return pictures


class Again:
    """An iterable that starts anew each time."""

    def __init__(self, make: Any) -> None:
        self._make = make

    def __iter__(self) -> Any:
        return iter(self._make())
