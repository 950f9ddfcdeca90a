"""Object or background: maps whose measures are worked out by hand, and every sentence said about them."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats
from sklearn.metrics import roc_auc_score

import xai_core as xai
from tests.support.maps import as_heatmaps
from tests.support.tables import spread, table_of
from xai_core import measures, stats, studies
from xai_core.errors import DataError

COLUMNS = ["mean_inside", "mean_outside", "energy_inside", "mask_area", "pointing", "rank_accuracy", "iou", "auc"]
NO_EVIDENCE = "Its map holds no positive evidence."
CONTROLS = [f"control_{measure}" for measure in studies.FOREGROUND_MEASURES]


def held(table, usual=0.0, likeness=0.3, same_label=True):
    """The table, as if each map had this difference on other pictures' masks."""
    more = dict.fromkeys(CONTROLS, usual) | {"others": 32.0, "likeness": likeness, "same_label": same_label}
    return table.assign(**more)


def measured(raw, mask):
    """The only row of one map and one mask."""
    mask = np.asarray(mask, np.uint8)
    table = studies.foreground_background(as_heatmaps({"l": [raw]}, mask.shape), [mask])
    assert len(table) == 1
    return table.iloc[0]


def numbers(row):
    return [row[column] for column in COLUMNS]


def carded(table, measure="mean"):
    """The card where an intervention says that the model uses the object, so that the maps do not speak alone."""
    table = table if CONTROLS[0] in table else held(table)
    tests = studies.measure_tests(table, measure)
    verdict = studies.foreground_verdict(table, measure, tests)
    hidden_elsewhere = pd.DataFrame({"picture": range(20), "kind": "elsewhere", "p": 0.75, "other": 0})
    surviving = pd.concat([interventions(0.8, 0.7, 0.1, 0.8, n=20), hidden_elsewhere], ignore_index=True)
    assert studies.rests_on(surviving).on == "object"
    concluded = studies.conclude(verdict, studies.rests_on(surviving), surviving)
    return studies.foreground_hypothesis(table, measure, tests, verdict, conclusion=concluded)


def judged(table, measure="mean"):
    table = table if CONTROLS[0] in table else held(table)
    return studies.foreground_verdict(table, measure, studies.measure_tests(table, measure))


# Measures


@pytest.mark.parametrize(
    ("raw", "mask", "expected"),
    [
        pytest.param(
            # On the object 4, 3, 1; off it 0, 0, 3, 2, 0. Of the hottest three, 4 is on it, and two of the
            # 3s share two places: 1 + 1 x 2/2. Of 15 pairs 5 + 4.5 + 3 are won.
            [[4, 3, 0, -2], [1, 3, 2, -8]],
            [[1, 1, 0, 0], [1, 0, 0, 0]],
            [2 / 3, 1 / 4, 8 / 13, 3 / 8, 1, 2 / 3, 1 / 2, 5 / 6],
            id="negative values and a tie at the edge",
        ),
        pytest.param(
            [[2, 2, 2, 0]], [[1, 0, 0, 0]], [1, 2 / 3, 1 / 3, 1 / 4, 1 / 3, 1 / 3, 1 / 5, 2 / 3], id="tied maxima"
        ),
        pytest.param(
            [[2, 2, 2, 2, 1]],
            [[1, 1, 0, 1, 0]],
            [1, 1 / 2, 2 / 3, 3 / 5, 3 / 4, 3 / 4, 3 / 5, 3 / 4],
            id="more tied maxima than places",
        ),
        pytest.param(
            # Fewer positive pixels than the object has: the zeros share the last place.
            [[5, 0, 0, 0]],
            [[1, 1, 0, 0]],
            [1 / 2, 0, 1, 1 / 2, 1, 2 / 3, 1 / 2, 3 / 4],
            id="zeros share a place",
        ),
        pytest.param(
            # All negative evidence is none: -1 and -3 are tied.
            [[1, -1, -2, -3]],
            [[1, 1, 0, 0]],
            [1 / 2, 0, 1, 1 / 2, 1, 2 / 3, 1 / 2, 3 / 4],
            id="negatives are tied",
        ),
        pytest.param(
            [[4, 3, 2, 1]], [[1, 1, 0, 0]], [5 / 6, 1 / 6, 7 / 10, 1 / 2, 1, 1, 1, 1], id="no zero: min-max shifts"
        ),
        pytest.param([[4, 3, 2, 1]], [[0, 0, 0, 1]], [0, 2 / 3, 1 / 10, 1 / 4, 0, 0, 0, 0], id="off the object"),
        pytest.param(
            [[8, 4, 2, 0]], [[255, 1, 0, 0]], [1 / 2, 1 / 8, 2 / 3, 1 / 3, 1, 1, 1, 1], id="the hottest is ignored"
        ),
        pytest.param(
            [[8, 4, 6, 0, 8]], [[255, 0, 1, 0, 255]], [3 / 4, 1 / 4, 3 / 5, 1 / 3, 1, 1, 1, 1], id="two ignored pixels"
        ),
    ],
)
def test_every_measure_by_hand(raw, mask, expected):
    row = measured(raw, mask)
    assert numbers(row) == pytest.approx(expected, abs=1e-6)
    assert row["reason"] == ""


def test_a_map_smaller_than_the_mask_is_interpolated():
    # The weights of the one hot cell along a side are 1, 3/4, 1/4, 0: 49/64 of all lies in the first quarter.
    mask = np.zeros((4, 4), np.uint8)
    mask[:2, :2] = 1
    row = measured([[1, 0], [0, 0]], mask)
    assert numbers(row) == pytest.approx([49 / 64, 5 / 64, 49 / 64, 1 / 4, 1, 1, 1, 1], abs=1e-6)


