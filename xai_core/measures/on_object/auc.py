"""The area under the ROC curve of the map as a score for the object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xai_core.measures.registry import register_measure

if TYPE_CHECKING:
    from xai_core.measures.seen import MapOnMask


@register_measure(
    title="AUC",
    chance=0.5,
    help="AUC: how often the map is higher at a random place on the object than at one off it; 0.5 is chance.",
    against_words="by chance",
    percent=False,
    order=4,
)
def auc(seen: MapOnMask) -> dict[str, float]:
    """How often a pixel of the object is above one of the others, ties counted half."""
    on = int(seen.inside.sum())
    off = len(seen.inside) - on
    below = seen.order.ranks[seen.inside].sum() - on * (on + 1) / 2  # Mann-Whitney's U
    return {"auc": float(below / on / off)}
