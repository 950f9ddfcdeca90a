"""Where the hottest pixels lie: the hottest one, and as many as the object has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xai_core.measures.registry import register_measure

if TYPE_CHECKING:
    from xai_core.measures.seen import MapOnMask


@register_measure(
    title="Rank accuracy",
    inside="rank_accuracy",
    chance="mask_area",
    columns=("pointing", "rank_accuracy", "iou"),
    help="Rank accuracy: of as many highest pixels as the object has, the share that lies on it.",
    order=3,
)
def rank(seen: MapOnMask) -> dict[str, float]:
    """The pointing game (arXiv 1608.00507), rank accuracy (arXiv 2003.07258), and the overlap of the same pixels."""
    count = int(seen.inside.sum())
    peak = seen.positive == seen.positive.max()
    found = seen.order.among_largest(seen.inside, count) / count
    return {"pointing": float(peak[seen.inside].sum() / peak.sum()), "rank_accuracy": found, "iou": found / (2 - found)}