def test_the_shown_map_is_rectified_before_it_is_interpolated():
    row = measured([[1, -1]], [[1, 1, 0, 0]])
    assert (row["mean_inside"], row["mean_outside"]) == pytest.approx((7 / 8, 1 / 8))


@pytest.mark.parametrize("raw", [[[1, -1]], [[3, -2], [-5, 1]]])
def test_energy_is_that_of_the_layer_study(raw):
    """The library's order everywhere, says `maps`: ReLU, then bilinear."""
    mask = np.zeros((4, 4), np.uint8)
    mask[:, :2] = 1
    heatmaps = as_heatmaps({layer: [raw] for layer in "abc"}, (4, 4))
    ours = studies.foreground_background(heatmaps, [mask])["energy_inside"]
    theirs = studies.measure_maps(heatmaps, masks=[mask]).values("energy_inside")
    np.testing.assert_allclose(ours, theirs[0], rtol=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_auc_is_scikit_learns_with_ties_and_ignored_pixels(seed):
    rng = np.random.default_rng(seed)
    raw = np.round(rng.normal(0, 2, (6, 7))).astype(np.float32)
    mask = rng.choice(np.array([0, 1, 255], np.uint8), (6, 7))
    known = mask != 255
    positive = np.maximum(raw, 0)
    row = measured(raw, mask)
    assert row["auc"] == pytest.approx(roc_auc_score(mask[known] == 1, positive[known]))
    assert row["mask_area"] == pytest.approx((mask == 1).sum() / known.sum())
    assert row["energy_inside"] == pytest.approx(positive[mask == 1].sum() / positive[known].sum())
    assert row["mean_inside"] == pytest.approx(positive[mask == 1].mean() / positive.max())
    assert row["iou"] == pytest.approx(row["rank_accuracy"] / (2 - row["rank_accuracy"]))


@pytest.mark.parametrize("hot", [0.0, 1.0, 100.0, -100.0])
def test_what_an_ignored_pixel_holds_does_not_matter_but_for_the_scale(hot):
    row = measured([[hot, 4, 2, 0, 1]], [[255, 1, 0, 1, 0]])
    assert numbers(row)[2:] == pytest.approx([4 / 7, 1 / 2, 1, 1 / 2, 1 / 3, 1 / 2])


@pytest.mark.parametrize("factor", [0.01, 7.0])
def test_the_maps_scale_does_not_matter(factor):
    raw = np.random.default_rng(3).normal(size=(5, 5)).astype(np.float32)
    mask = np.eye(5, dtype=np.uint8)
    assert numbers(measured(factor * raw, mask)) == pytest.approx(numbers(measured(raw, mask)), rel=1e-4)


@pytest.mark.parametrize(
    ("raw", "mask", "reason"),
    [
        ([[0, 0]], [[1, 0]], NO_EVIDENCE),
        ([[-1, -2]], [[1, 0]], NO_EVIDENCE),
        ([[1, 2]], None, "It has no mask."),
        ([[1, 2]], [[1, 1]], "Its mask is all foreground."),
        ([[1, 2]], [[1, 255]], "Its mask is all foreground."),
        ([[1, 2]], [[0, 0]], "Its mask has no foreground."),
        ([[1, 2]], [[255, 0]], "Its mask has no foreground."),
        ([[1, 2]], [[255, 255]], "Its mask says ignore everywhere."),
        ([[0, 0]], [[0, 0]], "Its mask has no foreground."),
    ],
)
def test_what_cannot_be_measured_is_nan_with_its_reason(raw, mask, reason):
    mask = None if mask is None else np.asarray(mask, np.uint8)
    row = studies.foreground_background(as_heatmaps({"l": [raw]}, (1, 2)), [mask]).iloc[0]
    assert row["reason"] == reason
    assert np.isnan(np.array(numbers(row), float)).all()
    if reason != NO_EVIDENCE:
        assert studies.mask_problem(mask) == reason


def test_a_flat_positive_map_is_not_said_to_hold_nothing_positive():
    row = measured([[5, 5]], [[1, 0]])
    assert np.isnan(np.array(numbers(row), float)).all()
    assert row["reason"] not in ("", NO_EVIDENCE)


@pytest.mark.parametrize(
    ("raw", "mask"),
    [
        pytest.param([[3, 0, -1]], [[255, 1, 0]], id="evidence on ignored pixels only"),
        pytest.param(np.where(np.arange(3) == 1, 1, -1000)[None], [[0, 0, 0, 1, 1, 1]], id="drowned by interpolation"),
    ],
)
def test_a_measure_is_nan_if_and_only_if_there_is_a_reason(raw, mask):
    row = measured(raw, mask)
    assert np.isnan(np.array(numbers(row), float)).any() == (row["reason"] != "")


def test_a_mask_that_tells_both_apart_has_no_problem():
    assert studies.mask_problem(np.array([[0, 1, 255]], np.uint8)) == ""


def test_there_must_be_as_many_masks_as_maps():
    heatmaps = as_heatmaps({"l": np.ones((2, 1, 2))}, (1, 2))
    with pytest.raises(DataError) as caught:
        studies.foreground_background(heatmaps, [None])
    assert str(caught.value) == "Masks: 1; pictures with maps: 2. Give one for each."


def test_a_mask_must_have_the_inputs_size():
    heatmaps = as_heatmaps({"l": np.ones((2, 1, 2))}, (4, 6))
    with pytest.raises(DataError) as caught:
        studies.foreground_background(heatmaps, [None, np.zeros((6, 4), np.uint8)])
    assert str(caught.value) == (
        "A mask has 6 x 4 pixels, the network's input 4 x 6: put it through the model's preprocessing first."
    )


def test_rows_columns_and_names():
    mask = np.array([[1, 0]], np.uint8)
    heatmaps = as_heatmaps({"a": [[[1, 0]], [[0, 1]]], "b": [[[0, 1]], [[0, 0]]]}, (1, 2))
    table = studies.foreground_background(heatmaps, [mask, mask])
    assert table.columns.tolist() == [
        "picture",
        "sample",
        "layer",
        *measures.columns(),
        "reason",
        *CONTROLS,
        "others",
        "likeness",
        "same_label",
        "unit",
    ]
    without = studies.foreground_background(heatmaps, [mask, mask], control=False)
    pd.testing.assert_frame_equal(without, table[without.columns])
    assert without.columns.tolist() == ["picture", "sample", "layer", *measures.columns(), "reason"]
    assert table["picture"].tolist() == [0, 1, 0, 1]
    assert table["sample"].tolist() == ["1", "2", "1", "2"]
    assert table["layer"].tolist() == ["a", "a", "b", "b"]
    assert table["energy_inside"].tolist()[:3] == [1, 0, 0]
    assert table["reason"].tolist() == ["", "", "", NO_EVIDENCE]
    named = studies.foreground_background(heatmaps, [mask, mask], names=["x", "y"])
    assert named["sample"].tolist() == ["x", "y", "x", "y"]


def test_samples_bring_their_masks_and_names():
    mask = np.array([[1, 0]], np.uint8)
    pixels = np.zeros((1, 2, 3), np.uint8)
    samples = [xai.Sample("1", pixels, mask=mask, name="one.png"), xai.Sample("2", pixels, name="two.png")]
    heatmaps = as_heatmaps({"l": [[[1, 0]], [[0, 1]]]}, (1, 2))
    table = studies.foreground_background(heatmaps, samples)
    assert table["sample"].tolist() == ["one.png", "two.png"]
    assert table["reason"].tolist() == ["", "It has no mask."]
    assert table["mean_inside"].iloc[0] == 1
    assert studies.foreground_background(heatmaps, samples, ["x", "y"])["sample"].tolist() == ["x", "y"]


def test_an_even_map_scores_its_area_by_energy_and_rank():
    # Hot and cold pixels evenly on and off the object.
    row = measured([[1, 0, 1, 0, 1, 0]], [[1, 1, 0, 0, 0, 0]])
    assert row["energy_inside"] == pytest.approx(row["mask_area"])
    assert row["rank_accuracy"] == pytest.approx(1 / 3)
    assert row["auc"] == pytest.approx(1 / 2)


# Paired tests


@pytest.mark.parametrize("values", [np.exp(spread(29, 0, 1.5)), np.exp(spread(64, 0, 1.5)), spread(29, 1)])
def test_signs_of_the_mean_are_flipped_whatever_the_data_look_like(values):
    tests = studies.paired_tests(values, 0.0)
    assert tests.result == stats.sign_flip(values, np.zeros(len(values)))
    assert tests.result.name == "Sign flips"
    assert tests.beside == (tests.t, tests.wilcoxon)


@pytest.mark.parametrize(("n", "times"), [(32, 100), (64, 60), (264, 20)])
def test_skewed_differences_with_a_mean_of_zero_are_no_finding(n, times):
    """A gate by Shapiro's test left them to Wilcoxon's, which asks another question: 15, 27 and 75%."""
    rng = np.random.default_rng(n)
    said = [studies.paired_tests(rng.exponential(1, n) - 1, 0.0).outcome for _ in range(times)]
    assert np.mean([one != "none" for one in said]) <= 0.1


def test_the_sentence_and_the_outcome_ask_about_the_mean():
    """The mean is above, most pictures are below: Wilcoxon's test says "less"."""
    differences = np.r_[np.full(24, -0.05) - np.arange(24) / 1e4, np.full(8, 0.4) + np.arange(8) / 1e4]
    tests = studies.paired_tests(differences, 0.0)
    assert tests.wilcoxon.effect < 0 < tests.result.effect
    assert tests.outcome != "less"


@pytest.mark.parametrize("n", [3, 4, 5])
def test_no_outcome_of_so_few_that_no_p_could_say_anything(n):
    tests = studies.paired_tests(spread(n, 5), 0.0)
    assert tests.outcome == "unknown"
    assert tests.result.reason == (
        f"It needs at least 6 pictures; there are {n}, whose signs can be flipped in {2**n} ways, so that no p is "
        f"below {2 / 2**n:.2g}."
    )
    assert tests.t == stats.paired_t(spread(n, 5), np.zeros(n))  # what studies report stays


def test_the_parts_are_those_of_stats():
    first, second = spread(12, 1), np.random.default_rng(0).normal(size=12)
    tests = studies.paired_tests(first, second)
    assert tests.t == stats.paired_t(first, second)
    assert tests.wilcoxon == stats.wilcoxon_signed_rank(first, second)
    assert (tests.d_av, tests.d_av_interval) == stats.d_av(first, second)
    np.testing.assert_array_equal(tests.differences, first - second)


def test_pictures_with_nan_are_left_out():
    first, second = spread(12, 1), np.random.default_rng(0).normal(size=12)
    whole = studies.paired_tests(first, second)
    more = studies.paired_tests(np.r_[np.nan, first, 3, np.nan], np.r_[1, second, np.nan, np.nan])
    assert more.n == 12
    assert (more.t, more.wilcoxon, more.d_av) == (whole.t, whole.wilcoxon, whole.d_av)
    number = studies.paired_tests(np.r_[np.nan, first], 0.5)
    assert number.n == 12
    assert number.t == stats.paired_t(first, np.full(12, 0.5))


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        (spread(40, 1), 0, "more"),
        (spread(40, -1), 0, "less"),
        (spread(40, 0.1), 0, "none"),
        (np.exp(spread(20, 0, 1)), 0, "more"),
        (-np.exp(spread(20, 0, 1)), 0, "less"),
        ([1, 2], 0, "unknown"),
        ([1, 2, np.nan], 0, "unknown"),
        ([1, 1, 1, 1], 0, "unknown"),
        ([], 0, "unknown"),
    ],
)
def test_outcomes(first, second, outcome):
    assert studies.paired_tests(np.asarray(first, float), second).outcome == outcome


