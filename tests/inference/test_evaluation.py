"""The table of a labelled set against a slow computation, and what becomes of unusable pictures and answers."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import xai_core as xai
from tests.support.nets import is_free, unscaled
from xai_core import studies
from xai_core.data.dataset import Dataset, Item
from xai_core.inference.evaluation import evaluation_rows
from xai_core.types import Predictions

NAMES = tuple("abcdefgh")
COLUMNS = [
    "index",
    "picture",
    "id",
    "label",
    "true",
    "true_class",
    "predicted",
    "predicted_class",
    "confidence",
    "p_true",
    "margin",
    "loss",
    "correct",
    "in_top5",
    "usable",
]


class Linear(nn.Module):
    """Linear in the pixels; with weights this large its answers range from certain to undecided."""

    def __init__(self, classes=8, side=4, scale=1.0):
        super().__init__()
        self.head = nn.Linear(3 * side * side, classes)
        generator = torch.Generator().manual_seed(0)
        with torch.no_grad():
            self.head.weight.copy_(torch.randn(self.head.weight.shape, generator=generator) * scale)
            self.head.bias.zero_()

    def forward(self, x):
        return self.head(x.flatten(1))


class Says(nn.Module):
    """Answers with a fixed row, chosen by how bright the picture is: pixel value i gives row i."""

    def __init__(self, rows):
        super().__init__()
        self.rows = [list(row) for row in rows]
        self.keep = nn.Conv2d(3, 1, 1)

    def forward(self, x):
        last = len(self.rows) - 1
        return torch.tensor([self.rows[min(round(float(picture[0, 0, 0]) * 255), last)] for picture in x])


def says(*rows):
    return unscaled(Says(rows), 4, [f"class {i}" for i in range(len(rows[0]))])


def flat(i, label=None):
    return xai.Sample(f"id {i}", np.full((4, 4, 3), i, np.uint8), label, name=f"picture {i}")


@pytest.fixture(scope="module")
def model():
    return unscaled(Linear(), 4, NAMES)


@pytest.fixture(scope="module")
def samples():
    rng = np.random.default_rng(0)
    return [
        xai.Sample(f"id {i}", rng.integers(0, 256, (4, 4, 3), dtype=np.uint8), NAMES[i % 8], name=f"picture {i}")
        for i in range(40)
    ]


def by_hand(model, samples, places=None):
    """One picture at a time, in Python's own numbers; `places` in the data set, where some are left out."""
    names, rows = list(model.class_names), []
    for place, sample in zip(range(len(samples)) if places is None else places, samples, strict=True):
        with torch.no_grad():
            logits = model.net(torch.from_numpy(model.preprocessing.array(sample))[None])[0].double().tolist()
        exponentials = [math.exp(value - max(logits)) for value in logits]
        p = [value / sum(exponentials) for value in exponentials]
        ranking = sorted(range(len(p)), key=lambda c: -p[c])
        true = names.index(sample.label)
        rows.append(
            {
                "index": place,
                "picture": sample.name,
                "id": sample.id,
                "label": sample.label,
                "true": true,
                "true_class": sample.label,
                "predicted": ranking[0],
                "predicted_class": names[ranking[0]],
                "confidence": p[ranking[0]],
                "p_true": p[true],
                "margin": p[ranking[0]] - p[ranking[1]],
                "loss": -math.log(p[true]),
                "correct": ranking[0] == true,
                "in_top5": true in ranking[:5],
                "usable": True,
            }
        )
    return pd.DataFrame(rows)


def assert_same(found, expected):
    assert list(found.columns) == list(expected.columns) == COLUMNS
    for column in COLUMNS:
        if column in ("confidence", "p_true", "margin", "loss"):
            np.testing.assert_allclose(found[column], expected[column], atol=1e-5, rtol=1e-4, err_msg=column)
        else:
            assert found[column].tolist() == expected[column].tolist(), column


