"""Is it the object or the scene? Two networks with the same accuracy, of which one never learned to read."""

from __future__ import annotations

from functools import cache as cache_once

import numpy as np
import streamlit as st

from app import cache
from app.dial import shown as dial
from app.duel import cheats
from app.duel.rounds import Round
from app.lessons import photos
from app.lessons.lesson import Evidence, Lesson, Step, capital
from xai_core import studies
from xai_core.shipped import DIAL
from xai_core.studies import percent
from xai_core.types.counts import part_of

HONEST, CHEAT = min(DIAL), max(DIAL)
ROUND = Round(seed=10, order=(1, 0))  # which digits are shown; the cheating network is B
NETWORKS = ("network A", "network B", "that cannot be told from this")
FALLS = ("it stays where it is", "it halves", "it falls to nearly nothing")
TESTS = ("200 pictures like those of the training", "20 pictures with other backgrounds")
FEW = 20


def _accuracy() -> Evidence:
    (right_a, n), (right_b, _) = (dial.reading(one).tied for one in (HONEST, CHEAT))
    (other_a, m), (other_b, _) = (dial.reading(one).untied for one in (HONEST, CHEAT))
    a, b = (dial.reading(one).tied_interval for one in (HONEST, CHEAT))
    overlap = a[0] <= b[1] and b[0] <= a[1]
    answer = NETWORKS[2] if overlap else NETWORKS[0] if right_a > right_b else NETWORKS[1]
    return Evidence(
        answer,
        f"Network A is right in {right_a} and network B in {right_b} of {n} such pictures. On {m:,} pictures whose "
        f"background says nothing about the digit it is {percent(other_a / m)} and {percent(other_b / m)}.",
        "The test pictures were like those of B's training, background and all. Accuracy on them cannot tell which "
        "network reads the digit: it measures the shortcut as well.",
    )


def _show_accuracy() -> None:
    """What both get right of the pictures that are like those of the training."""
    for name, strength, column in zip(NETWORKS, (HONEST, CHEAT), st.columns(2, gap="large"), strict=False):
        right, n = dial.reading(strength).tied
        column.metric(f"{capital(name)}: right", percent(right / n), help=part_of(right, n, "picture"))


def _show_both() -> None:
    for side, column in enumerate(st.columns(2, gap="large")):
        with column:
            st.markdown(f"**{capital(NETWORKS[side])}**")
            cheats.show_side(side, ROUND)


def _show_digits() -> None:
    samples = cheats.pictures(ROUND.seed)
    photos.show_pictures(samples, [f"digit {one.label}" for one in samples])


def _maps() -> Evidence:
    a, b = (dial.reading(one).on_object for one in (HONEST, CHEAT))
    return Evidence(
        NETWORKS[int(b < a)],
        f"On pictures whose background says nothing, {percent(a)} of a map of network A lies on the digit on average, "
        f"and {percent(b)} of one of network B (60 pictures, without those whose map is flat).",
        "Here the maps hint at it, since the digit and its background lie at different places, and there are masks. A "
        "location is a hint, no proof: what follows is a stronger test.",
    )


@cache_once
def swapped() -> dict[float, tuple[float, float]]:
    """Mean probability of the digit, as it is and on another background, for both networks."""
    samples = cheats.pictures(ROUND.seed)
    targets = [int(one.label or 0) for one in samples]
    found = {}
    for strength in (HONEST, CHEAT):
        model = dial.network(strength)
        table = cache.interventions.intervention(model, samples, targets, "blur", lambda *_: None)
        means = table.groupby("kind")["p"].mean()
        found[strength] = float(means["whole"]), float(means["swapped"])
    return found


def _swap() -> Evidence:
    found = swapped()
    (whole_a, other_a), (whole_b, other_b) = found[HONEST], found[CHEAT]
    left = other_b / whole_b
    answer = FALLS[0] if left > 0.75 else FALLS[1] if left > 0.25 else FALLS[2]
    return Evidence(
        answer,
        f"For network B the mean probability of these four digits goes from {percent(whole_b)} to {percent(other_b)}; "
        f"for network A from {percent(whole_a)} to {percent(other_a)}.",
        "That is an intervention: the digit is the same, only the background is another. What changes the answer is "
        "what the network uses.",
        lambda: cheats.show_more(ROUND),
    )