def test_an_outcome_is_none_where_the_interval_of_the_mean_holds_zero():
    tests = studies.paired_tests(np.r_[np.arange(1.0, 10) / 100, 50], 0)
    low, high = tests.result.interval
    assert tests.result.p < 0.05  # all signs are the same
    assert low < 0 < high
    assert tests.outcome == "none"


@pytest.mark.parametrize(
    ("measure", "inside", "chance"),
    [
        ("mean", "mean_inside", "mean_outside"),
        ("energy", "energy_inside", "mask_area"),
        ("rank", "rank_accuracy", "mask_area"),
        ("auc", "auc", None),
    ],
)
def test_each_measure_is_tested_against_its_own_chance(measure, inside, chance):
    rng = np.random.default_rng(1)
    table = table_of(**{column: rng.uniform(size=12) for column in COLUMNS})
    tests = studies.measure_tests(table, measure)
    against = table[chance] if chance else np.full(12, 0.5)
    expected = scipy_stats.ttest_rel(table[inside], against)
    assert (tests.t.value, tests.t.p) == pytest.approx((expected.statistic, expected.pvalue))
    np.testing.assert_array_equal(tests.differences, table[inside] - against)


def test_the_first_measures_are_four():
    titles = {measure.key: measure.title for measure in list(studies.FOREGROUND_MEASURES.values())[:4]}
    assert list(titles) == ["mean", "energy", "rank", "auc"]
    assert list(titles.values()) == ["Mean activation", "Share of energy", "Rank accuracy", "AUC"]


