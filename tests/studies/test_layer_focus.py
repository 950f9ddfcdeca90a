"""The layer study on maps whose answer is known."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

import xai_core as xai
from tests.support.maps import as_heatmaps, blobs, same_field
from xai_core import stats, studies
from xai_core.studies.layer_focus import _outcome


def test_resolution_alone_moves_the_share_but_not_on_the_common_grid():
    maps = same_field()
    own, common = (xai.layer_focus(maps, 0.85, grid=grid) for grid in ("own", "common"))
    assert own.friedman.p < 1e-6
    shares = common.table["share"].to_numpy().reshape(-1, 4)
    np.testing.assert_array_equal(shares, shares[:, :1].repeat(4, axis=1))
    assert common.outcome == "unknown"
    assert "same value at every layer" in common.page.reason


@pytest.mark.parametrize("measure", ["share", "gini"])
def test_narrower_blobs_with_depth_focus_and_wider_ones_spread(measure):
    narrowing, widening = blobs([4, 3, 2, 1]), blobs([1, 2, 3, 4])
    assert xai.layer_focus(narrowing, 0.7, measure=measure).outcome == "focuses"
    assert xai.layer_focus(widening, 0.7, measure=measure).outcome == "spreads"


def test_layers_may_differ_without_a_trend():
    assert xai.layer_focus(blobs([2, 4, 4, 2], n=20), 0.7).outcome == "differs"


def test_two_tests_make_no_more_claims_of_noise_than_one():
    """Page's test, then Friedman's, each at 0.05, claimed something of 7 to 9% of null tables."""
    rng = np.random.default_rng(5)
    said, each = [], []
    for _ in range(400):
        table = rng.normal(size=(12, 5))
        page, friedman = stats.page_trend(table, resamples=0), stats.friedman(table)
        said.append(_outcome(page, friedman, 1) != "none")
        each.append(min(page.p, friedman.p) < 0.05)
    assert np.mean(said) <= 0.05 < 0.065 < np.mean(each)


def test_the_p_that_is_judged_is_corrected_over_both_tests():
    focus = xai.layer_focus(blobs([2.6, 2.5, 2.4, 2.3], n=8, seed=1), 0.7, measure="gini")
    assert focus.p_trend == stats.holm([focus.page.p, focus.friedman.p])[0] >= focus.page.p


def test_nothing_to_find_is_called_nothing_found():
    assert xai.layer_focus(blobs([2, 2, 2, 2], seed=3), 0.7).outcome == "none"


def test_the_share_is_raw_relu_minmax_bilinear_counted():
    maps = same_field(n=3)
    table = xai.layer_focus(maps, 0.6).table
    for layer in maps:
        for picture in range(3):
            raw = maps[layer][picture]
            rectified = np.maximum(raw, 0)
            scaled = (rectified - rectified.min()) / (rectified.max() - rectified.min())
            expected = (xai.upsample(scaled, (224, 224)) > 0.6).mean()
            row = table[(table["sample"] == str(picture)) & (table["layer"] == layer)]
            assert row["share"].item() == pytest.approx(expected)


def test_the_table_is_tidy():
    focus = xai.layer_focus(same_field(n=2), 0.85, samples=["x", "y"])
    assert list(focus.table.columns) == [
        "sample",
        "layer",
        "depth",
        "height",
        "width",
        "share",
        "gini",
        "energy_inside",
        "flat",
    ]
    assert focus.table["sample"].tolist() == ["x"] * 4 + ["y"] * 4
    assert focus.table["layer"].tolist() == list("abcd") * 2
    assert focus.table["height"].tolist() == [56, 28, 14, 7] * 2
    assert focus.table["energy_inside"].isna().all()


def test_tests_use_exactly_the_tables_values():
    focus = xai.layer_focus(blobs([4, 3, 2, 1]), 0.7)
    wide = focus.table.pivot(index="sample", columns="depth", values="share").to_numpy()
    assert focus.friedman.p == pytest.approx(scipy_stats.friedmanchisquare(*wide.T).pvalue)
    assert focus.kruskal.value == pytest.approx(scipy_stats.kruskal(*wide.T).statistic)
    np.testing.assert_allclose(focus.medians["median"], np.median(wide, axis=0))


def test_energy_inside_uses_the_mask_of_each_picture():
    raw = np.zeros((2, 2, 2), np.float32)
    raw[:, 0, 0], raw[:, 1, 1] = 1, 1
    maps = as_heatmaps(dict.fromkeys("abc", raw))
    half = np.zeros((224, 224), np.uint8)
    half[:112, :112] = 1
    found = studies.measure_maps(maps, masks=[half, None])
    # Of a cell's energy along one side, 7/8 lies in its own half: (7/8)^2 of one cell and (1/8)^2 of the other.
    assert found.values("energy_inside")[0, 0] == pytest.approx((49 / 64 + 1 / 64) / 2)
    assert np.isnan(found.values("energy_inside")[1]).all()


def test_a_flat_map_is_left_out_and_counted():
    maps = blobs([4, 3, 2, 1])
    maps["l2"][5] = -1
    focus = xai.layer_focus(maps, 0.7)
    row = focus.table[(focus.table["sample"] == "5") & (focus.table["layer"] == "l2")]
    assert row["flat"].item()
    assert row[["share", "gini"]].isna().all(axis=None)
    assert (focus.n, focus.n_left_out) == (11, 1)
    assert focus.page.n == 11


def test_one_picture_cannot_be_tested_and_says_why():
    focus = xai.layer_focus(same_field(n=1))
    assert focus.outcome == "unknown"
    assert all("at least two pictures" in result.reason for result in focus.results)


def test_precomputed_measures_give_the_same_as_maps():
    maps = blobs([4, 3, 2, 1])
    measured = studies.measure_maps(maps)
    for threshold in (0.5, 0.7, 0.85, 0.95):
        quick, slow = xai.layer_focus(measured, threshold), xai.layer_focus(maps, threshold)
        pd.testing.assert_frame_equal(quick.table, slow.table)
        assert quick.page == slow.page


def test_sweep_agrees_with_the_single_threshold():
    measured = studies.measure_maps(blobs([4, 3, 2, 1]))
    swept = studies.sweep(measured)
    assert (swept["threshold"].min(), swept["threshold"].max(), len(swept)) == (0.5, 0.95, 46)
    row = swept[swept["threshold"] == 0.7].iloc[0]
    focus = xai.layer_focus(measured, 0.7)
    assert row["rho"] == pytest.approx(focus.page.effect)
    assert row["p"] == pytest.approx(focus.page.p)
    assert row["outcome"] == focus.outcome


@pytest.mark.parametrize("threshold", [0.0, 1.0, -0.2])
def test_a_threshold_outside_the_unit_interval_is_refused(threshold):
    with pytest.raises(ValueError, match="between 0 and 1"):
        xai.layer_focus(same_field(n=2), threshold)


def test_an_unknown_measure_is_refused_with_the_choices():
    with pytest.raises(ValueError, match="share, gini, energy_inside"):
        xai.layer_focus(same_field(n=2), measure="entropy")
