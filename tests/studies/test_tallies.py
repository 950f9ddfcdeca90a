"""How often people were right, against chance."""

import re

import numpy as np
import pytest

from xai_core.stats import mean_interval, share_interval
from xai_core.studies import phones_sentence, tally_sentence, votes_sentence


@pytest.mark.parametrize(
    ("hits", "said"),
    [
        ([], "No round is decided"),
        ([True], "right in 1 of 1 round"),
        ([True] * 5, "in 5 of 5 rounds: too few to tell from guessing"),
        ([True] * 5 + [False] * 2, "may be guessing"),
        ([True] * 6, "you can tell them apart"),
        ([False] * 6, "more often than by guessing"),
        ([True, False] * 10, "right in 10 of 20 rounds"),
    ],
)
def test_a_tally_is_held_against_chance(hits, said):
    assert said in tally_sentence(hits)


def test_a_tally_among_three_is_held_against_a_third():
    assert share_interval(3, 3)[0] > 1 / 3
    assert "Chance gives 33%: you can tell" in tally_sentence([True] * 3, 1 / 3)
    assert "too few to tell from guessing" in tally_sentence([True] * 2, 1 / 3)
    assert "may be guessing" in tally_sentence([True] * 2 + [False], 1 / 3)


def test_six_rounds_are_the_fewest_that_show_anything():
    """A fair coin gives five in a row on either side in 1 of 16 tries, and six in 1 of 32."""
    assert share_interval(5, 5)[0] < 0.5 < share_interval(6, 6)[0]


def test_a_class_is_held_against_chance():
    assert "more are right than guessing gives" in votes_sentence(24, 30, 0.5)
    assert "may be guessing" in votes_sentence(18, 30, 0.5)
    assert "fewer are right than guessing gives" in votes_sentence(2, 30, 0.5)
    assert votes_sentence(0, 1, 0.5).startswith("0 of 1 answer is right")
    assert votes_sentence(0, 0, 0.5) == phones_sentence([], 0.5) == "Nobody has answered."
    shares = np.linspace(0.4, 0.9, 11)
    said = phones_sentence(shares.tolist(), 0.5)
    low, high = (100 * one for one in mean_interval(shares))
    assert f"interval {low:.0f} to {high:.0f}%" in said
    assert "11 phones answered. On average over phones, 65% of the answers" in said


def test_a_mean_of_shares_has_an_interval_of_shares_or_says_why_it_has_none():
    for shares in ([1.0] * 9 + [0.0] * 3, [1.0] * 15 + [0.0], [0.0] * 15 + [1.0]):
        low, high = map(float, re.search(r"interval (\S+) to (\S+)%", phones_sentence(shares, 0.5)).groups())
        assert 0 <= low < 100 * np.mean(shares) < high <= 100
    assert "no interval below 6 phones" in phones_sentence([0.5, 1.0], 0.5)
    assert "all have the same share" in phones_sentence([1.0] * 16, 0.5)


@pytest.mark.parametrize("choices", [2, 3, 4, 5])
def test_what_is_read_agrees_with_what_is_said(choices):
    """The ends of the interval and chance, as they are printed, lead to the verdict that is printed."""
    for n in range(1, 41):
        for right in range(n + 1):
            said = votes_sentence(right, n, 1 / choices)
            if "too few" in said:
                assert n < 6
                continue
            low, high = map(float, re.search(r"interval (\S+) to (\S+)%", said).groups())
            chance = float(re.search(r"gives (\S+)%", said)[1])
            assert ("more are right" in said) == (low > chance), said
            assert ("fewer are right" in said) == (high < chance), said