# Verdicts


def test_more_on_the_object():
    table = held(
        table_of(
            mean_inside=0.6 + spread(32, 0, 0.1),
            mean_outside=np.full(32, 0.2),
            energy_inside=spread(32, 0.7, 0.1),
            mask_area=np.full(32, 0.3),
        ),
        0.3,
    )
    verdict = judged(table)
    assert (verdict.outcome, verdict.headline) == ("more", "The maps lie on the object (n = 32)")
    raw, control = studies.measure_tests(table, "mean"), studies.control_tests(table, "mean")
    assert verdict.control.t == control.t
    assert (raw.t.value, raw.t.effect) == pytest.approx((4 * 32**0.5, 4))
    assert (control.t.value, control.t.effect) == pytest.approx((32**0.5, 1))
    low, high = control.result.interval
    assert verdict.sentence == (
        "Over 32 pictures, mean activation is 0.60 on the object against 0.20 off it: +0.40. With the masks "
        "of other pictures of the same label laid on the same maps, this difference is +0.30, which only shows where "
        "objects usually lie. The rest, +0.10, is due to the picture's own object "
        f"(95% interval {low:+.2f} to {high:+.2f}; sign-flip test of the mean, p < 0.001)."
    )
    assert low < 0.1 < high
    assert verdict.h0 == (
        "H0: mean activation on a picture's own object is the same as where the objects of other pictures lie."
    )
    assert verdict.h1 == (
        "H1: it is higher, or lower, on the picture's own object (two-sided, level 0.05, unit: the picture)."
    )
    other = judged(held(table, 0.3, same_label=False))
    assert (
        "With the masks of other pictures of the same predicted class laid on the same maps, this difference is +0.30"
    ) in other.sentence


def test_pictures_without_a_label_are_said_to_be_held_by_their_explained_class():
    mask = np.array([[1, 0]], np.uint8)
    heatmaps = as_heatmaps({"a": [[[1, 0]], [[0, 1]]]}, (1, 2))
    pixels = np.zeros((1, 2, 3), np.uint8)
    for labels, expected in ((["cat", "cat"], True), (["cat", None], False), ([None, None], False)):
        samples = [xai.Sample(str(i), pixels, label=label, mask=mask) for i, label in enumerate(labels)]
        assert set(studies.foreground_background(heatmaps, samples)["same_label"]) == {expected}


def test_less_on_the_object():
    table = table_of(
        mean_inside=np.full(40, 0.2),
        mean_outside=spread(40, 0.6, 0.1),
        energy_inside=spread(40, 0.1, 0.01),
        mask_area=np.full(40, 0.3),
    )
    verdict = judged(held(table, 0.05), "energy")
    assert (verdict.outcome, verdict.headline) == ("less", "The maps lie off the object (n = 40)")
    assert verdict.sentence.startswith(
        "Over 40 pictures, share of energy is 10% on the object against 30% in an even map: -20.0 points. With the "
        "masks of other pictures of the same label laid on the same maps, this difference is +5.0 points, which only "
        "shows where objects usually lie. The rest, -25.0 points, is due to the picture's own object (95% interval -25."
    )
    assert studies.measure_tests(table, "energy").t.effect == pytest.approx(-20)


def test_no_difference():
    table = table_of(mean_inside=spread(40, 0.5, 0.1), energy_inside=spread(40, 0.5, 0.1))
    verdict = judged(table)
    assert verdict.outcome == "none"
    assert verdict.headline == "No difference between object and background was found (n = 40)"
    assert verdict.sentence.endswith("; sign-flip test of the mean, p = 1.000).")


def test_no_more_than_where_objects_lie():
    table = held(table_of(mean_inside=spread(40, 0.8, 0.1)), 0.3)
    verdict = judged(table)
    assert studies.measure_tests(table, "mean").outcome == "more"
    assert verdict.outcome == "none"
    assert verdict.headline == "The maps say no more than where objects usually lie (n = 40)"
    assert "this difference is +0.30" in verdict.sentence
    off = judged(held(table, 0.4))
    assert (off.outcome, off.control.t.effect) == ("less", pytest.approx(-1))


