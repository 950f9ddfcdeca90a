"""The share of a map's pixels above a threshold, as studies report it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xai_core.measures.focus import register_focus_measure

if TYPE_CHECKING:
    import numpy as np

    from xai_core.measures.seen import MapOnGrid


@register_focus_measure(
    title="Share above threshold",
    words="share of pixels above the threshold",
    focus_sign=-1,
    help="Share: of pixels above the threshold, smaller is more focused.",
    percent=True,
    by_threshold=True,
    at_threshold="share of pixels above {threshold:g}",
    axis="pixels above {threshold:g} (% of the map)",
    order=1,
)
def share(seen: MapOnGrid) -> np.ndarray:
    """Of the map as it is drawn: raw, ReLU, min-max, bilinear to the input's size."""
    from xai_core.maps import share_above

    return share_above(seen.shown, seen.thresholds)
