"""A dial over networks that were trained with ever more of a shortcut, and what all of them say together."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache as cache_once

import numpy as np
import streamlit as st

import xai_core as xai
from app import cache
from app.charts import quiet, show_chart
from app.controls import Markup, plain
from xai_core import figures, studies
from xai_core.shipped import DIAL
from xai_core.studies import percent

PICTURES = (3, 60, 117, 220)  # of the test split: digits of four classes
TIED = max(DIAL)  # of the validation pictures on which accuracy is measured with the shortcut, for all networks
QUESTION = (
    "How often must the background tell the digit in training before a network is clearly less accurate on pictures "
    "whose background does not tell it?"
)
NEVER = "at none of them"


def network(strength: float) -> xai.Classifier:
    """The network that was trained with so much of the shortcut."""
    return cache.models.classifier(DIAL[strength], (), "")


@cache_once
def reading(strength: float) -> studies.ShortcutReading:
    """What tells one of them from an honest one; networks and pictures are included and never change."""
    return cache.readings.reading(network(strength), TIED)


def readings() -> dict[float, studies.ShortcutReading]:
    """What tells the networks apart, by strength."""
    with st.spinner("Asking five networks about 500 pictures each …"):
        return {strength: reading(strength) for strength in DIAL}


def show_network(strength: float) -> None:
    """One network: its answers and maps on the same digits, and its evidence in numbers."""
    model = network(strength)
    samples = cache.data.dataset("textured_digits", None).take(PICTURES).read()[0]
    maps = cache.maps.at_last_stage(model, samples, xai.true_classes(model, samples))
    (raw,) = maps.values()
    p = maps.predictions.probabilities
    captions = [_caption(*one) for one in zip(samples, p, raw, strict=True)]
    pixels = [one.pixels for one in samples]
    st.html(Markup(figures.edited_maps_html(pixels, maps, captions, 160, one_scale=False)))
    st.caption(
        "Each digit is shown with its map of the last stage. Below: the digit, its probability, and how much of the "
        "map's energy is on it. On these pictures the background says nothing about the digit."
    )
    limit = studies.gate_limit(len(model.class_names))
    unseen = [f"the {one.label}" for one, row in zip(samples, p, strict=True) if row[int(one.label or 0)] < limit]
    if unseen:
        st.caption(
            f":material/visibility_off: This network does not see {studies.listed(unseen)} (less than "
            f"{percent(limit)}): the map of a class that is not seen says little. The mean over many pictures is below."
        )
    st.markdown("\n".join(f"- {plain(one)}" for one in reading(strength).sentences))


def _caption(sample: xai.Sample, p: np.ndarray, raw: np.ndarray) -> str:
    share = studies.share_on_object(raw, sample.mask)
    where = f", {percent(share)} on the digit" if np.isfinite(share) else ""
    return f"{sample.label}: {percent(float(p[int(sample.label or 0)]))}{where}."


def show_course(chosen: float, guess: str | None) -> None:
    """All networks together, and whether a guess of where it turns was right.

    Parameters
    ----------
    chosen : the strength at which the dial stands
    guess : of `guesses`, or None where nobody guessed
    """
    found = readings()
    turns = turning_point(found)
    if guess is not None:
        said = f"You said: {guess}."
        if guess == turns:
            st.success(f"{said} That is right.", icon=":material/check:")
        else:
            st.info(f"{said} Measured: {turns}.", icon=":material/search:")
    show_figure(chosen)
    st.markdown("\n".join(f"- {plain(one)}" for one in studies.dial_sentences(found)))


def show_figure(chosen: float) -> None:
    """Accuracy and share on the digit of all networks, with a mark at the chosen one."""
    show_chart(
        st,
        figures.dial_figure(readings(), chosen),
        key="dial-course",
        config=quiet("dial"),
        alt="Accuracy and share of the map on the digit, by the strength of the shortcut in training",
    )


def guesses() -> list[str]:
    """Where it may turn."""
    return [*(f"at {percent(one)}" for one in list(DIAL)[1:]), NEVER]


def turning_point(found: Mapping[float, studies.ShortcutReading]) -> str:
    """Where it does, as `guesses` says it."""
    first = studies.first_worse(found)
    return NEVER if first is None else f"at {percent(first)}"
