"""What follows from a recorded run: worked out by hand, by slow loops and by scikit-learn; and what is refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import confusion_matrix

from tests.support.runs import draw
from xai_core.errors import RecordError
from xai_core.records import LOG, TrainingRun

# Picture: (label, predictions at the epochs 1, 2, 3, 5 and 8). Three classes.
BY_HAND = {
    "always right": (0, [0, 0, 0, 0, 0]),
    "never right": (0, [1, 1, 2, 1, 1]),
    "right only at the end": (2, [0, 1, 0, 1, 2]),
    "forgotten twice": (1, [1, 0, 1, 2, 1]),
    "learned in the middle": (1, [0, 0, 1, 1, 1]),
    "forgotten at the end": (0, [0, 0, 0, 0, 1]),
    "forgotten and learned again": (2, [2, 2, 0, 2, 2]),
    "right at the first only": (1, [1, 2, 2, 0, 0]),
}
EPOCHS = [1, 2, 3, 5, 8]
CLASSES = ("ant", "bee", "cat")


def make(**changes):
    """Three pictures of two classes at two epochs, with what is given changed."""
    values = {
        "name": "demo",
        "class_names": ("ant", "bee"),
        "pictures": ("p", "q", "r"),
        "labels": np.array([0, 1, 1]),
        "epochs": np.array([1, 2]),
        "predictions": np.array([[0, 1, 0], [0, 0, 1]]),
    }
    return TrainingRun(**(values | changes))


def by_hand():
    return make(
        class_names=CLASSES,
        pictures=tuple(BY_HAND),
        labels=np.array([label for label, _ in BY_HAND.values()]),
        epochs=np.array(EPOCHS),
        predictions=np.array([said for _, said in BY_HAND.values()]).T,
    )


@pytest.mark.parametrize(
    ("picture", "misclassification", "frequency", "variability", "forgetting", "learned", "final"),
    [
        ("always right", 0, 0, 1 / 3, 0, 1, "ant"),
        ("never right", 1, 2 / 4, 2 / 3, 0, np.nan, "bee"),
        ("right only at the end", 4 / 5, 1, 3 / 3, 0, 8, "cat"),
        ("forgotten twice", 2 / 5, 1, 3 / 3, 2, 8, "bee"),
        ("learned in the middle", 2 / 5, 1 / 4, 2 / 3, 0, 3, "bee"),
        ("forgotten at the end", 1 / 5, 1 / 4, 2 / 3, 1, np.nan, "bee"),
        ("forgotten and learned again", 1 / 5, 2 / 4, 2 / 3, 1, 5, "cat"),
        ("right at the first only", 4 / 5, 2 / 4, 3 / 3, 1, np.nan, "ant"),
    ],
)
def test_measures_by_hand(picture, misclassification, frequency, variability, forgetting, learned, final):
    row = by_hand().measures().set_index("picture").loc[picture]
    assert row["misclassification"] == pytest.approx(misclassification)
    assert row["frequency"] == pytest.approx(frequency)
    assert row["variability"] == pytest.approx(variability)
    assert row["forgetting"] == forgetting
    assert row["learned"] == pytest.approx(learned, nan_ok=True)
    assert (row["label"], row["final"]) == (CLASSES[BY_HAND[picture][0]], final)


def test_measures_have_a_row_a_picture_in_the_records_order():
    table = by_hand().measures()
    assert list(table["picture"]) == list(BY_HAND)
    assert list(table.columns) == [
        "picture",
        "label",
        "final",
        "misclassification",
        "frequency",
        "variability",
        "forgetting",
        "learned",
    ]
    assert list(table.index) == list(range(len(BY_HAND)))


def test_one_epoch_has_no_frequency():
    table = make(epochs=np.array([4]), predictions=np.array([[0, 1, 0]])).measures()
    assert table["frequency"].isna().all()
    assert list(table["misclassification"]) == [0, 0, 1]
    assert list(table["variability"]) == [0.5, 0.5, 0.5]
    assert list(table["forgetting"]) == [0, 0, 0]
    np.testing.assert_array_equal(table["learned"], [4, 4, np.nan])


def test_one_class_is_always_right():
    table = make(class_names=("ant",), labels=np.zeros(3, int), predictions=np.zeros((2, 3), int)).measures()
    assert table[["misclassification", "frequency", "forgetting"]].eq(0).all(axis=None)
    assert table[["variability", "learned"]].eq(1).all(axis=None)
    assert set(table["final"]) == {"ant"}


def slowly(run, i):
    """A picture's measures, a step at a time and straight from their definitions."""
    truth, said = int(run.labels[i]), [int(row[i]) for row in run.predictions]
    right = [one == truth for one in said]
    steps = list(range(1, len(said)))
    learned = np.nan
    for start in range(len(said)):
        if all(right[start:]):
            learned = int(run.epochs[start])
            break
    return {
        "picture": run.pictures[i],
        "label": run.class_names[truth],
        "final": run.class_names[said[-1]],
        "misclassification": right.count(False) / len(said),
        "frequency": sum(said[t] != said[t - 1] for t in steps) / len(steps) if steps else np.nan,
        "variability": len(set(said)) / len(run.class_names),
        "forgetting": sum(right[t - 1] and not right[t] for t in steps),
        "learned": learned,
    }


