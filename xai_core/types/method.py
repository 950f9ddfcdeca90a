"""What an attribution method is: a record that describes it, from which pages, command, checks and reports read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from xai_core.errors import MethodError
from xai_core.types.display import Displayed
from xai_core.types.setting import Setting

if TYPE_CHECKING:
    from xai_core.types.classifier import Classifier
    from xai_core.types.heatmaps import Heatmaps
    from xai_core.types.layers import Layer

Place = Literal["layer", "input", "superpixels"]
Cost = Literal["pass", "passes", "samples"]
Need = Literal["gradients", "layers", "attention", "relu"]
Drawing = Literal["evidence", "magnitude", "signed", "segments"]

_NEEDS: dict[Need, str] = {
    "gradients": "It needs a network that can be differentiated.",
    "layers": "It needs a network with convolutions or with image tokens.",
    "attention": "It needs a transformer whose attention over all tokens can be read, such as a ViT of torchvision, "
    "timm or Hugging Face.",
    "relu": "It changes what ReLU does in the backward pass, and the network has none.",
}


@dataclass(frozen=True, eq=False)
class Estimate:
    """What a method that draws samples knows so far of one picture, for T classes.

    Attributes
    ----------
    heatmaps : Heatmaps
        T maps of the picture, one a class.
    done, planned : int
        Samples used so far, and asked for.
    seconds : float
        Spent on it so far.
    note : str
        What else was decided while it ran, such as the precision of the forward passes.
    stability : ndarray
        float64 (T,), rank correlation, in [-1, 1], of the maps from two halves of the samples; NaN where it is
        undefined.
    errors : ndarray, optional
        float64 (T, S), standard errors of the values of S superpixels.
    quality : Mapping[str, float64 (T,)]
        Other numbers that tell how good the estimate is, by their name for people.
    remark : str
        A sentence for people about what was decided while it ran; may be empty.
    top_shared : ndarray, optional
        float64 (T,), of the most important superpixels the share that both halves have, in [0, 1]; NaN where undefined.
    """

    heatmaps: Heatmaps
    done: int
    planned: int
    seconds: float
    note: str
    stability: np.ndarray
    errors: np.ndarray | None = None
    quality: Mapping[str, np.ndarray] = field(default_factory=dict)
    remark: str = ""
    top_shared: np.ndarray | None = None

    @property
    def complete(self) -> bool:
        """Whether every sample that was asked for has been used."""
        return self.done >= self.planned


@dataclass(frozen=True, eq=False)
class Method(Displayed):
    """An attribution method.

    Attributes
    ----------
    key : str
        Its name in Python, in commands and in records.
    title : str
        Its name for people.
    paper : str
        Authors and source: "arXiv" with its number, or "doi" with it.
    reference : str
        What a test holds its maps to be equal to; empty without one.
    unit : str
        What a value of its maps is measured in.
    signed : bool
        Whether negative values mean evidence against the class.
    place : "layer", "input" or "superpixels"
        Where its maps lie: at layers of the network, on the input's pixels, or constant on superpixels.
    cost : "pass", "passes" or "samples"
        One pass of the network for a batch; several; or hundreds for each picture, of which `grow` gives estimates.
    needs : tuple of "gradients", "layers", "attention" and "relu"
        What the model must give.
    drawing : "evidence", "magnitude", "signed" or "segments"
        How maps are drawn: over the picture, as magnitudes of each pixel, in two colours, or by superpixel.
    legend : str
        What its colours mean.
    caution : str
        What is known against it, with the source; shown where it is chosen.
    no_evidence : str
        Why its maps are no evidence for a class, whatever they show, in a sentence; verdicts then go without them.
    ranks : bool
        Whether a larger value says that a place matters more, so that deletion and agreement can be asked.
    settings : tuple of Setting
        What the user may choose.
    quick : Mapping[str, object]
        Settings with which the checks run it, where its defaults would take too long.
    exact : str
        Key of the method that makes its maps of the same activations and gradients without the average that this one
        takes; layers are judged by it. Empty without one.
    usual : bool
        Whether pages and checks compute it without being asked; the others are offered beside it.
    repeatable : bool
        Whether it makes maps of any picture, class and weights; not so of maps that were made elsewhere.
    layers : tuple of Layer
        Those that its maps are of, where they are not the model's to choose from.
    compute : callable
        ``compute(model, images, *, targets, layers, batch_size, progress, **settings) -> Heatmaps``; `layers` is
        passed only where `place` is "layer".
    combine : callable, optional
        ``combine(activation, gradient)``, of a method whose maps follow from these alone: such methods share passes.
    score : callable, optional
        ``score(**settings)`` gives the function of logits and targets that `combine`'s gradient is of; None for the
        target's logit.
    grow : callable, optional
        ``grow(model, image, *, targets, every, **settings) -> Iterator[Estimate]``, of a method of cost "samples".

    Examples
    --------
    >>> import xai_core as xai
    >>> method = xai.get_method("grad_cam")
    >>> method.place, method.at_layers, method.draws_samples
    ('layer', True, False)
    """

    key: str
    title: str
    paper: str
    unit: str
    signed: bool
    place: Place
    cost: Cost
    drawing: Drawing
    legend: str
    compute: Callable[..., Heatmaps]
    reference: str = ""
    needs: tuple[Need, ...] = ("gradients",)
    caution: str = ""
    no_evidence: str = ""
    ranks: bool = True
    settings: tuple[Setting, ...] = ()
    quick: Mapping[str, Any] = field(default_factory=dict)
    exact: str = ""
    usual: bool = True
    repeatable: bool = True
    layers: tuple[Layer, ...] = ()
    combine: Callable[[Any, Any], Any] | None = None
    score: Callable[..., Callable[[Any, Any], Any]] | None = None
    grow: Callable[..., Iterator[Estimate]] | None = None

    def __post_init__(self) -> None:
        for name, allowed in (("place", Place), ("cost", Cost), ("drawing", Drawing)):
            if getattr(self, name) not in get_args(allowed):
                raise MethodError(
                    f"{self.title}: {name} is one of {', '.join(get_args(allowed))}; got {getattr(self, name)!r}."
                )
        if not self.key.isidentifier():
            raise MethodError(f"The key of a method is a Python name; got {self.key!r}.")

    @property
    def link(self) -> str:
        """Where its paper is to be read; empty where its record names no source."""
        found = re.search(r"arXiv (\d{4}\.\d{4,5})|doi (10\.\S+)", self.paper)
        if found is None:
            return ""
        return f"https://arxiv.org/abs/{found[1]}" if found[1] else f"https://doi.org/{found[2]}"

    @property
    def at_layers(self) -> bool:
        """Whether it gives a map for each layer."""
        return self.place == "layer"

    @property
    def draws_samples(self) -> bool:
        """Whether it draws samples, so that it takes long, has a seed, and gives estimates that grow."""
        return self.cost == "samples"

    def missing(self, model: Classifier) -> str:
        """Why it cannot explain a model, in a sentence; empty where it can."""
        for need in self.needs:
            if need not in model.gives:
                return f"{self.title} cannot explain {model.title}. {_NEEDS[need]}"
        return ""

    def setting(self, key: str) -> Setting:
        """One of its settings by its key."""
        return next(one for one in self.settings if one.key == key)

    def defaults(self, model: Classifier) -> dict[str, Any]:
        """Every setting without a choice, for a model."""
        return {one.key: one.default_for(model) for one in self.settings}

    def unit_with(self, settings: Mapping[str, Any]) -> str:
        """What its maps are measured in with some settings, which may change it."""
        units = (one.units.get(settings[one.key]) for one in self.settings if one.units and one.key in settings)
        return next((unit for unit in units if unit), self.unit)

    def quickly(self, model: Classifier) -> dict[str, Any]:
        """Every setting as the checks have it."""
        return self.defaults(model) | dict(self.quick)

    def parsed(self, given: Sequence[str]) -> dict[str, Any]:
        """Settings from texts such as ``num_samples=300``.

        Raises
        ------
        MethodError
            If there is no such setting, or it cannot have that value.
        """
        found: dict[str, Any] = {}
        for text in given:
            key, equals, value = text.partition("=")
            known = {one.key: one for one in self.settings}
            if not equals or key not in known:
                offered = ", ".join(known) or "none"
                raise MethodError(
                    f"{self.title} has no setting {text!r}. Write NAME=VALUE; its settings are: {offered}."
                )
            found[key] = known[key].parsed(value)
        return found