def test_a_table_that_was_not_held_against_other_masks_tells_nothing():
    table = table_of(mean_inside=spread(40, 0.8, 0.1))
    verdict = studies.foreground_verdict(table, "mean", studies.measure_tests(table, "mean"))
    assert (verdict.outcome, verdict.control) == ("unknown", None)
    assert verdict.sentence == (
        "Over 40 pictures, mean activation is 0.80 on the object against 0.50 off it. There are no masks of other "
        "pictures to tell the object from the place where objects usually lie."
    )


@pytest.mark.parametrize(("p", "outcome"), [(0.0014, "unknown"), (0.0499, "unknown"), (0.05, "more"), (0.9, "more")])
def test_a_class_that_the_model_does_not_see_gets_no_answer(p, outcome):
    table = held(table_of(mean_inside=spread(40, 0.8, 0.1)))
    seen = studies.class_seen([p] * 40, ["zebra"] * 40, 1000)
    verdict = studies.foreground_verdict(table, "mean", studies.measure_tests(table, "mean"), seen)
    assert verdict.outcome == outcome
    if outcome == "more":
        assert verdict.headline == "The maps lie on the object (zebra, n = 40)"
    if p == 0.0014:
        assert verdict.headline.startswith("Cannot tell: the model is only 0.14% sure of zebra")
        assert verdict.headline.endswith("(zebra, n = 40)")
        assert (
            "The model does not see zebra: it is 0.14% sure of it on average over 40 pictures. A class"
            in verdict.sentence
        )


def test_auc_is_against_a_half():
    table = table_of(auc=spread(40, 0.7, 0.1), mean_inside=spread(40, 0.7, 0.1))
    verdict = judged(table, "auc")
    assert verdict.outcome == "more"
    assert "0.70 on the object against 0.50 by chance" in verdict.sentence
    assert "H0: AUC on a picture's own object is the same as where the objects of other pictures lie." in verdict.h0


def test_auc_keeps_its_capitals():
    verdict = judged(table_of(auc=spread(40, 0.7, 0.1)), "auc")
    assert verdict.sentence.startswith("Over 40 pictures, AUC is ")
    assert "AUC" in verdict.h0


def test_rank_is_in_percent():
    table = table_of(rank_accuracy=spread(40, 0.7, 0.1), mask_area=0.25, mean_inside=spread(40, 0.7, 0.1))
    sentence = judged(table, "rank").sentence
    assert "rank accuracy is 70% on the object against 25% in an even map" in sentence


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        ([0.9, 0.8], "It needs at least three pictures; there are 2."),
        ([0.9], "It needs at least three pictures; there is 1."),
        ([0.9, 0.9, 0.9, 0.9], "All differences are equal, so there is no spread to measure them by."),
    ],
)
def test_what_cannot_be_tested_says_why(inside, reason):
    verdict = judged(table_of(mean_inside=np.array(inside)))
    headline = f"Cannot tell (n = {len(inside)})"
    assert (verdict.outcome, verdict.headline, verdict.sentence) == ("unknown", headline, reason)


def test_no_picture_at_all_says_why():
    table = table_of(mean_inside=[np.nan] * 3, mean_outside=np.nan, reason=["It has no mask."] * 3)
    verdict = judged(table)
    assert verdict.sentence == "It needs at least three pictures; there are 0."
    assert carded(table).caveats == ("3 left out: it has no mask.",)


def test_left_out_pictures_are_counted_by_reason_the_most_first():
    nans = np.full(3, np.nan)
    table = table_of(
        mean_inside=np.r_[spread(30, 0.7, 0.1), nans],
        energy_inside=np.r_[spread(30, 0.7, 0.1), nans],
        reason=np.r_[[""] * 30, ["It has no mask.", NO_EVIDENCE, NO_EVIDENCE]],
    )
    verdict = judged(table)
    caveats = ("2 left out: its map holds no positive evidence.", "1 left out: it has no mask.")
    assert carded(table).caveats == caveats
    assert verdict.sentence.startswith("Over 30 pictures, mean activation is 0.70 on the object against 0.50 off it")


def test_tests_that_disagree_are_named():
    inside = 0.5 + np.r_[np.arange(1.0, 10) / 1000, 0.5]
    table = table_of(mean_inside=inside, energy_inside=inside)
    verdict = judged(table)
    assert verdict.outcome == "none"  # the mean is one picture's
    card = carded(table)
    other = next(check for check in card.changes if check.name == "Another test")
    assert other.fine is False
    assert "Wilcoxon says otherwise: rank-biserial r = 1.00, p = 0.002" in other.sentence
    enough = next(check for check in card.assumptions if check.name == "Enough pictures")
    assert (enough.fine, enough.sentence) == (
        False,
        "10 pictures are few: with fewer than 15, only large differences are found. If the true effect is medium "
        "(d_z = 0.5), a paired t-test of 10 pictures finds it in 29% of cases; it finds an effect of d_z = 1.00 in "
        "80%.",
    )


@pytest.mark.parametrize(
    ("measure", "column", "title"),
    [("mean", "energy_inside", "share of energy"), ("energy", "mean_inside", "mean activation")],
)
def test_measures_that_disagree_are_named(measure, column, title):
    table = table_of(
        **(
            {"mean_inside": spread(36, 0.7, 0.1), "energy_inside": spread(36, 0.7, 0.1)}
            | {column: spread(36, 0.3, 0.2)}
        )
    )
    card = carded(table, measure)
    assert judged(table, measure).outcome == "more"
    by_measure = next(check for check in card.changes if check.name == "Other measures")
    assert (by_measure.fine, card.tone) == (False, "caution")
    assert by_measure.sentence.startswith(f"By {title} there is less on the object. ")