@pytest.mark.parametrize("batch", [None, 1, 7, 40, 1000])
def test_the_table_is_the_slow_one(model, samples, batch):
    expected = by_hand(model, samples)
    table = xai.evaluate(model, samples, batch=batch)
    # Otherwise there would be nothing to tell apart:
    assert 0 < expected.correct.sum() < expected.in_top5.sum() < 40
    assert_same(table, expected)
    assert table.attrs == {"problems": [], "classes": list(NAMES)}
    assert table.index.tolist() == list(range(40))


def test_kinds_and_ranges_of_the_columns(model, samples):
    table = xai.evaluate(model, samples)
    for column in ("index", "true", "predicted"):
        assert table[column].dtype == np.int64
    for column in ("correct", "in_top5"):
        assert table[column].dtype == pd.BooleanDtype()
    assert table["usable"].dtype == bool
    for column in ("confidence", "p_true", "margin"):
        assert table[column].dtype == np.float64
        assert table[column].between(0, 1).all(), column
    assert (table.p_true <= table.confidence).all()
    assert (table.loss >= 0).all()


def test_the_shipped_model_on_its_own_digits(digits):
    data = xai.load_dataset("textured_digits", limit=20)
    table = xai.evaluate(digits, data)
    said = xai.predict(digits, list(data))
    assert table.picture.tolist() == [item.name for item in data.items]
    assert table.label.tolist() == [item.label for item in data.items]
    np.testing.assert_array_equal(table.predicted, said.classes)
    np.testing.assert_allclose(table.confidence, said.confidences, atol=1e-5)
    assert table.correct.sum() >= 15


def test_a_real_model_on_the_pictures_of_a_real_run(shared_data):
    path = shared_data / "checkpoints" / "resnet20_cifar10.th"
    record = shared_data / "instanceflow_cifar10" / "cifar10.json"
    for needed in (path, record):
        if not needed.is_file():
            pytest.skip(f"{needed.name} is not among the shared data")
    names = ["Plane", "Auto", "Bird", "Cat", "Deer", "Dog", "Frog", "Horse", "Ship", "Truck"]
    model = xai.load_model(path, architecture="resnet20_cifar", class_names=names, device="cpu")
    run = xai.TrainingRun.from_instanceflow(record)
    table = xai.evaluate(model, xai.run_pictures(run), batch=64)
    assert table.attrs["problems"] == []
    assert table.true.tolist() == run.labels.tolist()
    assert len(table) == 1000
    assert table.correct.mean() == pytest.approx(0.915, abs=1e-9)
    assert table.in_top5.mean() > 0.99


# labels


def test_labels_that_are_none_of_the_classes(model, samples):
    known = samples[:3]
    odd = [replace(samples[3], label=label) for label in ("zebra", None, "", "H ")]
    table = xai.evaluate(model, known + odd)
    assert table.true.tolist() == [0, 1, 2, -1, -1, -1, 7]  # case and punctuation aside, "H " is class h
    assert table.true_class.tolist() == ["a", "b", "c", "", "", "", "h"]
    assert table.label[3] == "zebra"
    assert pd.isna(table.label[4])
    unknown = table[3:6]
    assert unknown.p_true.isna().all()
    assert unknown.loss.isna().all()
    assert unknown.correct.isna().all()
    assert unknown.in_top5.isna().all()
    assert unknown.usable.all()
    assert unknown.confidence.notna().all()
    assert unknown.margin.notna().all()
    assert table.p_true.notna().tolist() == [True] * 3 + [False] * 3 + [True]


def test_the_share_of_right_answers_is_that_of_the_pictures_that_can_be_judged():
    """Labels that are none of the classes are no wrong answers, as where the class names were forgotten."""
    pictures = [flat(0, "class 2"), flat(0, "class 1"), flat(0, "zebra"), flat(0)]
    table = xai.evaluate(says([0.0, 0, 9]), pictures)
    assert (table.correct.mean(), table.in_top5.mean()) == (0.5, 1)
    assert xai.evaluate(says([0.0, 0, 9]), pictures[2:]).correct.mean() is pd.NA
    assert studies.choose_pictures(table, only="wrong").tolist() == [1]
    assert studies.choose_pictures(table, only="right").tolist() == [0]
    assert studies.summarise(table, ["class 0", "class 1", "class 2"]).accuracy == 0.5


