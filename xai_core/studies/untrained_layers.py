"""How focus changes with depth in the same network with random weights: what the architecture alone gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xai_core import stats
from xai_core.studies.groups import group_means
from xai_core.studies.layer_focus import ALPHA, LayerFocus
from xai_core.studies.layer_order import flipped_p
from xai_core.studies.untrained_maps import draws_in_words, goes_beyond
from xai_core.studies.words import format_p

_NEARLY_ONE = 1 - 1e-9  # whose z is finite


@dataclass(frozen=True, eq=False)
class UntrainedLayers:
    """The trained network's trend against that of its architecture.

    Attributes
    ----------
    trends : tuple of float
        Of each draw of random weights, the mean rank correlation of focus with depth, plus for more focused.
    medians : tuple of float
        Of each layer, the measure's median over pictures and draws.
    trained : float
        The trained network's trend over the same pictures.
    p : float
        Of the paired difference between the trained network's trend and the mean of the draws, by random signs.
    n : int
        Pictures, or groups of them, that have a map at every layer in the trained network and in a draw.
    """

    trends: tuple[float, ...]
    medians: tuple[float, ...]
    trained: float
    p: float
    n: int

    @property
    def difference(self) -> float:
        """The trained network's trend minus the mean of the draws."""
        return self.trained - float(np.mean(self.trends))

    def beyond(self, outcome: str) -> bool:
        """Whether the trained network goes further that way than chance and than one more draw would."""
        return goes_beyond(self.trained, self.p, self.next_draw, more=outcome == "focuses")

    @property
    def next_draw(self) -> tuple[float, float]:
        """Between which trends one more draw would lie in 95% of cases; NaN for a single draw.

        Of many pictures the smallest difference between two draws is no chance, so the largest of a few draws is no
        bound. Taken where correlations are about normal (Fisher's z).
        """
        z = np.arctanh(np.clip(self.trends, -_NEARLY_ONE, _NEARLY_ONE))
        low, high = np.tanh(stats.next_interval(z, confidence=1 - ALPHA))
        return float(low), float(high)

    def sentence(self, own: LayerFocus) -> str:
        """The numbers, in words."""
        spread = draws_in_words(self.trends, self.next_draw, "{:+.2f}".format)
        what = "further than" if self.beyond(own.outcome) else "not clearly further than"
        return (
            f"The trained network goes {what} the same architecture with random weights: rank correlation of focus "
            f"with depth {self.trained:+.2f} against {np.mean(self.trends):+.2f} ({spread}), difference "
            f"{self.difference:+.2f}, {format_p(self.p)}, n = {self.n:,}."
        )


def untrained_layers(own: LayerFocus, draws: Sequence[np.ndarray]) -> UntrainedLayers | None:
    """Compare a trend with that of random weights, picture by picture.

    Parameters
    ----------
    own : LayerFocus
        Of the trained network, N pictures at L layers; where they have groups, these are compared.
    draws : Sequence[ndarray]
        Of each draw, the same measure of the same pictures, float (N, L); NaN where a map is flat.

    Returns
    -------
    UntrainedLayers or None
        None where no picture has maps at every layer in both.

    Examples
    --------
    >>> import xai_core as xai
    >>> from xai_core import studies
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")[:4]
    >>> focus = xai.layer_focus(xai.grad_cam(model, digits))
    >>> studies.untrained_layers(focus, [focus.values]).difference
    0.0
    """
    sign = own.measure.focus_sign
    if own.groups is not None:
        draws = [group_means(np.asarray(draw, float), own.groups) for draw in draws]
    table = np.stack([np.asarray(draw, float) for draw in draws]) if len(draws) else np.zeros((0, 0, 0))
    whole = np.isfinite(own.values).all(axis=1)
    kept = whole & (np.isfinite(table).all(axis=2).any(axis=0) if len(table) else False)
    if not kept.any():
        return None
    trained = sign * stats.trend_correlations(own.values[kept])
    trends = np.full((len(table), int(kept.sum())), np.nan)
    for draw, values in enumerate(table[:, kept]):
        usable = np.isfinite(values).all(axis=1)
        trends[draw, usable] = sign * stats.trend_correlations(values[usable])
    with_maps = trends[np.isfinite(trends).any(axis=1)]
    differences = trained - np.nanmean(with_maps, axis=0)
    return UntrainedLayers(
        tuple(float(one) for one in np.nanmean(with_maps, axis=1)),
        tuple(float(one) for one in np.nanmedian(table[:, kept].reshape(-1, table.shape[2]), axis=0)),
        float(trained.mean()),
        flipped_p(differences),
        int(kept.sum()),
    )
