"""The shape of a measure over layers, on tables whose shape is known."""

import numpy as np
import pytest

from xai_core import studies
from xai_core.studies.layer_order import flipped_p

STAGES = [f"Stage {number}" for number in range(1, 6)]


def table(means, n=64, sd=0.7, seed=2):
    return np.array(means, float) + np.random.default_rng(seed).normal(0, sd, (n, len(means)))


@pytest.mark.parametrize(
    ("means", "shape", "words"),
    [
        ([1, 2, 3, 4, 5], "steady", ""),
        ([5, 4, 3, 2, 1], "steady", ""),
        ([1, 3, 4, 5, 2], "turns", "rises until stage 4, then falls"),
        ([5, 2, 1, 2, 2.4], "turns", "falls until stage 3, then rises"),
        ([1, 1, 1, 1, 3], "one layer", "only stage 5 stands out"),
        ([3, 1, 1, 1, 1], "one layer", "only stage 1 stands out"),
        ([1, 1, 1, 3, 3], "one step", "rises between stage 3 and stage 4 only"),
        ([1, 1, 3, 1, 1], "level", "rises until stage 3, then falls"),
        ([1, 1, 1, 1, 1], "level", ""),
    ],
)
def test_each_shape_is_named(means, shape, words):
    found = studies.layer_order(table(means), STAGES)
    assert (found.shape, found.words) == (shape, words)


def test_a_single_clear_step_comes_after_nothing():
    """Of eight pictures of CIFAR-10 the share of pixels "then rises": before what?"""
    values = np.array([[0.0, 1, -2]] * 4 + [[0.0, 1, 1.5]] * 4) + 0.01 * np.arange(8)[:, None] * [0, 1, 2]
    assert studies.layer_order(values, STAGES[:3]).words == "rises between stage 1 and stage 2 only"
    assert studies.layer_order(-values, STAGES[:3]).words == "falls between stage 1 and stage 2 only"


def test_pictures_that_lack_a_layer_are_left_out():
    values = table([1, 2, 3, 4, 5])
    values[:40, 2] = np.nan
    assert studies.layer_order(values, STAGES) == studies.layer_order(values[40:], STAGES)


def test_two_layers_and_one_picture_have_no_shape():
    assert studies.layer_order(table([1, 2]), STAGES).shape == "unknown"
    assert studies.layer_order(table([1, 2, 3], n=1), STAGES).shape == "unknown"


def test_five_pictures_cannot_show_an_order():
    """Of 32 patterns of signs two are as extreme, so that p is above a twentieth."""
    assert studies.layer_order(table([1, 2, 3, 4, 5], n=5, sd=0.01), STAGES).shape == "level"
    assert studies.layer_order(table([1, 2, 3, 4, 5], n=6, sd=0.01), STAGES).shape == "steady"


def test_random_signs_are_counted_exactly_for_few_values():
    values = np.array([3.0, 1.0, 2.0])
    sums = [abs(a * 3 + b * 1 + c * 2) for a in (1, -1) for b in (1, -1) for c in (1, -1)]
    assert flipped_p(values) == np.mean([one >= 6 for one in sums]) == 0.25


def test_random_signs_of_many_values_are_right_under_the_null():
    rng = np.random.default_rng(1)
    p = np.array([flipped_p(rng.normal(0, 1, 30)) for _ in range(2000)])
    assert 0.035 < (p < 0.05).mean() < 0.065


def test_a_steady_order_is_found_and_noise_is_not():
    """Planted: steps of half a standard deviation, n = 64. Null: no steps."""
    steady = [studies.layer_order(table([0, 0.5, 1, 1.5, 2], sd=1, seed=seed), STAGES).shape for seed in range(100)]
    noise = [studies.layer_order(table([0] * 5, sd=1, seed=seed), STAGES).shape for seed in range(200)]
    assert steady.count("steady") >= 90
    assert noise.count("steady") <= 4  # 2%: it takes the trend and every check of it
