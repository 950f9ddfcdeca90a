"""What is said of a training: on runs written out by hand, on random ones by slow loops, on the published run."""

import itertools
import json
import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter

import xai_core as xai
from tests.support.runs import CLASSES, FIRST, draw, log, rows_of, spelled, two
from xai_core import shipped, stats, studies
from xai_core.records import TrainingRun
from xai_core.records.fields import ByClass


def found(run):
    """Topic -> finding."""
    return {finding.topic: finding for finding in studies.evolution_findings(run, run.measures())}


def sentence(run, topic):
    return found(run)[topic].sentence


# ---------------------------------------------------------------------------------------------- which pictures

FARED = {
    "d": "a aaaa",  # never wrong
    "c": "a bbbb",  # never right, never changing
    "b": "b abab",  # wrong 2/4, changes 3/3, forgotten once
    "a": "b bbba",  # wrong 1/4, changes 1/3, forgotten once
    "f": "c cccc",
    "e": "c abcc",  # wrong 2/4, changes 2/3, three classes
    "g": "a aaba",  # wrong 1/4, changes 2/3, forgotten once
}


def chosen(**settings):
    run = spelled(FARED)
    rows = studies.choose_rows(run, run.measures(), **settings)
    assert rows.dtype == np.int64
    return "".join(run.pictures[i] for i in rows)


@pytest.mark.parametrize(
    ("only", "names"),
    [
        ("all", "dcbafeg"),
        ("ever wrong", "cbaeg"),
        ("wrong at the end", "ca"),
        ("changing", "baeg"),
        ("never right", "c"),
    ],
)
def test_each_filter_keeps_what_it_says(only, names):
    assert sorted(chosen(only=only)) == sorted(names)


@pytest.mark.parametrize(
    ("sort", "in_order", "by_class"),
    [
        ("misclassification", "cbeagdf", "cgdbaef"),
        ("frequency", "begadcf", "gdcbaef"),
        ("variability", "ebagdcf", "gdcbaef"),
        ("forgetting", "bagdcfe", "gdcbafe"),
        ("name", "abcdefg", "cdgabef"),
    ],
)
def test_each_sort_is_largest_first_and_ties_stay_in_the_records_order(sort, in_order, by_class):
    assert chosen(sort=sort, by_class=False) == in_order
    assert chosen(sort=sort) == by_class


def test_every_measure_can_be_sorted_by():
    assert set(studies.EVOLUTION_MEASURES) == {"misclassification", "frequency", "variability", "forgetting"}


def test_classes_are_filtered_by_label_and_by_the_last_prediction():
    assert chosen(true=[1], by_class=False) == "ba"
    assert chosen(true=(0, 2), by_class=False) == "cegdf"
    assert chosen(predicted=[0], by_class=False) == "agd"
    assert chosen(true=[1], predicted=[0]) == "a"
    assert chosen(true=[0], only="wrong at the end") == "c"


def test_nothing_left_is_an_empty_choice_in_every_sort():
    for sort in (*studies.EVOLUTION_MEASURES, "name"):
        for by_class in (True, False):
            assert chosen(true=[1], only="never right", sort=sort, by_class=by_class) == ""


def test_what_was_not_measured_leaves_the_records_order():
    run = spelled({"q": "b a", "p": "a a"})
    rows = studies.choose_rows(run, run.measures(), sort="frequency", by_class=False)
    assert rows.tolist() == [0, 1]


# --------------------------------------------------------------------------------------------------- the rows


def test_few_pictures_have_a_row_each():
    run = draw(1, 6, 40, 5)
    order = np.random.default_rng(0).permutation(40)[:30]
    rows = rows_of(run, order, by_class=False)
    assert [members.tolist() for members in rows.members] == [[i] for i in order]
    assert rows.titles == tuple(run.pictures[i] for i in order)
    np.testing.assert_array_equal(rows.classes, run.predictions[:, order].T)
    np.testing.assert_array_equal(rows.correct, run.correct[:, order].T)
    np.testing.assert_array_equal(rows.p_true, run.p_true[:, order].T)
    np.testing.assert_array_equal(rows.labels, run.labels[order])
    assert list(rows.measures.columns) == list(studies.EVOLUTION_MEASURES)
    pd.testing.assert_frame_equal(
        rows.measures, run.measures().loc[order, list(studies.EVOLUTION_MEASURES)].reset_index(drop=True).astype(float)
    )


def test_as_many_pictures_as_rows_are_not_binned_and_one_more_is():
    run = draw(2, 3, 21, 2)
    assert len(rows_of(run, np.arange(20), by_class=False, limit=20).members) == 20
    binned = rows_of(run, np.arange(21), by_class=False, limit=20)
    assert max(len(members) for members in binned.members) > 1
    assert len(binned.members) <= 20


@pytest.mark.parametrize("by_class", [True, False])
@pytest.mark.parametrize(("n", "k", "limit"), [(300, 4, 50), (97, 7, 10), (64, 3, 63), (200, 20, 21), (50, 1, 2)])
def test_binned_rows_hold_every_picture_once_and_its_means(n, k, limit, by_class):
    run = draw(n, 5, n, k)
    measures = run.measures()
    order = studies.choose_rows(run, measures, by_class=by_class)
    rows = studies.evolution_rows(run, order, measures, by_class=by_class, limit=limit)
    assert len(rows.members) <= limit
    assert np.concatenate(rows.members).tolist() == order.tolist()
    assert rows.classes.shape == rows.correct.shape == rows.p_true.shape == (len(rows.members), 5)
    assert rows.correct.dtype == rows.p_true.dtype == np.float32
    for row, members in enumerate(rows.members):
        if by_class:
            assert set(run.labels[members]) == {rows.labels[row]}
        assert rows.labels[row] == run.labels[members[0]]
        for epoch in range(5):
            votes = Counter(run.predictions[epoch, members].tolist())
            assert votes[rows.classes[row, epoch]] == max(votes.values())
            assert rows.correct[row, epoch] == pytest.approx(
                sum(run.predictions[epoch, i] == run.labels[i] for i in members) / len(members)
            )
            assert rows.p_true[row, epoch] == pytest.approx(
                sum(float(run.p_true[epoch, i]) for i in members) / len(members), rel=1e-5
            )
        for name in studies.EVOLUTION_MEASURES:
            expected = sum(float(measures[name][i]) for i in members) / len(members)
            assert rows.measures[name][row] == pytest.approx(expected, rel=1e-5)
        first, last = run.pictures[members[0]], run.pictures[members[-1]]
        expected = first if len(members) == 1 else f"{len(members)} pictures, {first} to {last}"
        assert rows.titles[row] == expected


def test_a_row_shows_what_most_of_its_pictures_show():
    run = spelled({"p": "a abc", "q": "a abb", "r": "a caa", "s": "a cbb", "t": "a cbb"})
    rows = rows_of(run, np.arange(5), limit=2)
    assert [len(members) for members in rows.members] == [5]
    assert rows.classes.tolist() == [[2, 1, 1]]
    np.testing.assert_allclose(rows.correct, [[2 / 5, 1 / 5, 1 / 5]], rtol=1e-6)


def test_more_classes_than_rows_still_do_not_mix():
    run = draw(3, 2, 400, 60)
    rows = rows_of(run, limit=20)
    assert np.concatenate(rows.members).size == 400
    assert all(len(set(run.labels[members])) == 1 for members in rows.members)
    assert len(rows.members) == len(set(run.labels.tolist()))


def test_a_run_without_probabilities_has_rows_without_them():
    assert rows_of(draw(4, 3, 30, 3, probabilities=False)).p_true is None
    assert rows_of(draw(4, 3, 30, 3, probabilities=False), limit=5).p_true is None


