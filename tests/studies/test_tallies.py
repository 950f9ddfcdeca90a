"""How often people were right, against chance."""

import numpy as np
import pytest

from xai_core.stats import mean_interval, share_interval
from xai_core.studies import people_sentence, tally_sentence, votes_sentence


@pytest.mark.parametrize(
    ("hits", "said"),
    [
        ([], "No round is decided"),
        ([True], "right in 1 of 1 round"),
        ([True] * 5, "may be guessing"),
        ([True] * 6, "you can tell them apart"),
        ([False] * 6, "more often than by guessing"),
        ([True, False] * 10, "right in 10 of 20 rounds"),
    ],
)
def test_a_tally_is_held_against_chance(hits, said):
    assert said in tally_sentence(hits)


def test_a_tally_among_three_is_held_against_a_third():
    assert share_interval(3, 3)[0] > 1 / 3
    assert "Chance gives 33 percent: you can tell" in tally_sentence([True] * 3, 1 / 3)
    assert "may be guessing" in tally_sentence([True] * 2, 1 / 3)


def test_six_rounds_are_the_fewest_that_show_anything():
    """A fair coin gives five in a row on either side in 1 of 16 tries, and six in 1 of 32."""
    assert share_interval(5, 5)[0] < 0.5 < share_interval(6, 6)[0]


def test_a_class_is_held_against_chance():
    assert "more than that" in votes_sentence(24, 30, 0.5)
    assert "may be guessing" in votes_sentence(18, 30, 0.5)
    assert "led to another" in votes_sentence(2, 30, 0.5)
    assert votes_sentence(0, 0, 0.5) == people_sentence([], 0.5) == "Nobody has answered."
    shares = np.linspace(0.4, 0.9, 11)
    said = people_sentence(shares.tolist(), 0.5)
    low, high = (100 * one for one in mean_interval(shares))
    assert f"interval {low:.0f} to {high:.0f} percent" in said
    assert "11 people answered, and were right in 65% of their answers on average (95% interval" in said
