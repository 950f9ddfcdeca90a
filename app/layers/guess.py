"""A guess before the maps are shown, while the guide is on."""

from __future__ import annotations

import numpy as np

from app import teaching
from app.layers.shown import ShownLayers
from xai_core import figures
from xai_core.figures import Style


def guess_first(shown: ShownLayers) -> bool:
    """With the guide on, the maps stay hidden until the viewer has guessed; whether they may be shown."""
    if not teaching.guided():
        return True
    index = shown.chosen or 0
    layer, name = shown.layers[-1].name, shown.captions[index].target

    def overlay() -> np.ndarray:
        (tile,) = figures.draw_tiles([shown.samples[index].pixels], shown.heatmaps.take([index]), Style())[layer]
        return tile.pixels

    return teaching.predict_then_reveal(
        f"{shown.samples[index].id} {shown.model.id} {layer} {name}",
        shown.samples[index],
        shown.heatmaps[layer][index],
        overlay,
        name,
    )
