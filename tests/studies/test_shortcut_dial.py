"""What networks with more and more of a shortcut say together."""

import numpy as np
import pytest

from xai_core.figures import dial_figure
from xai_core.studies import dial_sentences, first_worse, shortcut_reading


def reading(untied, share, tied=0.98, n=200):
    right = (np.arange(n) < round(one * n) for one in (tied, untied))
    return shortcut_reading(*right, np.full(30, share) + np.linspace(-0.01, 0.01, 30))


FALLING = {0.0: reading(0.96, 0.5), 0.5: reading(0.94, 0.45), 0.95: reading(0.1, 0.3)}


def test_the_first_that_is_worse_is_found_by_intervals_that_do_not_overlap():
    assert first_worse(FALLING) == 0.95
    assert first_worse({0.0: reading(0.96, 0.5), 0.5: reading(0.94, 0.4)}) is None
    better = {0.0: reading(0.5, 0.5), 0.5: reading(0.9, 0.4)}
    assert first_worse(better) is None
    assert "no 95% interval lies below its own" in dial_sentences(better)[1]


def test_one_that_is_worse_between_two_that_are_not_is_named_alone():
    dented = {0.0: reading(0.96, 0.5), 0.5: reading(0.6, 0.4), 0.75: reading(0.96, 0.5), 0.95: reading(0.1, 0.3)}
    assert first_worse(dented) == 0.95
    assert (
        "Clearly worse there than the network trained with 0%, by 95% intervals that do not overlap: 50% and 95%."
        in dial_sentences(dented)[1]
    )
    assert first_worse(dict(list(dented.items())[:3])) is None


def test_equal_ones_neither_rise_nor_fall():
    said = dial_sentences({0.0: reading(0.96, 0.5), 0.5: reading(0.96, 0.5)})
    assert "accuracy is 96% at each strength." in said[1]
    assert "is 50% at each strength." in said[2]


def test_the_sentences_say_from_where_to_where_and_the_largest_step():
    tied, untied, maps, limit = dial_sentences(FALLING)
    assert tied.startswith("Where the background goes with the digit, the 3 networks are right in 98% of pictures")
    assert (
        "accuracy falls from 96% to 10%; the largest step, -84 points, is between the networks trained with 50% and"
        in untied
    )
    assert "Only the network trained with 95% is clearly worse there than the one trained with 0%" in untied
    assert untied.endswith("do not overlap. So the change comes between 50% and 95%.")
    assert "On 30 of these pictures" in maps
    assert "the mean share of the map on the digit falls from 50% to 30%" in maps
    low, high = FALLING[0.95].interval
    assert maps.endswith(f" and {100 * low:.0f} to {100 * high:.0f}%.")
    assert "One network was trained" in limit
    level = dial_sentences({0.0: reading(0.96, 0.5), 0.5: reading(0.97, 0.4), 0.9: reading(0.95, 0.45)})
    assert "No network is clearly worse there" in level[1]
    assert "though not at every step" in level[1]


def test_unknown_shares_and_a_shortcut_that_tells_them_apart_are_said():
    unknown = dial_sentences({0.0: reading(0.96, np.nan), 0.5: reading(0.9, 0.4)})
    assert "is not known at each strength" in unknown[2]
    apart = dial_sentences({0.0: reading(0.9, 0.5, tied=0.5), 0.5: reading(0.9, 0.4)})
    assert apart[0].startswith("Where the background goes with the digit, accuracy rises from 50% to 98%")


def test_the_figure_has_all_three_lines_with_their_intervals():
    figure = dial_figure(FALLING, 0.5)
    assert [len(trace.x) for trace in figure.data] == [3, 3, 3]
    low, high = FALLING[0.95].untied_interval
    assert figure.data[1].error_y.array[2] == pytest.approx(high - 0.1)
    assert figure.data[1].error_y.arrayminus[2] == pytest.approx(0.1 - low)
    assert figure.layout.shapes[0].x0 == 0.5