def test_an_unknown_label_is_not_the_last_class():
    table = xai.evaluate(says([0.0, 0, 9]), [flat(0, "zebra")])
    assert table.predicted_class.tolist() == ["class 2"]
    assert table.true_class.tolist() == [""]
    assert pd.isna(table.correct[0])
    assert math.isnan(table.p_true[0])


# answers that are none


def test_an_answer_with_nan_is_neither_usable_nor_correct():
    nan = math.nan
    model = says([0.0, 5, 0], [nan] * 3, [0, 1, nan], [0, math.inf, 0], [0, -math.inf, 1])
    # argmax points at the NaN and at infinity, and the labels agree with it: still no right answers.
    labels = ["class 1", "class 0", "class 2", "class 1", "class 2"]
    table = xai.evaluate(model, [flat(i, label) for i, label in enumerate(labels)])
    assert table.usable.tolist() == [True, False, False, False, True]
    assert table.correct.tolist() == [True, pd.NA, pd.NA, pd.NA, True]
    assert table.in_top5.tolist() == [True, pd.NA, pd.NA, pd.NA, True]
    assert table.true.tolist() == [1, 0, 2, 1, 2]
    assert table.loss.notna().tolist() == [True, False, False, False, True]
    assert table.confidence.notna().tolist() == [True, False, False, False, True]


def test_a_loss_without_bounds_and_one_of_zero():
    table = xai.evaluate(says([0.0, 500], [500, 0.0]), [flat(0, "class 0"), flat(1, "class 0")])
    assert table.loss.tolist() == [math.inf, 0.0]
    assert not np.signbit(table.loss).any()
    assert table.p_true.tolist() == [0, 1]
    assert table.margin.tolist() == [1, 1]
    assert table.correct.tolist() == [False, True]


@pytest.mark.parametrize("place", range(7))
def test_the_predicted_class_is_among_the_top_five_even_in_a_tie(place):
    # The outputs differ in the last bit only, and the probabilities not at all.
    logits = [0.0] * 7
    logits[place] = 2.0**-30
    table = xai.evaluate(says(logits), [flat(0, f"class {place}")])
    assert table.predicted[0] == place
    assert table.correct[0]
    assert table.in_top5[0]


@pytest.mark.parametrize(("place", "inside"), [(0, True), (2, True), (4, True), (5, False), (7, False)])
def test_the_top_five_are_five(place, inside):
    logits = [8.0 - i for i in range(8)]
    order = [3, 1, 7, 0, 5, 2, 6, 4]  # class of each rank
    row = [0.0] * 8
    for rank, c in enumerate(order):
        row[c] = logits[rank]
    table = xai.evaluate(says(row), [flat(0, f"class {order[place]}")])
    assert table.in_top5[0] == inside
    assert table.correct[0] == (place == 0)


# few classes


def test_two_classes(samples):
    model = unscaled(Linear(2), 4, ["a", "b"])
    chosen = [sample for sample in samples if sample.label in ("a", "b")]
    table = xai.evaluate(model, chosen, batch=3)
    assert_same(table, by_hand(model, chosen))
    assert table.in_top5.all()
    assert not table.correct.all()
    np.testing.assert_allclose(table.margin, 2 * table.confidence - 1, atol=1e-6)


def test_one_class(samples):
    """One output of one name: the class, or not the class, each with the sigmoid's probability."""
    net = Linear(1)
    model = unscaled(net, 4, ["a"])
    table = xai.evaluate(model, samples[:2])  # labelled a and b
    inputs = torch.from_numpy(np.stack([model.preprocessing.array(sample) for sample in samples[:2]]))
    p = torch.sigmoid(net(inputs)).detach().double().numpy()[:, 0]
    assert model.class_names == ("not a", "a")
    assert table.predicted.tolist() == [int(one > 0.5) for one in p]
    np.testing.assert_allclose(table.confidence, np.maximum(p, 1 - p), rtol=1e-6)
    assert table.true.tolist() == [1, -1]
    assert table.correct.tolist() == [p[0] > 0.5, pd.NA]
    assert table.in_top5.tolist() == [True, pd.NA]
    np.testing.assert_allclose(table.loss[0], -np.log(p[0]), rtol=1e-5)


