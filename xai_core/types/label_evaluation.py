"""What a model of independent labels says of a labelled set, and what is true of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
import numpy.typing as npt

from xai_core.errors import TargetError
from xai_core.types.arrays import FloatArray, IntArray
from xai_core.types.counts import first_of
from xai_core.types.display import Plotted

Flags = npt.NDArray[np.bool_]
Threshold = float | Mapping[str, float]
THRESHOLD = 0.5  # a label is predicted where it is likelier than not
UNKNOWN = -1  # in a table of truth: the data do not say


def label_thresholds(names: Sequence[str], threshold: Threshold = THRESHOLD) -> FloatArray:
    """The threshold of each label.

    Parameters
    ----------
    names : sequence of str
        Of the K labels.
    threshold : float or Mapping of str to float
        One for all, or those of some labels; the others have 0.5.

    Returns
    -------
    ndarray
        float32 (K,), each in [0, 1].

    Raises
    ------
    TargetError
        If there is no such label.
    ValueError
        If a threshold does not lie between 0 and 1.
    """
    given = threshold if isinstance(threshold, Mapping) else dict.fromkeys(names, threshold)
    if unknown := [name for name in given if name not in names]:
        raise TargetError(
            f"There is no label {unknown[0]!r} to have a threshold of its own. The labels are: {first_of(names)}."
        )
    for name, value in given.items():
        if not 0 <= value <= 1:
            raise ValueError(f"A threshold lies between 0 and 1; got {value} for {name!r}.")
    return np.array([given.get(name, THRESHOLD) for name in names], np.float32)


@dataclass(frozen=True, eq=False)
class LabelEvaluation(Plotted):
    """An evaluation of K independent labels on N pictures.

    A label that the data do not say of a picture, either way, is neither right nor wrong there: it counts in no number.

    Attributes
    ----------
    label_names : tuple of str
        K, the model's labels.
    index : ndarray
        int64 (N,), places of the pictures in the data set.
    pictures, ids : tuple of str
        N names and content ids.
    labels : tuple of tuple of str
        N, all that the data say is true of each picture, also labels that the model does not have.
    truth : ndarray
        int8 (N, K): 1 true, 0 not, -1 not known.
    probabilities : ndarray
        float32 (N, K), each label's own, in [0, 1]; NaN where the model answered NaN.
    thresholds : ndarray
        float32 (K,): from which probability on each label counts as predicted.
    problems : tuple of str
        Pictures that could not be read, in sentences.

    Examples
    --------
    >>> import numpy as np
    >>> import xai_core as xai
    >>> truth, p = np.array([[1, 0, -1]], np.int8), np.array([[0.9, 0.6, 0.7]], np.float32)
    >>> names, half = ("cat", "dog", "hat"), np.full(3, 0.5, np.float32)
    >>> one = xai.LabelEvaluation(names, np.zeros(1, int), ("a",), ("id",), (("cat",),), truth, p, half)
    >>> one.found.tolist(), one.false_positives.tolist(), bool(one.at(0.8).false_positives.any())
    ([[True, False, False]], [[False, True, False]], False)
    """

    label_names: tuple[str, ...]
    index: IntArray
    pictures: tuple[str, ...]
    ids: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    truth: npt.NDArray[np.int8]
    probabilities: FloatArray
    thresholds: FloatArray
    problems: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.pictures)

    @property
    def usable(self) -> Flags:
        """bool (N,): pictures to which the model answers numbers."""
        return np.asarray(np.isfinite(self.probabilities).all(axis=1))

    @property
    def known(self) -> Flags:
        """bool (N, K): labels that can be right or wrong."""
        return np.asarray((self.truth != UNKNOWN) & self.usable[:, None])

    @property
    def predicted(self) -> Flags:
        """bool (N, K): labels at or above their threshold."""
        return np.asarray(self.probabilities >= self.thresholds)  # NaN is below

    @property
    def found(self) -> Flags:
        """bool (N, K): true and predicted."""
        return self.known & (self.truth == 1) & self.predicted

    @property
    def missed(self) -> Flags:
        """bool (N, K): true, not predicted."""
        return self.known & (self.truth == 1) & ~self.predicted

    @property
    def false_positives(self) -> Flags:
        """bool (N, K): predicted, known not to be true."""
        return self.known & (self.truth == 0) & self.predicted

    @property
    def judged(self) -> Flags:
        """bool (N,): pictures of which a label at least can be right or wrong."""
        return np.asarray(self.known.any(axis=1))

    @property
    def mistaken(self) -> Flags:
        """bool (N,): pictures of which a label at least is wrong."""
        return np.asarray((self.missed | self.false_positives).any(axis=1))

    def at(self, threshold: Threshold) -> LabelEvaluation:
        """The same with another threshold, for all labels or for some.

        Parameters
        ----------
        threshold : float or Mapping of str to float
            One for all, or those of some labels; the others have 0.5.

        Returns
        -------
        LabelEvaluation

        Raises
        ------
        TargetError
            If there is no such label.
        ValueError
            If a threshold does not lie between 0 and 1.
        """
        return replace(self, thresholds=label_thresholds(self.label_names, threshold))

    @staticmethod
    def concatenate(parts: Sequence[LabelEvaluation]) -> LabelEvaluation:
        """Evaluations of the same labels one after another, with the thresholds of the first.

        Parameters
        ----------
        parts : sequence of LabelEvaluation
            At least one.

        Returns
        -------
        LabelEvaluation
        """
        return replace(
            parts[0],
            index=np.concatenate([part.index for part in parts]),
            pictures=tuple(chain.from_iterable(part.pictures for part in parts)),
            ids=tuple(chain.from_iterable(part.ids for part in parts)),
            labels=tuple(chain.from_iterable(part.labels for part in parts)),
            truth=np.concatenate([part.truth for part in parts]),
            probabilities=np.concatenate([part.probabilities for part in parts]),
            problems=tuple(chain.from_iterable(part.problems for part in parts)),
        )