def test_one_epoch_has_rows_without_changes():
    rows = rows_of(spelled({"p": "a a", "q": "b a"}))
    assert rows.measures["frequency"].isna().all()
    assert rows.correct.tolist() == [[1], [0]]


@pytest.mark.parametrize("by_class", [True, False])
def test_no_pictures_are_no_rows(by_class):
    rows = rows_of(draw(5, 4, 30, 3), np.zeros(0, np.int64), by_class=by_class)
    assert (rows.members, rows.titles, len(rows.measures)) == ((), (), 0)
    assert rows.classes.shape == rows.correct.shape == rows.p_true.shape == (0, 4)
    assert rows.labels.shape == (0,)
    assert list(rows.measures.columns) == list(studies.EVOLUTION_MEASURES)
    assert rows.row_of(0) is None


def test_the_row_of_a_picture_is_found_if_it_is_shown():
    run = draw(6, 3, 60, 3)
    order = studies.choose_rows(run, run.measures(), true=[0, 1])
    rows = rows_of(run, order, limit=8)
    for picture in range(60):
        row = rows.row_of(picture)
        if picture in order:
            assert picture in rows.members[row]
        else:
            assert row is None


# ---------------------------------------------------------------------------------------------------- settling


def settling(*changes, n=40, epochs=None):
    """A run in which so many of n pictures change at each step."""
    predictions = np.zeros((len(changes) + 1, n), np.int64)
    for step, count in enumerate(changes, start=1):
        predictions[step] = predictions[step - 1]
        predictions[step, :count] ^= 1
    return TrainingRun(
        "demo",
        ("ant", "bee"),
        tuple(map(str, range(n))),
        np.zeros(n, np.int64),
        np.arange(len(changes) + 1) if epochs is None else np.array(epochs),
        predictions,
    )


@pytest.mark.parametrize(
    ("changes", "since"),
    [
        ((2, 0, 1), 0),  # a twentieth still counts as settled
        ((3, 2, 2), 1),
        ((9, 0, 9, 2, 0), 3),
        ((0, 0, 3), None),
        ((9, 9, 0), 2),
        ((0, 0), 0),
        ((0,), None),  # two epochs
        ((), None),
    ],
)
def test_settled_since_the_last_restless_step(changes, since):
    assert studies.settled_since(settling(*changes)) == since


def test_settled_since_is_the_epochs_own_number():
    since = studies.settled_since(settling(9, 1, 1, epochs=[2, 5, 11, 12]))
    assert since == 5
    assert type(since) is int


def test_settling_in_words():
    assert sentence(settling(9, 1, 0, epochs=[2, 5, 11, 12]), "Settling") == (
        "Settled since epoch 5: at most 5% of the predictions changed from epoch to epoch, 0% at the last."
    )
    assert sentence(settling(0, 9), "Settling") == (
        "Predictions have not settled: between the last two epochs 22% of them changed; up to 5% would count as "
        "settled."
    )
    for few in (settling(9), settling()):
        assert (
            sentence(few, "Settling") == "It takes at least three epochs to say whether the predictions have settled."
        )


# ---------------------------------------------------------------------------------------------------- findings


def test_accuracy_is_the_last_and_the_best():
    falling = spelled({"p": "a baa", "q": "b bbb", "r": "c acb", "s": "c aca"}, epochs=np.array([3, 5, 9]))
    assert sentence(falling, "Accuracy") == (
        "At epoch 9, 50% of 4 pictures are right; at epoch 5, the best, it was 50.0 percentage points more."
    )
    rising = spelled({"p": "a ba", "q": "b bb"})
    assert sentence(rising, "Accuracy") == "At epoch 2, 100% of 2 pictures are right; it was never better."


def test_a_best_that_is_reached_again_at_the_end_was_never_better():
    assert sentence(spelled({"p": "a baaa"}), "Accuracy").endswith("; it was never better.")


def test_few_pictures_right_keep_two_digits_and_thousands_their_comma():
    n = 1200
    predictions = np.ones((1, n), np.int64)
    predictions[0, :7] = 0
    run = TrainingRun(
        "demo", ("ant", "bee"), tuple(map(str, range(n))), np.zeros(n, np.int64), np.array([1]), predictions
    )
    assert sentence(run, "Accuracy").startswith("At epoch 1, 0.58% of 1,200 pictures are right")


@pytest.mark.parametrize(
    ("n", "wrong", "words"),
    [(1000, 4, "99.6%"), (1000, 5, "99.5%"), (200, 2, "99%"), (20_000, 1, "over 99.99%"), (20_000, 0, "100%")],
)
def test_nearly_all_is_not_called_all(n, wrong, words):
    predictions = np.zeros((1, n), np.int64)
    predictions[0, :wrong] = 1
    run = TrainingRun(
        "demo", ("ant", "bee"), tuple(map(str, range(n))), np.zeros(n, np.int64), np.array([1]), predictions
    )
    assert sentence(run, "Accuracy").startswith(f"At epoch 1, {words} of {n:,} pictures are right")


def test_no_finding_but_the_two_that_may_warn_does():
    longer = {f"{name} {i}": line + 4 * line[-1] for name, line in FARED.items() for i in range(9)}
    losses = [0.9, 0.5, 0.4, 0.38, 0.4, 0.45, 0.55, 0.7]
    run = spelled(longer, log=log(8, val_loss=losses, val_accuracy=np.linspace(0.1, 0.95, 8)))
    assert list(found(run)) == [
        "Accuracy",
        "Validation and test",
        "When to stop",
        "Settling",
        "Fluctuation",
        "Confusions",
        "Hardest pictures",
    ]
    assert {topic for topic, finding in found(run).items() if finding.warning} == {
        "Validation and test",
        "When to stop",
    }


@pytest.mark.parametrize("known", [0.9, 0.1])
def test_validation_that_tells_another_story_warns(known):
    run = spelled({f"p{i}": f"a b{'ab'[i % 2]}" for i in range(40)}, log=log(2, val_accuracy=[0.5, known]))
    finding = found(run)["Validation and test"]
    assert finding.warning
    assert finding.sentence == (
        f"Accuracy is {known:.0%} on the validation pictures and 50% on the 40 test pictures: more of a "
        "difference than chance gives (p < 0.001, if there are as many of both). The two sets differ in something that "
        "the model relies on: "
        "check what it looks at."
    )


def test_validation_pictures_are_counted_where_the_record_says_how_many():
    few = ByClass(np.array([[1, 0, 0], [3, 0, 0]]), np.array([[3, 0, 0], [3, 0, 0]]))
    run = spelled({f"p{i}": f"a b{'ab'[i % 2]}" for i in range(40)}, log=log(2, val_accuracy=[0.4, 1.0]))
    assert "Validation and test" in found(run)
    assert "Validation and test" not in found(replace(run, validation=few))


@pytest.mark.parametrize(("validation", "test"), [(500, 20), (50, 50)])
def test_sets_of_the_same_accuracy_are_seldom_said_to_differ(validation, test):
    warned, rng = 0, np.random.default_rng(validation)
    for _ in range(100):
        right = rng.random(test) < 0.7
        run = spelled(
            {f"p{i}": f"a b{'a' if one else 'b'}" for i, one in enumerate(right)},
            log=log(2, val_accuracy=[0.5, rng.binomial(validation, 0.7) / validation]),
        )
        warned += "Validation and test" in found(run)
    assert warned <= 10


