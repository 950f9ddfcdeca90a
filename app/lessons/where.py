"""Where does it look? What a heatmap shows, and how finely."""

from __future__ import annotations

from functools import cache as cache_once

import numpy as np
import streamlit as st

import xai_core as xai
from app.controls import Markup
from app.lessons import photos
from app.lessons.lesson import Evidence, Lesson, Step
from xai_core import figures, studies
from xai_core.studies import percent
from xai_core.types.counts import part_of

PHOTO = "camera"
SAYS = ("its likeliest class, and how sure it is", "the place of the object", "a sentence about the picture")
QUARTERS = ("upper left", "upper right", "lower left", "lower right")
CELLS = ("7 × 7", "28 × 28", "224 × 224")
ALIKE = ("very alike", "alike in part", "quite different")
NEARLY, PARTLY = 0.7, 0.3  # rank correlations
HOT = ("blurring the hottest tenth", "blurring a random tenth", "both about as much")
DRAWS = 3  # random tenths of each photo


def _says() -> Evidence:
    model, p = photos.network(), photos.probabilities(photos.photo(PHOTO))
    top = int(p.argmax())
    return Evidence(
        SAYS[0],
        f"Its likeliest class is '{model.class_names[top]}', with a probability of {percent(float(p[top]))}. All "
        f"{len(p):,} classes together have 100%.",
        "That is all that a classifier says. It names no reason and no place; a heatmap is made afterwards, to find "
        "out.",
        lambda: _show_probabilities(p, list(model.class_names)),
    )


def _show_probabilities(p: np.ndarray, names: list[str]) -> None:
    st.html(Markup(figures.probabilities_html(p, names, {int(p.argmax()): "likeliest"})))


@cache_once
def quarter_shares() -> np.ndarray:
    """How much of a map's energy is in each quarter, as QUARTERS: float (4,)."""
    sample = photos.photo(PHOTO)
    fine = xai.upsample(xai.rectify(photos.raw(photos.maps([sample]))[0]), sample.pixels.shape[:2])
    down, across = fine.shape[0] // 2, fine.shape[1] // 2
    halves = (fine[:down], fine[down:])
    found = np.array([part.sum() for rows in halves for part in (rows[:, :across], rows[:, across:])])
    return found / found.sum()


def _quarter() -> Evidence:
    shares = quarter_shares()
    best = int(shares.argmax())
    return Evidence(
        f"the {QUARTERS[best]}",
        f"The {QUARTERS[best]} quarter has {percent(float(shares[best]))} of the map; an even map would have 25% in "
        "each.",
        "A heatmap colours the places whose content, as the network reads it at a layer, speaks for one class. "
        "Grad-CAM weighs what the layer found by how much the class would gain from more of it.",
        _show_map,
    )


def _show_map(*, smooth: bool = True) -> None:
    sample = photos.photo(PHOTO)
    caption = f"Grad-CAM at the last stage: {sample.name}" + ("" if smooth else ", its cells as they are")
    photos.show_maps([sample], photos.maps([sample]), [caption], pictures=False, smooth=smooth)


def _cells() -> Evidence:
    shape = photos.raw(photos.maps([photos.photo(PHOTO)])).shape[1:]
    side = photos.photo(PHOTO).pixels.shape[0]
    return Evidence(
        f"{shape[0]} × {shape[1]}",
        f"The map has {shape[0]} × {shape[1]} cells on a picture of {side} × {side} pixels: one cell stands for "
        f"{side // shape[0]} × {side // shape[1]} pixels.",
        "What looks smooth is interpolated between cells. Nothing smaller than a cell can be pointed at, whatever the "
        "colours seem to say.",
        lambda: _show_map(smooth=False),
    )


def _likeliest_two(sample: xai.Sample) -> list[int]:
    return np.argsort(-photos.probabilities(sample))[:2].tolist()


def _show_least_alike() -> None:
    """The maps of both classes on the photo on which they differ most."""
    sample = photos.photos()[int(np.argmin(likeness()))]
    two = _likeliest_two(sample)
    names = photos.network().class_names
    captions = [f"{sample.name}: map for '{names[one]}'" for one in two]
    photos.show_maps([sample] * 2, photos.maps([sample] * 2, [*two]), captions, pictures=False)
    st.caption("Of the eight photos, the one whose two maps differ most.")


@cache_once
def likeness() -> list[float]:
    """How alike the maps of the two likeliest classes are, for each photo: rank correlations."""
    samples = photos.photos()
    order = [_likeliest_two(one) for one in samples]
    first, second = (photos.raw(photos.maps(samples, [row[at] for row in order])) for at in (0, 1))
    return [studies.map_similarity(a, b) for a, b in zip(first, second, strict=True)]


def _classes() -> Evidence:
    found = likeness()
    mean = float(np.mean(found))
    answer = ALIKE[0] if mean >= NEARLY else ALIKE[1] if mean >= PARTLY else ALIKE[2]
    return Evidence(
        answer,
        f"Over the {len(found)} sample photos, the maps of the two likeliest classes have a rank correlation of "
        f"{mean:.2f} on average ({min(found):.2f} to {max(found):.2f}); 1 means the same order of all cells.",
        "A map is always one of a class, so say which. And a map that looks the same for another class cannot tell "
        "why it was this class and not that one.",
        _show_least_alike,
    )


