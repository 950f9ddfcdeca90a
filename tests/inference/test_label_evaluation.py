"""Running a model of independent labels over a labelled set."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import xai_core as xai
from tests.support.labels import COLOURS, LABELS, PICTURES, squares, squares_model, write_squares
from xai_core.types import content_id


def sample(*colours, labels=None, annotated=tuple(COLOURS)):
    pixels = squares(*colours)
    labels = colours if labels is None else labels
    return xai.Sample(content_id(pixels), pixels, labels[0] if labels else None, labels=labels, annotated=annotated)


def test_probabilities_are_each_labels_own_as_worked_out_by_hand():
    model = squares_model()
    found = xai.evaluate_labels(model, [sample("red", "green"), sample()])
    for row, one in zip(found.probabilities, (sample("red", "green"), sample()), strict=True):
        pixels = one.pixels.astype(np.float64) / 255
        only = np.maximum(pixels @ (2 * np.eye(3) - np.ones((3, 3)) + 0).T, 0).mean(axis=(0, 1))
        np.testing.assert_allclose(row, 1 / (1 + np.exp(4 - 80 * only)), rtol=1e-4)
    assert found.probabilities[0].sum() > 1.5  # two are true: nothing sums to 1
    assert found.predicted.tolist() == [[True, True, False], [False, False, False]]


def test_truth_comes_from_the_table_and_what_it_does_not_annotate_is_unknown(tmp_path):
    write_squares(tmp_path / "all", PICTURES, LABELS)
    whole = xai.evaluate_labels(squares_model(), xai.load_dataset(str(tmp_path / "all")))
    assert whole.labels[6] == ("red", "green")
    assert (whole.truth >= 0).all()
    write_squares(tmp_path / "some", PICTURES, LABELS, names=("red", "green"))
    some = xai.evaluate_labels(squares_model(), xai.load_dataset(str(tmp_path / "some")))
    assert some.truth[:, :2].tolist() == whole.truth[:, :2].tolist()
    assert (some.truth[:, 2] == -1).all()
    assert not some.false_positives[:, 2].any()
    assert some.predicted[:, 2].any()


def test_batches_change_nothing_and_unreadable_pictures_are_named(tmp_path):
    root = write_squares(tmp_path / "squares", PICTURES, LABELS)
    whole = xai.evaluate_labels(squares_model(), xai.load_dataset(str(root)))
    (root / "c.png").write_bytes(b"no picture")
    steps = []
    data = xai.load_dataset(str(root))
    found = xai.evaluate_labels(squares_model(), data, batch=2, progress=lambda *step: steps.append(step))
    assert steps == [(2, 7), (4, 7), (6, 7), (7, 7)]
    assert found.index.tolist() == [0, 1, 3, 4, 5, 6]
    assert found.ids == tuple(one for i, one in enumerate(whole.ids) if i != 2)
    np.testing.assert_array_equal(found.truth, np.delete(whole.truth, 2, axis=0))
    np.testing.assert_allclose(found.probabilities, np.delete(whole.probabilities, 2, axis=0), atol=1e-6)
    (problem,) = found.problems
    assert "c.png" in problem


def test_thresholds_are_set_for_all_or_for_some():
    dim = replace(sample("red"), pixels=squares("red") // 2)
    found = xai.evaluate_labels(squares_model(), [dim], threshold={"green": 0.01})
    assert found.thresholds.tolist() == pytest.approx([0.5, 0.01, 0.5])
    assert found.predicted[0, 1]
    assert not found.at(0.9).predicted[0, 1]
    assert found.at(1.0).thresholds.tolist() == [1, 1, 1]


def test_bad_arguments_are_sentences():
    model = squares_model()
    with pytest.raises(xai.TargetError, match=r"no label 'pink' to have a threshold of its own. The labels are: red"):
        xai.evaluate_labels(model, [sample("red")], threshold={"pink": 0.4})
    with pytest.raises(ValueError, match=r"between 0 and 1; got 1.5 for 'red'"):
        xai.evaluate_labels(model, [sample("red")], threshold=1.5)
    with pytest.raises(xai.DataError, match="no pictures"):
        xai.evaluate_labels(model, [])
    with pytest.raises(ValueError, match="batch must be at least 1"):
        xai.evaluate_labels(model, [sample("red")], batch=0)


def test_each_evaluation_is_for_its_own_kind_of_model():
    several, one = squares_model(), squares_model(outputs="logits")
    with pytest.raises(xai.ModelError, match="use evaluate instead of evaluate_labels"):
        xai.evaluate_labels(one, [sample("red")])
    for run in (xai.evaluate, xai.evaluate_batch):
        with pytest.raises(xai.ModelError, match="use evaluate_labels instead of evaluate"):
            run(several, [sample("red")])


def test_of_a_picture_with_several_labels_any_is_right_for_a_model_of_one_class():
    table = xai.evaluate(
        squares_model(outputs="logits"), [sample("red", "green"), sample("red", labels=("blue", "green"))]
    )
    assert table["correct"].tolist() == [True, False]
    assert table["true_class"].tolist()[1] == "blue" or table["true_class"].tolist()[1] == "green"


def test_answers_that_are_no_numbers_are_kept_and_count_nowhere():
    model = squares_model()
    with torch.inference_mode(False), torch.no_grad():
        model.net.head.bias[0] = float("nan")
    found = xai.evaluate_labels(model, [sample("red")])
    assert not found.usable.any()
    assert not (found.known | found.missed | found.false_positives | found.found).any()