@pytest.mark.parametrize(
    ("seed", "epochs", "n", "k"), [(1, 12, 60, 4), (2, 2, 40, 2), (3, 30, 25, 10), (4, 1, 20, 3), (5, 7, 15, 1)]
)
def test_measures_are_those_of_slow_loops(seed, epochs, n, k):
    run = draw(seed, epochs, n, k)
    expected = pd.DataFrame([slowly(run, i) for i in range(n)])
    pd.testing.assert_frame_equal(run.measures(), expected, check_dtype=False, rtol=1e-12)


def test_correct_accuracy_and_changed_by_hand():
    run = make()
    assert run.correct.tolist() == [[True, True, False], [True, False, True]]
    assert run.accuracy.tolist() == pytest.approx([2 / 3, 2 / 3])
    assert run.changed.tolist() == [[False, True, True]]
    assert make(predictions=np.array([[1, 0, 0], [0, 1, 1]])).accuracy.tolist() == [0, 1]
    assert make(epochs=np.array([1]), predictions=np.array([[0, 1, 1]])).changed.shape == (0, 3)


def test_between_keeps_both_ends_and_everything_of_those_epochs():
    run = draw(6, 9, 12, 3)
    low, high = int(run.epochs[2]), int(run.epochs[5])
    part = run.between(low, high)
    assert part.epochs.tolist() == run.epochs[2:6].tolist()
    np.testing.assert_array_equal(part.predictions, run.predictions[2:6])
    np.testing.assert_array_equal(part.p_predicted, run.p_predicted[2:6])
    np.testing.assert_array_equal(part.p_true, run.p_true[2:6])
    pd.testing.assert_frame_equal(part.log, run.log.iloc[2:6].reset_index(drop=True))
    assert (part.pictures, part.name) == (run.pictures, run.name)
    assert run.between(-5, 10**6).epochs.tolist() == run.epochs.tolist()


def test_between_follows_the_numbers_and_not_the_positions():
    run = by_hand()
    assert run.between(3, 6).epochs.tolist() == [3, 5]
    assert run.between(8, 8).epochs.tolist() == [8]
    # Of the epochs 3 and 5 alone, "right only at the end" is never right.
    assert run.between(3, 6).measures().set_index("picture").loc["right only at the end", "misclassification"] == 1


def test_between_without_an_epoch_says_which_there_are():
    with pytest.raises(RecordError) as caught:
        by_hand().between(6, 7)
    assert str(caught.value) == "demo has no epoch from 6 to 7; it has 5 epochs, 1 to 8."
    one = make(epochs=np.array([4]), predictions=np.array([[0, 1, 0]]))
    with pytest.raises(RecordError) as caught:
        one.between(1, 3)
    assert str(caught.value) == "demo has no epoch from 1 to 3; it has epoch 4."


def test_a_run_without_probabilities_and_log_has_none_after_choosing():
    run = by_hand()
    for part in (run, run.between(2, 5), run.take([0, 3])):
        assert (part.p_predicted, part.p_true, part.files) == (None, None, ())
        assert list(part.log.columns) == list(LOG)
        assert len(part.log) == len(part.epochs)
        assert part.log.isna().all(axis=None)


