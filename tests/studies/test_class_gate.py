"""No answer about a class that the model does not see."""

import pytest

from xai_core import studies


def test_zebra_among_horses_is_not_seen():
    seen = studies.class_seen([0.0014] * 64, ["zebra"] * 64, 1000)
    assert not seen.seen
    assert seen.headline == "Cannot tell: the model gives zebra 0.14%"
    assert "mean probability over 64 pictures 0.14%, below the limit of 5%" in seen.sentence


def test_the_limit_follows_the_number_of_classes():
    assert studies.gate_limit(1000) == 0.05
    assert studies.gate_limit(10) == 0.2  # twice what a network gives that learnt nothing
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
    assert seen.headline == "Cannot tell: the model gives the explained class 10% on average"
    assert seen.sentence.startswith("The model does not see the explained class: mean probability over 30 pictures 10%")
