"""Evaluations of independent labels: against scikit-learn, by hand, and on a net whose mistakes are planted."""

import numpy as np
import pytest
from sklearn import metrics

import xai_core as xai
from tests.support.labels import LABELS, PICTURES, squares_model, write_squares
from xai_core import studies
from xai_core.types import LabelEvaluation
from xai_core.types.label_evaluation import label_thresholds

NAMES = ("red", "green", "blue")


def evaluation(truth, p, threshold=0.5, names=None):
    truth, p = np.asarray(truth, np.int8), np.asarray(p, np.float32)
    names = names or tuple(f"label {k}" for k in range(truth.shape[1]))
    n = len(truth)
    labels = tuple(tuple(names[k] for k in np.flatnonzero(row == 1)) for row in truth)
    pictures = tuple(f"picture {i}" for i in range(n))
    ids = tuple(f"id {i}" for i in range(n))
    thresholds = label_thresholds(names, threshold)
    return LabelEvaluation(names, np.arange(n), pictures, ids, labels, truth, p, thresholds)


@pytest.fixture(scope="module")
def random():
    rng = np.random.default_rng(1)
    truth = (rng.random((200, 6)) < [0.5, 0.3, 0.1, 0.05, 0.8, 0.4]).astype(np.int8)
    p = np.clip(0.35 * truth + rng.normal(0.3, 0.2, truth.shape), 0, 1).round(2)  # rounded: many are equal
    return evaluation(truth, p, 0.45)


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """Squares on which the model is right, but for one false positive of green and one missed red."""
    root = write_squares(tmp_path_factory.mktemp("labels") / "squares", PICTURES, LABELS)
    return xai.evaluate_labels(squares_model(), xai.load_dataset(str(root)))


def test_numbers_of_labels_are_those_of_scikit_learn(random):
    truth, said, p = random.truth, random.predicted, random.probabilities
    report = studies.label_report(random)
    precision, recall, f1, there = metrics.precision_recall_fscore_support(truth, said)
    np.testing.assert_allclose(report["precision"], precision)
    np.testing.assert_allclose(report["recall"], recall)
    np.testing.assert_allclose(report["f1"], f1)
    np.testing.assert_array_equal(report["pictures"], there)
    np.testing.assert_allclose(report["prevalence"], truth.mean(axis=0))
    np.testing.assert_allclose(report["average_precision"], metrics.average_precision_score(truth, p, average=None))
    confusion = metrics.multilabel_confusion_matrix(truth, said)
    np.testing.assert_array_equal(report["false_positives"], confusion[:, 0, 1])
    np.testing.assert_array_equal(report["missed"], confusion[:, 1, 0])


def test_numbers_over_all_labels_are_those_of_scikit_learn(random):
    truth, said, p = random.truth, random.predicted, random.probabilities
    summary = studies.summarise_labels(random)
    for kind, value in (("micro", summary.micro_f1), ("macro", summary.macro_f1)):
        assert value == pytest.approx(metrics.f1_score(truth, said, average=kind))
    assert summary.micro_precision == pytest.approx(metrics.precision_score(truth, said, average="micro"))
    assert summary.micro_recall == pytest.approx(metrics.recall_score(truth, said, average="micro"))
    assert summary.mean_average_precision == pytest.approx(metrics.average_precision_score(truth, p, average="macro"))
    assert summary.accuracy == pytest.approx(1 - metrics.hamming_loss(truth, said))
    assert summary.exact_share == pytest.approx(metrics.accuracy_score(truth, said))
    assert summary.wrong == int((truth != said).sum())


def test_the_curve_is_that_of_scikit_learn_and_the_best_threshold_lies_on_it(random):
    report = studies.label_report(random)
    for k in range(6):
        found = studies.precision_recall(random, k)
        precision, recall, thresholds = metrics.precision_recall_curve(random.truth[:, k], random.probabilities[:, k])
        np.testing.assert_allclose(found.thresholds[::-1], thresholds)
        np.testing.assert_allclose(found.precision[::-1], precision[:-1])  # the last is the point without a prediction
        np.testing.assert_allclose(found.recall[::-1], recall[:-1])
        best = report["best_threshold"][k]
        tried = [metrics.f1_score(random.truth[:, k], random.probabilities[:, k] >= t) for t in thresholds]
        assert report["best_f1"][k] == pytest.approx(max(tried))
        own = random.at({f"label {k}": float(best)})
        assert studies.label_report(own)["f1"][k] == pytest.approx(max(tried))


def test_what_is_not_annotated_counts_nowhere(random):
    """Half of a label's truth is taken away: its numbers are those of the other half, all others stay."""
    truth = random.truth.copy()
    truth[::2, 0] = -1
    half = evaluation(truth, random.probabilities, 0.45)
    before, after = studies.label_report(random), studies.label_report(half)
    assert before.iloc[1:].equals(after.iloc[1:])
    kept = random.truth[1::2, 0], random.predicted[1::2, 0], random.probabilities[1::2, 0]
    row = after.iloc[0]
    assert (row["known"], row["pictures"]) == (100, kept[0].sum())
    assert row["precision"] == pytest.approx(metrics.precision_score(*kept[:2]))
    assert row["recall"] == pytest.approx(metrics.recall_score(*kept[:2]))
    assert row["average_precision"] == pytest.approx(metrics.average_precision_score(kept[0], kept[2]))
    summary = studies.summarise_labels(half)
    assert (summary.decisions, summary.unknown) == (1100, 100)
    (said,) = (one for one in studies.label_findings(half) if one.topic == "Not annotated")
    assert "Of 1,200 labels of these pictures, 100 are not annotated" in said.sentence
    assert "they do not count as absent" in said.sentence
    assert not any(one.topic == "Not annotated" for one in studies.label_findings(random))