def test_another_measure_that_cannot_be_tested_does_not_disagree():
    card = carded(table_of(mean_inside=spread(36, 0.7, 0.1)))
    assert [check.name for check in card.changes] == ["Another test"]


def test_another_measure_is_judged_by_the_test_that_carries_it():
    """Else the card names another outcome of a measure whose own test says the same."""
    table = table_of(mean_inside=spread(10, 0.5, 0.1), energy_inside=0.5 + np.r_[np.arange(1.0, 10) / 10, -0.1])
    energy = studies.measure_tests(table, "energy")
    assert energy.outcome == "more"
    by_measure = next(check for check in carded(table).changes if check.name == "Other measures")
    assert by_measure.sentence.startswith("By share of energy there is more on the object")


@pytest.mark.parametrize(("n", "few"), [(14, True), (15, False)])
def test_few_pictures_are_called_few(n, few):
    card = carded(table_of(mean_inside=spread(n, 0.7, 0.1), energy_inside=spread(n, 0.7, 0.1)))
    enough = next(check for check in card.assumptions if check.name == "Enough pictures")
    assert (enough.fine, "are few" in enough.sentence) == (not few, few)


@pytest.mark.parametrize("inside", [[0.625, 0.75, 0.875], [0.375, 0.25, 0.125], 0.5 + np.arange(1, 7) / 16])
def test_the_fewest_pictures_give_a_sentence_without_nan(inside):
    sentence = judged(table_of(mean_inside=np.array(inside))).sentence
    assert ("sign-flip test of the mean, p = 0.031" if len(inside) > 5 else "at least 6 pictures") in sentence
    assert "nan" not in sentence
    assert "inf" not in sentence


# Groups


def grouped():
    parts = {"b": (10, 0.6), "tiny": (2, 0.9), "a": (10, 0.8), "c": (10, 0.45)}
    tables = [table_of(mean_inside=spread(n, mean, 0.1), kind=[name] * n) for name, (n, mean) in parts.items()]
    return pd.concat(tables, ignore_index=True)


def test_groups_are_ordered_by_effect_and_holm_corrected():
    compared = studies.compare_groups(grouped(), "kind", "mean")
    assert compared.columns.tolist() == [
        "kind",
        "n",
        "inside",
        "chance",
        "t",
        "p",
        "p_holm",
        "d_z",
        "low",
        "high",
        "rank_biserial",
        "reason",
    ]
    assert compared["kind"].tolist() == ["a", "b", "c", "tiny"]
    assert compared["n"].tolist() == [10, 10, 10, 2]
    assert compared["d_z"].tolist()[:3] == pytest.approx([3, 1, -0.5])
    assert compared["t"].tolist()[:3] == pytest.approx([3 * 10**0.5, 10**0.5, -0.5 * 10**0.5])
    assert compared["inside"].tolist() == pytest.approx([0.8, 0.6, 0.45, 0.9])
    assert compared["chance"].tolist() == [0.5] * 4
    p = 2 * scipy_stats.t.sf(np.abs(compared["t"][:3]), 9)
    assert compared["p"].tolist()[:3] == pytest.approx(p)
    parts = dict(list(grouped().groupby("kind")))
    flipped = [stats.sign_flip(parts[kind]["mean_inside"].to_numpy(), np.full(10, 0.5)).p for kind in "abc"]
    assert compared["p_holm"].tolist()[:3] == pytest.approx([3 * flipped[0], 2 * flipped[1], flipped[2]])
    assert ((compared["low"] < compared["d_z"]) & (compared["d_z"] < compared["high"]))[:3].all()
    assert compared["rank_biserial"][0] == 1


def test_groups_that_were_held_against_other_masks_are_tested_against_them():
    compared = studies.compare_groups(held(grouped(), 0.2), "kind", "mean")
    assert compared["kind"].tolist() == ["a", "b", "c", "tiny"]
    assert compared["d_z"].tolist()[:3] == pytest.approx([1, -1, -2.5])
    assert compared["t"].tolist()[:3] == pytest.approx([10**0.5, -(10**0.5), -2.5 * 10**0.5])
    assert compared["inside"].tolist() == pytest.approx([0.8, 0.6, 0.45, 0.9])


def test_a_group_too_small_is_there_with_its_reason():
    last = studies.compare_groups(grouped(), "kind", "mean").iloc[-1]
    assert last["reason"] == "It needs at least three pictures; there are 2."
    assert last[["t", "p", "p_holm", "d_z", "low", "high", "rank_biserial"]].isna().all()


def test_a_groups_means_are_of_its_usable_pictures():
    table = table_of(auc=np.r_[spread(5, 0.8, 0.1), np.nan], g="x", reason=[""] * 5 + [NO_EVIDENCE])
    (row,) = studies.compare_groups(table, "g", "auc").itertuples()
    assert (row.n, row.chance) == (5, 0.5)
    assert (row.inside, row.d_z) == pytest.approx((0.8, 3))


# Similarity and dose


def test_similarity_is_spearmans():
    first = np.array([[1, 2], [3, 4]], np.float32)
    assert studies.map_similarity(first, first**3) == pytest.approx(1)
    assert studies.map_similarity(first, -first) == pytest.approx(-1)
    # Ranks 1 2 3 4 against 2 1 3 4: 1 - 6 x 2 / (4 x 15).
    assert studies.map_similarity(first, np.array([[2, 1], [3, 4]], np.float32)) == pytest.approx(0.8)


def test_a_flat_map_is_similar_to_none():
    first = np.array([[1, 2], [3, 4]], np.float32)
    assert np.isnan(studies.map_similarity(first, np.full((2, 2), 3, np.float32)))
    assert np.isnan(studies.map_similarity(np.zeros((2, 2), np.float32), first))


