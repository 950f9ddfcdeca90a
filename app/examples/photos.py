"""The example of the Layer Explorer: a photo by depth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from app.examples.markup import Example, complete, figure_html, image_source

if TYPE_CHECKING:
    import numpy as np

    import xai_core as xai

PHOTOS, PHOTO_MODEL = "photos", "efficientnet_lite0"
THRESHOLD = 0.85  # the Layer Explorer's
_HARDLY_ANY = 0.0005  # of the pixels of a map


@st.cache_data(max_entries=2, show_spinner=False)
def photo_thumbnails() -> list[tuple[str, str, str, str]]:
    """The sample photos, for `strip_html`."""
    from xai_core.data import load_dataset

    return [(sample.name, image_source(_thumbnail(sample.pixels)), sample.name, "") for sample in load_dataset(PHOTOS)]


def _thumbnail(pixels: np.ndarray) -> np.ndarray:
    """The middle of a picture, small: uint8 (96, 96, 3)."""
    import numpy as np
    from PIL import Image, ImageOps

    return np.asarray(ImageOps.fit(Image.fromarray(pixels), (96, 96)))


def _photo_model() -> xai.Classifier:
    from app import cache

    return cache.models.classifier(PHOTO_MODEL, (), "")


@st.cache_data(max_entries=32, show_spinner=False)
def layers(name: str) -> Example:
    """The default method's maps of a photo at the first, the middle and the last stage."""
    import numpy as np

    import xai_core as xai
    from app import cache
    from xai_core import figures, studies

    model = _photo_model()
    data = cache.data.dataset(PHOTOS, None)
    (item,) = (item for item in data.items if item.name == name)
    sample = model.preprocessing.prepare(item.read())
    stages = model.select("stages")
    maps = xai.explain(model, [sample], layers=[stage.name for stage in stages])
    shares = studies.measure_maps(maps, (THRESHOLD,)).values("share", THRESHOLD)[0]
    tiles = figures.draw_tiles([sample.pixels], maps, figures.Style())
    shown: Sequence[int] = (len(stages) - 1, 0, len(stages) // 2)
    said = [studies.percent(share) if np.isfinite(share) else "none" for share in shares]
    parts = []
    for index in shown:
        (tile,) = tiles[stages[index].name]
        what = "no evidence" if tile.flat else f"{said[index]} of its pixels above {THRESHOLD}"
        parts.append(figure_html(tile.pixels, stages[index].title, what))
    predicted = int(maps.predictions.classes[0])
    sure = studies.percent(float(maps.predictions.confidences[0]))
    grew = "more" if shares[-1] > shares[0] else "less" if shares[-1] < shares[0] else ""
    first, last = stages[0].title, stages[-1].title
    few = "hardly any" if shares[0] < _HARDLY_ANY else said[0]
    wider = f"The map of {last} spreads over {grew} of the picture than that of {first}: " if grew else ""
    return complete(
        f'<div class="ex-depth">{"".join(parts)}</div>',
        f"{model.title} says {model.class_names[predicted]}, {sure} sure. {wider}"
        f"{said[-1]} of the pixels are above {THRESHOLD} of the map's maximum, at {first} {few}.",
        {"data": data.title, "model": model.title, "target": "Prediction", "picture": name},
    )