def test_planted_mistakes_are_found_and_nothing_else(planted):
    assert planted.truth.tolist() == [[1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 0], [1, 0, 1], [0, 0, 1], [1, 1, 0]]
    wrong = studies.choose_labelled(planted)
    assert sorted(wrong[["picture", "label", "outcome"]].values.tolist()) == [
        ["f.png", "green", "false positive"],
        ["g.png", "red", "missed"],
    ]
    summary = studies.summarise_labels(planted)
    assert (summary.n, summary.decisions, summary.wrong, summary.exact) == (7, 21, 2, 5)
    assert summary.micro_f1 == pytest.approx(2 * 8 / (2 * 8 + 1 + 1))
    report = studies.label_report(planted).set_index("label")
    assert report.loc["red", ["pictures", "predicted", "missed", "false_positives"]].tolist() == [4, 3, 1, 0]
    assert report.loc["green", ["pictures", "predicted", "missed", "false_positives"]].tolist() == [3, 4, 0, 1]
    assert report.loc["blue", ["precision", "recall", "f1", "average_precision"]].tolist() == [1, 1, 1, 1]
    # Red by probability: three that have it, then all others alike, one of four of which has it.
    assert report.loc["red", "average_precision"] == pytest.approx(3 / 4 * 1 + 1 / 4 * 4 / 7)
    assert report.loc["green", "average_precision"] == pytest.approx(3 / 4)


def test_sentences_say_the_planted_mistakes(planted):
    said = {one.topic: one.sentence for one in studies.label_findings(planted)}
    assert (
        "19 of 21 decisions about a label are right (90%; a model that never predicts any would be right in 57%)"
        in (said["Labels"])
    )
    assert "5 of 7 pictures have every label right" in said["Labels"]
    assert said["Errors"] == (
        "red is missed most often (1 of 4 pictures that have it) and green is predicted falsely most often (1 of 4 "
        "predictions)."
    )
    assert said["Surest mistake"].startswith("f.png does not have green; the model gives it 99%")


