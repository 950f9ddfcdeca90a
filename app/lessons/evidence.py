"""Is it evidence? What a map must be held against before it says anything."""

from __future__ import annotations

from functools import cache as cache_once

import numpy as np
import pandas as pd
import streamlit as st

import xai_core as xai
from app import cache
from app.lessons import photos
from app.lessons.lesson import Evidence, Lesson, Step, capital
from xai_core import studies
from xai_core.methods import DEFAULT
from xai_core.studies import percent
from xai_core.studies.words import format_interval, points
from xai_core.types.counts import number_of, part_of

PHOTOS = ("chelsea", "motorcycle", "astronaut", "china")
NETWORKS = ("network A", "network B")
DRAW = 1  # of random weights
OTHERS = "map, other photos' objects"
SPOT = ("much less than of the map", "about as much", "much more than of the map")
NEAR = 0.05  # shares that are called about as much
OWN = ("hardly anything", "about half as much", "nearly as much")
RIGHT = 3  # pictures of the last question, all right
COMPATIBLE = ("in at least 90%", "in at least 60%", "in anything from about 40% up")


def trained_and_random() -> tuple[xai.Heatmaps, xai.Heatmaps]:
    """Maps of the same photos for the same classes, with training and without."""
    samples = [photos.photo(name) for name in PHOTOS]
    heatmaps, model = photos.maps(samples), photos.network()
    request = repr((model.id, [one.id for one in samples], *heatmaps))
    return heatmaps, cache.maps.maps_of_draw(request, DRAW, model, heatmaps, samples, xai.get_method(DEFAULT))


def _show_networks() -> None:
    samples = [photos.photo(name) for name in PHOTOS]
    random, trained = trained_and_random()[::-1]
    for name, column, heatmaps in zip(NETWORKS, st.columns(2, gap="large"), (random, trained), strict=True):
        with column:
            st.markdown(f"**{capital(name)}**")
            photos.show_maps(samples, heatmaps, list(PHOTOS), side=144, pictures=False)


def _random() -> Evidence:
    trained, random = (photos.raw(one) for one in trained_and_random())
    found = [studies.map_similarity(a, b) for a, b in zip(trained, random, strict=True)]
    said = ", ".join(f"{value:.2f}" for value in found)
    return Evidence(
        NETWORKS[0],
        "Network A has random weights. The rank correlations of its maps with those of the trained network are "
        f"{said}.",
        "A map is drawn whether or not there is anything to see: this network knows no class at all. So before a map "
        "is believed, it is compared with that of the same network with random weights: the sanity check. Maps that "
        "are much alike (near 1) would be a bad sign.",
    )


@cache_once
def shares() -> pd.DataFrame:
    """Of each photo: the share on its object of its map and of a middle spot, and of its map on others' objects."""
    samples = photos.photos()
    heatmaps = photos.raw(photos.maps(samples))
    rows = []
    for one, heatmap in zip(samples, heatmaps, strict=True):
        others = [studies.share_on_object(heatmap, other.mask) for other in samples if other is not one]
        spot = studies.share_on_object(studies.centred_blob(heatmap.shape), one.mask)
        rows.append((one.name, studies.share_on_object(heatmap, one.mask), spot, float(np.mean(others))))
    return pd.DataFrame(rows, columns=["photo", "map", "spot in the middle", OTHERS])


def _show_shares(columns: list[str]) -> None:
    lines = [" | ".join(["photo", *columns]), " | ".join(["---"] * (1 + len(columns)))]
    for row in shares().to_dict("records"):
        lines.append(" | ".join([row["photo"], *(percent(row[name]) for name in columns)]))
    st.markdown("\n".join(f"| {one} |" for one in lines))


def difference_words(first: str, second: str) -> str:
    """How much more one column of `shares` has than another, over all photos."""
    differences = (shares()[first] - shares()[second]).to_numpy(float)
    interval = format_interval(studies.mean_interval(differences), "+.0f", 100)
    return f"{points(float(differences.mean()), 0)}, {interval}, {number_of(len(differences), 'photo')}"


