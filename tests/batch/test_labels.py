"""The study of Misclassifications for independent labels, as the command makes it."""

import contextlib
import json
import re
import zipfile
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pytest

import xai_core as xai
from tests.support.command import kept, stamps, study, summary
from tests.support.labels import LABELS, PICTURES, STATED, offered, squares_model, write_squares
from xai_core import studies
from xai_core.batch.store import StudyFolder
from xai_core.questions.misclassified.labels.stored import stored_labels


@pytest.fixture(scope="module", autouse=True)
def _model():
    with offered():
        yield


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("labels")
    write_squares(folder / "squares", PICTURES, LABELS)
    return folder


def command(root, *more):
    return ("--data", root / "squares", *STATED, *more)


@pytest.fixture(scope="module")
def out(root, tmp_path_factory):
    place = tmp_path_factory.mktemp("study") / "out"
    assert study("misclassified", place, common=command(root)) == 0
    return place


def test_a_study_finds_the_planted_mistakes(out):
    table = pd.read_csv(out / "table.csv")
    assert len(table) == 21
    wrong = table[table["outcome"].isin(["missed", "false positive"])]
    assert sorted(wrong[["picture", "label", "outcome"]].values.tolist()) == [
        ["f.png", "green", "false positive"],
        ["g.png", "red", "missed"],
    ]
    said = summary(out)
    assert said["counts"] == {
        "pictures": 7,
        "left out": 0,
        "tested": 7,
        "every label right": 5,
        "labels unknown": 0,
        "answered NaN": 0,
    }
    assert said["numbers"]["wrong"] == 2
    assert "19 of 21 decisions about a label are right" in said["findings"][0]


def test_its_report_speaks_of_labels_and_of_no_one_right_class(out):
    page = (out / "report.html").read_text()
    text = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    assert "mean average precision" in text
    assert "Which labels occur together" in text
    assert 'aria-label="Labels together"' in text
    assert "false positive · has blue" in text
    for word in ("Confusion matrix", "accuracy", "calibration error", "taken for", "Top-5", "margin", "Confidence"):
        assert word not in re.sub(r"<[^>]+>", " ", text), word


def test_its_code_gives_the_same_numbers(out):
    with zipfile.ZipFile(out / "report.zip") as archive:
        record = json.loads(archive.read("report.json"))
    code = record["code"]
    assert "evaluation = xai.evaluate_labels(model, data, threshold=0.5)" in code
    given = {}
    exec(code, given)
    for name, value in summary(out)["numbers"].items():
        assert given["numbers"][name] == pytest.approx(value) or (value is None and np.isnan(given["numbers"][name]))


def test_a_page_finds_the_same_evaluation_in_the_folder(out, root):
    study_folder = StudyFolder.open(out)
    names = ("red", "green", "blue")
    data = xai.load_dataset(str(root / "squares")).taking_turns()
    found = stored_labels(study_folder, study_folder.model_id, len(data), names)
    again = xai.evaluate_labels(squares_model(), data)
    assert found.ids == again.ids
    assert found.labels == again.labels
    np.testing.assert_array_equal(found.truth, again.truth)
    np.testing.assert_allclose(found.probabilities, again.probabilities, atol=1e-6)
    assert stored_labels(study_folder, "another model", len(data), names) is None


def test_thresholds_are_kept_in_record_address_and_numbers(root, tmp_path, capsys):
    asked = ("--threshold", "0.999", "--label-threshold", "red = .01")
    place = tmp_path / "out"
    assert study("misclassified", place, common=command(root, *asked)) == 0
    request = json.loads((place / "study.json").read_text())["request"]
    assert (request["threshold"], request["label_threshold"]) == (0.999, ["red=0.01"])
    query = parse_qs(urlsplit(summary(place)["address"]).query)
    assert (query["decision"], query["decisions"]) == (["0.999"], ["red=0.01"])
    found = xai.evaluate_labels(
        squares_model(), xai.load_dataset(str(root / "squares")), threshold={"red": 0.01, "green": 0.999, "blue": 0.999}
    )
    assert summary(place)["numbers"]["wrong"] == studies.summarise_labels(found).wrong > 2
    before = stamps(place)
    assert study("misclassified", place, common=command(root, *asked)) == 0  # taken up again, nothing is computed
    assert stamps(place) == before
    capsys.readouterr()
    assert study("misclassified", kept(place, tmp_path / "copy"), common=command(root)) == 4
    assert "its --threshold is 0.999, not 0.5" in capsys.readouterr().err


