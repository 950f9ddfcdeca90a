"""The sample photos and the network that comes along, for lessons."""

from __future__ import annotations

from functools import cache as cache_once

import numpy as np
import streamlit as st

import xai_core as xai
from app import cache
from app.controls import Markup
from xai_core import figures
from xai_core.models import BUNDLED

_FEW = 4  # pictures that stand side by side


def network() -> xai.Classifier:
    """The network that comes along."""
    return cache.models.classifier(BUNDLED, (), "")


@cache_once
def photos() -> list[xai.Sample]:
    """All sample photos as it sees them, with masks of their objects."""
    return [network().preprocessing.prepare(one) for one in cache.data.dataset("photos", None).read()[0]]


def photo(name: str) -> xai.Sample:
    """One of them."""
    return next(one for one in photos() if one.name == name)


def probabilities(sample: xai.Sample) -> np.ndarray:
    """What the network says of a picture: float32 (K,)."""
    model = network()
    return cache.maps.probabilities(model.id, sample.id, model, sample)


def maps(samples: list[xai.Sample], targets: list[int | None] | None = None) -> xai.Heatmaps:
    """Grad-CAM at the last stage, of the likeliest class of each unless classes are given."""
    return cache.maps.at_last_stage(network(), samples, targets or [None] * len(samples))


def raw(heatmaps: xai.Heatmaps) -> np.ndarray:
    """Of the only layer: float32 (N, h, w)."""
    (found,) = heatmaps.values()
    return found


def show_pictures(samples: list[xai.Sample], captions: list[str] | None = None) -> None:
    """Pictures without maps, side by side as far as there is room; under each its name, or a caption."""
    side = 224 if len(samples) == 1 else 160 if len(samples) <= _FEW else 112
    st.html(Markup(figures.pictures_html([one.pixels for one in samples], captions or [s.name for s in samples], side)))


def show_maps(
    samples: list[xai.Sample],
    heatmaps: xai.Heatmaps,
    captions: list[str],
    *,
    side: int = 224,
    pictures: bool = True,
    smooth: bool = True,
) -> None:
    """Maps over their pictures."""
    pixels = [one.pixels for one in samples]
    plain = [one.name for one in samples] if pictures else ()
    html = figures.edited_maps_html(pixels, heatmaps, captions, side, pictures=plain, one_scale=False, smooth=smooth)
    st.html(Markup(html))