def test_rows_of_answers_at_hand():
    predictions = Predictions(np.array([1]), np.array([[0.25, 0.625, 0.125]], np.float32))
    table = evaluation_rows(predictions, [flat(0, "x")], [0], ["x", "y", "z"])
    row = table.iloc[0]
    assert (row.true_class, row.predicted_class, row.confidence, row.p_true) == ("x", "y", 0.625, 0.25)
    assert (row.margin, row.correct, row.in_top5) == (0.375, False, True)
    assert row.loss == pytest.approx(math.log(4))


# pictures that cannot be read


def dataset(samples, broken=()):
    def reader(i, sample):
        def read():
            if i in broken:
                raise xai.PictureError(f"{sample.name} is damaged.")
            return sample

        return read

    return Dataset("x", "X", tuple(Item(s.name, s.label, reader(i, s)) for i, s in enumerate(samples)))


@pytest.mark.parametrize("batch", [1, 3, 40])
def test_unreadable_pictures_are_left_out_and_named(model, samples, batch):
    broken = (0, 6, 7, 8, 39)  # at three a time, one batch has no picture left
    seen = []
    table = xai.evaluate(model, dataset(samples, broken), batch=batch, progress=lambda *n: seen.append(n))
    assert table.attrs["problems"] == [f"picture {i} is damaged." for i in broken]
    places = [i for i in range(40) if i not in broken]
    assert_same(table, by_hand(model, [samples[i] for i in places], places))
    assert table["index"].dtype == np.int64
    assert table.index.tolist() == list(range(35))  # the rows' own numbers have no gaps
    assert seen[-1] == (40, 40)
    assert len(seen) == math.ceil(40 / batch)


@pytest.mark.parametrize("batch", [1, 2, 3, 4, 10])
def test_the_index_finds_the_picture_in_the_data_set(model, samples, batch):
    broken = {0, 1, 2, 5, 9}
    data = dataset(samples[:10], broken)
    table = xai.evaluate(model, data, batch=batch)
    assert table["index"].tolist() == [3, 4, 6, 7, 8]
    assert [data[index].id for index in table["index"]] == table["id"].tolist()
    assert [data.items[index].name for index in table["index"]] == table["picture"].tolist()


def test_the_index_counts_in_the_data_set_that_was_handed_in(model, samples):
    some = dataset(samples).take([30, 4, 17])
    table = xai.evaluate(model, some, batch=2)
    assert table["index"].tolist() == [0, 1, 2]
    assert table["picture"].tolist() == ["picture 30", "picture 4", "picture 17"]


# one batch


def test_a_batch_gives_its_part_of_the_table_counted_from_its_own_start(model, samples):
    broken = (11, 14)
    table, problems = xai.evaluate_batch(model, dataset(samples, broken)[10:16])
    assert problems == ["picture 11 is damaged.", "picture 14 is damaged."]
    places = [0, 2, 3, 5]
    assert_same(table, by_hand(model, [samples[10 + i] for i in places], places))
    assert table.attrs == {}


@pytest.mark.parametrize("batch", [1, 4, None])
def test_a_batch_may_itself_be_run_in_parts(model, samples, forwards_of, batch):
    sizes = forwards_of(model)
    table, problems = xai.evaluate_batch(model, samples[:6], batch=batch)
    assert sizes == {1: [1] * 6, 4: [4, 2], None: [6]}[batch]
    assert problems == []
    assert_same(table, by_hand(model, samples[:6]))


