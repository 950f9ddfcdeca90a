"""What a batch study is: stages of batches, and the results; and what was left out, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd

from xai_core.batch.store import StudyFolder
from xai_core.reports import Report
from xai_core.studies import Hypothesis, uncapitalised
from xai_core.types.counts import part_of

OTHER_MEASURES = "of other measures"  # a part that was made before a measure was added, or with one that is gone
_NAMED = 20  # pictures that cannot be read and are named in a report; summary.json names them all
Batch = tuple[dict[str, Any], dict[str, np.ndarray]]


@dataclass(frozen=True, eq=False)
class Stage:
    """A run of batches.

    Attributes
    ----------
    word : str
        What is done, for a bar.
    first : int
        Number of the first part.
    sizes : Sequence[int]
        Pictures in each batch.
    compute : callable
        Place of a batch among them -> its texts and arrays.
    problem : callable, optional
        Number of a part that is whole -> why it does not hold what is asked for now, or an empty text.
    settled : callable, optional
        Place of a batch that is in the folder, as are all before it -> whether there is nothing more to look out for;
        it raises DataError where all of the work would be for nothing. Parts themselves know nothing of each other.
    """

    word: str
    first: int
    sizes: Sequence[int]
    compute: Callable[[int], Batch]
    problem: Callable[[int], str] | None = None
    settled: Callable[[int], bool] | None = None


@dataclass(frozen=True, eq=False)
class Results:
    """What a study found.

    Attributes
    ----------
    table : DataFrame
        A row a picture, or a picture and layer.
    card : Hypothesis
        Question, tests and answer.
    report : Report
        All of it.
    counts : Mapping of str to int
        Of pictures.
    sentences : Sequence[str]
        What else is to be said.
    """

    table: pd.DataFrame
    card: Hypothesis
    report: Report
    counts: Mapping[str, int] = field(default_factory=dict)
    sentences: Sequence[str] = ()


class Study(Protocol):
    """A kind of study.

    Attributes
    ----------
    batch : int
        Pictures in a part.
    layers : tuple of str
        Names of the layers whose maps are kept.
    """

    batch: int
    layers: tuple[str, ...]

    def stages(self, study: StudyFolder) -> Iterator[Stage]:
        """What is to be computed; a stage is asked for when those before it are in the folder."""
        ...

    def results(self, study: StudyFolder) -> Results:
        """What came out, from the folder."""
        ...


def batches(total: int, batch: int) -> list[range]:
    """The places of each batch."""
    return [range(start, min(start + batch, total)) for start in range(0, total, batch)]


def left_out_sentences(problems: Sequence[tuple[str, str]], masks: Sequence[tuple[str, str]], total: int) -> list[str]:
    """What was left out, in words."""
    said = []
    if problems:
        reasons = [reason if name in reason else f"{name}: {reason}" for name, reason in problems[:_NAMED]]
        more = f" And {len(problems) - _NAMED} more." if len(problems) > _NAMED else ""
        said.append(f"{part_of(len(problems), total, 'picture')} could not be read. {' '.join(reasons)}{more}")
    if masks:
        counts = Counter(reason for _, reason in masks).most_common()
        reasons = [f"{count} × {uncapitalised(reason)[:-1]}" for reason, count in counts]
        said.append(
            f"{part_of(len(masks), total - len(problems), 'picture', 'is', 'are')} left out: {'; '.join(reasons)}."
        )
    return said