def test_what_occurs_together_by_hand(planted):
    """Rows: red, green, blue, no label; columns the same, the last for pictures without a predicted label."""
    found = studies.co_occurrence(planted)
    assert found.labels.tolist() == [0, 1, 2]
    assert found.true.tolist() == [[4, 2, 1], [2, 3, 0], [1, 0, 2], [0, 0, 0]]
    assert found.predicted.tolist() == [[3, 2, 1, 0], [1, 3, 0, 0], [1, 1, 2, 0], [0, 0, 0, 1]]
    assert found.false.tolist() == [[0, 0, 0], [0, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert found.totals.tolist() == [4, 3, 2, 1]
    assert found.hidden == 0


def test_a_pair_counts_where_both_labels_are_known_and_the_most_frequent_are_shown():
    truth = [[1, 1, 0], [1, -1, 0], [1, 0, 0], [0, 0, 1]]
    p = [[0.9, 0.9, 0], [0.9, 0.9, 0], [0.9, 0.9, 0], [0, 0, 0.2]]
    found = studies.co_occurrence(evaluation(truth, p))
    assert found.predicted[0].tolist() == [3, 2, 0, 0]  # of three with the first, the second is known of two
    assert found.false[0].tolist() == [0, 1, 0]
    assert found.predicted[2].tolist() == [0, 0, 0, 1]
    few = studies.co_occurrence(evaluation(truth, p), limit=2)
    assert (few.labels.tolist(), few.hidden) == ([0, 1], 1)


def test_the_gallery_filters_by_label_outcome_and_company(planted):
    def names(**asked):
        return studies.choose_labelled(planted, **asked)["picture"].tolist()

    assert names(only="missed") == ["g.png"]
    assert names(only="missed", label=1) == []
    assert names(only="false_positive", label=1) == ["f.png"]
    assert names(only="found", label=0) == ["a.png", "c.png", "e.png"]
    assert names(only="predicted", label=1, having=[2]) == ["f.png"]
    assert names(only="all", label=2, having=[0], sort="likely")[0] == "e.png"
    assert names(only="all", having=[studies.NO_LABEL]) == ["d.png"]
    assert len(names(only="all")) == 7
    assert studies.found_pictures(planted, 0, besides=2).tolist() == [0, 4]


def test_the_gallery_is_in_the_order_asked_for():
    shown = evaluation([[1], [1], [0], [1], [0]], [[0.1], [0.4], [0.95], [np.nan], [0.6]])
    rows = {sort: studies.choose_labelled(shown, sort=sort)["row"].tolist() for sort in studies.LABEL_SORTS}
    assert rows == {"sure": [2, 0, 4, 1], "unsure": [1, 4, 0, 2], "likely": [2, 4, 1, 0], "unlikely": [0, 1, 4, 2]}
    everything = studies.choose_labelled(shown, only="all", sort="likely")
    assert everything["outcome"].tolist() == ["false positive", "false positive", "missed", "missed", "not known"]


def test_answers_that_are_no_numbers_count_nowhere():
    summary = studies.summarise_labels(evaluation([[1, 0], [1, 1], [-1, -1]], [[0.9, 0.1], [np.nan, 0.9], [0.5, 0.5]]))
    assert (summary.n, summary.unusable, summary.unlabelled, summary.decisions) == (1, 1, 1, 2)


def test_what_cannot_be_divided_is_nan_with_a_reason():
    report = studies.label_report(evaluation([[0, 1, -1], [0, 1, -1]], [[0.9, 0.2, 0.9], [0.1, 0.3, 0.9]]))
    assert report["precision"].tolist()[0] == 0  # predicted, and nowhere true
    assert np.isnan(report.loc[0, ["recall", "average_precision", "best_threshold"]].astype(float)).all()
    assert np.isnan(report.loc[1, "precision"])
    assert report.loc[2, ["known", "pictures", "predicted"]].tolist() == [0, 0, 0]
    assert report["reason"].tolist() == [
        "No picture is known to have it.",
        "It is never predicted, so it has no precision.",
        "The data do not say which pictures have it.",
    ]


def test_probabilities_are_held_against_how_many_pictures_have_the_label():
    shown = evaluation([[1, 0], [0, 0], [1, 1]], [[0.91, 0.05], [0.92, 0.05], [0.93, 0.9]])
    bins = studies.label_calibration(shown, bins=10)
    assert bins["n"].tolist() == [2, 1, 3]  # 0.9 belongs to the bin that it ends
    assert bins["accuracy"].tolist() == pytest.approx([0, 1, 2 / 3])
    assert studies.label_calibration(shown, 1, bins=10)["n"].sum() == 3


def test_the_card_asks_whether_pictures_with_a_wrong_label_are_less_sure():
    rng = np.random.default_rng(0)
    truth = np.ones((60, 2), np.int8)
    p = np.where(np.arange(60)[:, None] < 20, rng.uniform(0.3, 0.49, (60, 2)), rng.uniform(0.8, 0.99, (60, 2)))
    p[:20, 1] = 0.97
    card = studies.labels_hypothesis(evaluation(truth, p))
    assert card.tone in ("yes", "caution")
    assert "40 have every label right and 20 have one wrong" in card.sentence
    assert card.carries.effect == pytest.approx(1.0)
    nothing = studies.labels_hypothesis(evaluation(truth[:5], p[40:45]))
    assert nothing.tone == "unknown"
    assert nothing.headline == "This cannot be tested (n = 5)"


def test_pictures_with_a_wrong_label_that_only_spread_more_are_not_called_less_sure():
    """Confidences of right and wrong pictures lie symmetrically about one value: the AUROC is one half."""
    claims = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        right, wrong = rng.normal(0.75, 0.01, 240), rng.normal(0.75, 0.08, 60)
        p = np.r_[right, 1 - wrong].clip(0.01, 0.99)
        card = studies.labels_hypothesis(evaluation(np.ones((300, 1)), p[:, None]))
        claims += not card.headline.startswith("No difference in how sure it is was found")
    assert claims <= 6  # above lie 0.3% of a binomial of 40 and 5%
    assert card.carries.name == "Brunner-Munzel"
    assert [one.name for one in card.beside] == ["Mann-Whitney"]


def test_pictures_of_which_more_labels_are_known_are_not_called_less_sure():
    """Confidence says nothing of being right, but more labels have a less sure one, and a wrong one more often."""
    claims, found = 0, 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        truth, known = rng.integers(0, 2, (100, 10)), rng.random((100, 10)) < rng.random((100, 1))
        right, sure = rng.random((100, 10)) < 0.9, rng.uniform(0.5, 1, (100, 10))
        for planted in (False, True):
            confidence = np.where(right | (not planted), sure, 0.5 + (sure - 0.5) / 10)
            p = np.where(right == (truth == 1), confidence, 1 - confidence)
            card = studies.labels_hypothesis(evaluation(np.where(known, truth, -1), p))
            claims += not planted and not card.headline.startswith("No difference")
            found += planted and card.headline.startswith("Yes")
        assert "of which it is least sure, held against as many confidences drawn" in card.measured
    assert claims <= 6  # 18 where the least sure label of each is compared as it is
    assert found >= 36


def test_a_table_to_take_away_has_a_row_for_each_picture_and_label(planted):
    table = studies.label_table(planted)
    assert len(table) == 21
    row = table[(table["picture"] == "g.png") & (table["label"] == "red")].iloc[0]
    assert (row["true"], row["outcome"], bool(row["predicted"]), row["labels"]) == (1, "missed", False, "red, green")
    assert (table["outcome"] == "false positive").sum() == 1
