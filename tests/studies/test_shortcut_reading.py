"""Counts, means and tallies, worked out by hand."""

import numpy as np
import pytest

from xai_core.stats import share_interval
from xai_core.studies import accuracy_words, centred_blob, shortcut_reading


def test_counts_and_mean_are_those_of_the_pictures():
    found = shortcut_reading([True, True, False], [False] * 4 + [True], np.array([0.2, np.nan, 0.6]))
    assert (found.tied, found.untied, found.n_maps) == ((2, 3), (1, 5), 2)
    assert found.on_object == pytest.approx(0.4)
    low, high = found.interval
    assert low == pytest.approx(0.2)
    assert high == pytest.approx(0.6)
    assert "40%" in found.sentences[2]
    assert "2 pictures" in found.sentences[2]
    nothing = shortcut_reading([True], [True], np.array([np.nan]))
    assert np.isnan(nothing.on_object)
    assert nothing.n_maps == 0


def test_accuracy_has_its_exact_interval():
    low, high = share_interval(3, 4)
    assert accuracy_words(3, 4) == f"3 of 4 pictures right (75%, 95% interval {100 * low:.0f} to {100 * high:.0f}%)"


def test_a_spot_in_the_middle():
    blob = centred_blob((7, 7))
    assert blob.shape == (7, 7)
    assert blob[3, 3] == blob.max() == 1
    assert (blob == blob[::-1]).all()
    assert (blob == blob.T).all()
