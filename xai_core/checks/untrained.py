"""Networks that learned nothing: the architecture with random weights, against which maps are held."""

from __future__ import annotations

from collections.abc import Iterator

from xai_core.checks.cascade import randomised
from xai_core.types import Classifier


def has_weights(model: Classifier) -> bool:
    """Whether a classifier has weights that can be drawn anew: a black box has none that are known here."""
    return model.net is not None and next(iter(model.net.parameters()), None) is not None


def untrained(model: Classifier, *, draws: int = 5, seed: int = 0) -> Iterator[Classifier]:
    """The classifier with all of its weights random, some times.

    Each module starts anew as it does before a training, so that what the maps of such a network show comes from the
    architecture and the pictures alone. One after another, so that only one of them takes memory.

    Parameters
    ----------
    model : Classifier
        It is copied under its lock and stays as it is.
    draws : int
        How many.
    seed : int
        0 or more; draw d takes ``seed + d``, which gives the same weights on every device.

    Yields
    ------
    Classifier
        With an id that no cache takes for the model's.

    Raises
    ------
    ModelError
        If the network has no weights.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")[:64]
    >>> [round(float((xai.predict(net, digits).classes == xai.true_classes(model, digits)).mean()), 1)
    ...  for net in xai.untrained(model, draws=2)]
    [0.1, 0.1]
    """
    for draw in range(draws):
        for _, _, net in randomised(model, steps=1, seed=seed + draw):
            yield net
