"""The sentences: they carry n, effect and the caveat that matters, and change with the outcome."""

import numpy as np
import pytest

from tests.support.maps import as_heatmaps, blobs, same_field
from xai_core import studies
from xai_core.studies.layer_order import LayerOrder
from xai_core.studies.verdict import order_objection


def verdict(maps, threshold=0.7, measure="share"):
    own, common = (
        studies.layer_focus(studies.measure_maps(maps, grid=grid), threshold, measure=measure)
        for grid in ("own", "common")
    )
    return studies.layer_verdict(own, common, [f"stage {i}" for i in range(1, len(maps) + 1)]), own, common


def test_focus_is_said_with_n_medians_effect_and_interval():
    found, own, _ = verdict(blobs([4, 3, 2, 1]))
    assert found.headline == "Yes: deeper layers focus more"
    first, last = (studies.format_value(value, True) for value in own.medians["median"].iloc[[0, -1]])
    for part in (
        "Over 12 pictures",
        f"falls from {first} (stage 1) to {last} (stage 4)",
        "above 0.7",
        f"{-own.page.effect:+.2f}",  # a smaller share is more focused: plus stands for that
        f"{-own.page.interval[1]:+.2f} to",
        "p < 0.001",
    ):
        assert part in found.sentence


def test_maps_of_one_resolution_need_no_caveat_about_it():
    found, own, common = verdict(blobs([4, 3, 2, 1]))
    assert found.robust
    assert not any("grid" in check.sentence for check in studies.layer_hypothesis(own, common, found).changes)


def test_an_effect_of_resolution_is_called_by_its_name():
    found, own, common = verdict(same_field(), 0.85)
    assert own.outcome in ("focuses", "spreads", "differs")
    assert not found.robust
    grid = studies.layer_hypothesis(own, common, found).changes[0]
    assert (grid.name, grid.fine) == ("All maps averaged to 7 × 7", False)
    assert grid.sentence.endswith("so the answer above may come from resolution alone.")


def test_few_pictures_and_flat_maps_are_named():
    maps = blobs([4, 3, 2, 1], n=6)
    maps["l0"][2] = 0
    found, own, common = verdict(maps)
    said = {check.name: check for check in studies.layer_hypothesis(own, common, found).assumptions}
    assert said["Enough pictures"].sentence.startswith("5 pictures are few")
    assert said["Same pictures at every layer"].sentence.startswith(
        "1 picture is left out because of a layer without a usable map"
    )
    assert not said["Enough pictures"].fine
    assert not said["Same pictures at every layer"].fine


def test_one_picture_gets_the_reason_instead_of_numbers():
    found, _, _ = verdict(same_field(n=1))
    assert found.headline == "This cannot be tested"
    assert "at least two pictures" in found.sentence
    assert "nan" not in found.sentence.lower()


def test_hypotheses_are_written_out():
    found, _, _ = verdict(blobs([4, 3, 2, 1]), measure="gini")
    assert found.h0.startswith("H0: ")
    assert "Gini concentration" in found.h0
    assert found.h1.startswith("H1: ")


@pytest.mark.parametrize(("p", "text"), [(0.00012, "p < 0.001"), (0.0321, "p = 0.032"), (np.nan, "p not computed")])
def test_p_values_are_printed_alike(p, text):
    assert studies.format_p(p) == text


@pytest.mark.parametrize(
    ("value", "percent", "text"),
    [(0.0313, True, "3.1%"), (0.72, False, "0.72"), (np.nan, True, "–"), (1.0, True, "100%")],
)
def test_values_are_printed_alike(value, percent, text):
    assert studies.format_value(value, percent) == text


def test_the_sweep_says_whether_the_threshold_matters():
    steady = studies.sweep(studies.measure_maps(blobs([4, 3, 2, 1])))
    sentence = studies.sweep_sentence(steady, 0.7)
    assert sentence == "At every threshold from 0.5 to 0.95, deeper layers focus more."
    turned = steady.copy()
    turned.loc[turned["threshold"] >= 0.9, "outcome"] = "none"
    assert "At 6 thresholds from 0.9 to 0.95, no difference is found." in studies.sweep_sentence(turned, 0.7)


def test_the_sweep_of_one_picture_says_it_cannot_be_computed():
    one = as_heatmaps({name: maps[:1] for name, maps in blobs([2, 3, 4]).items()})
    assert "cannot be computed" in studies.sweep_sentence(studies.sweep(studies.measure_maps(one)), 0.85)


@pytest.mark.parametrize(
    ("shape", "words", "said"),
    [
        ("one step", "falls between a and b only", "focus falls between a and b only"),
        ("one layer", "only d stands out", "only d stands out"),
        ("level", "", "the trend is too weak to be sure of"),
    ],
)
def test_what_speaks_against_a_trend_is_a_whole_clause(shape, words, said):
    focus = studies.layer_focus(studies.measure_maps(blobs([4, 3, 2, 1]), (0.85,)))
    assert order_objection(focus, LayerOrder(shape, words)) == said
