"""InstanceFlow's JSON: there and back, the published run by a second way, and every bad input with its sentence."""

import itertools
import json

import numpy as np
import pytest

from xai_core.errors import RecordError
from xai_core.records import TrainingRun, files_read

EXPECTED = 'Expected "labels", "instances" and "epochs", as InstanceFlow writes them.'


def content(**changes):
    """Two classes, three pictures, two epochs, with what is given changed."""
    return {
        "name": "demo",
        "labels": ["ant", "bee"],
        "instances": [{"id": "p", "actual": 0}, {"id": "q", "actual": 1}, {"id": "r", "actual": 1}],
        "epochs": [{"id": "0", "classifications": [0, 1, 0]}, {"id": "1", "classifications": [0, 0, 1]}],
    } | changes


def read(**changes):
    return TrainingRun.from_instanceflow(json.dumps(content(**changes)).encode())


def refused(source):
    with pytest.raises(RecordError) as caught:
        TrainingRun.from_instanceflow(source if isinstance(source, bytes) else json.dumps(source).encode())
    return str(caught.value)


def epochs(*rows, ids=None):
    return [{"id": ids[i] if ids else str(i), "classifications": row} for i, row in enumerate(rows)]


def test_what_the_file_says_is_what_the_run_holds():
    run = read()
    assert (run.name, run.class_names, run.pictures) == ("demo", ("ant", "bee"), ("p", "q", "r"))
    assert (run.labels.tolist(), run.epochs.tolist()) == ([0, 1, 1], [0, 1])
    assert run.predictions.tolist() == [[0, 1, 0], [0, 0, 1]]
    assert {values.dtype for values in (run.labels, run.epochs, run.predictions)} == {np.dtype(np.int64)}
    assert (run.p_predicted, run.p_true, run.problems, run.files, run.source.files) == (None, None, (), (), "")


def test_there_and_back_is_the_same(tmp_path):
    rng = np.random.default_rng(3)
    run = TrainingRun(
        name="Käfer × 3",
        class_names=("Käfer", "蜂", 'a "b"'),
        pictures=tuple(f"bild {i}" for i in range(20)),
        labels=rng.integers(0, 3, 20),
        epochs=np.array([0, 3, 7]),
        predictions=rng.integers(0, 3, (3, 20)),
        files=tuple(f"bilder/{i}.png" for i in range(20)),
    )
    path = tmp_path / "run.json"
    text = run.to_instanceflow(path)
    assert path.read_text(encoding="utf-8") == text == run.to_instanceflow()
    for back in (TrainingRun.from_instanceflow(path), TrainingRun.from_instanceflow(text.encode())):
        assert (back.name, back.class_names) == (run.name, run.class_names)
        assert (back.pictures, back.files) == (run.pictures, run.files)
        np.testing.assert_array_equal(back.labels, run.labels)
        np.testing.assert_array_equal(back.epochs, run.epochs)
        np.testing.assert_array_equal(back.predictions, run.predictions)
        assert back.problems == ()
        assert back.to_instanceflow() == text


def test_a_file_tells_the_name_and_where_its_pictures_are(tmp_path):
    given = content(instances=[{"actual": 0, "image": "a/0.png"}, {"actual": 1}, {"actual": 1, "image": 5}])
    del given["name"]
    (tmp_path / "my run.json").write_text(json.dumps(given))
    run = TrainingRun.from_instanceflow(str(tmp_path / "my run.json"))
    assert (run.name, run.files, run.source.files) == ("my run", ("a/0.png", "", ""), str(tmp_path))
    assert run.pictures == ("0", "1", "2")
    assert TrainingRun.from_instanceflow(tmp_path / "my run.json", name="other").name == "other"


def test_a_folder_that_holds_one_record_is_opened_as_that_record(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(content()), encoding="utf-8")
    (tmp_path / "pictures").mkdir()
    run = TrainingRun.open(tmp_path)
    assert run.name == TrainingRun.open(path).name == "demo"
    assert files_read(tmp_path) == [path]  # so that a page opens it anew when it changes
    (tmp_path / "other.json").write_text(json.dumps(content()), encoding="utf-8")
    with pytest.raises(RecordError, match="holds no training run"):
        TrainingRun.open(tmp_path)