def _turns() -> Evidence:
    found = dial.readings()
    return Evidence(
        dial.turning_point(found),
        studies.dial_sentences(found)[1],
        "A shortcut that holds in most of the training need not be taken, as long as it fails often enough that "
        "learning the digit pays. Accuracy on pictures with the shortcut does not warn of where that ends: only a "
        "test with other backgrounds shows it.",
        lambda: dial.show_figure(CHEAT),
    )


@cache_once
def first_untied(strength: float) -> tuple[int, int]:
    """Right among the first FEW pictures whose background says nothing, and how many these are."""
    samples = cache.data.dataset("textured_digits", None).take(range(FEW)).read()[0]
    model = dial.network(strength)
    p = [cache.maps.probabilities(model.id, one.id, model, one) for one in samples]
    return int(np.sum([int(row.argmax()) == int(one.label or -1) for row, one in zip(p, samples, strict=True)])), FEW


def _which_test() -> Evidence:
    few = [first_untied(one) for one in (HONEST, CHEAT)]
    (low_a, high_a), (low_b, high_b) = (studies.share_interval(*one) for one in few)
    apart = low_a > high_b
    return Evidence(
        TESTS[1] if apart else TESTS[0],
        f"On {FEW} pictures with other backgrounds network A is right in {few[0][0]} (95% interval {percent(low_a)} to "
        f"{percent(high_a)}) and network B in {few[1][0]} ({percent(low_b)} to {percent(high_b)}).",
        "Twenty pictures of the right kind say more than two hundred of the wrong kind. What a test does not vary, it "
        "cannot test.",
    )


LESSON = Lesson(
    key="scene",
    title="Is it the object or the scene?",
    opening="Two networks read digits drawn over photos of textures. In the training of one of them, each digit came "
    "with a background of its own in 95% of the pictures. Five questions about how one finds out.",
    steps=(
        Step(
            "accuracy",
            "Two networks, one accuracy",
            "Both are tested on 200 pictures like those that network B was trained on: 95 of 100 digits stand on the "
            "background of their class.",
            "Which one reads digits better?",
            NETWORKS,
            _accuracy,
            _show_accuracy,
        ),
        Step(
            "maps",
            "Their maps",
            "Four digits on the backgrounds of their classes, with the maps of both networks and the probability of "
            "the digit.",
            "Which network reads the background?",
            NETWORKS[:2],
            _maps,
            _show_both,
        ),
        Step(
            "swap",
            "Another background",
            "Now each of these four digits is put on the background of another class.",
            "What becomes of the probability of the digit, for the network that reads the background?",
            FALLS,
            _swap,
            _show_digits,
        ),
        Step(
            "turns",
            "How much of a shortcut does it take?",
            f"Five networks were trained alike, except for how often the background gave the digit away: from never to "
            f"{percent(max(DIAL))} of the pictures.",
            dial.QUESTION,
            tuple(dial.guesses()),
            _turns,
        ),
        Step(
            "test",
            "Which test would have told?",
            "You may have either of two sets of test pictures.",
            "With which one do you find out that network B cheats?",
            TESTS,
            _which_test,
        ),
    ),
    teacher=(
        "Let the class vote after the first step and again after the second; write both counts down.",
        "The third step is the one to remember: from looking at a map to changing the picture.",
        "In the fourth, many may expect a gradual decline. Ask what a network gains from learning the digit at 50%, "
        "and at 95%.",
        "Where does that happen outside of a classroom? Rulers beside tumours, watermarks on horses, snow behind "
        "huskies.",
    ),
    page="discovery",
    query={"data": "textured_digits_shortcut", "split": "val", "model": "digits_shortcut"},
    leads="Discovery looks for such shortcuts in a model of your own, without being told what to look for.",
)
