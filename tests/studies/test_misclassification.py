"""What is said of mistakes: on tables written out by hand, on random ones by slow loops and scikit-learn."""

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats
from sklearn import metrics

import xai_core as xai
from xai_core import stats, studies
from xai_core.inference.evaluation import evaluation_rows
from xai_core.types import Predictions

CLASSES = ("ant", "bee", "cat")
NAN = float("nan")


def spelled(*pictures, classes=CLASSES):
    """A table from pictures such as "ab 0.9 0.3 2": label, prediction, confidence, margin and loss.

    Classes go by their initial letters; "?" is a label that the model does not know, and a confidence of nan stands
    for an answer that is none.
    """
    number = {name[0]: i for i, name in enumerate(classes)} | {"?": -1}
    rows = []
    for place, line in enumerate(pictures):
        pair, *rest = line.split()
        confidence, margin, loss = [float(value) for value in rest] + [0.5, 0.5, 0.5][len(rest) :]
        true, predicted, usable = number[pair[0]], number[pair[1]], not math.isnan(confidence)
        rows.append(
            {
                "index": place,
                "picture": f"picture {place}",
                "true": true,
                "true_class": classes[true] if true >= 0 else "",
                "predicted": predicted,
                "predicted_class": classes[predicted],
                "confidence": confidence,
                "margin": margin if usable else NAN,
                "loss": loss if usable and true >= 0 else NAN,
                "correct": usable and true == predicted,
                "in_top5": usable and true >= 0,
                "usable": usable,
            }
        )
    return pd.DataFrame(rows)


# Judged: 4 ants (3 right), 2 bees (1 right), 2 cats (none right); besides one unlabelled and one unusable picture.
TEN = spelled("aa 0.9", "aa 0.8", "ab 0.7", "aa 0.6", "bb 0.9", "ba 0.5", "cb 1", "cb 0.4", "?c 1", "cc nan")
NOBODY = spelled("?a 0.5", "aa nan", "?b nan")
NOTHING = TEN.iloc[:0]