def test_the_published_run(shared_data):
    path = shared_data / "instanceflow_cifar10" / "cifar10.json"
    run = TrainingRun.from_instanceflow(path)
    assert (run.name, len(run.class_names), len(run.pictures)) == ("cifar10", 10, 1000)
    assert run.epochs.tolist() == list(range(62))
    assert run.problems == ()
    assert (path.parent / run.files[-1]).is_file()
    assert run.source.files == str(path.parent)

    raw = json.loads(path.read_text())
    table = run.measures()
    for i, instance in enumerate(raw["instances"]):
        said = [epoch["classifications"][i] for epoch in raw["epochs"]]
        truth, row = instance["actual"], table.iloc[i]
        assert (row["picture"], row["label"]) == (instance["id"], raw["labels"][truth])
        assert row["final"] == raw["labels"][said[-1]]
        assert row["misclassification"] == pytest.approx(sum(one != truth for one in said) / 62, abs=1e-12)
        steps = list(itertools.pairwise(said))
        assert row["frequency"] == pytest.approx(sum(a != b for a, b in steps) / 61, abs=1e-12)
        assert row["variability"] == pytest.approx(len(set(said)) / 10, abs=1e-12)
        assert row["forgetting"] == sum(a == truth != b for a, b in steps)
        wrong = [t for t, one in enumerate(said) if one != truth]
        since = wrong[-1] + 1 if wrong else 0
        assert row["learned"] == pytest.approx(since if since < 62 else np.nan, nan_ok=True)
    for epoch, accuracy in zip(raw["epochs"], run.accuracy, strict=True):
        pairs = zip(raw["instances"], epoch["classifications"], strict=True)
        assert accuracy == pytest.approx(sum(instance["actual"] == one for instance, one in pairs) / 1000)


@pytest.mark.parametrize(
    "source", [b"", b"hello", b"{'labels': []}", b"\x89PNG\r\n\x1a\n\x00\x00", b"\xff\xfe{}", b"\x80", b"[1, 2] 3"]
)
def test_what_is_no_json_is_refused(source):
    assert refused(source) == "The file is not whole JSON: it is damaged, cut off or another kind of file."


def test_a_file_cut_off_anywhere_is_refused():
    whole = json.dumps(content()).encode()
    TrainingRun.from_instanceflow(whole)
    for length in range(len(whole)):
        assert "is not whole JSON: it is damaged, cut off" in refused(whole[:length])


@pytest.mark.parametrize(
    "source",
    [
        [],
        [content()],
        "labels",
        3,
        None,
        {},
        {"nbformat": 4, "cells": []},
        {key: value for key, value in content().items() if key != "epochs"},
        content(labels={"0": "ant"}),
        content(labels="ab"),
        content(instances=None),
        content(epochs=2),
    ],
)
def test_json_of_another_kind_is_refused(source):
    assert refused(source) == f"The file is JSON, but no training run. {EXPECTED}"


@pytest.mark.parametrize("opening", [b"[", b'{"labels":', b'{"labels": ["ant"], "instances": [', b'{"epochs": [{"id":'])
def test_deep_nesting_is_refused(opening):
    assert refused(opening * 100_000) == f"The file is nested too deeply to be a training run. {EXPECTED}"


def test_messages_call_a_file_by_its_name(tmp_path):
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(RecordError, match=r"^run\.json is not whole JSON"):
        TrainingRun.from_instanceflow(tmp_path / "run.json")


def test_a_missing_file_or_a_folder_is_refused(tmp_path):
    with pytest.raises(RecordError) as caught:
        TrainingRun.from_instanceflow(tmp_path / "gone.json")
    assert str(caught.value) == f"There is no folder or file '{tmp_path}/gone.json' on this computer."
    with pytest.raises(RecordError, match=r"cannot be read: Is a directory\.$"):
        TrainingRun.from_instanceflow(tmp_path)


@pytest.mark.parametrize("path", ["no\0file.json", "~no_such_person_here/run.json"])
def test_a_path_that_cannot_be_is_refused_like_a_missing_file(path):
    with pytest.raises(RecordError, match="cannot be read"):
        TrainingRun.from_instanceflow(path)


@pytest.mark.parametrize("labels", [["ant", 1], ["ant", None], [["ant"], "bee"]])
def test_labels_that_are_no_text_are_refused(labels):
    assert refused(content(labels=labels)) == "The file: the labels are not all text."


@pytest.mark.parametrize("row", [[0, 1], [0, 1, 0, 1], []])
def test_an_epoch_of_another_length_is_left_out_and_said(row):
    run = read(epochs=epochs([0, 1, 0], row, [0, 0, 1]))
    assert run.predictions.tolist() == [[0, 1, 0], [0, 0, 1]]
    assert run.epochs.tolist() == [0, 2]
    assert run.problems == (f"Epoch 2 of 3 has {len(row)} predictions for 3 pictures: left out.",)


@pytest.mark.parametrize(
    "row", [[0, 1.0, 0], [0, True, 0], [0, "1", 0], [0, None, 0], [0, [1], 0], None, "010", {"0": 1}, [0, 10**30, 0]]
)
def test_an_epoch_without_class_numbers_is_left_out_and_said(row):
    run = read(epochs=epochs([0, 1, 0], [0, 0, 1], row))
    assert run.predictions.tolist() == [[0, 1, 0], [0, 0, 1]]
    assert run.problems == ("Epoch 3 of 3 has no list of class numbers: left out.",)