@pytest.mark.parametrize("epochs", [12, 24, 60])
@pytest.mark.parametrize("alike", [0.0, 0.5, 0.8])
def test_a_level_loss_seldom_says_when_to_stop(alike, epochs):
    """However alike neighbouring epochs are."""
    rng, said = np.random.default_rng(1), 0
    for noise in rng.normal(0, 0.05, (400, epochs)):
        course = lfilter([1.0], [1.0, -alike], np.r_[noise[0] / np.sqrt(1 - alike**2), noise[1:]])
        losses = 0.5 * np.exp(course)
        said += "does not say" not in sentence(
            spelled({"p": "a " + "a" * epochs}, log=log(epochs, val_loss=losses)), "When to stop"
        )
    assert said <= 28  # 5%, and two standard errors


@pytest.mark.parametrize(("epochs", "alike"), [(12, 0.0), (24, 0.0), (24, 0.5), (60, 0.8)])
def test_a_loss_that_rises_over_the_last_third_says_when_to_stop(epochs, alike):
    """By half, from the lowest on, with noise of 2%."""
    rng, warned, time = np.random.default_rng(2), 0, np.arange(epochs)
    lowest = epochs - epochs // 3 - 1
    planted = 1.2 * np.exp(-10 * time / epochs) + 0.4 * np.maximum(time - lowest, 0) / (epochs - 1 - lowest)
    for noise in rng.normal(0, 0.02, (60, epochs)):
        course = planted + lfilter([1.0], [1.0, -alike], noise * np.sqrt(1 - alike**2))
        warned += found(spelled({"p": "a " + "a" * epochs}, log=log(epochs, val_loss=np.exp(course))))[
            "When to stop"
        ].warning
    assert warned >= 54


def test_a_loss_that_comes_down_again_does_not_say_when_to_stop():
    """As in a double descent: lowest after a third, up, and down again."""
    rng, knots = np.random.default_rng(4), np.interp(np.arange(60), [0, 20, 30, 59], [0.0, -1.0, 0.0, -0.6])
    for noise in rng.normal(0, 0.02, (20, 60)):
        finding = found(spelled({"p": "a " + "a" * 60}, log=log(60, val_loss=np.exp(knots + noise))))["When to stop"]
        assert not finding.warning
        assert "t has come down over the second half" in finding.sentence


@pytest.mark.parametrize("epochs", [12, 24, 60])
def test_ups_and_downs_that_shrink_do_not_say_when_to_stop(epochs):
    """As the learning rate does, by a cosine: the lowest of the early ones is none from which a level loss rose."""
    rng, stopped = np.random.default_rng(6), 0
    size = 0.1 * (1.02 + np.cos(np.pi * np.linspace(0, 1, epochs))) / 2
    for noise in rng.normal(0, 0.75**0.5, (200, epochs)):
        losses = np.exp(size * lfilter([1.0], [1.0, -0.5], noise))
        stopped += found(spelled({"p": "a " + "a" * epochs}, log=log(epochs, val_loss=losses)))["When to stop"].warning
    assert stopped <= 16  # 5%, and two standard errors


def test_a_rise_that_so_few_epochs_do_not_show_is_not_said_to_be_absent():
    """From 60 to 90% in ten epochs, of which windows of two say little: seldom found, and never called none."""
    rng = np.random.default_rng(4)
    for _ in range(20):
        chance = 0.6 + np.r_[np.zeros(4), np.linspace(0, 0.3, 6)] + rng.normal(0, 0.015, 10)
        right = rng.random((10, 300)) < chance[:, None]
        names, epochs = tuple(map(str, range(300))), np.arange(1, 11)
        run = TrainingRun("one", ("a", "b"), names, np.zeros(300, int), epochs, (~right).astype(int))
        card = studies.training_hypothesis(run)
        assert card.headline in ("Yes: it got better (n = 300)", "Cannot tell whether it got better (n = 300)")
        low, high = (100 * bound for bound in card.carries.interval)
        if card.tone == "unknown":
            assert card.plain.endswith(f"the lasting change may be anything from {low:+.1f} to {high:+.1f} points.")
            assert card.carries.p >= 0.05


@pytest.mark.parametrize("alike", [0.0, 0.5, 0.8])
def test_ups_and_downs_that_grow_do_not_say_when_to_stop(alike):
    """Three times as large in the last third of 120 epochs: the lowest of the calm ones is none from which it rose."""
    rng, stopped = np.random.default_rng(8), 0
    size = np.where(np.arange(120) < 80, 0.02, 0.06)
    for noise in rng.normal(0, (1 - alike**2) ** 0.5, (200, 120)):
        losses = np.exp(size * lfilter([1.0], [1.0, -alike], noise))
        stopped += found(spelled({"p": "a " + "a" * 120}, log=log(120, val_loss=losses)))["When to stop"].warning
    assert stopped <= 16  # 5%, and two standard errors


@pytest.mark.parametrize(("epochs", "at", "calmer"), [(60, 40, 1.0), (60, 45, 0.3), (120, 90, 0.3)])
def test_a_loss_that_fell_at_once_and_is_level_since_asks_for_no_more_epochs(epochs, at, calmer):
    """A smaller learning rate, with which ups and downs are smaller as well or are not."""
    rng, said = np.random.default_rng(7), 0
    smaller = np.arange(epochs) >= at
    for noise in rng.normal(0, 0.02, (40, epochs)):
        course = -0.4 * smaller + noise * np.where(smaller, calmer, 1)
        said += "may help" in sentence(
            spelled({"p": "a " + "a" * epochs}, log=log(epochs, val_loss=np.exp(course))), "When to stop"
        )
    assert said <= 2