def answered(n, classes, seed, unlabelled=0.0, unusable=0.0):
    """A random table by the library's own rows, and its class names."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(classes, 0.3), n)
    p[rng.random(n) < unusable] = np.nan
    names = [f"class {i}" for i in range(classes)]
    likely = np.where(rng.random(n) < 0.6, np.nan_to_num(p).argmax(axis=1), rng.integers(0, classes, n))
    truth = [None if rng.random() < unlabelled else int(index) for index in likely]
    pixels = np.zeros((1, 1, 3), np.uint8)
    samples = [xai.Sample(f"id {i}", pixels, name=f"picture {i}") for i in range(n)]
    said = Predictions(np.nan_to_num(p).argmax(axis=1), p)
    return evaluation_rows(said, samples, truth, names), names


RANDOM = [(200, 2, 0), (300, 5, 1), (400, 12, 2), (60, 40, 3)]  # of the last, several classes do not occur


@pytest.fixture(params=RANDOM, ids=str)
def drawn(request):
    n, classes, seed = request.param
    return answered(n, classes, seed, unlabelled=0.1, unusable=0.1)


# ------------------------------------------------------------------------------------------ what can be judged


def test_only_labelled_pictures_with_an_answer_are_judged():
    assert studies.judged(TEN).index.tolist() == list(range(8))
    assert studies.judged(NOBODY).empty
    assert studies.judged(NOTHING).empty


def test_confusion_by_hand():
    found = studies.confusion(TEN, 3)
    assert found.dtype == np.int64
    assert found.tolist() == [[3, 1, 0], [1, 1, 0], [0, 2, 0]]


def test_confusion_has_every_class_of_the_model():
    found = studies.confusion(TEN, 5)
    assert found.shape == (5, 5)
    assert found.sum() == 8
    assert not found[3:].any()
    assert not found[:, 3:].any()


@pytest.mark.parametrize("table", [NOBODY, NOTHING], ids=["nobody", "nothing"])
def test_confusion_of_nothing_is_zero(table):
    assert studies.confusion(table, 3).tolist() == [[0] * 3] * 3


def test_confusion_is_scikit_learns(drawn):
    table, names = drawn
    known = table[(table["true"] >= 0) & table["usable"]]
    assert 0 < len(known) < len(table)
    expected = metrics.confusion_matrix(known["true"], known["predicted"], labels=range(len(names)))
    np.testing.assert_array_equal(studies.confusion(table, len(names)), expected)


# ---------------------------------------------------------------------------------------------- class by class


def test_class_report_by_hand():
    found = studies.class_report(TEN, CLASSES)
    expected = pd.DataFrame(
        {
            "class": ["ant", "bee", "cat"],
            "pictures": [4, 2, 2],
            "recall": [3 / 4, 1 / 2, 0],
            "precision": [3 / 4, 1 / 4, NAN],  # the only "cat" was said of a picture without a label
            "f1": [3 / 4, 1 / 3, 0],
            "missed": [1, 1, 2],
            "false_positives": [1, 3, 0],
        }
    )
    pd.testing.assert_frame_equal(found, expected, rtol=1e-12)


def test_class_report_has_classes_that_are_only_predicted_and_none_that_do_not_occur():
    names = ("ant", "bee", "cat", "dog", "eel")
    found = studies.class_report(spelled("aa", "ad", "ad", classes=names), names)
    assert found["class"].tolist() == ["ant", "dog"]
    assert found.index.tolist() == [0, 1]
    assert found["pictures"].tolist() == [3, 0]
    assert found["false_positives"].tolist() == [0, 2]
    assert found["recall"][0] == pytest.approx(1 / 3)
    assert math.isnan(found["recall"][1])
    assert found["precision"].tolist() == [1, 0]
    assert found["f1"].tolist() == [0.5, 0]


@pytest.mark.parametrize("table", [NOBODY, NOTHING], ids=["nobody", "nothing"])
def test_class_report_of_nothing_is_empty(table):
    found = studies.class_report(table, CLASSES)
    assert found.empty
    assert found.columns.tolist() == ["class", "pictures", "recall", "precision", "f1", "missed", "false_positives"]


def test_class_report_is_scikit_learns(drawn):
    table, names = drawn
    known = table[(table["true"] >= 0) & table["usable"]]
    precision, recall, f1, pictures = metrics.precision_recall_fscore_support(
        known["true"], known["predicted"], labels=range(len(names)), zero_division=np.nan
    )
    occurs = sorted(set(known["true"]) | set(known["predicted"]))
    found = studies.class_report(table, names)
    assert found["class"].tolist() == [names[i] for i in occurs]
    assert found["pictures"].tolist() == pictures[occurs].tolist()
    for column, expected in (("precision", precision), ("recall", recall), ("f1", f1)):
        np.testing.assert_allclose(found[column], expected[occurs], rtol=1e-12, err_msg=column)
    assert found["missed"].sum() == found["false_positives"].sum() == (known["true"] != known["predicted"]).sum()


# ----------------------------------------------------------------------------------------------- in a few numbers


def test_summary_by_hand():
    found = studies.summarise(TEN, CLASSES)
    assert (found.n, found.right, found.unlabelled, found.unusable) == (8, 4, 1, 1)
    assert found.accuracy == 0.5
    assert found.interval == pytest.approx(stats.share_interval(4, 8))
    assert math.isnan(found.top5)
    assert found.macro_f1 == pytest.approx((3 / 4 + 1 / 3 + 0) / 3)
    assert found.confidence == pytest.approx(5.8 / 8)
    # Bins by hand: 0.9 twice (right), 0.8, 0.6 (right), 0.7, 0.5, 1, 0.4 (wrong), each in a bin of its own.
    assert found.ece == pytest.approx((2 * 0.1 + 0.2 + 0.4 + 0.7 + 0.5 + 1 + 0.4) / 8)


def test_a_picture_without_label_and_answer_is_counted_once():
    found = studies.summarise(NOBODY, CLASSES)
    assert (found.n, found.right, found.unlabelled, found.unusable) == (0, 0, 2, 1)


@pytest.mark.parametrize("table", [NOBODY, NOTHING], ids=["nobody", "nothing"])
def test_a_summary_of_nothing_is_nan(table):
    found = studies.summarise(table, CLASSES)
    assert found.n + found.unlabelled + found.unusable == len(table)
    for value in (found.accuracy, *found.interval, found.top5, found.macro_f1, found.ece, found.confidence):
        assert math.isnan(value)


@pytest.mark.parametrize(("right", "n"), [(0, 1), (1, 1), (0, 7), (3, 7), (7, 7), (91, 100)])
def test_the_interval_is_blakers(right, n):
    found = studies.summarise(spelled(*["aa"] * right, *["ab"] * (n - right)), CLASSES)
    assert (found.right, found.n) == (right, n)
    assert found.interval == stats.share_interval(right, n)
    assert 0 <= found.interval[0] <= right / n <= found.interval[1] <= 1


def test_macro_f1_is_scikit_learns_over_the_classes_that_occur(drawn):
    table, names = drawn
    known = table[(table["true"] >= 0) & table["usable"]]
    occurs = sorted(set(known["true"]))
    expected = metrics.f1_score(known["true"], known["predicted"], labels=occurs, average="macro", zero_division=0)
    assert studies.summarise(table, names).macro_f1 == pytest.approx(expected, rel=1e-12)


def test_macro_f1_leaves_out_a_class_that_is_only_predicted():
    # ant 2/3, and bee, which no picture is, would pull it down to 1/3.
    assert studies.summarise(spelled("aa", "ab"), CLASSES).macro_f1 == pytest.approx(2 / 3)


@pytest.mark.parametrize(("classes", "computed"), [(2, False), (10, False), (11, True), (40, True)])
def test_the_top_five_say_something_beyond_ten_classes(classes, computed):
    table, names = answered(400, classes, 0, unlabelled=0.2, unusable=0.2)
    known = table[(table["true"] >= 0) & table["usable"]]
    found = studies.summarise(table, names).top5
    if computed:
        assert found == pytest.approx(known["in_top5"].sum() / len(known), rel=1e-12)
        assert found > known["correct"].mean()
    else:
        assert math.isnan(found)


# --------------------------------------------------------------------------------------------------- calibration


def test_calibration_by_hand():
    table = spelled("aa 0.1", "ab 0.2", "aa 0.3", "ab 0.8", "aa 0.8", "aa 0.9", "?a 0.9", "aa nan")
    found = studies.calibration(table, bins=4)  # (0, 1/4], (1/4, 1/2], (1/2, 3/4], (3/4, 1]
    expected = pd.DataFrame(
        {
            "low": [0, 0.25, 0.75],
            "high": [0.25, 0.5, 1],
            "n": [2, 1, 3],
            "confidence": [0.15, 0.3, 2.5 / 3],
            "accuracy": [1 / 2, 1, 2 / 3],
        }
    )
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, rtol=1e-12)
    # |0.15 - 0.5| * 2, |0.3 - 1| * 1 and |2.5 / 3 - 2 / 3| * 3, over 6 pictures
    assert studies.calibration_error(found) == pytest.approx((0.7 + 0.7 + 0.5) / 6)


def test_confidences_of_zero_and_one_are_in_the_first_and_last_bin():
    found = studies.calibration(spelled("aa 0", "ab 1", "aa 1"))
    assert found["low"].tolist() == [0, 14 / 15]
    assert found["high"].tolist() == [1 / 15, 1]
    assert found["n"].tolist() == [1, 2]
    assert found["confidence"].tolist() == [0, 1]
    assert found["accuracy"].tolist() == [1, 0.5]
    assert studies.calibration_error(found) == pytest.approx(2 / 3)


@pytest.mark.parametrize("bins", [1, 2, 5, 10, 15, 20, 25, 100])
def test_a_confidence_on_an_edge_belongs_to_the_bin_below(bins):
    table = spelled(*["aa 0.5"] * bins)
    table["confidence"] = [k / bins for k in range(1, bins + 1)]
    found = studies.calibration(table, bins)
    assert found["n"].tolist() == [1] * bins
    assert found["confidence"].tolist() == found["high"].tolist() == table["confidence"].tolist()


@pytest.mark.parametrize("bins", [1, 4, 10, 15])
def test_calibration_is_the_slow_one(drawn, bins):
    table, _ = drawn
    rows, error, n = [], 0.0, 0
    for k in range(bins):
        inside = [
            row
            for row in table.itertuples()
            if row.usable
            and row.true >= 0
            and (k < Fraction(row.confidence) * bins <= k + 1 or (k == 0 and row.confidence == 0))
        ]
        if inside:
            sure = math.fsum(row.confidence for row in inside) / len(inside)
            right = sum(row.true == row.predicted for row in inside) / len(inside)
            rows.append((k / bins, (k + 1) / bins, len(inside), sure, right))
            error += len(inside) * abs(sure - right)
            n += len(inside)
    found = studies.calibration(table, bins)
    assert found.columns.tolist() == ["low", "high", "n", "confidence", "accuracy"]
    assert found["n"].tolist() == [row[2] for row in rows]
    np.testing.assert_allclose(found.to_numpy(float), rows, rtol=1e-12)
    assert studies.calibration_error(found) == pytest.approx(error / n, rel=1e-12)
    if bins == 15:
        assert studies.summarise(table, ["x"] * 40).ece == pytest.approx(error / n, rel=1e-12)
        pd.testing.assert_frame_equal(studies.calibration(table), found)


@pytest.mark.parametrize("table", [NOBODY, NOTHING], ids=["nobody", "nothing"])
def test_calibration_of_nothing_is_empty_and_its_error_nan(table):
    found = studies.calibration(table)
    assert found.columns.tolist() == ["low", "high", "n", "confidence", "accuracy"]
    assert found.empty
    assert math.isnan(studies.calibration_error(found))


# ------------------------------------------------------------------------------------------------ confused pairs


def test_confused_pairs_by_hand():
    found = studies.confused_pairs(TEN, CLASSES)
    expected = pd.DataFrame(
        {
            "true": [2, 1, 0],
            "predicted": [1, 0, 1],
            "true_class": ["cat", "bee", "ant"],
            "predicted_class": ["bee", "ant", "bee"],
            "n": [2, 1, 1],
            "share": [1, 1 / 2, 1 / 4],  # as often, so the larger share comes first
        }
    )
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_the_number_comes_before_the_share():
    found = studies.confused_pairs(spelled("ab", "ab", "aa", "aa", "aa", "ba"), CLASSES)
    assert found[["true_class", "n", "share"]].to_numpy().tolist() == [["ant", 2, 2 / 5], ["bee", 1, 1]]


def test_full_ties_are_in_the_order_of_the_classes():
    found = studies.confused_pairs(spelled("cb", "bc", "ca", "ac", "ba", "ab"), CLASSES)
    pairs = [(row.true, row.predicted) for row in found.itertuples()]
    assert pairs == [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]
    assert found["share"].tolist() == [0.5] * 6


@pytest.mark.parametrize("table", [spelled("aa", "bb", "?a", "ab nan"), NOBODY, NOTHING])
def test_no_mistake_no_pair(table):
    found = studies.confused_pairs(table, CLASSES)
    assert found.empty
    assert found.columns.tolist() == ["true", "predicted", "true_class", "predicted_class", "n", "share"]


def test_confused_pairs_are_the_slow_ones(drawn):
    table, names = drawn
    counts, pictures = {}, {}
    for row in table.itertuples():
        if row.usable and row.true >= 0:
            pictures[row.true] = pictures.get(row.true, 0) + 1
            if row.true != row.predicted:
                counts[row.true, row.predicted] = counts.get((row.true, row.predicted), 0) + 1
    expected = sorted(
        ((t, p, names[t], names[p], n, n / pictures[t]) for (t, p), n in counts.items()),
        key=lambda row: (-row[4], -row[5], row[0], row[1]),
    )
    found = studies.confused_pairs(table, names)
    assert [tuple(row) for row in found.itertuples(index=False)] == expected
    assert found.index.tolist() == list(range(len(expected)))


# ----------------------------------------------------------------------------------- the matrix that fits a page


def consistent(shown, matrix):
    """That totals, the rest and what is hidden add up, whatever is shown."""
    np.testing.assert_array_equal(shown.counts, matrix[shown.rows][:, shown.columns])
    np.testing.assert_array_equal(shown.true_totals, matrix[shown.rows].sum(axis=1))
    np.testing.assert_array_equal(shown.predicted_totals, matrix[:, shown.columns].sum(axis=0))
    columns = [c for c in range(len(matrix)) if c not in shown.columns]
    rows = [r for r in range(len(matrix)) if r not in shown.rows]
    np.testing.assert_array_equal(shown.other_columns, matrix[shown.rows][:, columns].sum(axis=1))
    np.testing.assert_array_equal(shown.other_rows, matrix[rows][:, shown.columns].sum(axis=0))
    assert shown.columns[: len(shown.rows)].tolist() == shown.rows.tolist()
    occurs = {c for c in range(len(matrix)) if matrix[c].any() or matrix[:, c].any()}
    shown_classes = set(shown.rows.tolist()) | set(shown.columns.tolist())
    assert shown_classes <= occurs
    assert shown.hidden == len(occurs - shown_classes)


def test_few_classes_are_all_shown():
    matrix = np.array([[3, 1, 0], [1, 1, 0], [0, 2, 5]])
    found = studies.shown_confusion(matrix)
    assert found.rows.tolist() == found.columns.tolist() == [0, 1, 2]
    assert found.counts.tolist() == matrix.tolist()
    assert found.true_totals.tolist() == [4, 2, 7]
    assert found.predicted_totals.tolist() == [4, 4, 5]
    assert found.other_columns.tolist() == found.other_rows.tolist() == [0, 0, 0]
    assert found.hidden == 0


def test_the_matrix_handed_in_stays_as_it_is():
    matrix = np.array([[3, 1], [1, 1]])
    studies.shown_confusion(matrix)
    assert matrix.tolist() == [[3, 1], [1, 1]]


def test_fewer_classes_in_the_data_than_in_the_model():
    matrix = np.zeros((6, 6), np.int64)
    matrix[1, 1], matrix[1, 5], matrix[4, 1], matrix[4, 0] = 3, 1, 2, 7
    found = studies.shown_confusion(matrix)
    assert found.rows.tolist() == [1, 4]
    assert found.columns.tolist() == [1, 4, 0, 5]  # first the rows' own
    assert found.counts.tolist() == [[3, 0, 0, 1], [2, 0, 7, 0]]
    assert found.true_totals.tolist() == [4, 9]
    assert found.predicted_totals.tolist() == [5, 0, 7, 1]
    assert found.hidden == 0
    consistent(found, matrix)


def test_without_a_picture_nothing_is_shown():
    found = studies.shown_confusion(np.zeros((3, 3), np.int64))
    assert found.rows.size == found.columns.size == found.hidden == 0
    assert found.counts.shape == (0, 0)
    assert found.true_totals.size == found.other_columns.size == found.other_rows.size == 0


def test_the_limit_keeps_the_most_confused_classes_by_hand():
    # Mistakes that each class has a part in: 0: 1, 1: 5, 2: 0, 3: 5, 4: 1; class 2 is the largest and always right.
    matrix = np.array([[9, 0, 0, 0, 1], [0, 4, 0, 3, 0], [0, 0, 99, 0, 0], [0, 2, 0, 6, 0], [0, 0, 0, 0, 2]])
    found = studies.shown_confusion(matrix, limit=3)
    assert found.rows.tolist() == found.columns.tolist() == [0, 1, 3]  # of 0 and 4, which tie, the first
    assert found.counts.tolist() == [[9, 0, 0], [0, 4, 3], [0, 2, 6]]
    assert found.other_columns.tolist() == [1, 0, 0]
    assert found.other_rows.tolist() == [0, 0, 0]
    assert found.hidden == 2
    consistent(found, matrix)


def test_what_is_not_shown_is_in_the_totals():
    matrix = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    found = studies.shown_confusion(matrix, limit=2)  # mistakes: 2+3+4+7 = 16, 4+6+2+8 = 20, 7+8+3+6 = 24
    assert found.rows.tolist() == found.columns.tolist() == [1, 2]
    assert found.true_totals.tolist() == [15, 24]
    assert found.predicted_totals.tolist() == [15, 18]
    assert found.other_columns.tolist() == [4, 7]
    assert found.other_rows.tolist() == [2, 3]
    assert found.hidden == 1


def test_room_that_rows_leave_goes_to_the_classes_most_often_predicted():
    matrix = np.zeros((6, 6), np.int64)
    matrix[0] = [5, 1, 4, 0, 2, 3]  # ten of the pictures of class 0 are taken for classes that no picture is
    found = studies.shown_confusion(matrix, limit=3)
    assert found.rows.tolist() == [0]
    assert found.columns.tolist() == [0, 2, 5]
    assert found.counts.tolist() == [[5, 4, 3]]
    assert found.other_columns.tolist() == [3]
    assert found.hidden == 2
    consistent(found, matrix)


@pytest.mark.parametrize("limit", [1, 5, 24, 2000])
@pytest.mark.parametrize("pictures", [60, 3000])
def test_a_thousand_classes(limit, pictures):
    rng = np.random.default_rng(pictures)
    true = rng.integers(0, 1000, pictures)
    predicted = np.where(rng.random(pictures) < 0.7, true, rng.integers(0, 1000, pictures))
    matrix = metrics.confusion_matrix(true, predicted, labels=range(1000))
    found = studies.shown_confusion(matrix, limit=limit)
    consistent(found, matrix)
    involved = {c: sum((true == c) != (predicted == c)) for c in set(true.tolist())}
    rows = sorted(sorted(involved, key=lambda c: (-involved[c], c))[:limit])
    assert found.rows.tolist() == rows
    assert len(found.columns) <= limit
    if limit < len(involved):
        assert found.columns.tolist() == rows
    if limit == 24:
        again = studies.shown_confusion(matrix)
        assert again.columns.tolist() == found.columns.tolist()
    if limit == 2000:
        assert found.hidden == 0
        assert found.counts.sum() == pictures


# ------------------------------------------------------------------------------------- which pictures to look at

#        0               1               2                  3            4               5
LOOKED = spelled(
    "aa 0.9 0.8 0.1",
    "ab 0.7 0.5 2",
    "?b 0.8 0.7 9",
    "cc nan 1 1",
    "bb 0.6 0.3 0.5",
    "bc 0.9 0.9 inf",
    "ca 0.5 0.1 1",
    "aa 0.9 0.8 0.1",
    "ab 0.7 0.4 2",
)
#        6               7               8


def looked(**settings):
    found = studies.choose_pictures(LOOKED, **settings)
    assert found.dtype == np.int64
    return found.tolist()


def test_unless_told_otherwise_the_surest_mistakes_come_first():
    assert looked() == [5, 1, 8, 6]


@pytest.mark.parametrize(
    ("only", "kept"), [("wrong", [1, 5, 6, 8]), ("right", [0, 4, 7]), ("all", [0, 1, 2, 3, 4, 5, 6, 7, 8])]
)
def test_wrong_right_and_all(only, kept):
    assert sorted(looked(only=only)) == kept


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        # Ties stay in the table's order, and what cannot be compared comes last: 3 has no answer, 2 no loss.
        ("sure", [0, 5, 7, 2, 1, 8, 4, 6, 3]),
        ("unsure", [6, 4, 1, 8, 2, 0, 5, 7, 3]),
        ("close", [6, 4, 8, 1, 2, 0, 7, 5, 3]),
        ("clear", [5, 0, 7, 2, 1, 8, 4, 6, 3]),
        ("loss", [5, 1, 8, 6, 4, 0, 7, 2, 3]),
        ("disagree", [0, 1, 2, 3, 4, 5, 6, 7, 8]),  # the column is not there before the methods ran
    ],
)
def test_each_order_by_hand(sort, order):
    assert looked(only="all", sort=sort) == order


def test_every_order_is_tested_here():
    assert set(studies.GALLERY_SORTS) == {"sure", "unsure", "close", "clear", "loss", "disagree"}


def test_where_the_methods_ran_the_least_agreement_comes_first():
    table = LOOKED.assign(rank_correlation=[0.3, NAN, -0.2, 0.1, 0.3, NAN, -1, 0.9, -0.2])
    assert studies.choose_pictures(table, only="all", sort="disagree").tolist() == [6, 2, 8, 3, 0, 4, 7, 1, 5]
    assert studies.choose_pictures(table, only="wrong", sort="disagree").tolist() == [6, 8, 1, 5]


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        ({"true": [0]}, [0, 1, 7, 8]),
        ({"true": [1, 2]}, [3, 4, 5, 6]),
        ({"true": (2,)}, [3, 6]),
        ({"predicted": [2]}, [5]),  # 3 has no answer, so that it says nothing
        ({"predicted": [1]}, [1, 2, 4, 8]),
        ({"predicted": np.array([0, 2])}, [0, 5, 6, 7]),
        ({"true": [0], "predicted": [1]}, [1, 8]),
        ({"true": [1], "predicted": [0]}, []),
        ({"true": [], "predicted": []}, list(range(9))),
        ({"true": [0], "only": "right"}, [0, 7]),
        ({"true": [0, 2], "only": "wrong"}, [1, 6, 8]),
        ({"predicted": [1], "only": "wrong"}, [1, 8]),
        ({"predicted": [1], "only": "right"}, [4]),
        ({"true": [1], "predicted": [2], "only": "wrong"}, [5]),
    ],
)
def test_filters_go_together(settings, kept):
    assert sorted(looked(**({"only": "all"} | settings))) == kept


def test_positions_are_those_in_the_table_whatever_its_index():
    table = LOOKED.set_index(np.arange(100, 109))
    assert studies.choose_pictures(table).tolist() == [5, 1, 8, 6]
    assert studies.choose_pictures(NOTHING, only="all").tolist() == []


@pytest.mark.parametrize("sort", ["sure", "unsure", "close", "clear", "loss"])
@pytest.mark.parametrize("only", ["wrong", "right", "all"])
def test_orders_are_the_slow_ones(drawn, sort, only):
    table, _ = drawn
    column, sign = {
        "sure": ("confidence", -1),
        "unsure": ("confidence", 1),
        "close": ("margin", 1),
        "clear": ("margin", -1),
        "loss": ("loss", -1),
    }[sort]
    kept = []
    for place, row in enumerate(table.itertuples()):
        judged = row.usable and row.true >= 0
        if only == "all" or (judged and (row.true == row.predicted) == (only == "right")):
            value = getattr(row, column)
            kept.append((math.isnan(value), 0 if math.isnan(value) else sign * value, place))
    assert studies.choose_pictures(table, only=only, sort=sort).tolist() == [place for *_, place in sorted(kept)]


# ------------------------------------------------------------------------------------------ what to hold against


@pytest.mark.parametrize(
    ("picture", "p", "expected"),
    [
        ("ab", [0.1, 0.6, 0.3], 0),  # wrong: the label, though the runner-up is another
        ("ca", [0.9, 0.1, 0.0], 2),
        ("bb", [0.1, 0.6, 0.3], 2),  # right: the runner-up
        ("?a", [0.5, 0.2, 0.3], 2),  # without a label: the runner-up
        ("aa", [0.4, 0.3, 0.3], 1),  # of those that tie, the first
        ("cc", [0.3, 0.3, 0.4], 0),
        ("bb", [0.5, 0.5, 0.0], 0),  # and not the prediction itself
        ("aa", [0.5, 0.5, 0.0], 1),
        ("aa", [1.0, 0.0, 0.0], 1),
    ],
)
def test_rival(picture, p, expected):
    table = spelled("cc", picture, "aa")
    found = studies.rival(table, 1, np.array(p, np.float32))
    assert found == expected
    assert type(found) is int


def test_a_model_of_one_class_has_no_rival_but_itself():
    table = spelled("aa", "?a", classes=("ant",))
    assert [studies.rival(table, position, np.ones(1)) for position in (0, 1)] == [0, 0]


def test_the_rival_goes_by_the_place_in_the_table():
    table = spelled("ab", "ca").set_index(np.array([7, 0]))
    assert studies.rival(table, 0, np.array([0.3, 0.6, 0.1])) == 0
    assert studies.rival(table, 1, np.array([0.6, 0.3, 0.1])) == 2


def test_right_pictures():
    table = spelled("aa 0.6", "ab 0.9", "aa 0.8", "?a 1", "aa 0.8", "bb 0.7", "aa nan", "ba 1", "aa 0.9")
    assert studies.right_pictures(table, 0).tolist() == [8, 2, 4, 0]
    assert studies.right_pictures(table, 0, besides=2).tolist() == [8, 4, 0]
    assert studies.right_pictures(table, 0, besides=1).tolist() == [8, 2, 4, 0]
    assert studies.right_pictures(table, 0, besides=0).tolist() == [8, 2, 4]  # and zero is a place, too
    assert studies.right_pictures(table, 1).tolist() == [5]
    assert studies.right_pictures(table, 1, besides=5).tolist() == []
    assert studies.right_pictures(table, 2).tolist() == []


# ----------------------------------------------------------------------------------------------------- agreement


def untied(side=10, seed=0):
    """Every cell another whole number."""
    return np.random.default_rng(seed).permutation(side * side).reshape(side, side).astype(np.float32)


@pytest.mark.parametrize("shape", [(10, 10), (7, 7), (3, 5)])
def test_identical_maps_agree_entirely(shape):
    one = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    assert studies.agreement(one, one) == (pytest.approx(1, abs=1e-12), 1)


def test_scale_and_offset_do_not_matter():
    correlation, overlap = studies.agreement(untied(), 4 * untied() - 256)
    assert correlation == pytest.approx(1, abs=1e-12)
    assert overlap == pytest.approx(1, abs=0.01)  # rounding makes ties


def test_inverted_maps_are_opposed():
    correlation, overlap = studies.agreement(untied(), -untied())
    assert correlation == pytest.approx(-1, abs=1e-12)
    assert overlap == 0


RAMP = np.arange(10, dtype=np.float32)
ACROSS, DOWN = np.tile(RAMP, (10, 1)), np.tile(RAMP[:, None], (1, 10))
# As `ACROSS`, but with the last two columns exchanged.
EXCHANGED = np.tile(np.array([0, 1, 2, 3, 4, 5, 6, 7, 9, 8], np.float32), (10, 1))


def test_a_ramp_across_and_one_down_agree_by_chance():
    # Of the area, the tenth on the right and the tenth at the bottom: they share a corner, a tenth of either.
    assert studies.agreement(ACROSS, DOWN) == (pytest.approx(0, abs=1e-12), pytest.approx(0.1))


def test_an_overlap_by_hand():
    # Four times finer, the tenth is four of 40 columns. The one map has its largest in columns 36 to 39. The other has
    # 8.25 8.75 8.875 8.625 8.375 8.125 8 8 in columns 32 to 39, so its largest are in 33 to 36: one in four is shared.
    correlation, overlap = studies.agreement(ACROSS, EXCHANGED)
    assert overlap == pytest.approx(1 / 4)
    assert correlation == pytest.approx(1 - 6 * 2 / (10 * 99))  # Spearman's formula for ten columns
    assert studies.agreement(EXCHANGED, ACROSS) == (correlation, overlap)


def test_the_correlation_is_of_ranks():
    correlation, _ = studies.agreement(untied(), np.exp(untied() / 20))
    assert correlation == pytest.approx(1, abs=1e-12)
    noisy = untied() + 30 * np.random.default_rng(1).normal(size=(10, 10)).astype(np.float32)
    ranks = [scipy_stats.rankdata(one) for one in (untied().ravel(), noisy.ravel())]
    expected = np.corrcoef(*ranks)[0, 1]
    assert 0.3 < expected < 0.9
    assert studies.agreement(untied(), noisy)[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("factor", [2, 4, 8])
def test_the_finer_map_is_averaged_to_the_coarser_ones_cells(factor):
    coarse = untied(7)
    grain = np.random.default_rng(1).normal(size=(7, factor, 7, factor)) * 1000
    grain -= grain.mean(axis=(1, 3), keepdims=True)  # that vanishes from every cell's mean
    fine = (coarse[:, None, :, None] + grain).reshape(7 * factor, 7 * factor).astype(np.float32)
    for pair in ((coarse, fine), (fine, coarse)):
        correlation, overlap = studies.agreement(*pair)
        assert correlation == pytest.approx(1, abs=1e-12)
        assert overlap == 1


def test_maps_that_are_finer_in_one_direction_each():
    wide, tall = np.tile(np.arange(8, dtype=np.float32), (4, 1)), np.tile(np.arange(8, dtype=np.float32)[:, None], 4)
    same = tall.T.copy()
    assert studies.agreement(wide, same)[0] == pytest.approx(1, abs=1e-12)
    # Both come down to 4 x 4: one rises across, the other down.
    assert studies.agreement(wide, tall)[0] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    "flat",
    [np.zeros((10, 10)), np.full((10, 10), -3.0), np.full((5, 5), NAN), np.tile([[1.0, -1], [-1, 1]], (10, 10))],
    ids=["zero", "constant", "nan", "flat once averaged"],
)
def test_a_flat_map_cannot_be_compared(flat):
    one = flat.astype(np.float32)
    for pair in ((one, untied()), (untied(), one)):
        assert all(math.isnan(value) for value in studies.agreement(*pair))


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (2, 1)])
def test_fewer_than_three_cells_cannot_be_compared(shape):
    one = np.arange(shape[0] * shape[1], dtype=np.float32).reshape(shape)
    assert all(math.isnan(value) for value in studies.agreement(one, untied()))


def test_important_spots_that_do_not_touch_do_not_overlap():
    # Nine tenths of either map are zero: what fills the tenth up must not be the same cells in both.
    first, second = np.zeros((14, 14), np.float32), np.zeros((14, 14), np.float32)
    first[2:4, 2:4], second[10:12, 10:12] = 1, 1
    _, overlap = studies.agreement(first, second)
    assert overlap <= 0.15  # chance is 0.1


def test_agreements_table():
    maps = {"x": ACROSS, "y": EXCHANGED, "z": -ACROSS, "flat": np.zeros((10, 10), np.float32)}
    found = studies.agreements(maps)
    assert found.columns.tolist() == ["first", "second", "rank_correlation", "overlap"]
    pairs = [("x", "y"), ("x", "z"), ("x", "flat"), ("y", "z"), ("y", "flat"), ("z", "flat")]
    assert list(zip(found["first"], found["second"], strict=True)) == pairs
    np.testing.assert_allclose(found["rank_correlation"], [1 - 12 / 990, -1, NAN, 12 / 990 - 1, NAN, NAN], atol=1e-12)
    np.testing.assert_allclose(found["overlap"], [0.25, 0, NAN, 0, NAN, NAN])


@pytest.mark.parametrize("maps", [{}, {"x": ACROSS}])
def test_without_two_methods_there_is_nothing_to_compare(maps):
    found = studies.agreements(maps)
    assert found.empty
    assert found.columns.tolist() == ["first", "second", "rank_correlation", "overlap"]


# ------------------------------------------------------------------------------------------------------ in words


def findings(table, names=CLASSES):
    return studies.misclassification_findings(table, names)


def said(table, names=CLASSES):
    """Topic -> sentence."""
    return {finding.topic: finding.sentence for finding in findings(table, names)}


def calibrated(table, gap):
    """The sentence on calibration up to its verdict."""
    tested = studies.calibration_test(table)
    low, high = (100 * bound for bound in tested.interval)
    return (
        f"On average it is {gap} (95% interval {low:+.1f} to {high:+.1f}, {studies.format_p(tested.p_gap)}, n = "
        f"{tested.n}). The expected calibration error, the mean gap within bins of similar confidence, is "
        f"{100 * tested.ece:.1f} points ({studies.format_p(tested.p_ece)}). By chance, a perfectly calibrated model "
        f"would show about {100 * tested.expected_ece:.1f} points on {tested.n} pictures. "
    )


def as_predicted(matrix):
    """An evaluation with these numbers of pictures by true (rows) and predicted class."""
    cells = [(true, said) for true, row in enumerate(matrix) for said, n in enumerate(row) for _ in range(n)]
    true, said = np.array(cells).T
    return pd.DataFrame({"true": true, "predicted": said, "usable": True, "correct": true == said})


@pytest.mark.parametrize(
    ("matrix", "moved"),
    [
        ([[1, 9, 0], [8, 2, 0], [0, 1, 9]], "a as b and b as a"),  # two are swapped
        ([[0, 9, 1], [0, 1, 9], [6, 2, 2]], "a as b, b as c and c as a"),
        ([[0, 9, 0, 1], [0, 1, 9, 0], [0, 0, 2, 8], [3, 3, 2, 2]], "a as b and b as c"),  # one too far; d goes astray
        ([[0, 9, 0, 0], [0, 0, 9, 0], [0, 0, 0, 9], [9, 0, 0, 0]], "a as b, b as c, c as d and 1 more"),
    ],
)
def test_class_names_in_the_wrong_order_are_suspected(matrix, moved):
    found = studies.name_order(as_predicted(matrix), tuple("abcd"[: len(matrix)]))
    assert found.warning
    assert f"which is predicted as another one itself: {moved}." in found.sentence
    assert "compare them with the order of the network's outputs" in found.sentence


@pytest.mark.parametrize(
    "matrix",
    [
        [[9, 1, 0], [8, 2, 0], [0, 1, 9]],  # b is taken for a, a for itself
        [[0, 0, 9], [0, 0, 9], [0, 0, 9]],  # everything is c
        [[0, 9, 0], [0, 2, 8], [0, 1, 9]],  # one step of a chain is no order
        [[4, 5, 0], [5, 5, 0], [0, 1, 9]],  # no more than half
        [[0, 4, 0], [4, 0, 0], [0, 0, 4]],  # too few
        [[9, 0, 0], [0, 9, 0], [0, 0, 9]],
    ],
)
def test_class_names_are_not_suspected_of_what_networks_mix_up(matrix):
    assert studies.name_order(as_predicted(matrix), tuple("abc")) is None


def test_a_warning_of_class_names_stands_beside_the_accuracy():
    swapped = TEN.assign(true=np.where(TEN["true"] >= 0, 0, -1), predicted=1, correct=False)
    table = pd.concat([swapped, swapped.assign(true=swapped["true"].replace(0, 1), predicted=0)], ignore_index=True)
    assert [finding.topic for finding in findings(table)][:3] == ["Accuracy", "Class names", "Confusions"]


def test_the_findings_of_a_normal_table():
    assert [finding.topic for finding in findings(TEN)] == ["Accuracy", "Confusions", "Calibration", "Surest mistake"]
    assert said(TEN) == {
        "Accuracy": "4 of 8 pictures are right: 50.0% (95% interval 19.3 to 80.7%).",
        "Confusions": "Most often cat is predicted as bee (2 of 2 pictures). 2 other pairs occur once each.",
        "Calibration": calibrated(TEN, "72.5% sure and 50.0% right: a gap of +22.5 points")
        + "Nothing speaks against its confidence, but 8 pictures tell little of it.",
        "Surest mistake": "picture 6 is cat, but the model is 100% sure that it is bee.",
    }
    assert not any(finding.warning for finding in findings(TEN))


def test_one_kind_of_mistake_is_named_alone():
    table = spelled("ab", "ab", "aa", "aa", "aa", "bb")
    assert said(table)["Confusions"] == "Most often ant is predicted as bee (2 of 5 pictures)."


def test_everything_right():
    table = spelled("aa 0.9", "bb 0.9", "cc 0.9", "?a 1", "cc nan")
    found = said(table)
    assert list(found) == ["Accuracy", "Confusions", "Calibration"]
    assert found["Accuracy"] == "3 of 3 pictures are right: 100.0% (95% interval 36.8 to 100.0%)."
    assert found["Confusions"] == "Every picture that could be judged is right, so nothing is mixed up."
    assert found["Calibration"].endswith("Nothing speaks against its confidence, but 3 pictures tell little of it.")
    assert not any(finding.warning for finding in findings(table))


def test_everything_wrong():
    found = said(spelled("ab 0.5", "ba 0.4"))
    assert found["Accuracy"] == "0 of 2 pictures are right: 0.0% (95% interval 0.0 to 77.6%)."
    assert found["Surest mistake"] == "picture 0 is ant, but the model is 50% sure that it is bee."


@pytest.mark.parametrize("table", [NOBODY, NOTHING], ids=["nobody", "nothing"])
def test_nothing_judged_nothing_said(table):
    assert findings(table) == []


@pytest.mark.parametrize(
    ("confidence", "ending", "warning"),
    [
        ("0.6", "So this model is overconfident.", True),
        ("0.515", "On average its confidence is close to its accuracy.", False),
        ("0.485", "On average its confidence is close to its accuracy.", False),
        ("0.4", "So this model is underconfident.", False),
    ],
)
def test_a_gap_that_chance_does_not_explain_is_said(confidence, ending, warning):
    table = spelled(*[f"aa {confidence}", f"ab {confidence}"] * 200)
    found = next(finding for finding in findings(table) if finding.topic == "Calibration")
    assert found.sentence.endswith(ending)
    assert found.warning is warning


def test_errors_that_cancel_are_not_called_believable():
    # Always right where it is unsure, always wrong where it is sure: on average 50% sure and 50% right.
    table = spelled(*["aa 0.4"] * 5, *["ab 0.6"] * 5)
    sentence = said(table)["Calibration"]
    assert "50.0% sure and 50.0% right" in sentence
    assert "is 60.0 points" in sentence
    assert sentence.endswith("It is too sure of some pictures and not sure enough of others.")


def drawn_answers(seed, n, sure_by=0.0):
    """Confidences, and answers that are right as often as they say less `sure_by`."""
    rng = np.random.default_rng(seed)
    confidence = rng.beta(6, 2, n) * 0.9 + 0.1
    correct = rng.random(n) < confidence - sure_by
    return pd.DataFrame({"true": 0, "usable": True, "confidence": confidence, "correct": correct, "margin": confidence})


@pytest.mark.parametrize("n", [16, 50, 300])
def test_a_calibrated_model_is_not_called_miscalibrated(n):
    tested = [studies.calibration_test(drawn_answers(seed, n)) for seed in range(120)]
    assert np.mean([min(one.p_gap, one.p_ece) < 0.05 for one in tested]) <= 0.09
    # The error itself is never near zero: chance alone makes it.
    assert np.mean([one.ece for one in tested]) == pytest.approx(
        np.mean([one.expected_ece for one in tested]), abs=0.01
    )


def test_a_model_that_is_too_sure_is_found_at_64():
    found = [studies.calibration_test(drawn_answers(seed, 64, sure_by=0.25)) for seed in range(60)]
    assert np.mean([one.p_gap < 0.05 and one.interval[0] > 0 for one in found]) >= 0.9


def test_five_pairs_are_weighed_where_there_are_more():
    names = ("ant", "bee", "cat", "dog")
    mistakes = ["ab"] * 4 + ["ac"] * 3 + ["ad"] * 2 + ["ba", "bc", "bd"]
    assert said(spelled(*mistakes, classes=names), names)["Confusions"] == (
        "Most often ant is predicted as bee (4 of 9 pictures) and ant as cat (3 of 9 pictures). "
        "The five most frequent confusions make up 92% of all mistakes."
    )
    assert "Five" not in said(spelled(*mistakes[:-1], classes=names), names)["Confusions"]


def test_sure_mistakes_are_counted_from_two_on():
    one = said(spelled("ab 0.9", "aa 0.99", "bc 0.95", "?a 1"))["Surest mistake"]
    assert one == "picture 2 is bee, but the model is 95% sure that it is cat."
    three = said(spelled("ab 0.91", "aa 0.99", "bc 0.95", "ba 0.9", "ca 0.97", "?a 1"))["Surest mistake"]
    assert (
        three == "picture 4 is cat, but the model is 97% sure that it is ant. "
        "3 mistakes are made with more than 90% confidence."
    )


def test_large_numbers_are_grouped():
    found = said(spelled(*["aa 0.9"] * 1200, *["ab 0.95"] * 1100))
    assert found["Accuracy"].startswith("1,200 of 2,300 pictures are right: 52.2% (95% interval 50.1 to 54.2%)")
    assert found["Surest mistake"].endswith("1,100 mistakes are made with more than 90% confidence.")


def test_one_picture_is_not_several():
    assert "1 pictures" not in said(spelled("aa 0.9"))["Accuracy"]


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0, "0%"),
        (1, "100%"),
        (0.5, "50%"),
        (0.1, "10%"),
        (0.994, "99%"),
        (0.996, "99.6%"),
        (0.9987, "99.87%"),
        (0.99995, "over 99.99%"),
        (0.0123, "1.2%"),
        (0.0004, "0.04%"),
        (-1.1, "-110%"),
        (-0.123, "-12%"),
        (-0.0123, "-1.2%"),
        (-0.997, "-99.7%"),
        (-0.99996, "below -99.99%"),
    ],
)
def test_a_share_is_never_rounded_to_all_or_none(share, expected):
    assert studies.percent(share) == expected


@pytest.mark.parametrize(("parts", "expected"), [("x", "x"), ("xy", "x and y"), ("xyz", "x, y and z")])
def test_lists_in_words(parts, expected):
    assert studies.listed(list(parts)) == expected


# ------------------------------------------------------------------------------------------------ deletion curves


def curves(**methods):
    """Curves from nothing to everything hidden, one a draw: method -> probabilities of each draw."""
    return pd.DataFrame(
        [
            (method.replace("_", "-"), draw, step / (len(line) - 1), 3, p)
            for method, draws in methods.items()
            for draw, line in enumerate(draws)
            for step, p in enumerate(line)
        ],
        columns=["method", "draw", "hidden", "target", "p"],
    )


BY_HAND = curves(
    Grad_CAM=[[1, 0.25, 0, 0, 0]],  # (1/2 + 1/4 + 0 + 0) / 4 = 3/16
    LIME=[[1, 1, 1, 0.5, 0]],  # (1/2 + 1 + 1 + 1/2 + 0) / 4 = 3/4
    random=[[1, 0.75, 0.5, 0.25, 0], [1, 0.5, 0.5, 0.5, 0], [1, 1, 0.5, 0.25, 0]],  # 1/2, 1/2, 9/16
)


def test_areas_by_hand():
    found = studies.deletion_areas(BY_HAND).set_index("method")
    assert found.columns.tolist() == ["area", "low", "high", "gain"]
    random = (1 / 2 + 1 / 2 + 9 / 16) / 3
    expected = {
        "Grad-CAM": [3 / 16, 3 / 16, 3 / 16, random - 3 / 16],
        "LIME": [3 / 4, 3 / 4, 3 / 4, random - 3 / 4],
        "random": [random, 1 / 2, 9 / 16, 0],
    }
    assert set(found.index) == set(expected)
    for method, values in expected.items():
        np.testing.assert_allclose(found.loc[method], values, atol=1e-12, err_msg=method)


def test_areas_weigh_unequal_steps_and_do_not_mind_the_order_of_rows():
    # From 0 to 0.2 the mean is 0.75, from there to 1 it is 0.25.
    uneven = curves(x=[[1, 0.5, 0]]).assign(hidden=[0, 0.2, 1])
    for table in (uneven, uneven[::-1], uneven.iloc[[1, 2, 0]]):
        assert studies.deletion_areas(table)["area"].tolist() == [pytest.approx(0.2 * 0.75 + 0.8 * 0.25)]
    mixed = BY_HAND.sample(frac=1, random_state=0)
    one, other = (studies.deletion_areas(table).sort_values("method") for table in (BY_HAND, mixed))
    pd.testing.assert_frame_equal(one.reset_index(drop=True), other.reset_index(drop=True))


def test_a_probability_that_stays_is_its_own_area():
    found = studies.deletion_areas(curves(x=[[0.3] * 21], random=[[0.3] * 21] * 5))
    np.testing.assert_allclose(found[["area", "low", "high"]], 0.3)
    np.testing.assert_allclose(found["gain"], 0, atol=1e-12)


def test_without_random_orders_there_is_no_gain():
    found = studies.deletion_areas(curves(x=[[1, 0.5, 0]]))
    assert found["area"].tolist() == [0.5]
    assert found["gain"].isna().all()


def test_areas_come_in_the_order_of_the_curves():
    names = ["Grad-CAM", "Saliency", "LIME", "Another", "random"]
    lines = {name.replace("-", "_"): [[0.5] * 21] for name in names[:-1]} | {"random": [[0.5] * 21] * 5}
    assert studies.deletion_areas(curves(**lines))["method"].tolist() == names


def areas(random, low, **methods):
    """As `deletion_areas` gives them: the area of each method, and of random orders the mean and the smallest."""
    rows = [(name.replace("_", "-"), area, area, area, random - area) for name, area in methods.items()]
    rows.append(("random", random, low, random + 0.1, 0.0))
    return pd.DataFrame(rows, columns=["method", "area", "low", "high", "gain"])


SOONER = "Hiding first what {} at lowers the probability of tabby sooner than every random order"
LATER = "; what {} at lowers the probability of tabby {}. "
NO_SOONER = "Hiding first what {} at lowers the probability of tabby no sooner than some random orders. "
SOME, EVERY = "no sooner than some random orders", "later than every random order"
WHILE = "Mean probability of tabby while more and more is hidden: {}; in random orders 50% (40% to 60%)."


@pytest.mark.parametrize(
    ("methods", "lead", "numbers"),
    [
        ({"LIME": 0.2}, SOONER.format("LIME points") + ". ", "LIME 20%"),
        ({"LIME": 0.25, "Grad_CAM": 0.2}, SOONER.format("Grad-CAM and LIME point") + ". ", "Grad-CAM 20%, LIME 25%"),
        (
            {"LIME": 0.25, "Saliency": 0.3, "Grad_CAM": 0.2},
            SOONER.format("Grad-CAM, LIME and Saliency point") + ". ",
            "Grad-CAM 20%, LIME 25%, Saliency 30%",
        ),
        (
            {"Saliency": 0.6, "LIME": 0.2},
            SOONER.format("LIME points") + LATER.format("Saliency points", SOME),
            "LIME 20%, Saliency 60%",
        ),
        (
            {"Saliency": 0.6, "LIME": 0.2, "Grad_CAM": 0.45},
            SOONER.format("LIME points") + LATER.format("Grad-CAM and Saliency point", SOME),
            "LIME 20%, Grad-CAM 45%, Saliency 60%",
        ),
        # As low as the luckiest random order is not sooner than every one.
        ({"LIME": 0.4}, NO_SOONER.format("LIME points"), "LIME 40%"),
        (
            {"LIME": 0.7, "Saliency": 0.6},
            NO_SOONER.format("Saliency points")[:-2] + LATER.format("LIME points", EVERY),
            "Saliency 60%, LIME 70%",
        ),
    ],
)
def test_the_sentence_on_deletion(methods, lead, numbers):
    assert studies.deletion_sentence(areas(0.5, 0.4, **methods), "tabby") == lead + WHILE.format(numbers)


def test_the_sentence_on_the_curves_by_hand():
    assert studies.deletion_sentence(studies.deletion_areas(BY_HAND), "tabby") == (
        "Hiding first what Grad-CAM points at lowers the probability of tabby sooner than every random order; what "
        "LIME points at "
        "lowers the probability of tabby later than every random order. Mean probability of tabby while more and more "
        "is hidden: Grad-CAM 19%, LIME 75%; "
        "in random orders 52% (50% to 56%)."
    )


def test_the_sentence_without_random_orders_names_the_areas():
    found = studies.deletion_sentence(studies.deletion_areas(curves(LIME=[[1, 0.5, 0]])), "tabby")
    assert "LIME 50%" in found
    assert "random" not in found


def test_the_sentence_without_a_method_has_no_gap():
    found = studies.deletion_sentence(areas(0.5, 0.4), "tabby")
    assert found == "No method that ran gives an order in which to hide what tabby depends on."


@pytest.mark.parametrize(("classes", "of_each"), [(2, 5), (2, 20), (3, 5)])
def test_answers_at_random_are_no_wrong_order(classes, of_each):
    rng, names, warned = np.random.default_rng(of_each), tuple("abc"[:classes]), 0
    for _ in range(200):
        matrix = rng.multinomial(of_each, np.full(classes, 1 / classes), size=classes)
        warned += studies.name_order(as_predicted(matrix), names) is not None
    assert warned <= 6
    swapped = of_each * np.roll(np.eye(classes, dtype=int), 1, axis=1)
    assert studies.name_order(as_predicted(swapped), names) is not None


def test_a_wrong_order_is_seen_though_four_of_ten_answers_are_wrong():
    rng, seen = np.random.default_rng(0), 0
    names, others = tuple("abcdefghij"), np.roll(np.arange(10), 1)
    for _ in range(40):
        p = np.full((10, 10), 0.4 / 9)
        p[np.arange(10), others] = 0.6
        matrix = np.stack([rng.multinomial(10, row) for row in p])
        seen += studies.name_order(as_predicted(matrix), names) is not None
    assert seen >= 32