def _blurred(sample: xai.Sample, heatmap: np.ndarray, rng: np.random.Generator) -> list[xai.Sample]:
    """A photo without its hottest tenth, then DRAWS times without a random tenth of the rest."""
    hot = xai.hottest(xai.rectify(heatmap), sample.pixels.shape[:2])
    grid, count = hot.numbers[0], len(hot.numbers) - 1
    rest = np.setdiff1d(np.arange(grid * grid), hot.numbers[1:])
    drawn = [sorted(rng.choice(rest, count, replace=False).tolist()) for _ in range(DRAWS)]
    regions = [hot, *(xai.Region("cells", (grid, *cells)) for cells in drawn)]
    return [xai.apply_edits(sample, [xai.Edit("blur", region)]) for region in regions]


def _show_blurred() -> None:
    """What was done to one of the photos, with what the network says of each."""
    sample = photos.photo(PHOTO)
    (heatmap,) = photos.raw(photos.maps([sample]))
    views = [sample, *_blurred(sample, heatmap, np.random.default_rng(0))[:2]]
    target = int(photos.probabilities(sample).argmax())
    name = photos.network().class_names[target]
    whats = ("as it is", "hottest tenth blurred", "a random tenth blurred")
    p = [float(photos.probabilities(view)[target]) for view in views]
    photos.show_pictures(views, [f"{what}: {name} {percent(one)}" for what, one in zip(whats, p, strict=True)])


@cache_once
def hot_and_random() -> np.ndarray:
    """Probability of the likeliest class of each photo: as it is, without the hottest tenth, without a random one."""
    rng, rows = np.random.default_rng(0), []
    samples = photos.photos()
    for one, heatmap in zip(samples, photos.raw(photos.maps(samples)), strict=True):
        target = int(photos.probabilities(one).argmax())
        blurred = _blurred(one, heatmap, rng)
        p = [float(photos.probabilities(view)[target]) for view in blurred]
        rows.append((float(photos.probabilities(one)[target]), p[0], float(np.mean(p[1:]))))
    return np.array(rows)


def _hottest() -> Evidence:
    p = hot_and_random()
    whole, hot, random = p.mean(axis=0)
    more = int((p[:, 1] < p[:, 2]).sum())
    answer = HOT[2] if abs(hot - random) < 0.05 else HOT[0] if hot < random else HOT[1]
    return Evidence(
        answer,
        f"In the unchanged photos, the class has a probability of {percent(float(whole))} on average; with the hottest "
        f"tenth blurred {percent(float(hot))}, with a random tenth of the rest blurred {percent(float(random))}. In "
        f"{part_of(more, len(p), 'photo')} the hottest tenth cost more.",
        "This is how a map is checked: change what it points at, and compare with changing an equal area elsewhere. "
        "A map that fails here is no evidence of what the network needs.",
        _show_blurred,
    )


def _show_camera() -> None:
    photos.show_pictures([photos.photo(PHOTO)])


LESSON = Lesson(
    key="where",
    title="Where does it look?",
    opening="A classifier answers with a class. A heatmap is meant to show which places of the picture spoke for it. "
    "Five questions about what such a map is, and what it is not.",
    steps=(
        Step(
            "says",
            "What does a classifier say?",
            "This photo goes into a network that was trained on a thousand kinds of things.",
            "What does the network give back?",
            SAYS,
            _says,
            _show_camera,
        ),
        Step(
            "quarter",
            "Which places speak for the class?",
            "The same photo again. Its heatmap for the likeliest class is bright where the network found what speaks "
            "for it.",
            "Which quarter of the picture will have the largest share of the map?",
            tuple(f"the {one}" for one in QUARTERS),
            _quarter,
            _show_camera,
        ),
        Step(
            "cells",
            "How fine is it?",
            "This is the map of the photo at the last stage of the network. Deep layers know most about classes, and "
            "have few cells.",
            "How many cells does this map have?",
            CELLS,
            _cells,
            _show_map,
        ),
        Step(
            "classes",
            "And for another class?",
            "One can ask for the map of any class, also of the second likeliest one.",
            "How alike are the maps of the two likeliest classes of a photo, on average?",
            ALIKE,
            _classes,
        ),
        Step(
            "hottest",
            "Does the bright part matter?",
            "If the map shows what the network needs, then blurring its brightest tenth should cost more than "
            "blurring a tenth of the rest, chosen at random.",
            "What lowers the probability of the class more?",
            HOT,
            _hottest,
        ),
    ),
    teacher=(
        "Let everybody answer before one of you turns the page: being wrong first is what makes the number stick.",
        "The third claim surprises most. Put the opacity of a map to 100% on the Layer Explorer, and one sees how "
        "coarse it is.",
        "The fourth is the most useful one later: ask of any map in a paper which class it is of.",
        "Expect 'the bright part is the reason'. The last step is the answer: only if changing it changes the answer.",
    ),
    page="layer_explorer",
    query={"data": "photos"},
    leads="See the maps of all layers of your own pictures on the Layer Explorer.",
)
