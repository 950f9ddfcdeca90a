"""Each check at its limits, by tables made by hand; the sentences name the number and what it means."""

import numpy as np
import pandas as pd
import pytest

from xai_core import studies
from xai_core.studies import Check, Trust

LAYERS = ["", "fc", "layer4.1", "layer2.0", "conv1"]
SHARES = [0.0, 0.1, 0.5, 0.8, 1.0]


def cascade(*draws, flat=(), trained_flat=False):
    """A table as of `xai.randomisation`; a draw is its correlations from step 1 on, None stands for a flat map."""
    rows = []
    for draw, values in enumerate(draws):
        for step, value in enumerate([1.0, *values]):
            gone = trained_flat or value is None
            number = np.nan if gone else value
            is_flat = trained_flat if step == 0 else value is None
            rows.append((step, draw, LAYERS[step], SHARES[step], number, number, is_flat))
    return pd.DataFrame(rows, columns=["step", "draw", "down_to", "share", "rank_correlation", "ssim", "flat"])


# ---------------------------------------------------------------- random weights


@pytest.mark.parametrize(
    ("last", "grade"),
    [(-0.9, "holds"), (0.0, "holds"), (0.5, "holds"), (0.51, "care"), (0.7, "care"), (0.71, "fails"), (1.0, "fails")],
)
def test_the_last_step_decides(last, grade):
    check = studies.randomisation_check(cascade([0.99, 0.99, 0.99, last]))
    assert check.grade == grade
    assert f"rank correlation {last:.2f} (1 means the same order of places, 0 no relation)" in check.sentence
    assert check.sentence.startswith("With all weights replaced by random ones, ")


def test_draws_are_averaged_and_their_range_is_said():
    check = studies.randomisation_check(cascade([1, 1, 1, 0.9], [0, 0, 0, 0.2], [0, 0, 0, -0.2]))
    assert check.grade == "holds"
    assert "rank correlation 0.30 " in check.sentence
    assert "mean of 3 draws from -0.20 to 0.90" in check.sentence


def test_where_it_fell_is_said_by_module_and_share():
    check = studies.randomisation_check(cascade([0.9, 0.6, 0.5, 0.1], [0.8, 0.5, 0.3, 0.1]))
    assert check.sentence.endswith(
        "Random weights from the output back to layer2.0, 80% of all, already bring it to 0.40."
    )
    # Only at the very end: nothing to add.
    late = studies.randomisation_check(cascade([0.9, 0.8, 0.8, 0.1]))
    assert "already" not in late.sentence


def test_flat_maps_at_the_end_count_as_changed():
    all_flat = studies.randomisation_check(cascade([1, 1, 1, None], [1, 1, 1, None]))
    assert all_flat.grade == "holds"
    assert "rank correlation 0.00" in all_flat.sentence
    assert "It is then the same everywhere." in all_flat.sentence
    one_flat = studies.randomisation_check(cascade([1, 1, 1, None], [1, 1, 1, 1.0]))
    assert one_flat.grade == "holds"  # (0 + 1) / 2
    assert "In 1 of the 2 draws it is then the same everywhere." in one_flat.sentence


def test_what_stays_is_called_by_its_name():
    assert studies.randomisation_check(cascade([1, 1, 1, 0.95])).sentence.endswith(
        "It shows the picture, not what the model learned."
    )


def test_without_steps_or_with_a_flat_map_it_is_not_known():
    for table in (cascade([]), cascade([0.1] * 4, trained_flat=True)):
        check = studies.randomisation_check(table)
        assert check.grade is None
        assert check.sentence


# ---------------------------------------------------------------- deletion and insertion


def curves(column, method, randoms, target=3):
    """Curves of two points, so that an area is the mean of its ends; the other end is 0."""
    rows = [("Grad-CAM", 0, share, target, p) for share, p in ((0.0, 0.0), (1.0, 2 * method))]
    for draw, area in enumerate(randoms):
        rows += [("random", draw, share, target, p) for share, p in ((0.0, 0.0), (1.0, 2 * area))]
    rows += [(name, 0, share, target + 1, 0.9) for name in ("Grad-CAM", "random") for share in (0.0, 1.0)]
    return pd.DataFrame(rows, columns=["method", "draw", column, "target", "p"])


RANDOMS = (0.2, 0.3, 0.4)


@pytest.mark.parametrize(
    ("gone", "back", "grade"),
    [
        (0.1, 0.45, "holds"),
        (0.1, 0.4, "care"),  # as good as the best random order is not better
        (0.2, 0.45, "care"),
        (0.1, 0.1, "care"),  # one says yes, the other no
        (0.35, 0.25, "fails"),
        (0.35, 0.3, "care"),  # as good as the mean is not worse
        (0.25, 0.25, "care"),
        (0.45, 0.45, "care"),
    ],
)
def test_both_curves_decide(gone, back, grade):
    check = studies.deletion_check(curves("hidden", gone, RANDOMS), curves("shown", back, RANDOMS), "Grad-CAM", 3)
    assert check.grade == grade