@pytest.mark.parametrize("epoch", [None, 5, [0, 1, 0], "epoch", {}, {"id": "2", "classification": [0, 1, 0]}])
def test_an_epoch_of_another_kind_is_left_out_and_said(epoch):
    run = read(epochs=[epoch, *epochs([0, 1, 0], [0, 0, 1], ids="45")])
    assert run.epochs.tolist() == [4, 5]
    assert run.problems == ("Epoch 1 of 3 has no list of class numbers: left out.",)


@pytest.mark.parametrize("actual", [1.0, True, "1", None, [1], 10**30, -(10**30)])
def test_a_picture_without_a_class_number_is_refused(actual):
    given = content(instances=[{"id": "p", "actual": 0}, {"id": "q", "actual": actual}, {"id": "r", "actual": 1}])
    assert refused(given) == 'The file: instance 1 has no class number under "actual".'


@pytest.mark.parametrize("instance", [None, 0, "p", ["p", 0], {}, {"id": "p"}])
def test_a_picture_of_another_kind_is_refused(instance):
    given = content(instances=[instance, *content()["instances"][1:]])
    assert refused(given) == 'The file: instance 0 has no class number under "actual".'


def test_an_integer_too_long_for_python_is_refused():
    whole = json.dumps(content(labels=["ant", "bee", "HERE"]))
    assert refused(whole.replace('"HERE"', "9" * 5000).encode()).startswith("The file ")


@pytest.mark.parametrize("label", [2, -1, 2**31 - 1])
def test_a_label_outside_the_classes_is_refused(label):
    given = content(instances=[{"id": "p", "actual": 0}, {"id": "q", "actual": label}, {"id": "r", "actual": 1}])
    assert refused(given) == f"demo: the picture 'q' has the label {label}, but there are 2 classes, 0 to 1."


@pytest.mark.parametrize("said", [2, -1, 2**31 - 1])
def test_a_prediction_outside_the_classes_is_refused(said):
    assert refused(content(epochs=epochs([0, 1, 0], [0, 1, said]))) == (
        f"demo: at epoch 1 the picture 'r' is predicted as class {said}, but there are 2 classes, 0 to 1."
    )


def test_no_epochs_no_pictures_and_no_classes_are_refused():
    assert refused(content(epochs=[])) == "demo has no whole epoch yet."
    assert refused(content(epochs=epochs([0]))) == (
        "The file has no whole epoch. Epoch 1 of 1 has 1 predictions for 3 pictures: left out."
    )
    assert refused(content(instances=[], epochs=epochs([], []))) == "demo has no pictures."
    assert refused(content(labels=[])) == "demo names no classes."


def test_the_same_class_or_picture_twice_is_refused():
    assert "names a class twice" in refused(content(labels=["ant", "ant"]))
    twice = [{"id": "p", "actual": 0}, {"id": "p", "actual": 1}, {"id": "r", "actual": 1}]
    assert "names a picture twice" in refused(content(instances=twice))


def test_one_epoch_is_enough():
    run = read(epochs=epochs([0, 1, 0]))
    assert run.epochs.tolist() == [0]
    table = run.measures()
    assert table["frequency"].isna().all()
    assert table["misclassification"].tolist() == [0, 0, 1]


def test_one_class_is_enough():
    instances = [{"id": name, "actual": 0} for name in "pqr"]
    run = read(labels=["ant"], instances=instances, epochs=epochs([0, 0, 0], [0, 0, 0]))
    assert run.accuracy.tolist() == [1, 1]
    assert run.measures()["variability"].tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (["3", "5", "10"], [3, 5, 10]),
        ([3, 5, 10], [3, 5, 10]),
        (["first", "second", "third"], [1, 2, 3]),
        (["1", "x", "3"], [1, 2, 3]),
        (["2", "1", "3"], [1, 2, 3]),
        (["7", "7", "8"], [1, 2, 3]),
        (["-1", "0", "1"], [1, 2, 3]),
        (["1.0", "2.0", "3.0"], [1, 2, 3]),
        (["²", "³", "⁴"], [1, 2, 3]),
        ([None, None, None], [1, 2, 3]),
        ([[1], {}, True], [1, 2, 3]),
        (["7", "8", "9" * 40], [1, 2, 3]),
        ([7, 8, 10**40], [1, 2, 3]),
    ],
)
def test_epochs_are_numbered_by_their_ids_where_these_ascend(ids, expected):
    run = read(epochs=epochs([0, 1, 0], [0, 0, 1], [0, 1, 1], ids=ids))
    assert run.epochs.tolist() == expected
    assert run.predictions[:, 1].tolist() == [1, 0, 1]


def test_epochs_without_numbers_keep_their_positions_when_one_is_left_out():
    run = read(epochs=epochs([0, 1, 0], [0, 0], [0, 1, 1], ids=["a", "b", "c"]))
    assert run.epochs.tolist() == [1, 3]


def test_pictures_ids_may_be_numbers_or_missing():
    run = read(instances=[{"id": 17, "actual": 0}, {"actual": 1}, {"id": 10**40, "actual": 1}])
    assert run.pictures == ("17", "1", str(10**40))
