"""`TrainingRun`: what a model said of every test picture at every epoch, and what follows from that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from xai_core.errors import RecordError
from xai_core.records import instanceflow, opening
from xai_core.records.confused import confused, span
from xai_core.records.consistency import require_consistent
from xai_core.records.courses import course_measures
from xai_core.records.fields import LOG, ByClass, PictureSource
from xai_core.records.files import write_whole
from xai_core.types import FloatArray, IntArray
from xai_core.types.display import Plotted


@dataclass(frozen=True, eq=False)
class TrainingRun(Plotted):
    """A training run, as recorded on the same N pictures after each of E epochs.

    Attributes
    ----------
    name : str
        What people call it.
    class_names : tuple of str
        The K classes.
    pictures : tuple of str
        N names of the pictures, unique.
    labels : ndarray
        int64 (N,), the true classes.
    epochs : ndarray
        int64 (E,), their numbers, ascending; after a fault some may be missing.
    predictions : ndarray
        int64 (E, N), the predicted classes.
    p_predicted, p_true : ndarray, optional
        float32 (E, N) in [0, 1], probability of the predicted and of the true class.
    log : DataFrame
        A row an epoch, columns `LOG` (losses in nats, accuracies in [0, 1], seconds); NaN where it was not recorded.
    validation : ByClass, optional
        Right validation pictures of each class at each epoch.
    checkpoints : Mapping of int to Path
        Epoch -> file of weights.
    source : PictureSource
        Where the pictures are.
    files : tuple of str
        N file names of the pictures, or empty.
    settings, versions : Mapping
        Of the training, as far as known.
    problems : tuple of str
        What was wrong with the record on opening it, in sentences.
    folder : Path, optional
        What it was opened from, a folder or a file.

    Raises
    ------
    RecordError
        If the parts contradict each other.

    Examples
    --------
    >>> import numpy as np
    >>> import xai_core as xai
    >>> run = xai.TrainingRun(
    ...     name="two epochs", class_names=("cat", "dog"), pictures=("a", "b"), labels=np.array([0, 1]),
    ...     epochs=np.array([1, 2]), predictions=np.array([[0, 0], [0, 1]]),
    ... )
    >>> run.accuracy.tolist(), run.measures()["misclassification"].tolist()
    ([0.5, 1.0], [0.0, 0.5])
    """

    name: str
    class_names: tuple[str, ...]
    pictures: tuple[str, ...]
    labels: IntArray
    epochs: IntArray
    predictions: IntArray
    p_predicted: FloatArray | None = None
    p_true: FloatArray | None = None
    log: pd.DataFrame = field(default_factory=pd.DataFrame)
    validation: ByClass | None = None
    checkpoints: Mapping[int, Path] = field(default_factory=dict)
    source: PictureSource = field(default_factory=PictureSource)
    files: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    folder: Path | None = None

    def __post_init__(self) -> None:
        if not self.log.columns.size:
            object.__setattr__(self, "log", pd.DataFrame(np.nan, index=range(len(self.epochs)), columns=list(LOG)))
        require_consistent(self)

    @property
    def correct(self) -> np.ndarray:
        """bool (E, N)."""
        return self.predictions == self.labels

    @property
    def accuracy(self) -> np.ndarray:
        """float64 (E,), share of the recorded pictures that are right."""
        return self.correct.mean(axis=1)

    @property
    def changed(self) -> np.ndarray:
        """bool (E - 1, N), whether the prediction is another than at the epoch before."""
        return self.predictions[1:] != self.predictions[:-1]

    def between(self, first: int, last: int) -> TrainingRun:
        """The epochs numbered first to last, both included.

        Parameters
        ----------
        first, last : int
            Numbers of epochs.

        Returns
        -------
        TrainingRun

        Raises
        ------
        RecordError
            If none is left.
        """
        inside = (self.epochs >= first) & (self.epochs <= last)
        if not inside.any():
            raise RecordError(f"{self.name} has no epoch from {first} to {last}; it has {span(self.epochs)}.")
        return self.at(self.epochs[inside])

    def at(self, epochs: IntArray) -> TrainingRun:
        """Those of its epochs that are among some numbers, at least one.

        Parameters
        ----------
        epochs : ndarray
            int64, numbers of epochs.

        Returns
        -------
        TrainingRun
        """
        rows = np.isin(self.epochs, epochs)
        return replace(
            self,
            epochs=self.epochs[rows],
            predictions=self.predictions[rows],
            p_predicted=None if self.p_predicted is None else self.p_predicted[rows],
            p_true=None if self.p_true is None else self.p_true[rows],
            log=self.log[rows].reset_index(drop=True),
            validation=None if self.validation is None else self.validation.rows(rows),
            checkpoints={n: self.checkpoints[n] for n in self.epochs[rows].tolist() if n in self.checkpoints},
        )

    def take(self, indices: Sequence[int] | IntArray) -> TrainingRun:
        """Some of the pictures.

        Parameters
        ----------
        indices : sequence of int or ndarray
            In the order asked for; a mask bool (N,) keeps the record's order.

        Returns
        -------
        TrainingRun
        """
        given = np.asarray(indices)
        chosen = np.flatnonzero(given) if given.dtype == bool else given.astype(np.int64)
        return replace(
            self,
            pictures=tuple(self.pictures[i] for i in chosen),
            labels=self.labels[chosen],
            predictions=self.predictions[:, chosen],
            p_predicted=None if self.p_predicted is None else self.p_predicted[:, chosen],
            p_true=None if self.p_true is None else self.p_true[:, chosen],
            files=tuple(self.files[i] for i in chosen) if self.files else (),
        )

    def measures(self) -> pd.DataFrame:
        """How each picture fared.

        Returns
        -------
        DataFrame
            A row a picture, in the record's order: picture, label, final (its name, its class and the prediction at
            the last epoch, in words); misclassification (share of epochs at which it is wrong, in [0, 1]); frequency
            (share of steps from an epoch to the next at which the prediction changes, in [0, 1]; NaN where there is
            one epoch only); variability (number of distinct classes predicted / K, in (0, 1]); forgetting (times it
            went from right to wrong); learned (the epoch since which it has been right up to the last; NaN where it
            is wrong at the last).

        Notes
        -----
        Misclassification, frequency, variability: Pühringer et al., VIS 2020; forgetting: arXiv 1812.05159.
        """
        names = np.array(self.class_names, dtype=object)
        return pd.DataFrame(
            {
                "picture": list(self.pictures),
                "label": names[self.labels],
                "final": names[self.predictions[-1]],
                **course_measures(self.correct, self.predictions, self.epochs, len(self.class_names)),
            }
        )

    def confusion(self, epoch: int | None = None) -> IntArray:
        """Pictures by true class and predicted class at an epoch.

        Parameters
        ----------
        epoch : int, optional
            Its number; None is the last.

        Returns
        -------
        ndarray
            int64 (K, K), true classes in rows, predicted ones in columns.

        Raises
        ------
        RecordError
            If there is no such epoch, or the classes are too many for a matrix; `records.confused` gives the pairs.
        """
        return confused(self, epoch).dense(self.name)

    @classmethod
    def open(cls, source: str | Path | bytes | pd.DataFrame, *, name: str | None = None) -> TrainingRun:
        """A run, however it was recorded, with all its whole epochs; what was left out is said in `problems`.

        Parameters
        ----------
        source : str, Path, bytes or DataFrame
            The folder of a record or of a run of Weights & Biases; InstanceFlow's JSON; or a table (CSV, TSV, Parquet,
            JSON lines, DataFrame): epoch, picture, label and predicted in each row; event files beside it give losses.
        name : str, optional
            What to call it; None takes the record's own name for it.

        Returns
        -------
        TrainingRun

        Raises
        ------
        RecordError
            If there is none, it has no whole epoch, or contradicts itself.

        Examples
        --------
        >>> import xai_core as xai
        >>> xai.TrainingRun.open(b"epoch,file,label,predicted\\n1,a,cat,cat\\n1,b,dog,cat").accuracy.tolist()
        [0.5]
        """
        return opening.open_source(source, cls, name)

    @classmethod
    def from_instanceflow(cls, source: str | Path | bytes, *, name: str | None = None) -> TrainingRun:
        """A run from InstanceFlow's JSON.

        Parameters
        ----------
        source : str, Path or bytes
            A file, or its content.
        name : str, optional
            As of `open`.

        Returns
        -------
        TrainingRun

        Raises
        ------
        RecordError
            As `open`, and of another kind of file.
        """
        return opening.open_instanceflow(source, cls, name)

    def to_instanceflow(self, path: str | Path | None = None) -> str:
        """The run as InstanceFlow's JSON: labels only, no probabilities and no losses.

        Parameters
        ----------
        path : str or Path, optional
            Where to write it, too.

        Returns
        -------
        str
            The JSON.
        """
        content = instanceflow.text(self)
        if path is not None:
            write_whole(Path(path), content.encode())
        return content