def test_a_dose_in_numbers():
    table = table_of(energy_inside=[0.2, 0.4, np.nan], mask_area=[0.1, 0.3, np.nan], reason=["", "", NO_EVIDENCE])
    row = studies.dose_row(4, table, np.array([True, False, False, True]), np.array([0.5, np.nan, 0.7, 0.6]))
    assert list(row) == ["epsilon", "accuracy", "energy", "area", "similarity", "n"]
    assert list(row.values()) == pytest.approx([4, 0.5, 0.3, 0.2, 0.6, 4])


def test_a_dose_of_nothing():
    table = table_of(energy_inside=[np.nan], reason=[NO_EVIDENCE])
    row = studies.dose_row(8, table, np.array([], bool), np.array([]))
    assert (row["epsilon"], row["n"]) == (8, 0)
    assert np.isnan([row["accuracy"], row["energy"], row["area"], row["similarity"]]).all()
    assert np.isnan(studies.dose_row(8, table, np.array([True]), np.array([np.nan]))["similarity"])


# Interventions


def interventions(whole, object_, background, swapped, n=10):
    """Probabilities with these means; the swapped ones vary by picture."""
    wiggle = spread(n, 0, 0.01)
    values = {
        "whole": whole + 0 * wiggle,
        "object": object_ + wiggle,
        "background": background + wiggle,
        "swapped": swapped + wiggle,
    }
    parts = [pd.DataFrame({"picture": np.arange(n), "kind": kind, "p": p, "other": 0}) for kind, p in values.items()]
    return pd.concat(parts, ignore_index=True)


EFFECTS = ["d_z", "low", "high", "rank_biserial"]


def test_each_intervention_is_tested_against_the_whole():
    table = interventions(0.9, 0.7, 0.3, 0.88)
    tests = studies.intervention_tests(table)
    assert tests.columns.tolist() == ["kind", "mean", "drop", "n", "t", "p", "p_holm", *EFFECTS]
    assert tests["kind"].tolist() == ["object", "background", "swapped"]
    assert tests["mean"].tolist() == pytest.approx([0.7, 0.3, 0.88])
    assert tests["drop"].tolist() == pytest.approx([0.2, 0.6, 0.02])
    assert tests["n"].tolist() == [10] * 3
    assert tests["d_z"].tolist() == pytest.approx([20, 60, 2])
    assert tests["t"].tolist() == pytest.approx([20 * 10**0.5, 60 * 10**0.5, 2 * 10**0.5])
    assert tests["p"].tolist() == pytest.approx(2 * scipy_stats.t.sf(tests["t"], 9))
    flipped = [stats.sign_flip(drop + spread(10, 0, 0.01), np.zeros(10)).p for drop in (0.2, 0.6, 0.02)]
    assert tests["p_holm"].tolist()[:2] == pytest.approx([3 * flipped[0]] * 2)
    assert tests["p_holm"].is_monotonic_increasing
    assert tests["rank_biserial"].tolist()[:2] == [1, 1]
    assert (tests["low"] < tests["d_z"]).all()
    assert (tests["d_z"] < tests["high"]).all()


def test_interventions_are_paired_by_picture_not_by_row():
    table = interventions(0.9, 0.7, 0.3, 0.88)
    table["p"] += 0.1 * np.sin(table["picture"])
    shuffled = table.sample(frac=1, random_state=0)
    expected = studies.intervention_tests(table).set_index("kind").sort_index()
    found = studies.intervention_tests(shuffled).set_index("kind").sort_index()
    pd.testing.assert_frame_equal(found, expected)
    assert found.loc["object", "d_z"] == pytest.approx(20)


# Models


BASE = np.random.default_rng(8).normal(0.5, 0.2, 12)
NEAR, FAR = spread(12, 0.0, 0.01), spread(12, 0.2, 0.01)[::-1]


def compared_models():
    tables = {
        "first": table_of(mean_inside=BASE),
        "same": table_of(mean_inside=BASE + NEAR),
        "other": table_of(mean_inside=BASE + FAR),
    }
    lost = {"first": 0.1 + BASE, "same": 0.1 + BASE - NEAR, "other": BASE - FAR}
    return studies.compare_models(tables, lost, "mean")


def test_models_are_compared_with_the_first_picture_by_picture():
    compared = compared_models()
    assert compared.columns.tolist() == [
        "model",
        "inside",
        "chance",
        "beyond",
        "drop",
        "p_inside",
        "d_z_inside",
        "outcome_inside",
        "p_drop",
        "d_z_drop",
        "outcome_drop",
    ]
    assert compared["outcome_inside"].tolist() == ["", "none", "more"]
    assert compared["outcome_drop"].tolist() == ["", "none", "less"]
    assert compared["model"].tolist() == ["first", "same", "other"]
    mean = BASE.mean()
    assert compared["inside"].tolist() == pytest.approx([mean, mean, mean + 0.2])
    assert compared["drop"].tolist() == pytest.approx([mean + 0.1, mean + 0.1, mean - 0.2])
    assert compared["chance"].tolist() == [0.5] * 3
    assert compared.iloc[0][["p_inside", "d_z_inside", "p_drop", "d_z_drop"]].isna().all()
    assert compared["d_z_inside"].tolist()[1:] == pytest.approx([0, 20], abs=1e-9)
    assert compared["d_z_drop"].tolist()[1:] == pytest.approx([0, -30], abs=1e-9)
    # All twelve pictures agree: 2 of 4,096 patterns of signs. One family of four tests: two models, two questions.
    assert compared["p_inside"].tolist()[1:] == pytest.approx([1, 4 * 2 / 2**12])
    assert compared["p_drop"].tolist()[1:] == pytest.approx([1, 4 * 2 / 2**12])


