"""No answer about a class that the model does not see."""

import numpy as np
import pytest

from xai_core import studies


def test_zebra_among_horses_is_not_seen():
    seen = studies.class_seen([0.0014] * 64, ["zebra"] * 64, 1000)
    assert not seen.seen
    assert seen.headline == "Cannot tell: the model is only 0.14% sure of zebra"
    assert (
        "it is 0.14% sure of it on average over 64 pictures. A class counts as seen if the model is at least 5% sure "
        "of it." in seen.sentence
    )


def test_the_limit_follows_the_number_of_classes():
    assert studies.gate_limit(1000) == 0.05
    assert studies.gate_limit(10) == 0.2  # twice what a network gives that learned nothing
    assert studies.gate_limit(3) == studies.gate_limit(2) == 0.5
    assert studies.gate_limit(3, independent=True) == 0.05


@pytest.mark.parametrize(("probability", "seen"), [(0.05, True), (0.049, False), (float("nan"), False)])
def test_the_limit_belongs_to_what_is_seen(probability, seen):
    assert studies.class_seen([probability], ["sorrel"], 1000).seen is seen


def test_several_classes_are_counted_and_two_are_named():
    assert studies.explained_in_words(["a", "b", "a"]) == "a and b"
    assert studies.class_seen([1, 1, 1], ["a", "b", "c"], 10).name == "3 classes"


def test_of_several_classes_the_probability_is_that_of_the_one_explained():
    seen = studies.class_seen([0.1] * 30, [str(n % 10) for n in range(30)], 10)
    assert seen.headline == "Cannot tell: the maps explain classes of which the model is only 10% sure"
    assert seen.sentence.startswith(
        "The model does not see the classes that the maps explain: it is 10% sure of them on average over 30 pictures. "
        "A class counts as seen if the model is at least 20% sure of it, which is twice what guessing gives."
    )


def test_one_of_two_classes_that_is_not_seen_is_named():
    seen = studies.class_seen([0.9] * 20 + [0.01, np.nan] * 10, ["sorrel"] * 20 + ["zebra"] * 20, 1000)
    assert seen.seen
    assert seen.but == "But it does not see zebra (1%). Its maps are no evidence, and count all the same."
    assert seen.sentence.endswith(seen.but)
    assert studies.class_seen([0.9, 0.9], ["sorrel", "zebra"], 1000).but == ""
    assert studies.class_seen([0.01, 0.01], ["sorrel", "zebra"], 1000).unseen == ()  # then it is said of both


def test_many_classes_that_are_not_seen_are_counted():
    names = ["sorrel", *(f"c{n}" for n in range(7))]
    seen = studies.class_seen([1.0, *[0.01] * 7], names, 1000)
    assert "c3 (1%), c4 (1%) and 2 others. Their maps are no evidence" in seen.but
