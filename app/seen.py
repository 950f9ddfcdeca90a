"""What a model sees of pictures that it crops: drawn on the whole picture, and said where much is lost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

import xai_core as xai
from app import cache
from app.controls import Markup, plain
from xai_core import figures

MUCH = 0.5  # share of a picture, or of its object's mask, from which on its loss is said for all pictures


def show_seen(model: xai.Classifier, sample: xai.Sample) -> bool:
    """The whole picture with a frame around what the model sees; whether it sees less than all of it."""
    part = cache.data.whole(sample.id, model)
    if part is not None:
        st.html(Markup(figures.seen_html(part, sample.name)))
    return part is not None


def show_all_seen(model: xai.Classifier, samples: Sequence[xai.Sample]) -> None:
    """The same of several pictures, folded away; nothing where the model sees all of each."""
    found = [(sample, part) for sample in samples if (part := cache.data.whole(sample.id, model)) is not None]
    if found:
        parts = [(sample.name, part) for sample, part in found]
        key = (repr(model.preprocessing), *((sample.id, sample.name) for sample, _ in found))
        with st.expander("What the model sees of these pictures", icon=":material/crop:"):
            st.html(Markup(cache.results.kept(key, figures.all_seen_html, parts)))


def warn_of_crops(model: xai.Classifier, samples: Sequence[xai.Sample]) -> None:
    """Say where the model's crop drops much of the pictures, or of the objects in them."""
    parts = [(sample.name, part) for sample in samples if (part := cache.data.whole(sample.id, model)) is not None]
    cropped = [(name, part) for name, part in parts if 1 - part.share >= MUCH]
    objects = [(name, 1 - part.object_seen) for name, part in parts if 1 - part.object_seen >= MUCH]
    if not cropped and not objects:
        return
    said = []
    if cropped:
        share = np.mean([1 - part.share for _, part in cropped])
        whose = _named([name for name, _ in cropped], len(samples))
        said.append(
            f"{model.title} sees only the middle of a picture: in {whose}, {share:.0%} of the area lies outside"
        )
    if objects:
        whose = _named([name for name, _ in objects], len(samples))
        said.append(f"in {whose}, {np.mean([outside for _, outside in objects]):.0%} of the object's mask lies outside")
    advice = 'Crop the pictures to the object first, or choose "pad" or "stretch" under “How pictures are prepared”.'
    st.warning(plain(f"{'; '.join(said)}. {advice}"), icon=":material/crop:")


def _named(names: list[str], of: int) -> str:
    """Which pictures, in words."""
    return names[0] if of == 1 else f"{len(names):,} of {of:,} pictures ({names[0]}{', …' if len(names) > 1 else ''})"
