"""The Gini concentration of a map's cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xai_core.measures.focus import register_focus_measure

if TYPE_CHECKING:
    from xai_core.measures.seen import MapOnGrid


@register_focus_measure(
    title="Gini concentration",
    words="Gini concentration",
    focus_sign=1,
    help="Gini: 0 even, 1 all in one cell.",
    compared_why="This measure needs neither a threshold nor min-max scaling.",
    order=2,
)
def gini(seen: MapOnGrid) -> float:
    """Of the positive part, in the map's own cells."""
    from xai_core.maps import gini as concentration

    return float(concentration(seen.raw))
