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
    cropped = [(name, 1 - part.share) for name, part in parts if 1 - part.share >= MUCH]
    objects = [(name, 1 - part.object_seen) for name, part in parts if 1 - part.object_seen >= MUCH]
    if not cropped and not objects:
        return
    said = []
    for what, missed in (("the area", cropped), ("the object's mask", objects)):
        if missed:
            whose, mean = _named([name for name, _ in missed], len(samples)), np.mean([gone for _, gone in missed])
            said.append(f"in {whose}, {mean:.0%} of {what} is cut off{' on average' if len(missed) > 1 else ''}")
    advice = "Crop the pictures to the object first, or choose “pad” or “stretch” under “How pictures are prepared”."
    sentence = f"{model.title} sees only the middle of a picture: {'; '.join(said)}. {advice}"
    st.warning(plain(sentence), icon=":material/crop:")


def _named(names: list[str], of: int) -> str:
    """Which pictures, in words."""
    return names[0] if of == 1 else f"{len(names):,} of {of:,} pictures ({names[0]}{', …' if len(names) > 1 else ''})"