def _spot() -> Evidence:
    means = shares().mean(numeric_only=True)
    gap = float(means["spot in the middle"] - means["map"])
    answer = SPOT[1] if abs(gap) <= NEAR else SPOT[2] if gap > 0 else SPOT[0]
    return Evidence(
        answer,
        f"On average {percent(float(means['map']))} of the map lies on the object, and "
        f"{percent(float(means['spot in the middle']))} of a spot in the middle, which never saw a picture. The map "
        f"has {difference_words('map', 'spot in the middle')}.",
        "Photographers put things in the middle. 'The map lies on the object' is therefore no evidence as it stands: "
        "the question is whether it lies there more than such a spot.",
        lambda: _show_shares(["map", "spot in the middle"]),
    )


def _others() -> Evidence:
    means = shares().mean(numeric_only=True)
    own, strange = float(means["map"]), float(means[OTHERS])
    left = strange / own
    answer = OWN[0] if left < 0.25 else OWN[1] if left < 0.75 else OWN[2]
    return Evidence(
        answer,
        f"On average {percent(own)} of a map lies on its own object, and {percent(strange)} on the objects of the "
        f"other photos: {difference_words('map', OTHERS)}.",
        "What a map has on the objects of other photos does not come from its own object. The dashboard subtracts "
        "it: its verdicts are about the difference, picture by picture. Here the interval, of eight photos, includes "
        "zero: they are too few to say that the maps find their own objects.",
        lambda: _show_shares(["map", OTHERS]),
    )


def _few() -> Evidence:
    low, high = studies.share_interval(RIGHT, RIGHT)
    answer = COMPATIBLE[0] if low >= 0.9 else COMPATIBLE[1] if low >= 0.6 else COMPATIBLE[2]
    many_low, many_high = studies.share_interval(20 * RIGHT, 20 * RIGHT)
    return Evidence(
        answer,
        f"With {RIGHT} of {number_of(RIGHT, 'picture')} on the object, Blaker's exact 95% interval of the share "
        f"reaches from {percent(low)} to {percent(high)}; with {part_of(20 * RIGHT, 20 * RIGHT, 'picture')}, from "
        f"{percent(many_low)} to {percent(many_high)}.",
        "And that holds for pictures drawn at random only. Three well chosen heatmaps show that something can happen, "
        "not how often it does. That is why every answer of the dashboard has its number of pictures and an interval "
        "beside it.",
    )


LESSON = Lesson(
    key="evidence",
    title="Is it evidence?",
    opening="A heatmap always looks as if it meant something. Four questions about what to compare it with before "
    "believing it.",
    steps=(
        Step(
            "random",
            "Which network was never trained?",
            "Four photos with the maps of two networks of the same build, for the same classes. The weights of one "
            "are random numbers.",
            "Which one is it?",
            NETWORKS,
            _random,
            _show_networks,
        ),
        Step(
            "spot",
            "A spot in the middle",
            "All eight sample photos come with a mask of their object. Instead of the network's map, take a round "
            "spot in the middle of each picture.",
            "How much of the spot lies on the object?",
            SPOT,
            _spot,
            lambda: photos.show_pictures(photos.photos()),
        ),
        Step(
            "others",
            "Somebody else's object",
            "Now keep the map of each photo, and take the mask of another photo.",
            "How much of a map lies on the objects of other photos, compared with its own?",
            OWN,
            _others,
        ),
        Step(
            "few",
            "Three pictures",
            f"Somebody shows {RIGHT} heatmaps, and all {RIGHT} lie on the object.",
            "Among all pictures, how often may the map lie on the object?",
            COMPATIBLE,
            _few,
        ),
    ),
    teacher=(
        "Ask for reasons in the first step before you reveal: many reasons will fit both networks.",
        "The spot in the middle hurts; let the class find out why (what do photographers do?) before you say it.",
        "The fourth needs no picture: it is the same for coins, patients and heatmaps.",
        "If somebody objects that Grad-CAM at the last stage is coarse: true, and the page lets one take other "
        "methods.",
    ),
    page="foreground",
    query={"data": "photos"},
    leads="Foreground vs Background makes all of these comparisons on your own pictures with masks.",
)
