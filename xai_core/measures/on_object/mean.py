"""Mean activation on the object, against off it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xai_core.measures.registry import register_measure

if TYPE_CHECKING:
    from xai_core.measures.seen import MapOnMask


@register_measure(
    title="Mean activation",
    inside="mean_inside",
    chance="mean_outside",
    columns=("mean_inside", "mean_outside"),
    help="Mean activation: how high the map is on average, on the object against off it; it is scaled to 0 to 1 first.",
    beside="off it",
    against_words="off it",
    percent=False,
    min_max=True,
    order=1,
)
def mean(seen: MapOnMask) -> dict[str, float]:
    """Means of the map as it is shown."""
    return {
        "mean_inside": float(seen.shown[seen.inside].mean()),
        "mean_outside": float(seen.shown[~seen.inside].mean()),
    }