def test_the_sentence_gives_areas_and_those_of_random_orders():
    check = studies.deletion_check(
        curves("hidden", 0.1, RANDOMS), curves("shown", 0.45, RANDOMS), "Grad-CAM", 3, class_name="tabby"
    )
    assert check.sentence == (
        "The map finds what tabby depends on better than every random order. While its top places are hidden first, "
        "tabby keeps 10% probability on average, against 30% in random order (20% to 40%; lower is better). While "
        "they are uncovered first, it has 45% against 30% (20% to 40%; higher is better)."
    )


def test_what_cannot_be_compared_says_why():
    hidden, shown = curves("hidden", 0.1, RANDOMS), curves("shown", 0.45, RANDOMS)
    alone = hidden[hidden["method"] != "random"]
    missing = shown[shown["method"] == "random"]
    unusable = shown.assign(p=shown["p"].where(shown["draw"] == 0))
    for check, why in (
        (studies.deletion_check(alone, shown, "Grad-CAM", 3), "no random orders"),
        (studies.deletion_check(hidden, missing, "Grad-CAM", 3), "Grad-CAM gives no order"),
        (studies.deletion_check(hidden, unusable, "Grad-CAM", 3), "no number"),
        (studies.deletion_check(hidden, shown, "Grad-CAM", 7), "no random orders"),
    ):
        assert check.grade is None
        assert why in check.sentence


# ---------------------------------------------------------------- other methods


def pairs(**values):
    rows = [(*name.split("_"), value, 0.5) for name, value in values.items()]
    return pd.DataFrame(rows, columns=["first", "second", "rank_correlation", "overlap"])


def test_the_median_of_a_methods_own_pairs_decides():
    table = pairs(a_b=0.2, a_c=0.9, d_a=0.3, b_c=-1.0)
    check = studies.agreement_check(table, "a")
    assert check.grade == "holds"
    assert "median rank correlation 0.30 with the 3 other methods" in check.sentence
    assert studies.agreement_check(table, "b").grade == "care"  # 0.2 and -1


def test_other_methods_never_fail_a_map():
    check = studies.agreement_check(pairs(a_b=-1.0), "a")
    assert check.grade == "care"
    assert "rank correlation -1.00 with the one other method" in check.sentence


def test_maps_without_contrast_are_no_witnesses():
    assert studies.agreement_check(pairs(a_b=np.nan, a_c=0.4), "a").sentence.count("the one other method") == 1
    none = studies.agreement_check(pairs(a_b=np.nan), "a")
    assert none.grade is None
    assert "contrast" in none.sentence
    alone = studies.agreement_check(pairs(b_c=0.9), "a")
    assert alone.grade is None
    assert alone.sentence == "No other method ran, so this is not known."
    assert studies.agreement_check(studies.agreements({"a": np.eye(4, dtype=np.float32)}), "a").grade is None


# ---------------------------------------------------------------- seeds


@pytest.mark.parametrize(
    ("values", "grade", "said"),
    [
        ([0.8], "holds", "rank correlation 0.80 (1 means the same order of parts, 0 no relation; one pair of seeds)"),
        ([0.7, 0.8, 0.81], "care", "rank correlation 0.77 "),
        ([0.5, 0.5], "care", "mean of 2 pairs of seeds"),
        ([0.49], "fails", "Most of it is chance"),
        ([0.9, np.nan], "holds", "one pair of seeds"),
    ],
)
def test_the_mean_over_seeds_decides(values, grade, said):
    check = studies.seeds_check(values)
    assert check.grade == grade
    assert said in check.sentence


@pytest.mark.parametrize("values", [[], [np.nan]])
def test_seeds_that_cannot_be_compared_are_not_known(values):
    assert studies.seeds_check(values).grade is None


# ---------------------------------------------------------------- maps without evidence


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.zeros((3, 3)), "no place speaks for the class"),
        (-np.eye(3), "no place speaks for the class"),
        (np.full((3, 3), 2.5), "The map is 2.5 everywhere"),
        (np.full((3, 3), np.nan), "no numbers"),
    ],
)
def test_a_map_without_positive_evidence_or_contrast_fails(values, said):
    check = studies.flat_check(values)
    assert check.grade == "fails"
    assert said in check.sentence


def test_a_map_with_evidence_has_nothing_to_say():
    assert studies.flat_check(np.eye(3) - 0.9) is None


# ---------------------------------------------------------------- together


def graded(*grades):
    return [Check(f"check {index}", grade, "Because.") for index, grade in enumerate(grades)]


@pytest.mark.parametrize(
    ("grades", "grade", "headline"),
    [
        (["holds"], "holds", "Holds up"),
        (["holds", None, "holds"], "holds", "Holds up"),
        (["holds", "care", None], "care", "With care"),
        (["care"], "care", "With care"),
        (["holds", "care", "fails", None], "fails", "Do not rely on it"),
        ([None, None], "care", "With care: no check could be done"),
        ([], "care", "With care: no check could be done"),
    ],
)
def test_the_worst_grade_counts(grades, grade, headline):
    checks = graded(*grades)
    assert studies.judge(checks) == Trust(grade, headline, tuple(checks))


def test_what_has_nothing_to_say_is_left_out():
    (check,) = graded("holds")
    assert studies.judge([None, check]).checks == (check,)