@pytest.mark.parametrize("epochs", [60, 120])
def test_a_learning_rate_that_starts_again_asks_for_no_more_epochs(epochs):
    """Four cycles by a cosine, each of which ends where the one before did."""
    rng, said = np.random.default_rng(9), 0
    cycle = np.linspace(0, 1, epochs // 4)
    course = np.tile(0.3 * (1 + np.cos(np.pi * cycle)), 4)
    for noise in rng.normal(0, 0.02, (100, epochs)):
        record = log(epochs, val_loss=np.exp(course + noise))
        said += "may help" in sentence(spelled({"p": "a " + "a" * epochs}, log=record), "When to stop")
    assert said <= 9  # 5%, and two standard errors


def test_a_single_low_loss_is_no_level_from_which_it_rose():
    losses = 0.5 * np.exp(np.random.default_rng(3).normal(0, 0.02, 60))
    losses[30] = 0.2
    assert not found(spelled({"p": "a " + "a" * 60}, log=log(60, val_loss=losses)))["When to stop"].warning


@pytest.mark.parametrize(
    ("epochs", "odd", "times"),
    [
        (60, slice(-1, None), 1.3),  # the very last one
        (120, slice(-1, None), 1.3),
        (120, slice(-1, None), 0.7),
        (60, slice(36, 38), 0.6),
        (120, slice(80, 83), 0.6),
        (120, slice(-4, -2), 1.5),
    ],
)
def test_a_few_odd_losses_are_neither_a_rise_nor_a_fall(epochs, odd, times):
    rng, said = np.random.default_rng(7), 0
    for noise in rng.normal(0, 0.02, (40, epochs)):
        losses = 0.5 * np.exp(noise)
        losses[odd] *= times
        text = sentence(spelled({"p": "a " + "a" * epochs}, log=log(epochs, val_loss=losses)), "When to stop")
        said += "does not say" not in text
    assert said <= 2


@pytest.mark.parametrize("known", [[0.9, 0.55], [0.9, 0.45], [0.9, np.nan], [np.nan, np.nan]])
def test_validation_that_agrees_or_is_missing_says_nothing(known):
    run = spelled({"p": "a ba", "q": "b ba"}, log=log(2, val_accuracy=known))
    assert "Validation and test" not in found(run)


@pytest.mark.parametrize(
    ("losses", "words", "warning"),
    [
        (
            [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2],
            "The validation loss is at its lowest, 0.2 at epoch 80. It has come down over the second half, "
            "not in one step (p = 0.023): more epochs may help.",
            False,
        ),
        (
            [0.9, 0.8, 0.72, 0.63, 0.55, 0.5, 0.44, 0.4, 0.36, 0.32, 0.29, 0.3],
            "The validation loss was lowest, 0.29 at epoch 110; now it is 0.3. Even so, it has come down over the "
            "second half, not in one step (p = 0.019): more epochs may help.",
            False,
        ),
        (
            [0.9, 0.5, 0.4, 0.38, 0.4, 0.45, 0.55, 0.7],
            "The validation loss was lowest, 0.38 at epoch 40, and has risen to 0.7 at epoch 80 (p = 0.001): "
            "stop at epoch 40.",
            True,
        ),
        (
            [0.9, 0.4, 0.43, 0.42, 0.5, 0.43, 0.43],
            "The validation loss was lowest, 0.4 at epoch 20; now it is 0.43. It fluctuates too much to "
            "tell whether it has recently risen or fallen, so this does not say when to stop.",
            False,
        ),
        (
            [0.4] * 6,
            "The validation loss was lowest, 0.4 at epoch 10; now it is 0.4. It fluctuates too much to "
            "tell whether it has recently risen or fallen, so this does not say when to stop.",
            False,
        ),
        (
            [0.9, 0.5, 0.42, 0.44, 0.41],
            "It takes the validation loss of at least six epochs to say when to stop.",
            False,
        ),
        ([np.nan] * 3, "No validation loss was recorded, so this record cannot tell when to stop.", False),
        ([0.9, np.nan, 0.4], "It takes the validation loss of at least six epochs to say when to stop.", False),
        (
            [0.9, 0.5, 0.4, np.nan, 0.38, 0.4, 0.45, 0.55, 0.7],
            "The validation loss was lowest, 0.38 at epoch 50, and has risen to 0.7 at epoch 90 (p = 0.001): "
            "stop at epoch 50.",
            True,
        ),
        (
            [0.9, np.nan, 0.3, 0.6, np.nan],
            "From epoch 50 on there is no validation loss that is a number; before, it was lowest, 0.3 at epoch 30.",
            True,
        ),
    ],
)
def test_when_to_stop_follows_from_the_validation_loss(losses, words, warning):
    e = len(losses)
    run = spelled({"p": "a " + "a" * e}, epochs=10 * np.arange(1, e + 1), log=log(e, val_loss=losses))
    finding = found(run)["When to stop"]
    assert (finding.sentence, finding.warning) == (words, warning)


def test_a_loss_that_went_to_infinity_does_not_ask_for_more_epochs():
    run = spelled({"p": "a aaaa"}, log=log(4, val_loss=[0.9, 0.5, 0.4, np.inf]))
    finding = found(run)["When to stop"]
    assert (finding.sentence, finding.warning) == (
        "From epoch 4 on there is no validation loss that is a number; before, it was lowest, 0.4 at epoch 3.",
        True,
    )


def test_a_loss_that_came_back_from_infinity_did_not_diverge():
    run = spelled({"p": "a aaaa"}, log=log(4, val_loss=[np.inf, 0.9, 0.5, 0.4]))
    assert "diverged" not in sentence(run, "When to stop")


def test_fluctuation_names_the_three_most_restless_classes_and_the_calmest():
    run = spelled(
        {"p": "a abaca", "q": "b bbbbb", "r": "c cabbb", "s": "d ddddc", "t": "d ddddd"},
        classes=("ant", "bee", "cat", "dog"),
    )
    assert sentence(run, "Fluctuation") == (
        "Predictions change most often for ant (100% of steps), cat (50% of steps) and dog (12% of steps), "
        "least for bee (0%)."
    )


@pytest.mark.parametrize(
    "pictures",
    [{"p": "a abab", "q": "b bbbb"}, {"p": "a abab", "q": "b bbba"}, {"p": "a abab", "q": "b bbba", "r": "c cccc"}],
)
def test_the_calmest_class_is_not_among_the_most_restless(pictures):
    most, _, least = sentence(spelled(pictures), "Fluctuation").partition("least for ")
    assert "ant (" in most
    assert not least or least.split(" (")[0] not in most


def test_a_class_that_never_changed_is_not_among_the_most_restless():
    pictures = {"p": "a abab", "q": "b bbbb", "r": "c cccc", "s": "d dddd", "t": "e eeee"}
    most, _, _ = sentence(spelled(pictures, ("ant", "bee", "cat", "dog", "elk")), "Fluctuation").partition("least for ")
    assert "ant (100% of steps)" in most
    assert "(0%" not in most


def test_classes_that_change_alike_are_not_ranked():
    assert sentence(spelled({"p": "a abb", "q": "b bba"}), "Fluctuation") == (
        "Predictions change alike for all classes (50% of steps)."
    )


def test_nothing_ever_changed_is_said():
    assert sentence(spelled({"p": "a aaa", "q": "b aaa"}), "Fluctuation") == "No prediction ever changed."


def test_one_class_or_one_epoch_says_nothing_of_fluctuation():
    assert "Fluctuation" not in found(spelled({"p": "a abc", "q": "a aaa"}))
    assert "Fluctuation" not in found(spelled({"p": "a a", "q": "b a"}))


CONFUSED = {
    **{f"bc{i}": "b bc" for i in range(4)},
    **{f"ab{i}": "a ab" for i in range(2)},
    **{f"cb{i}": "c cb" for i in range(3)},
    "ca": "c ca",
    "right": "a ca",
}


def test_confusions_are_those_of_the_last_epoch_most_frequent_first():
    run = spelled(CONFUSED)
    assert studies.top_confusions(run, 3) == [(1, 2), (2, 1), (0, 1)]
    assert studies.top_confusions(run, 9) == [(1, 2), (2, 1), (0, 1), (2, 0)]
    assert studies.top_confusions(run, 1) == [(1, 2)]
    assert all(type(number) is int for pair in studies.top_confusions(run, 9) for number in pair)
    assert sentence(run, "Confusions") == (
        "Most often at the last epoch, bee is predicted as cat (4 pictures), cat as bee (3) and ant as bee (2)."
    )


def test_equally_frequent_confusions_stay_in_the_order_of_the_classes():
    assert studies.top_confusions(spelled({"p": "c a", "q": "b a", "r": "a c", "s": "b b"}), 5) == [
        (0, 2),
        (1, 0),
        (2, 0),
    ]


def test_one_confusion_has_no_and_and_none_is_said():
    assert sentence(spelled({"p": "a ab", "q": "b bb"}), "Confusions") == (
        "Most often at the last epoch, ant is predicted as bee (1 picture)."
    )
    done = spelled({"p": "a ba", "q": "b ab"})
    assert studies.top_confusions(done, 3) == []
    assert sentence(done, "Confusions") == "At the last epoch every picture is classified correctly."


def test_hardest_pictures_by_epochs_wrong_then_by_times_forgotten():
    run = spelled({"p": "a aabb", "q": "a abab", "r": "b aaaa", "s": "a aaab", "t": "b cccc"})
    # p and q are wrong at half of the epochs; p was forgotten once, q twice.
    assert sentence(run, "Hardest pictures") == (
        "2 pictures were never right. Hardest: r (wrong at 100% of epochs), t (wrong at 100% of epochs) and "
        "q (wrong at 50% of epochs)."
    )


def test_one_or_no_picture_that_was_never_right():
    one = {"p": "a aabb", "q": "a abab", "r": "b aaaa", "s": "a aaab"}
    assert sentence(spelled(one), "Hardest pictures").startswith("One picture was never right. Hardest: r (")
    none = {key: line for key, line in one.items() if key != "r"}
    assert sentence(spelled(none), "Hardest pictures") == (
        "Hardest: q (wrong at 50% of epochs), p (wrong at 50% of epochs) and s (wrong at 25% of epochs)."
    )


def test_no_picture_is_hardest_where_all_fare_alike():
    run = spelled({"p": "a aabb", "q": "a abab", "r": "b aabb"})
    assert sentence(run, "Hardest pictures") == "No picture is harder: each is wrong at 50% of epochs."


@pytest.mark.parametrize("epochs", [3, 4, 7, 9, 10, 12, 18, 19])
def test_a_training_that_still_gets_better_is_not_told_to_stop(epochs):
    """The included record after so many epochs, in the dips of its validation loss: it has 24, the last ones best."""
    whole = TrainingRun.open(shipped.RUNS["digits"][1])
    assert not found(whole.at(whole.epochs[:epochs]))["When to stop"].warning


def test_no_picture_wrong_is_said():
    assert sentence(spelled({"p": "a aa", "q": "b bb"}), "Hardest pictures") == "No picture was ever wrong."


def test_pictures_that_were_never_wrong_are_not_called_hard():
    run = spelled({"p": "a aaba", "q": "b bbbb", "r": "c cccc", "s": "a aaaa"})
    assert "p (wrong at 25% of epochs)" in sentence(run, "Hardest pictures")
    assert "wrong at 0%" not in sentence(run, "Hardest pictures")


def test_one_epoch_and_one_class_are_described_without_a_warning():
    run = TrainingRun("demo", ("ant",), ("p", "q"), np.zeros(2, np.int64), np.array([4]), np.zeros((1, 2), np.int64))
    assert [(finding.topic, finding.sentence, finding.warning) for finding in found(run).values()] == [
        ("Accuracy", "At epoch 4, 100% of 2 pictures are right.", False),
        ("When to stop", "No validation loss was recorded, so this record cannot tell when to stop.", False),
        ("Settling", "It takes at least three epochs to say whether the predictions have settled.", False),
        ("Confusions", "At the last epoch every picture is classified correctly.", False),
        ("Hardest pictures", "No picture was ever wrong.", False),
    ]


# ------------------------------------------------------------------------------------------- confused classes


def test_few_classes_are_all_shown():
    run = draw(7, 3, 20, 6)
    assert studies.confused_classes(run, 6).tolist() == list(range(6))
    assert studies.confused_classes(run, 30).tolist() == list(range(6))


def test_of_many_classes_the_most_confused_are_shown_in_order():
    classes = ("ant", "bee", "cat", "dog", "elk", "fox")
    pictures = {f"fb{i}": "f bbb" for i in range(3)} | {"da": "d aaa", "dc": "d ccc", "e": "e eee", "a": "a aaa"}
    run = spelled(pictures, classes)
    assert studies.confused_classes(run, 3).tolist() == [1, 3, 5]
    assert studies.confused_classes(run, 2).tolist() == [1, 5]


@pytest.mark.parametrize(("epochs", "looked_at"), [(1, [0]), (2, [0, 1]), (7, [0, 3, 6]), (8, [0, 4, 7])])
def test_confusion_is_that_of_the_first_the_middle_and_the_last_epoch(epochs, looked_at):
    run = draw(8, epochs, 300, 40)
    trouble = Counter()
    for row in (0, epochs // 2, epochs - 1):
        assert row in looked_at
        for label, said in zip(run.labels.tolist(), run.predictions[row].tolist(), strict=True):
            if label != said:
                trouble.update([label, said])
    shown = studies.confused_classes(run, 10)
    assert shown.tolist() == sorted(shown)
    assert len(set(shown.tolist())) == 10
    left_out = set(range(40)) - set(shown.tolist())
    assert min(trouble[i] for i in shown.tolist()) >= max(trouble[i] for i in left_out)


# ------------------------------------------------------------------------------------------------------ two runs


def test_two_runs_are_matched_by_picture_class_and_epoch():
    comparison = studies.compare_runs(*two())
    assert comparison.epochs.tolist() == [2, 3]
    assert comparison.missing == 2
    assert comparison.first.pictures == comparison.second.pictures == ("p", "q", "r", "u")
    assert comparison.first.class_names == comparison.second.class_names == CLASSES
    np.testing.assert_array_equal(comparison.first.labels, comparison.second.labels)
    expected = pd.DataFrame(
        {
            "picture": ["p", "q", "r", "u"],
            "label": ["ant", "bee", "cat", "bee"],
            "first": ["ant", "bee", "cat", "cat"],
            "second": ["ant", "bee", "bee", "bee"],
            "first_right": [True, True, True, False],
            "second_right": [True, True, False, True],
            "agreement": [0.5, 0, 1, 0.5],
        }
    )
    pd.testing.assert_frame_equal(comparison.table, expected, check_dtype=False)


def test_outcomes_and_their_order_by_hand():
    comparison = studies.compare_runs(*two())
    # At epoch 2 the first says b b c a of p q r u, the second a a c a; at epoch 3 a b c c, and a a c a.
    assert comparison.outcome.tolist() == [[2, 1, 3, 0], [3, 1, 3, 0]]
    assert [comparison.first.pictures[i] for i in comparison.order] == ["q", "p", "u", "r"]


def test_the_test_is_on_who_is_right_at_the_end():
    comparison = studies.compare_runs(*two())
    by_hand = stats.mcnemar(np.array([1, 1, 1, 0], bool), np.array([1, 1, 0, 1], bool))
    assert replace(comparison.test, p=by_hand.p, reason="") == by_hand  # of four pictures it has no p
    assert (comparison.test.value, comparison.test.n, comparison.test.effect) == (1, 4, 0)


def test_random_runs_with_their_classes_and_pictures_in_another_order():
    first = draw(9, 4, 80, 6)
    rng = np.random.default_rng(0)
    order, classes = rng.permutation(80)[:70], rng.permutation(6)
    number = np.argsort(classes)  # number of the first's class in the second
    second = TrainingRun(
        "other",
        tuple(first.class_names[i] for i in classes),
        tuple(first.pictures[i] for i in order),
        number[first.labels[order]],
        first.epochs[1:],
        number[np.where(rng.random((3, 70)) < 0.5, first.predictions[1:, order], first.labels[order])],
    )
    comparison = studies.compare_runs(first, second)
    assert comparison.missing == 10
    assert comparison.epochs.tolist() == first.epochs[1:].tolist()
    outcome = comparison.outcome
    assert outcome.shape == (3, 70)
    for at, name in enumerate(comparison.first.pictures):
        i, j = first.pictures.index(name), second.pictures.index(name)
        same = 0
        for row in range(3):
            said = first.predictions[row + 1, i], classes[second.predictions[row, j]]
            same += said[0] == said[1]
            right = [said[0] == first.labels[i], said[1] == first.labels[i]]
            assert outcome[row, at] == right[0] + 2 * right[1]
        assert comparison.table["agreement"][at] == pytest.approx(same / 3)
    parted = np.isin(outcome, (1, 2)).sum(axis=0)
    keys = [(-parted[i], comparison.first.labels[i], i) for i in comparison.order]
    assert keys == sorted(keys)
    assert len(keys) == 70


def test_a_picture_of_the_same_name_and_another_class_is_another_picture():
    first = spelled({"p": "a aa", "q": "b bb"})
    second = spelled({"p": "b aa", "q": "b bb"})
    comparison = studies.compare_runs(first, second)
    assert comparison.first.pictures == ("q",)
    assert comparison.missing == 2


def test_runs_that_cannot_be_compared_say_why():
    run = spelled({"p": "a aa"}, name="one")
    with pytest.raises(xai.RecordError, match=r"^one and two were not trained on the same classes\.$"):
        studies.compare_runs(run, spelled({"p": "a aa"}, ("ant", "bee"), name="two"))
    with pytest.raises(xai.RecordError, match=r"^one and two have no picture in common, so they cannot be compared\.$"):
        studies.compare_runs(run, spelled({"q": "a aa"}, name="two"))
    with pytest.raises(xai.RecordError, match=r"^one and two have no epoch in common, so they cannot be compared\.$"):
        studies.compare_runs(run, spelled({"p": "a aa"}, name="two", epochs=np.array([3, 4])))


def test_identical_runs_say_that_there_is_nothing_to_test():
    run = spelled(FIRST, name="one")
    comparison = studies.compare_runs(run, run)
    assert set(np.unique(comparison.outcome)) == {0, 3}
    assert (comparison.table["agreement"] == 1).all()
    assert studies.comparison_sentence(comparison) == (
        "Of 5 pictures, one (first) has 80% right and one (second) 80%; 0 are right only in one (first) and 0 only in "
        "one (second). "
        "Both are right and wrong on the very same pictures, so there is nothing to test."
    )


def against(gained, lost, both):
    first = {f"g{i}": "a b" for i in range(gained)} | {f"l{i}": "a a" for i in range(lost)}
    second = {f"g{i}": "a a" for i in range(gained)} | {f"l{i}": "a b" for i in range(lost)}
    rest = {f"r{i}": "a a" for i in range(both)}
    return studies.compare_runs(spelled(first | rest, name="one"), spelled(second | rest, name="two"))


def test_a_difference_is_told_with_its_interval():
    comparison = against(gained=18, lost=2, both=80)
    low, high = comparison.test.interval
    assert 0 < low < 0.16 < high
    assert studies.comparison_sentence(comparison) == (
        "Of 100 pictures, one has 82% right and two 98%; 2 are right only in one and 18 only in two. "
        f"two minus one is +16.0 points, 95% interval {100 * low:+.1f} to {100 * high:+.1f} "
        "(McNemar's exact test, p < 0.001)."
    )


def test_no_difference_is_not_called_one():
    comparison = against(gained=3, lost=5, both=12)
    words = studies.comparison_sentence(comparison)
    assert "5 are right only in one and 3 only in two. No difference is shown: two minus one is -10.0 points, " in words
    assert words.endswith("(McNemar's exact test, p = 0.727).")


def test_a_difference_is_looked_back_upon_by_hand():
    """One picture of two is right in the first at epochs 1 and 2; in the second, both, then none."""
    first, second = spelled({"p": "a aa", "q": "a bb"}, name="one"), spelled({"p": "a ab", "q": "a ab"}, name="two")
    assert studies.comparison_limits(studies.compare_runs(first, second)) == (
        "Over the last 2 epochs of each, the difference lay between -50.0 points and +50.0 points: which one is better "
        "depends on the epoch at which one stops. The test is about these two networks as they are, not about how they "
        "were trained: a second training from other random weights can differ as much."
    )
    same = studies.comparison_limits(studies.compare_runs(first, first))
    assert same.startswith("Over the last 2 epochs of each, the difference was 0 points at each. The test is about ")
    once = spelled({"p": "a a"}, name="one")
    assert studies.comparison_limits(studies.compare_runs(once, once)).startswith(
        "The test is about these two networks"
    )


def test_one_picture_has_no_interval_and_the_sentence_does_not_print_one():
    assert studies.comparison_sentence(against(gained=1, lost=0, both=0)).endswith(
        " It needs at least 6 pictures: with 1, even one run that is right on all of them beside one that is right on "
        "none could be chance (p = 1)."
    )


# --------------------------------------------------------------------------------- what it looks at, by epoch


def attention(maps, masks, groups=None):
    maps = np.array(maps, np.float32)
    n, size = len(maps), np.shape(next(mask for mask in masks if mask is not None))
    predictions = xai.Predictions(np.zeros(n, np.int64), np.ones((n, 2), np.float32))
    heatmaps = xai.Heatmaps({"layer": maps}, np.zeros(n, np.int64), predictions, size, "Grad-CAM", "logit")
    samples = [
        xai.Sample(
            str(i),
            np.zeros((*size, 3), np.uint8),
            mask=None if mask is None else np.array(mask, np.uint8),
            group=groups and groups[i],
        )
        for i, mask in enumerate(masks)
    ]
    return studies.object_attention(heatmaps, samples)


def test_share_of_the_evidence_on_the_mask_by_hand():
    map_ = [[1, 4], [-9, 3]]
    energy, area, *_ = attention(
        [map_] * 5,
        [
            [[0, 0], [0, 1]],  # 3 of 1 + 4 + 3: negative evidence does not count
            [[0, 255], [0, 1]],  # 3 of 1 + 3: the 4 is ignored, on a third of what is left
            [[1, 1], [1, 1]],  # no background
            None,
            [[0, 0], [0, 255]],  # no object
        ],
    )
    np.testing.assert_allclose(energy, [3 / 8, 3 / 4, *[np.nan] * 3])
    np.testing.assert_allclose(area, [1 / 4, 1 / 3, *[np.nan] * 3])


def test_a_map_without_positive_evidence_has_no_share_and_an_even_one_its_masks():
    mask = [[1, 0, 0], [1, 0, 0], [0, 0, 255]]
    energy, area, *_ = attention([[[0, 0], [0, -1]], [[2, 2], [2, 2]]], [mask, mask])
    np.testing.assert_allclose(energy, [np.nan, 2 / 8])
    np.testing.assert_allclose(area, [2 / 8, 2 / 8])


def test_the_map_is_enlarged_to_the_mask_before_it_is_measured():
    mask = np.zeros((8, 8), np.uint8)
    mask[:4, :4] = 1
    energy, area, usual, *_ = attention([[[1, 0], [0, 1]]], [mask])
    # Of a cell's energy along one side, 7/8 lies in its own half.
    np.testing.assert_allclose(energy, [(49 / 64 + 1 / 64) / 2])
    np.testing.assert_allclose(area, [1 / 4])
    assert np.isnan(usual).all()  # no other picture lends a mask


QUARTERS = [[[1, 0], [0, 0]], [[0, 1], [0, 0]], [[0, 0], [1, 0]], [[0, 0], [0, 1]]]


def test_what_lies_where_objects_of_others_lie_by_hand():
    maps = [[[6, 2], [1, 1]]] * 4
    energy, area, usual, *_ = attention(maps, QUARTERS)
    np.testing.assert_allclose(energy, [0.6, 0.2, 0.1, 0.1])
    np.testing.assert_allclose(area, 0.25)
    np.testing.assert_allclose(usual, [0.6, 0.2, 0.1, 0.1], atol=1e-6)  # as much as other maps have on the same mask
    wide = [[[1, 1], [0, 0]], [[0, 0], [1, 0]]]
    np.testing.assert_allclose(attention(maps[:2], wide).usual, [0.5 + 0.1 - 0.25, 0.25 + 0.8 - 0.5])


def test_masks_that_are_alike_and_pictures_of_one_group_tell_nothing():
    maps = [[[6, 2], [1, 1]]] * 8
    assert np.isnan(attention(maps, [QUARTERS[0]] * 8).usual).all()
    assert np.isnan(attention(maps, QUARTERS * 2, groups=["a film"] * 8).usual).all()
    found = attention(maps, [QUARTERS[0]] * 8)
    table = studies.attention_table({1: found, 2: found})
    assert table["inside"].tolist() == pytest.approx([0.6, 0.6])
    assert studies.attention_sentence(table) == (
        "Whether it looks at the object cannot be told: no other picture has a mask to compare with, or all masks are "
        "so alike that a map of the object is one of the place where objects usually lie."
    )


def test_one_blob_in_the_middle_of_every_picture_is_no_look_at_the_object():
    """Objects lie there, too: of an even map's share of them it has more at p < 0.001."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:32, :32] / 31 - 0.5
    masks = [
        ((y - top) ** 2 + (x - left) ** 2 < side**2).astype(np.uint8)
        for top, left, side in zip(*rng.normal(0, 0.1, (2, 24)), rng.uniform(0.15, 0.3, 24), strict=True)
    ]
    found = attention([np.exp(-(y**2 + x**2) / 0.06)] * 24, masks)
    assert stats.sign_flip(found.energy, found.area).p < 0.001
    table = studies.attention_table({10: found})
    assert table["outcome"].tolist() == ["none"]
    assert studies.attention_sentence(table).startswith(
        "It is not shown to look at the object: its maps say no more than where objects usually lie. At epoch 10, "
    )
    theirs = attention([mask + 0.1 for mask in masks], masks)  # maps of their own object are found
    assert studies.attention_sentence(studies.attention_table({10: theirs})).startswith(
        "From epoch 10 on, the maps lie"
    )


def test_pictures_of_a_group_count_once():
    usual, groups = np.full(16, 0.2), [str(i // 2) for i in range(16)]
    energy = 0.3 + np.random.default_rng(0).normal(0, 0.05, 16)
    found = {1: studies.ObjectAttention(energy, usual, usual)}
    row = studies.attention_table(found, groups).iloc[0]
    assert (row["n"], row["pictures"]) == (8, 16)
    assert row["p"] == stats.sign_flip(energy.reshape(8, 2).mean(axis=1), usual[:8]).p
    assert "(n = 8 groups, difference" in studies.attention_sentence(studies.attention_table(found, groups))
    few = studies.attention_sentence(studies.attention_table(found, ["a"] * 8 + ["b"] * 8))
    assert few.startswith("With fewer than 6 groups of pictures with usable maps at an epoch this cannot be said")


def test_nothing_but_ignored_pixels_is_no_mask():
    found = attention([[[1, 1], [1, 1]]], [np.full((2, 2), 255)])
    assert np.isnan(found[:3]).all()


def tabled(energy, usual, epochs):
    """The table of shares (C, N) on objects that cover a quarter, against what usually lies there (N,)."""
    area = np.full(len(usual), 0.25)
    found = [studies.ObjectAttention(one, area, usual) for one in energy]
    return studies.attention_table(dict(zip(epochs, found, strict=True)))


def test_the_table_holds_the_excess_over_where_objects_usually_lie():
    nan = np.nan
    usual = np.array([0.1, 0.2, 0.3])
    energy = np.array(
        [
            [0.0, 0.1, 0.2],  # 0.1 below throughout
            [0.3, 0.4, nan],
            [0.5, nan, nan],
            [nan, nan, nan],
            [0.1, 0.2, 0.6],  # two as usual, one far above: not sure
        ]
    )
    table = tabled(energy, usual, [1, 2, 4, 8, 16])
    assert table["epoch"].tolist() == [1, 2, 4, 8, 16]
    assert table["n"].tolist() == [3, 2, 1, 0, 3]
    np.testing.assert_allclose(table["inside"], [0.1, 0.35, 0.5, nan, 0.3])
    np.testing.assert_allclose(table["area"], [0.25, 0.25, 0.25, nan, 0.25])
    np.testing.assert_allclose(table["usual"], [0.2, 0.15, 0.1, nan, 0.2])
    np.testing.assert_allclose(table["excess"], [-0.1, 0.2, 0.4, nan, 0.1])
    assert table[["low", "high"]].isna().all(axis=None)  # no interval of fewer than five
    assert set(table["outcome"]) == {"unknown"}  # nor a claim from fewer than six


def test_an_epoch_looks_by_the_sign_flips_of_its_excess():
    rng = np.random.default_rng(5)
    usual, inside = rng.uniform(0.1, 0.4, 12), rng.uniform(0.2, 0.6, 12)
    row = tabled(inside[None], usual, [3]).iloc[0]
    test = stats.sign_flip(inside, usual)
    assert (row["p"], row["low"], row["high"]) == (test.p, *test.interval)
    assert (row["outcome"], test.p < 0.05, test.effect > 0) == ("more", True, True)


def test_no_claim_contradicts_the_interval_beside_it():
    """Seven excesses of one sign, one of them large: p is small, and the interval holds zero."""
    excess = np.array([0.001, 0.002, 0.003, 0.001, 0.002, 0.001, 0.5])
    usual = np.full(7, 0.3)
    for sign in (1, -0.5):
        table = tabled((usual + sign * excess)[None], usual, [5])
        row = table.iloc[0]
        assert row["p"] < 0.05
        assert row["low"] < 0 < row["high"]
        assert row["outcome"] == "none"
        assert studies.attention_sentence(table).startswith("It is not shown to look at the object")


@pytest.mark.parametrize("n", [2, 3, 5, 8, 12])
def test_noise_is_not_said_to_be_about_the_object(n):
    """Ten epochs of noise: at most one in twenty trainings is said to look at the object, or away from it."""
    rng, claims = np.random.default_rng(0), 0
    for _ in range(80):
        usual = np.full(n, 0.2)
        noise = np.clip(usual + rng.normal(0, 0.08, (10, n)), 0, 1)
        claims += studies.attention_answer(tabled(noise, usual, range(1, 11))).claim != ""
    assert claims / 80 <= (0.1 if n > 5 else 0)


def test_a_planted_look_at_the_object_is_found():
    rng = np.random.default_rng(1)
    usual = np.full(64, 0.2)
    energy = 0.2 + rng.normal(0, 0.1, (4, 64)) + 0.08 * np.array([[0], [0], [1], [1]])
    assert studies.attention_sentence(tabled(energy, usual, [1, 2, 3, 4])).startswith("From epoch 3 on")


def test_the_interval_is_the_bootstraps_over_pictures():
    rng = np.random.default_rng(2)
    usual, inside = rng.uniform(0.1, 0.4, 60), rng.uniform(0.2, 0.6, 60)
    row = tabled(inside[None], usual, [3]).iloc[0]
    spread = 1.96 * (inside - usual).std() / np.sqrt(60)
    mean = (inside - usual).mean()
    assert (row["low"], row["high"]) == (pytest.approx(mean - spread, abs=0.01), pytest.approx(mean + spread, abs=0.01))
    assert row["outcome"] == "more"


def looking(*excess, epochs=None):
    """A table in which each epoch has that excess at every one of ten pictures; None is an epoch without maps."""
    energy = np.array([np.full(10, np.nan if value is None else 0.25 + value) for value in excess])
    return tabled(energy, np.full(10, 0.25), epochs or [2**i for i in range(len(excess))])


@pytest.mark.parametrize(
    ("excess", "since"),
    [
        ((0.1, 0.2, 0.3), 1),
        ((-0.1, 0.2, 0.3), 2),
        ((0.1, -0.2, 0.3), 4),
        ((None, 0.1, 0.3), 2),
        ((-0.1, None, 0.3), 4),
        ((0.1, None, 0.3), 4),  # nobody knows of the second
    ],
)
def test_since_when_its_maps_lie_on_the_object(excess, since):
    assert studies.attention_sentence(looking(*excess)) == (
        f"From epoch {since} on, the maps lie on the object: they lie on it more than the usual place of objects "
        "explains. By themselves, maps do not say that the model looks there: those of a "
        "network with random weights often lie on objects that stand out. At epoch 4, 55% of the evidence lies on "
        "the object; 25% would if the maps only marked where objects usually lie (n = 10, difference +30 points, p = "
        "0.002). The object covers 25% of the picture. Epochs are tested from the last one back, until one fails or "
        "has too few maps (level 0.05 for all of them together)."
    )


def test_a_model_that_looks_to_and_away_looks_since_the_last_time():
    words = studies.attention_sentence(looking(-0.1, 0.2, -0.1, None, 0.3, 0.3))
    assert words.startswith("From epoch 16 on, the maps lie on the object")


def test_a_model_that_looks_away_at_the_end_does_not_look():
    assert studies.attention_sentence(looking(0.2, 0.3, -0.2)) == (
        "At epoch 4, the maps lie off the object: they lie on it less than the usual place "
        "of objects explains. By themselves, maps do not say that the model looks there: those of a network with "
        "random weights often lie on objects that stand out. At epoch 4, 5% of the evidence lies on the object; 25% "
        "would if the maps only marked where objects usually lie (n = 10, difference -20 points, p = 0.002). The "
        "object covers 25% of the picture."
    )


def test_an_end_without_maps_is_told_by_the_last_epoch_that_has_some():
    words = studies.attention_sentence(looking(0.1, 0.2, None))
    assert words.startswith("From epoch 1 to 2, the maps lie on the object")
    assert "At epoch 2, 45% of the evidence" in words


@pytest.mark.parametrize("energy", [[[np.nan] * 3] * 2, [[0.5, np.nan, np.nan], [np.nan, 0.6, np.nan]]])
def test_fewer_than_two_maps_say_nothing(energy):
    table = tabled(np.array(energy), np.full(3, 0.2), [1, 2])
    assert studies.attention_sentence(table) == (
        "With fewer than 6 usable maps at an epoch this cannot be said: a test of so few can't fall below p = 0.05."
    )


# ----------------------------------------------------------------------------------------------------- real runs


@pytest.fixture(scope="module")
def published(shared_data):
    path = shared_data / "instanceflow_cifar10" / "cifar10.json"
    run = TrainingRun.from_instanceflow(path)
    return run, run.measures(), json.loads(path.read_text())


def test_the_published_run_is_described_as_its_file_says(published):
    run, _, file = published
    truth = [instance["actual"] for instance in file["instances"]]
    names = [str(instance["id"]) for instance in file["instances"]]
    epochs = [epoch["classifications"] for epoch in file["epochs"]]
    wrong = [sum(epoch[i] != truth[i] for epoch in epochs) for i in range(len(truth))]
    said = {topic: finding.sentence for topic, finding in found(run).items()}

    right = len(truth) - sum(a != b for a, b in zip(epochs[-1], truth, strict=True))
    assert said["Accuracy"].startswith(f"At epoch {file['epochs'][-1]['id']}, {100 * right / len(truth):.0f}% of 1,000")
    changed = sum(a != b for a, b in zip(epochs[-2], epochs[-1], strict=True)) / len(truth)
    assert changed > 0.05
    assert studies.settled_since(run) is None
    assert f"between the last two epochs {100 * changed:.0f}% of" in said["Settling"]

    pairs = Counter((t, p) for t, p in zip(truth, epochs[-1], strict=True) if t != p)
    (true, predicted), count = pairs.most_common(1)[0]
    assert studies.top_confusions(run, 1) == [(true, predicted)]
    most = f"{file['labels'][true]} is predicted as {file['labels'][predicted]} ({count} pictures)"
    assert most in said["Confusions"]

    never = [name for name, count in zip(names, wrong, strict=True) if count == len(epochs)]
    assert said["Hardest pictures"].startswith(
        f"{len(never)} pictures were never right, among them {never[0]}, {never[1]} and "
    )

    steps = len(epochs) - 1
    restless = Counter()
    for i, label in enumerate(truth):
        restless[label] += sum(a[i] != b[i] for a, b in itertools.pairwise(epochs)) / steps
    share = {label: total / truth.count(label) for label, total in restless.items()}
    most, least = max(share, key=share.get), min(share, key=share.get)
    assert f"most often for {file['labels'][most]} ({100 * share[most]:.0f}% of steps)" in said["Fluctuation"]
    assert f"least for {file['labels'][least]} (" in said["Fluctuation"]


def test_the_published_run_is_level_in_its_second_half(published):
    """Epoch 30 is a dip: against it alone, McNemar's test finds +3.1 points, p = 0.004; against 31 nothing."""
    card = studies.training_hypothesis(published[0])
    assert (card.tone, card.headline) == ("none", "No improvement was found in the second half (n = 1,000)")
    assert card.beside[0].p < 0.01
    assert "over epochs 30 to 39" in card.sentence


def test_the_published_runs_rows_are_as_its_file_says(published):
    run, measures, file = published
    truth = [instance["actual"] for instance in file["instances"]]
    epochs = [epoch["classifications"] for epoch in file["epochs"]]
    never = {i for i, label in enumerate(truth) if all(epoch[i] != label for epoch in epochs)}
    assert set(studies.choose_rows(run, measures, only="never right").tolist()) == never
    order = studies.choose_rows(run, measures)
    rows = studies.evolution_rows(run, order, measures)
    assert len(rows.members) <= 500
    assert [truth[i] for i in order] == sorted(truth)
    for row in (0, len(rows.members) // 2, len(rows.members) - 1):
        members = rows.members[row].tolist()
        expected = [sum(epoch[i] == truth[i] for i in members) / len(members) for epoch in epochs]
        np.testing.assert_allclose(rows.correct[row], expected, rtol=1e-6)


@pytest.fixture(scope="module")
def both():
    return {key: TrainingRun.open(folder) for key, (_, folder) in shipped.RUNS.items()}


def test_the_honest_run_that_comes_along_learned_what_it_should(both):
    run = both["digits"]
    assert run.problems == ()
    assert run.accuracy[-1] >= 0.95
    assert not any(finding.warning for finding in found(run).values())


def test_the_cheating_run_that_comes_along_is_caught(both):
    run = both["digits_shortcut"]
    assert run.problems == ()
    assert run.log["val_accuracy"].iloc[-1] >= 0.9
    assert run.accuracy[-1] <= 0.2
    assert found(run)["Validation and test"].warning


def test_the_two_runs_can_be_compared_on_every_picture(both):
    comparison = studies.compare_runs(both["digits"], both["digits_shortcut"])
    assert comparison.missing == 0
    assert comparison.test.effect == pytest.approx(both["digits_shortcut"].accuracy[-1] - both["digits"].accuracy[-1])
    assert comparison.test.p < 0.001
    assert not math.isnan(comparison.test.interval[0])


def test_the_runs_that_come_along_are_small_and_keep_their_weights(both):
    files = [path for _, folder in shipped.RUNS.values() for path in folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 12e6
    for run in both.values():
        assert run.checkpoints
        assert all(path.is_file() for path in run.checkpoints.values())
        assert run.p_true is not None


@pytest.mark.parametrize("noise", [0.01, 0.02])
def test_a_loss_that_rises_and_stays_there_says_when_to_stop(noise):
    """Down until epoch 20, half as high again within seven epochs, and level from there on."""
    rng = np.random.default_rng(0)
    course = np.concatenate([np.linspace(1, 0.4, 20), np.linspace(0.43, 0.6, 7), np.full(33, 0.6)])
    stopped = 0
    for _ in range(40):
        losses = course * np.exp(rng.normal(0, noise, 60))
        stopped += found(spelled({"p": "a " + "a" * 60}, log=log(60, val_loss=losses)))["When to stop"].warning
    assert stopped >= 36
