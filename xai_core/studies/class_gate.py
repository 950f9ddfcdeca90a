"""Whether a model sees the class that maps explain.

Every class has a gradient, and so a map, however improbable it is; the map of a class that the model does not see is
no evidence. The limits are conventions of ours, stated with
each answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from xai_core.studies.checked import Checked
from xai_core.studies.words import listed, percent
from xai_core.types import Classifier, Heatmaps
from xai_core.types.counts import form, number_of

LEAST = 0.05  # mean probability below which a class is not seen, whatever the number of classes
CHANCE = 2.0  # times 1 / K, which a network that learned nothing gives: below it a class of few is not seen
_NAMED = 5  # classes that are not seen
HALF = 0.5  # no more than that is asked for, as of one class of two


@dataclass(frozen=True)
class ClassSeen:
    """How sure a model is of the classes that maps explain.

    Attributes
    ----------
    seen : bool
        Whether the mean probability reaches the limit.
    probability : float
        The mean over the pictures, in [0, 1].
    limit : float
        In [0, 1].
    name : str
        What is explained, in words: a class, two, or "3 classes".
    n : int
        Pictures.
    classes : int
        How many different ones are explained.
    unseen : tuple of (str, float)
        Those of several classes whose own mean does not reach the limit, though that of all does, and that mean.
    """

    seen: bool
    probability: float
    limit: float
    name: str
    n: int
    classes: int = 1
    unseen: tuple[tuple[str, float], ...] = ()

    @property
    def each(self) -> str:
        """What the probability is of: the class, or of several those that the maps explain."""
        return self.name if self.classes == 1 else "the classes that the maps explain"

    @property
    def headline(self) -> str:
        """Why nothing can be told, in a few words."""
        if self.classes == 1:
            return f"Cannot tell: the model is only {percent(self.probability)} sure of {self.name}"
        return f"Cannot tell: the maps explain classes of which the model is only {percent(self.probability)} sure"

    @property
    def sentence(self) -> str:
        """The number and the limit, whole sentences."""
        of = "" if self.n == 1 else f" on average over {self.n:,} pictures"
        sure = f"it is {percent(self.probability)} sure of {'it' if self.classes == 1 else 'them'}{of}"
        twice = ", which is twice what guessing gives" if LEAST < self.limit < HALF else ""
        limit = f"A class counts as seen if the model is at least {percent(self.limit)} sure of it{twice}."
        if self.seen:
            said = f"The model sees {self.each}: {sure}. {limit}"
            return f"{said} {self.but}" if self.unseen else said
        return (
            f"The model does not see {self.each}: {sure}. {limit} A map can be drawn for any class. If the model does "
            "not see that class in the picture, the map is no evidence."
        )

    @property
    def check(self) -> Checked:
        """The same as an assumption: whether it holds."""
        does = "sees" if self.seen else "does not see"
        return Checked(f"The model {does} the class", self.seen and not self.unseen, self.sentence)

    @property
    def plain(self) -> str:
        """Why maps of a class that the model does not see say nothing, and what to look at instead, for a student."""
        return (
            f"On average the model is only {percent(self.probability)} sure of {self.each}. A map of a class that the "
            "model does not see is no evidence. If it predicts other classes here, choose maps for the "
            "prediction."
        )

    @property
    def but(self) -> str:
        """Which of several classes the model does not see, though it sees the others; empty where it sees all."""
        if not self.unseen:
            return ""
        few = [f"{name} ({percent(mean)})" for name, mean in self.unseen[:_NAMED]]
        more = len(self.unseen) - len(few)
        which = listed([*few, number_of(more, "other")] if more else few)
        maps = form(len(self.unseen), "Its maps are", "Their maps are")
        return f"But it does not see {which}. {maps} no evidence, and count all the same."


def gate_limit(classes: int, *, independent: bool = False) -> float:
    """The mean probability from which on a class counts as seen.

    Parameters
    ----------
    classes : int
        How many the model has.
    independent : bool
        Whether several labels can be true of one picture, so that their number does not matter.

    Returns
    -------
    float
        In (0, 1]: LEAST, or where classes are few CHANCE times 1 / K, at most HALF.

    Examples
    --------
    >>> from xai_core import studies
    >>> studies.gate_limit(1000), studies.gate_limit(10), studies.gate_limit(2), studies.gate_limit(2, independent=True)
    (0.05, 0.2, 0.5, 0.05)
    """
    return LEAST if independent else max(LEAST, min(CHANCE / max(classes, 1), HALF))


def class_seen(
    probabilities: Sequence[float] | np.ndarray, names: Sequence[str], classes: int, *, independent: bool = False
) -> ClassSeen:
    """Whether the model sees what its maps explain.

    Parameters
    ----------
    probabilities : Sequence[float] or ndarray
        float (N,), of each picture's explained class, in [0, 1].
    names : Sequence[str]
        N names of those classes.
    classes : int
        How many the model has.
    independent : bool
        Whether several labels can be true of one picture.

    Returns
    -------
    ClassSeen

    Examples
    --------
    >>> from xai_core import studies
    >>> studies.class_seen([0.001, 0.0018], ["zebra", "zebra"], 1000).headline
    'Cannot tell: the model is only 0.14% sure of zebra'
    """
    values = np.asarray(probabilities, float)
    known = values[np.isfinite(values)]
    mean = float(known.mean()) if len(known) else float("nan")
    limit = gate_limit(classes, independent=independent)
    seen = bool(mean >= limit)
    means = pd.Series(values).groupby(list(names), sort=False).mean()
    below = tuple((str(name), float(one)) for name, one in means[means < limit].items()) if seen else ()
    return ClassSeen(seen, mean, limit, explained_in_words(names), len(known), len(means), below)


def seen_classes(heatmaps: Heatmaps, model: Classifier) -> ClassSeen:
    """How sure a model is of the classes that maps explain.

    Parameters
    ----------
    heatmaps : Heatmaps
        Of N pictures.
    model : Classifier
        What was asked.

    Returns
    -------
    ClassSeen
    """
    targets = heatmaps.targets
    probabilities = heatmaps.predictions.probabilities[np.arange(len(targets)), targets]
    names = [model.class_names[int(one)] for one in targets]
    return class_seen(probabilities, names, len(model.class_names), independent=model.outputs.independent)


def explained_in_words(names: Sequence[str]) -> str:
    """What maps explain: "sorrel", "sorrel and zebra", or "3 classes" where they are many."""
    distinct = list(dict.fromkeys(names))
    if len(distinct) == 1:
        return distinct[0]
    return " and ".join(distinct) if len(distinct) == 2 else f"{len(distinct)} classes"


def about_n(seen: ClassSeen | None, n: int, *, grouped: bool = False, alone: int = 0) -> str:
    """The explained class, where it is known, and the number of pictures, or of groups of them.

    Pictures that were left out are counted, and their classes are not: of several classes only the pictures are said.

    Examples
    --------
    >>> about_n(None, 2000), about_n(None, 12, grouped=True)
    ('(n = 2,000)', '(n = 12 groups)')
    >>> about_n(None, 1, grouped=True)
    '(n = 1 group)'
    >>> about_n(None, 52, alone=12)
    '(n = 52 of 64)'
    """
    groups = form(n, " group", " groups") if grouped else ""
    number = f"n = {n:,}{groups or (f' of {n + alone:,}' if alone else '')}"
    return f"({number})" if seen is None or (alone and seen.classes > 1) else f"({seen.name}, {number})"
