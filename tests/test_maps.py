"""Arithmetic on maps, against numbers worked out by hand and against torch."""

import numpy as np
import pytest
import torch

from xai_core import maps

RNG = np.random.default_rng(0)


def test_normalize_rectifies_then_stretches_each_map():
    raw = np.array([[[-4.0, 0.0], [1.0, 2.0]], [[2.0, 4.0], [6.0, 10.0]]], np.float32)
    expected = [[[0, 0], [0.5, 1]], [[0, 0.25], [0.5, 1]]]
    np.testing.assert_array_equal(maps.normalize(raw), expected)


def test_normalize_keeps_the_sign_when_asked():
    raw = np.array([[-1.0, 0.0], [1.0, 3.0]], np.float32)
    np.testing.assert_array_equal(maps.normalize(raw, positive=False), [[0, 0.25], [0.5, 1]])


@pytest.mark.parametrize("value", [0.0, 3.0, -3.0, np.nan])
def test_a_flat_map_is_flagged_and_never_normalised(value):
    raw = np.full((2, 3, 3), value, np.float32)
    raw[1, 0, 0] = 7
    assert maps.is_flat(maps.rectify(raw)).tolist() == [True, bool(np.isnan(value))]
    assert np.isnan(maps.normalize(raw)[0]).all()


def test_a_constant_map_with_rounding_is_flat():
    raw = np.full((4, 4), 5.0, np.float32)
    raw[0, 0] = np.nextafter(np.float32(5), np.float32(6))
    assert maps.is_flat(raw)


@pytest.mark.parametrize(("source", "target"), [((7, 7), (224, 224)), ((14, 5), (20, 33)), ((1, 4), (3, 9))])
def test_upsample_is_torchs_bilinear(source, target):
    raw = RNG.normal(size=(2, 3, *source)).astype(np.float32)
    expected = torch.nn.functional.interpolate(torch.from_numpy(raw), target, mode="bilinear").numpy()
    np.testing.assert_allclose(maps.upsample(raw, target), expected, atol=1e-5)


def test_pool_averages_equal_areas():
    raw = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]], np.float32)
    np.testing.assert_allclose(maps.pool(raw, (1, 1)), [[5.0]])
    # Each of 2 x 2 areas is 1.5 x 1.5 cells: (1 + 2/2 + 4/2 + 5/4) / 2.25 in the corner.
    assert maps.pool(raw, (2, 2))[0, 0] == pytest.approx((1 + 1 + 2 + 1.25) / 2.25)


def test_pooling_twice_is_pooling_once():
    fine = RNG.normal(size=(3, 56, 56)).astype(np.float32)
    np.testing.assert_allclose(maps.pool(maps.pool(fine, (28, 28)), (7, 7)), maps.pool(fine, (7, 7)), atol=1e-5)


def test_gini_at_both_ends_and_in_between():
    even, one = np.ones((4, 4), np.float32), np.zeros((4, 4), np.float32)
    one[2, 1] = 5
    assert maps.gini(even) == pytest.approx(0)
    assert maps.gini(one) == pytest.approx(1)
    # Cells 0, 0, 1, 3: sum over pairs |a - b| / (n (n - 1) mean) / 2 * ... = 2 * (1+1+3+3+2) / (2 * 4 * 3 * 1).
    assert maps.gini(np.array([[0, 0], [1, 3]], np.float32)) == pytest.approx(2 * 10 / (2 * 4 * 3 * 1))


def test_gini_ignores_negative_evidence_and_scale():
    raw = RNG.normal(size=(5, 8, 8)).astype(np.float32)
    np.testing.assert_allclose(maps.gini(raw), maps.gini(maps.rectify(raw) * 40), rtol=1e-5)


def test_gini_of_nothing_is_nan():
    assert np.isnan(maps.gini(np.full((3, 3), -1, np.float32)))


def test_share_above_counts_strictly_greater_pixels():
    upsampled = np.array([[[0.5, 0.85], [0.86, 1.0]], [[0.0, 0.0], [0.0, 1.0]]], np.float32)
    np.testing.assert_array_equal(
        maps.share_above(upsampled, np.array([0.5, 0.85, 0.95])), [[0.75, 0.5, 0.25], [0.25, 0.25, 0.25]]
    )


def test_share_of_a_flat_map_is_nan():
    assert np.isnan(maps.share_above(np.full((1, 2, 2), np.nan, np.float32), np.array([0.5]))).all()


def test_energy_inside_leaves_out_what_is_ignored_and_negative():
    raw = np.array([[4.0, 1.0], [-9.0, 3.0]], np.float32)
    mask = np.array([[1, 0], [0, 255]], np.uint8)
    assert maps.energy_inside(raw, mask) == pytest.approx(0.8)


def test_energy_inside_cannot_be_computed_without_energy_or_foreground():
    assert np.isnan(maps.energy_inside(np.full((2, 2), -1, np.float32), np.ones((2, 2), np.uint8)))
    assert np.isnan(maps.energy_inside(np.ones((2, 2), np.float32), np.zeros((2, 2), np.uint8)))
