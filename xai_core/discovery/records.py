"""What was discovered: tests, strategies, and all of it together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from xai_core.types import FloatArray
from xai_core.types.display import Plotted


@dataclass(frozen=True)
class CarrierTest:
    """What happens when a part of a strategy's pictures is put into pictures of other classes.

    Attributes
    ----------
    carrier : str
        "place", "border", "content", "surroundings" or "colour".
    title : str
        The part, for people.
    n : int
        Pictures whose part was taken, each put into a picture of another class.
    added, control : float
        Mean probability of the class with it, and with the same part of pictures of three other classes, of which the
        larger counts; in [0, 1].
    interval : tuple of float
        95% of their difference, over pictures; NaN where it cannot be computed.
    p, p_holm : float
        Of a paired test of the difference, and corrected over all tests of all classes.
    removed, removed_control : float
        Mean probability of the class in the pictures themselves, with the part replaced by that of a picture of
        another class, and with an equal random part replaced; NaN where it was not tried.
    p_removed : float
        Of a paired test of these two, corrected as well.
    repeated : float
        How much the content repeats: for a place the share of its pixels, for content the distance; NaN for others.
    suspect : bool
        Whether the written rule calls it a suspected shortcut; see `xai_core.discovery.rule`.
    one_place : bool
        Whether the content lies at one place, at least in most of the pictures that hold it.
    holds : float
        Share of the object's pixels that lie in the part; NaN where no picture has a mask, or the part has no place.

    Examples
    --------
    >>> import xai_core as xai
    >>> test = xai.CarrierTest("place", "a place", 8, 0.9, 0.2, (0.5, 0.8), 1e-5, 1e-4, 0.3, 0.9, 1e-3, 0.8, True)
    >>> round(test.gain, 2), round(test.cost, 2)
    (0.7, 0.6)
    """

    carrier: str
    title: str
    n: int
    added: float
    control: float
    interval: tuple[float, float]
    p: float
    p_holm: float
    removed: float
    removed_control: float
    p_removed: float
    repeated: float
    suspect: bool
    one_place: bool = False
    holds: float = float("nan")

    @property
    def gain(self) -> float:
        """What it adds to the probability of the class, beyond the control."""
        return self.added - self.control

    @property
    def cost(self) -> float:
        """What its removal costs, beyond that of an equal random part."""
        return self.removed_control - self.removed


@dataclass(frozen=True, eq=False)
class Strategy:
    """A group of pictures that the model seems to recognise in the same way.

    Attributes
    ----------
    name : str
        The class, and the group's number or that it is all of the class.
    label : str
        The class.
    view : str
        In which view the pictures are alike, for people.
    dense : bool
        Whether it is a small dense group rather than a cluster.
    stability : float
        Of the clustering under the bootstrap; NaN where there is none.
    places, tested : tuple of int
        Places in the data set of its pictures in both halves, and of those in the half for tests.
    n_class, n_tested_class : int
        Pictures of the class, and of those in the half for tests.
    mean_map : ndarray
        float32 (g, g), mean of its maps, each summing to 1.
    region : ndarray
        bool (g, g), what the mean map points at; of a suspected content at one place, where that is.
    typical : tuple of int
        Places in the data set of its six most typical pictures, by the view.
    typical_maps : ndarray
        float32 (6, g, g), their maps.
    accuracy, accuracy_rest : float
        Share of right answers in it and in the rest of the class, on the half for tests; NaN for the whole class.
    p_accuracy, p_confidence : float
        Of the tests of accuracy and of confidence against the rest of the class, corrected; NaN for the whole class.
    tests : tuple of CarrierTest
        What was put into other pictures.
    attributes : DataFrame
        Simple attributes that the probability of the class follows in it: attribute, rho, n, p_holm.
    sentence : str
        What was found, in words, with the numbers of the tests.
    plain : str
        The same for a student, without the name of any test.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")
    >>> strategy = xai.discover(model, digits, label="7").strategies[0]
    >>> strategy.name, strategy.whole, len(strategy.places), len(strategy.typical)
    ('7, all', True, 30, 6)
    """

    name: str
    label: str
    view: str
    dense: bool
    stability: float
    places: tuple[int, ...]
    tested: tuple[int, ...]
    n_class: int
    n_tested_class: int
    mean_map: FloatArray
    region: np.ndarray
    typical: tuple[int, ...]
    typical_maps: FloatArray
    accuracy: float
    accuracy_rest: float
    p_accuracy: float
    p_confidence: float
    tests: tuple[CarrierTest, ...]
    attributes: pd.DataFrame
    sentence: str = ""
    plain: str = ""

    @property
    def title(self) -> str:
        """What it is called on its card: "All pictures of 'ship'", "Group 2 of 'ship'"."""
        group = self.name.rpartition(", ")[2]
        return f"{'All pictures' if group == 'all' else group.capitalize()} of {self.label!r}"

    @property
    def whole(self) -> bool:
        """Whether it is all pictures of the class."""
        return len(self.places) == self.n_class

    def shares_half_with(self, other: Strategy) -> bool:
        """Whether half of the pictures of the smaller of two strategies are in the larger one.

        Parameters
        ----------
        other : Strategy

        Returns
        -------
        bool
        """
        return len({*self.places} & {*other.places}) >= min(len(self.places), len(other.places)) / 2

    @property
    def suspect(self) -> CarrierTest | None:
        """The test that makes it a suspected shortcut; None where there is none."""
        return next((test for test in self.tests if test.suspect), None)


@dataclass(frozen=True, eq=False)
class Discovery(Plotted):
    """What the classes of a model seem to rely on.

    Attributes
    ----------
    strategies : tuple of Strategy
        Of each class the suspected ones first.
    pictures : DataFrame
        A row a picture: place, id, picture, label, half ("looked at" or "tested"), predicted, confidence, p_label,
        correct, x, y (first two principal components of the features), strategy (name of a suspected or smaller
        group, empty for none).
    features : ndarray
        float32 (N, C), pooled features of the layer, for nearest neighbours.
    probabilities : ndarray
        float32 (N, K), of the model.
    class_names : tuple of str
        The K classes.
    sentences : tuple of str
        What could be found at this number of pictures, what was sampled, what limits it.
    left_out : tuple of str
        Classes and pictures that were left out, and why.
    doubts : tuple of str
        What should make one doubt whatever is found: flat maps, a model at chance.
    issues : DataFrame
        Suspects in the data, a row each: place, picture, label, kind, why.
    slices : DataFrame
        Accuracy in slices of odd pictures: slice, n, accuracy, low, high, rest, p_holm.
    settings : Mapping of str to object
        method, layer and seed.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")
    >>> found = xai.discover(model, digits, label="7")
    >>> [strategy.label for strategy in found.suspects], int(found.pictures["label"].eq("7").sum())
    ([], 30)
    """

    strategies: tuple[Strategy, ...]
    pictures: pd.DataFrame
    features: FloatArray
    probabilities: FloatArray
    class_names: tuple[str, ...]
    sentences: tuple[str, ...]
    left_out: tuple[str, ...]
    doubts: tuple[str, ...] = ()
    issues: pd.DataFrame = field(default_factory=pd.DataFrame)
    slices: pd.DataFrame = field(default_factory=pd.DataFrame)
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def suspects(self) -> tuple[Strategy, ...]:
        """Suspected shortcuts, those that add most first, each once.

        Of a class, a strategy whose part is the same, or half of whose pictures are in another that adds more, counts
        as the same shortcut.
        """
        kept: list[tuple[Strategy, CarrierTest]] = []
        found = [(one, test) for one in self.strategies if (test := one.suspect) is not None]
        for one, test in sorted(found, key=lambda pair: -pair[1].gain):
            if not any(
                one.label == other.label and (test.carrier == before.carrier or one.shares_half_with(other))
                for other, before in kept
            ):
                kept.append((one, test))
        return tuple(one for one, _ in kept)

    @property
    def table(self) -> pd.DataFrame:
        """A row a strategy and test: what was found, in numbers."""
        rows = [
            {
                "strategy": strategy.name,
                "label": strategy.label,
                "view": strategy.view,
                "pictures": len(strategy.places),
                "of_class": strategy.n_class,
                "carrier": test.carrier,
                "n": test.n,
                "added": test.added,
                "control": test.control,
                "gain": test.gain,
                "low": test.interval[0],
                "high": test.interval[1],
                "p_holm": test.p_holm,
                "cost": test.cost,
                "p_removed": test.p_removed,
                "repeated": test.repeated,
                "suspect": test.suspect,
            }
            for strategy in self.strategies
            for test in strategy.tests
        ]
        return pd.DataFrame(rows)