def test_pictures_that_one_model_lacks_are_left_out_of_the_pairs():
    holes = BASE + FAR
    holes[:4] = np.nan
    tables = {"a": table_of(auc=BASE), "b": table_of(auc=holes)}
    compared = studies.compare_models(tables, {"a": np.full(12, np.nan), "b": BASE}, "auc")
    expected = stats.paired_t(holes[4:], BASE[4:])
    assert compared["d_z_inside"][1] == pytest.approx(expected.effect)
    assert compared["p_inside"][1] == 2 / 2**8  # all eight pictures agree
    assert compared["chance"].tolist() == [0.5, 0.5]
    assert np.isnan(compared["drop"][0])
    assert compared["drop"][1] == pytest.approx(BASE.mean())
    assert np.isnan(compared["p_drop"][1])


def test_models_in_words():
    a, b = f"{BASE.mean():.2f}", f"{BASE.mean() + 0.2:.2f}"
    points, fewer = f"{100 * BASE.mean() + 10:.0f}", f"{100 * BASE.mean() - 20:.0f}"
    assert studies.models_sentences(compared_models(), "mean") == (
        "Against first:",
        f"same shows no difference in mean activation on the object ({a} against {a}), and no "
        f"difference is shown in what another background costs ({points} points against {points}).",
        f"other has more mean activation on the object ({b} against {a}, p = 0.002), and another "
        f"background costs it less ({fewer} points against {points}, p = 0.002).",
    )


def test_models_in_words_the_other_way_round():
    rows = [("a", 0.6, np.nan, 0.10, *[np.nan] * 4), ("b", 0.4, np.nan, 0.35, 0.004, "less", 0.03, "more")]
    columns = ["model", "inside", "beyond", "drop", "p_inside", "outcome_inside", "p_drop", "outcome_drop"]
    frame = pd.DataFrame(rows, columns=columns)
    assert studies.models_sentences(frame, "energy") == (
        "Against a, b has less share of energy on the object (0.40 against 0.60, p = 0.004), and another background "
        "costs it more (35 points against 10, p = 0.030).",
    )
    assert studies.models_sentences(frame.head(1), "energy") == ()


def test_what_could_not_be_tested_is_not_called_the_same():
    tables = {"a": table_of(mean_inside=BASE), "b": table_of(mean_inside=BASE + FAR)}
    compared = studies.compare_models(tables, {"a": BASE, "b": np.full(12, np.nan)}, "mean")
    (sentence,) = studies.models_sentences(compared, "mean")
    assert "has more mean activation" in sentence
    assert "about the same" not in sentence
    assert "nan" not in sentence


def test_the_direction_is_that_of_the_pairs():
    """b is higher on every picture that both have, but lacks those where a is highest."""
    first = np.r_[np.full(6, 0.95), spread(12, 0.3, 0.05)]
    second = np.r_[np.full(6, np.nan), spread(12, 0.4, 0.06)]
    compared = studies.compare_models(
        {"a": table_of(mean_inside=first), "b": table_of(mean_inside=second)}, {"a": first, "b": first}, "mean"
    )
    assert compared["d_z_inside"][1] > 1
    assert compared["p_inside"][1] < 0.05
    (said,) = studies.models_sentences(compared, "mean")
    assert "b has more mean activation" in said
    here, there = first[6:].mean(), second[6:].mean()
    assert f"({there:.2f} against {here:.2f}" in said  # of the same pictures, so that words and numbers agree
    assert compared["inside"].tolist() == pytest.approx([here, there])


def test_a_narrower_blob_is_no_closer_look_at_the_object():
    """Held against the masks of other pictures, what lies on any object is nobody's own."""
    usual = np.tile([0.01, -0.01], 6) - 0.5 + BASE
    wide = table_of(mean_inside=BASE).assign(control_mean=usual)
    narrow = table_of(mean_inside=BASE + FAR).assign(control_mean=usual[::-1] - BASE[::-1] + BASE + FAR)
    nothing = np.full(12, np.nan)
    compared = studies.compare_models({"wide": wide, "narrow": narrow}, {"wide": nothing, "narrow": nothing}, "mean")
    assert compared["outcome_inside"].tolist() == ["", "none"]
    assert compared["beyond"].tolist() == pytest.approx([0, 0], abs=0.01)
    (said,) = studies.models_sentences(compared, "mean")
    assert (
        "shows no difference in mean activation on the object, beyond what comes from where objects usually lie ("
        in said
    )
    closer = narrow.assign(control_mean=narrow["control_mean"] - FAR)
    compared = studies.compare_models({"wide": wide, "closer": closer}, {"wide": nothing, "closer": nothing}, "mean")
    assert compared["outcome_inside"][1] == "more"
    assert "(+0.20 against +0.00, p < 0.001)" in studies.models_sentences(compared, "mean")[0]


def test_models_differ_only_where_the_interval_says_so_as_well():
    """Sign flips reject, and the interval of the skewed differences holds zero."""
    rng = np.random.default_rng(0)
    for _ in range(2000):
        difference = 0.1 * rng.exponential(size=8) ** 2
        test = studies.paired_tests(difference, 0.0)
        if test.result.p < 0.01 and test.result.interval[0] < 0:
            break
    else:
        raise AssertionError("no such draw")
    tables = {"a": table_of(mean_inside=np.full(8, 0.2)), "b": table_of(mean_inside=0.2 + difference)}
    nothing = np.full(8, np.nan)
    compared = studies.compare_models(tables, {"a": nothing, "b": nothing}, "mean")
    assert compared["outcome_inside"][1] == "none"
    assert "b shows no difference in mean activation" in studies.models_sentences(compared, "mean")[0]
