"""The share of a map's positive energy that lies inside the object's mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xai_core.measures.focus import register_focus_measure

if TYPE_CHECKING:
    from xai_core.measures.seen import MapOnGrid


@register_focus_measure(
    title="Energy inside the object",
    words="positive energy inside the object",
    focus_sign=1,
    help="Energy inside: positive evidence that lies in the object's box or mask.",
    percent=True,
    needs_mask=True,
    order=3,
)
def energy_inside(seen: MapOnGrid) -> float:
    """Of the positive part, bilinear to the mask's size."""
    from xai_core import maps

    return float("nan") if seen.mask is None else float(maps.energy_inside(seen.positive, seen.mask))