@pytest.mark.parametrize("classes", [1, 2, 8])
def test_a_batch_of_unreadable_pictures_is_an_empty_table_with_the_reasons(samples, forwards_of, classes):
    model = unscaled(Linear(classes), 4, NAMES[:classes])
    sizes = forwards_of(model)
    table, problems = xai.evaluate_batch(model, dataset(samples[:3], range(3)))
    assert len(table) == 0
    assert list(table.columns) == COLUMNS
    assert problems == [f"picture {i} is damaged." for i in range(3)]
    assert sizes == []


def test_an_empty_batch_is_an_empty_table(model):
    table, problems = xai.evaluate_batch(model, [])
    assert list(table.columns) == COLUMNS
    assert (len(table), problems) == (0, [])


def test_batches_put_together_are_the_whole_table(model, samples):
    data = dataset(samples[:12], {3, 4, 5, 7})
    parts = [xai.evaluate_batch(model, data[start : start + 3])[0] for start in range(0, 12, 3)]
    assert [len(part) for part in parts] == [3, 0, 2, 3]
    whole = xai.evaluate(model, data, batch=3)
    moved = [part.assign(index=part["index"] + 3 * turn) for turn, part in enumerate(parts) if len(part)]
    joined = pd.concat(moved, ignore_index=True)
    joined.attrs = whole.attrs
    pd.testing.assert_frame_equal(joined, whole.astype({"correct": bool, "in_top5": bool}))


def test_a_sample_cut_for_another_model_is_left_out_and_named(model, samples):
    other = unscaled(Linear(side=2), 2, NAMES)
    table = xai.evaluate(model, [samples[0], other.preprocessing.prepare(samples[1])])
    assert table.picture.tolist() == ["picture 0"]
    assert table["index"].tolist() == [0]
    (problem,) = table.attrs["problems"]
    assert problem.startswith("picture 1 was already cut")


@pytest.mark.parametrize("nothing", [[], dataset([])])
def test_no_pictures_are_a_sentence(model, nothing):
    with pytest.raises(xai.DataError, match=r"There are no pictures to evaluate\."):
        xai.evaluate(model, nothing)


def test_none_readable_is_a_sentence_with_the_first_reason(model, samples):
    with pytest.raises(xai.DataError, match=r"None of the pictures can be read\. picture 0 is damaged\."):
        xai.evaluate(model, dataset(samples[:5], range(5)), batch=2)


def test_pictures_are_read_a_batch_at_a_time(model, samples):
    read = []

    def item(sample):
        return Item(sample.name, sample.label, lambda: read.append(sample.name) or sample)

    data = Dataset("x", "X", tuple(item(sample) for sample in samples[:10]))
    counts = []
    xai.evaluate(model, data, batch=4, progress=lambda done, total: counts.append(len(read)))
    assert counts == [4, 8, 10]


@pytest.mark.parametrize("batch", [-1, -7])
def test_a_batch_below_one_is_refused(model, samples, batch):
    with pytest.raises(ValueError, match="batch"):
        xai.evaluate(model, samples, batch=batch)


# progress and what is left behind


def test_progress_is_told_and_what_it_raises_ends_the_run(model, samples):
    seen = []
    xai.evaluate(model, samples[:10], batch=4, progress=lambda *numbers: seen.append(numbers))
    assert seen == [(4, 10), (8, 10), (10, 10)]

    def stop(done, total):
        seen.append("stop")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        xai.evaluate(model, samples[:10], batch=4, progress=stop)
    assert seen.count("stop") == 1


def test_the_lock_is_held_and_no_gradients_are_kept(model, samples, monkeypatch):
    forward, free, grads = model.net.forward, [], []

    def watch(x):
        free.append(is_free(model.lock))
        grads.append(torch.is_grad_enabled())
        return forward(x)

    monkeypatch.setattr(model.net, "forward", watch)
    xai.evaluate(model, samples[:10], batch=5)
    assert free == [False, False]
    assert grads == [False, False]
    assert torch.is_grad_enabled()


def test_the_samples_stay_as_they_are(model, samples):
    before = [sample.pixels.copy() for sample in samples]
    xai.evaluate(model, samples)
    for sample, pixels in zip(samples, before, strict=True):
        np.testing.assert_array_equal(sample.pixels, pixels)
