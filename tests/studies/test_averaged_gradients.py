"""How far Grad-CAM shows the gradients that it averages: by hand, by scipy, and on the bundled network."""

import numpy as np
import pytest
from scipy.stats import spearmanr

import xai_core as xai
from tests.support.maps import as_heatmaps
from xai_core import studies


def maps(values):
    return as_heatmaps({"a": np.asarray(values, np.float32)})


def test_each_correlation_is_scipys():
    rng = np.random.default_rng(0)
    one, two = rng.normal(size=(2, 5, 4, 4)).round(1)  # with ties
    found = studies.averaging_correlations(maps(one), maps(two))
    right = [spearmanr(a.ravel(), b.ravel()).statistic for a, b in zip(one, two, strict=True)]
    np.testing.assert_allclose(found[:, 0], right)
    one[0] = 1  # flat
    assert np.isnan(studies.averaging_correlations(maps(one), maps(two))[0, 0])


def test_where_only_a_mean_follows_both_are_the_same_and_earlier_they_are_not():
    model = xai.load_model("efficientnet_lite0")
    photos = list(xai.load_dataset("photos"))
    both = xai.explain_together(model, photos, methods=["grad_cam", "hires_cam"], layers="stages")
    layers = list(both["grad_cam"])
    table = studies.averaging_table(studies.averaging_correlations(both["grad_cam"], both["hires_cam"]), layers)
    assert table["rank_correlation"].iloc[-1] > 0.9
    assert table["rank_correlation"].iloc[0] < 0.5
    check = studies.averaging_check(table, {name: name for name in layers}, "Grad-CAM", "HiResCAM")
    assert check.fine is False
    assert f"At {layers[0]}" in check.sentence
    assert f"{table['rank_correlation'].iloc[-1]:.2f} at {layers[-1]}" in check.sentence


@pytest.mark.parametrize(
    ("correlations", "where"),
    [
        ([0.9, 0.2], "stage 2"),
        ([0.2, 0.9, 0.2, 0.9], "stage 1 and stage 3"),
        ([0.1, 0.2, 0.3, 0.9], "stage 1 to stage 3"),
        ([0.1, 0.2, 0.9, 0.3], "stage 1, stage 2 and stage 4"),
        ([0.1, 0.2, 0.3], "all layers"),
        ([0.9, 0.5], ""),
    ],
)
def test_a_student_is_told_at_which_layers_maps_are_no_evidence(correlations, where):
    titles = {name: f"Stage {i}" for i, name in enumerate("abcd"[: len(correlations)], start=1)}
    said = studies.layer_faithfulness(
        titles, "Grad-CAM", exact="HiResCAM", correlations=np.full((7, len(titles)), correlations)
    )
    told = f"At {where}, maps of Grad-CAM only show where the layer reacts to the picture, "
    told += "which is no evidence for the class."
    assert said.doubt == (told if where else "")
    assert (f"At {where} the two disagree" in said.checks[0].sentence) == bool(where)


def test_maps_that_agree_are_fine():
    rng = np.random.default_rng(1)
    one = rng.normal(size=(8, 4, 4))
    table = studies.averaging_table(studies.averaging_correlations(maps(one), maps(one)), ["a"])
    assert table["rank_correlation"].iloc[0] == pytest.approx(1)
    assert studies.averaging_check(table, {"a": "stage 1"}, "Grad-CAM", "HiResCAM").fine


def test_rounding_is_no_map():
    rng = np.random.default_rng(2)
    one = rng.normal(size=(3, 4, 4))
    found = studies.averaging_correlations(maps(one), maps(1e-7 * rng.normal(size=(3, 4, 4))))
    assert np.isnan(found).all()
    check = studies.averaging_check(studies.averaging_table(found, ["a"]), {"a": "stage 1"}, "Grad-CAM", "HiResCAM")
    assert check.fine is None
