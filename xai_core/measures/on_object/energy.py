"""The share of the positive energy that lies on the object, against the object's share of the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xai_core.measures.registry import register_measure

if TYPE_CHECKING:
    from xai_core.measures.seen import MapOnMask


@register_measure(
    title="Share of energy",
    inside="energy_inside",
    chance="mask_area",
    columns=("energy_inside", "mask_area"),
    help="Share of energy: how much of the sum of the map's positive values lies on the object, against the object's "
    "share of the picture, so that large objects do not win by size.",
    order=2,
)
def energy(seen: MapOnMask) -> dict[str, float]:
    """Energy on the object, and what an even map would have there."""
    energy = seen.positive.astype(float)
    return {
        "energy_inside": float(energy[seen.inside].sum() / energy.sum()),
        "mask_area": int(seen.inside.sum()) / len(seen.inside),
    }