def test_take_keeps_the_order_asked_for():
    run = replace(draw(7, 4, 10, 3), files=tuple(f"{i}.png" for i in range(10)))
    chosen = [7, 0, 3]
    part = run.take(chosen)
    assert part.pictures == ("00007", "00000", "00003")
    assert part.files == ("7.png", "0.png", "3.png")
    assert part.labels.tolist() == [run.labels[i] for i in chosen]
    for key in ("predictions", "p_predicted", "p_true"):
        np.testing.assert_array_equal(getattr(part, key), np.stack([getattr(run, key)[:, i] for i in chosen], axis=1))
    whole = run.measures().set_index("picture").loc[list(part.pictures)].reset_index()
    pd.testing.assert_frame_equal(part.measures(), whole)
    assert run.take(np.array([2])).pictures == ("00002",)


def test_taking_no_picture_or_one_twice_is_refused():
    with pytest.raises(RecordError, match=r"^demo has no pictures\.$"):
        make().take([])
    with pytest.raises(RecordError, match="names a picture twice"):
        make().take([1, 1])


@pytest.mark.parametrize(("seed", "k"), [(8, 4), (9, 2), (10, 12)])
def test_confusion_is_scikit_learns(seed, k):
    run = draw(seed, 5, 50, k)
    for row, epoch in enumerate(run.epochs):
        expected = confusion_matrix(run.labels, run.predictions[row], labels=range(k))
        np.testing.assert_array_equal(run.confusion(int(epoch)), expected)
    np.testing.assert_array_equal(run.confusion(), run.confusion(int(run.epochs[-1])))


def test_confusion_by_hand_has_true_classes_in_rows():
    # At the first epoch the ant is right; of two bees, one is taken for an ant.
    assert make().confusion(1).tolist() == [[1, 0], [1, 1]]
    assert make(class_names=("ant", "bee", "cat")).confusion(1).shape == (3, 3)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"epochs": np.array([], int), "predictions": np.zeros((0, 3), int)}, "demo has no whole epoch yet."),
        ({"pictures": (), "labels": np.array([], int), "predictions": np.zeros((2, 0), int)}, "demo has no pictures."),
        ({"class_names": ()}, "demo names no classes."),
        ({"class_names": ("ant", "ant")}, "demo names a class twice; every class needs a name of its own."),
        ({"pictures": ("p", "q", "p")}, "demo names a picture twice; every picture needs a name of its own."),
        ({"epochs": np.array([2, 1])}, "The epochs of demo are not in ascending order."),
        ({"epochs": np.array([1, 1])}, "The epochs of demo are not in ascending order."),
        ({"labels": np.array([0, 1])}, "demo: labels have the shape (2,), expected (3,)."),
        ({"predictions": np.zeros((3, 2), int)}, "demo: predictions have the shape (3, 2), expected (2, 3)."),
        ({"predictions": np.zeros((1, 3), int)}, "demo: predictions have the shape (1, 3), expected (2, 3)."),
        ({"p_predicted": np.zeros((2, 2), np.float32)}, "demo: p_predicted have the shape (2, 2), expected (2, 3)."),
        ({"p_true": np.zeros(3, np.float32)}, "demo: p_true have the shape (3,), expected (2, 3)."),
        ({"labels": np.array([0, 2, 1])}, "demo: the picture 'q' has the label 2, but there are 2 classes, 0 to 1."),
        ({"labels": np.array([0, 1, -1])}, "demo: the picture 'r' has the label -1, but there are 2 classes, 0 to 1."),
        (
            {"predictions": np.array([[0, 1, 0], [0, 0, 2]])},
            "demo: at epoch 2 the picture 'r' is predicted as class 2, but there are 2 classes, 0 to 1.",
        ),
        (
            {"predictions": np.array([[0, -1, 0], [5, 0, 1]])},
            "demo: at epoch 1 the picture 'q' is predicted as class -1, but there are 2 classes, 0 to 1.",
        ),
        ({"log": pd.DataFrame({"seconds": [1.0, 2.0, 3.0]})}, "demo: the log has 3 rows for 2 epochs."),
    ],
)
def test_a_contradiction_is_refused_with_a_sentence(changes, sentence):
    with pytest.raises(RecordError) as caught:
        make(**changes)
    assert str(caught.value) == sentence
