"""What stands beside each layer: how far its map shows the gradients, and what deletion in its order costs."""

import numpy as np
import pytest
from scipy import stats as scipy_stats

from xai_core import studies

LAYERS = {"a": "Stage 1", "b": "Stage 2", "c": "Stage 3"}


def gains(*means, n=12, spread=0.05):
    rng = np.random.default_rng(0)
    return np.array(means) + spread * rng.normal(size=(n, len(means)))


def said(values, layers=LAYERS):
    found = studies.layer_faithfulness(layers, "Grad-CAM", gains=values)
    return found.table, found.checks[0]


def test_each_layer_is_told_from_random_order_or_not_and_which_way():
    values = gains(-0.2, 0.0, 0.3)
    values[:, 1] -= values[:, 1].mean()
    table, check = said(values)
    assert table["deletion"].tolist() == pytest.approx(values.mean(axis=0))
    assert check.fine is False
    assert "on 12 of 12 pictures" in check.sentence
    assert "at stage 3 the class depends on where the map is high" in check.sentence
    assert "at stage 2 the map cannot be told from random order" in check.sentence
    assert "at stage 1 the class depends on other places" in check.sentence
    assert (table["deletion_low"] < table["deletion"]).all()
    assert (table["deletion_high"] > table["deletion"]).all()


def test_p_values_are_exact_sign_flips_corrected_over_the_layers():
    values = gains(-0.02, 0.03, 0.3)
    p = [
        scipy_stats.permutation_test(
            (column,), np.mean, permutation_type="samples", vectorized=True, n_resamples=10_000
        ).pvalue
        for column in values.T
    ]
    ordered, largest, right = np.argsort(p), 0.0, np.empty(3)
    for place, one in enumerate(ordered):
        largest = max(largest, min(1.0, (3 - place) * p[one]))
        right[one] = largest
    assert said(values)[0]["deletion_p_holm"].tolist() == pytest.approx(right.tolist())


def test_all_layers_that_beat_chance_are_fine():
    check = said(gains(0.2, 0.2, 0.3))[1]
    assert check.fine is True
    assert "At every layer that is more than chance" in check.sentence
    assert "stage 2 +19.5 points and stage 3" in check.sentence


def test_few_pictures_and_flat_maps_tell_nothing():
    check = said(gains(0.2, 0.2, 0.3, n=5))[1]
    assert check.fine is None
    assert "Fewer than six pictures cannot tell that from chance." in check.sentence
    assert said(np.full((8, 3), np.nan))[1].fine is None
    asked = np.full((40, 3), np.nan)
    asked[::4] = gains(0.2, 0.2, 0.3, n=10)
    assert "on 10 of 40 pictures" in said(asked)[1].sentence


def test_chance_is_not_found_more_often_than_it_may_be():
    rng, wrong = np.random.default_rng(0), 0
    for _ in range(30):
        skewed = rng.exponential(size=(8, 5)) - 1
        wrong += bool((said(skewed, dict.fromkeys("abcde", "x"))[0]["deletion_p_holm"] < 0.05).any())
    assert wrong <= 4


def test_both_stand_in_one_table():
    correlations = np.full((12, 3), [0.1, 0.6, 0.9]) + 0.01 * np.random.default_rng(0).normal(size=(12, 3))
    found = studies.layer_faithfulness(
        LAYERS, "Grad-CAM", exact="HiResCAM", correlations=correlations, gains=gains(0.0, 0.1, 0.2)
    )
    assert found.table["rank_correlation"].round(1).tolist() == [0.1, 0.6, 0.9]
    assert [check.name for check in found.checks] == ["Averaged gradients", "Deletion by layer"]
    assert studies.layer_faithfulness(LAYERS, "Grad-CAM") is None
    assert studies.layer_faithfulness(LAYERS, "Grad-CAM", gains=gains(0.0, 0.1, 0.2)).doubt == ""