def test_an_address_without_thresholds_of_its_own_has_none(out):
    query = parse_qs(urlsplit(summary(out)["address"]).query)
    assert not {"decision", "decisions"} & set(query)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--label-threshold", "pink=0.3"), "There is no label 'pink' to have a threshold of its own"),
        (("--label-threshold", "red"), "write a label and its threshold as LABEL=P"),
        (("--threshold", "2"), "a threshold is a number between 0 and 1, such as 0.5; got '2'"),
    ],
)
def test_bad_thresholds_are_sentences(root, tmp_path, capsys, more, sentence):
    with contextlib.suppress(SystemExit):  # argparse ends by itself
        assert study("misclassified", tmp_path / "out", common=command(root, *more)) == 2
    assert sentence in " ".join(capsys.readouterr().err.split())


def test_thresholds_are_refused_for_classes_that_exclude_each_other(tmp_path, capsys):
    assert study("misclassified", tmp_path / "out", "--limit", 5, "--threshold", "0.4") == 2
    said = capsys.readouterr().err
    assert "exclude each other" in said
    assert "say --outputs label_logits" in said


def test_a_study_that_is_older_than_thresholds_is_taken_up_again(misclassified_out, tmp_path):
    old = kept(misclassified_out, tmp_path / "old")
    head = json.loads((old / "study.json").read_text())
    for key in ("threshold", "label_threshold"):
        head["request"].pop(key)
    (old / "study.json").write_text(json.dumps(head))
    assert study("misclassified", old, "--limit", 150) == 0


def test_labels_that_the_model_does_not_know_are_a_sentence(tmp_path, capsys):
    write_squares(tmp_path / "squares", {"a.png": ("red",)}, {"a.png": ("lamp",)}, names=("sofa", "chair", "lamp"))
    assert study("misclassified", tmp_path / "out", common=command(tmp_path)) == 2
    assert "The label is none of the model's 3 classes" in capsys.readouterr().err


def test_pictures_that_are_annotated_and_have_no_label_are_judged(tmp_path):
    write_squares(tmp_path / "squares", {"a.png": (), "b.png": ("red",)}, {"b.png": ()})
    assert study("misclassified", tmp_path / "out", common=command(tmp_path)) == 0
    assert summary(tmp_path / "out")["numbers"]["wrong"] == 1


def test_the_study_of_layers_explains_the_likeliest_true_label(root, tmp_path):
    assert study("layers", tmp_path / "out", common=command(root)) == 0
    table = pd.read_csv(tmp_path / "out" / "table.csv").drop_duplicates("sample").set_index("sample")
    assert table.loc["g.png", ["label", "target"]].tolist() == ["red, green", "green"]
    assert table.loc["e.png", "label"] == "red, blue"
    assert {"p_target", "likeliest", "p_likeliest"} <= set(table.columns)
    assert "confidence" not in table.columns
    assert table.loc["g.png", "p_target"] == pytest.approx(0.988, abs=0.001)
    page = (tmp_path / "out" / "report.html").read_text()
    assert "label: red, green" in page


def test_the_study_of_foreground_explains_the_likeliest_true_label_and_groups_by_it(tmp_path):
    pictures = {name: colours for name, colours in PICTURES.items() if colours}
    write_squares(tmp_path / "squares", pictures, masks=True)
    assert study("foreground", tmp_path / "out", common=command(tmp_path)) == 0
    table = pd.read_csv(tmp_path / "out" / "table.csv").set_index("sample")
    assert table.loc["c.png", "label"] == "red, green"
    assert table.loc["c.png", "target"] in ("red", "green")
    assert {"p_target", "likeliest"} <= set(table.columns)
