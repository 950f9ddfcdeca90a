"""What a study finds is what the library's functions give for the same choices, and what the page says."""

import html
import io
import json
import zipfile
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import xai_core as xai
from tests.support.command import study, summary, zoo
from tests.support.pages import read as as_core_says
from tests.support.processes import ROOT
from xai_core import studies
from xai_core.checks.layer_deletion import deletion_gains
from xai_core.models import best_classes, possible_classes
from xai_core.questions.foreground import report as foreground_reports
from xai_core.questions.foreground import study as foreground
from xai_core.questions.foreground.findings import answer as foreground_answer
from xai_core.questions.layers import report as layers_reports
from xai_core.questions.layers import study as layers
from xai_core.questions.layers.findings import answer
from xai_core.shipped import RUNS
from xai_core.studies.layer_focus import layer_focus
from xai_core.studies.map_measures import SWEEP, measure_maps

DIGITS = ("--data", "textured_digits", "--split", "val")
WORDS = {"": np.nan, "True": 1.0, "False": 0.0}
VIEWS = {f"/{name}": f"views/{name}.py" for name in ("layer_explorer", "foreground", "misclassifications")}


def prepared(model, data):
    return [model.preprocessing.prepare(sample) for sample in data]


def same(table, expected):
    """A table read from CSV has the columns of another one, bit for bit."""
    for name in expected:
        texts = not pd.api.types.is_numeric_dtype(expected[name])
        if texts:
            assert table[name].tolist() == expected[name].fillna("").astype(str).tolist(), name
        else:
            np.testing.assert_array_equal(numbers(table[name]), expected[name].to_numpy(float), err_msg=name)


def read(out, name):
    """A table as it is written: text."""
    return pd.read_csv(out / f"{name}.csv", dtype=str, keep_default_na=False)


def numbers(column):
    """Text as numbers, bit for bit, which pandas' own reader does not promise."""
    return np.array([WORDS[one] if one in WORDS else float(one) for one in column])


@pytest.fixture(scope="module")
def by_hand():
    """Layers, foreground and misclassified as one would do them in a notebook."""
    model, cheat = xai.load_model("digits"), xai.load_model("digits_shortcut")
    some = prepared(model, xai.load_dataset("textured_digits", split="val", limit=20))
    tied = prepared(cheat, xai.load_dataset("textured_digits_shortcut", split="val", limit=20))
    return model, some, cheat, tied


def test_layers(layers_out, by_hand):
    model, samples, *_ = by_hand
    maps = xai.grad_cam(model, samples, targets=xai.true_classes(model, samples), batch_size=8)
    names = [sample.name for sample in samples]
    masks = [sample.mask for sample in samples]
    measured = {grid: measure_maps(maps, SWEEP, grid=grid, masks=masks) for grid in ("own", "common")}
    measured["sampled"] = measure_maps(maps, SWEEP, grid="sampled")
    answered = answer(measured, model.select("stages"), names, "share", 0.85, seen=studies.seen_classes(maps, model))
    focus = layer_focus(measured["own"], samples=names)
    table = read(layers_out, "table")
    same(table, focus.table)
    assert table["id"].tolist() == np.repeat([sample.id for sample in samples], 3).tolist()
    assert table["target"].tolist() == np.repeat([sample.label for sample in samples], 3).tolist()
    said, card = summary(layers_out), answered.card
    assert (said["headline"], said["sentence"]) == (card.headline, card.sentence)
    assert card.carries == focus.trend
    assert (layers_out / "tests.csv").read_text() == studies.numbers_of(card).to_csv(index=False)
    assert said["tone"] == card.tone


def test_foreground(foreground_out, by_hand):
    *_, model, samples = by_hand
    said = np.concatenate([xai.predict(model, samples[i : i + 8]).probabilities for i in range(0, 20, 8)])
    targets = best_classes(possible_classes(model, samples), said)
    assert None not in targets
    maps = xai.grad_cam(model, samples, layers=["stages.1"], targets=targets, batch_size=8)
    where = xai.foreground_background(maps, samples)
    table = read(foreground_out, "table")
    same(table, where)
    assert table["target"].tolist() == [model.class_names[index] for index in targets]
    taken = xai.intervention(model, samples, targets=targets, fill="mean")
    seen = studies.seen_classes(maps, model)
    found = foreground_answer(where, "mean", maps.method, seen, taken, [sample.label for sample in samples])
    card, verdict = found.card, found.verdict
    assert summary(foreground_out)["headline"] == found.conclusion.headline
    assert (foreground_out / "tests.csv").read_text() == studies.numbers_of(card).to_csv(index=False)
    assert summary(foreground_out)["sentence"] == verdict.sentence
    wide = taken.pivot(index="picture", columns="kind", values="p")
    for kind in wide:  # the batches are others, so not bit for bit
        np.testing.assert_allclose(numbers(table[f"p_{kind}"]), wide[kind], atol=1e-6)


def test_misclassified(misclassified_out):
    model = xai.load_model("digits")
    data = xai.load_dataset("textured_digits", limit=150).taking_turns()
    expected = xai.evaluate(model, data, batch=64)
    same(read(misclassified_out, "table"), expected)
    card = studies.confidence_hypothesis(expected)
    assert (misclassified_out / "tests.csv").read_text() == studies.numbers_of(card).to_csv(index=False)
    said = summary(misclassified_out)
    assert said["counts"]["right"] == int(expected["correct"].sum()) < 150
    assert said["numbers"]["accuracy"] == expected["correct"].mean()
    assert said["sentence"] == card.sentence


@pytest.mark.parametrize("kind", ["layers", "foreground", "misclassified"])
def test_the_report_holds_the_summarys_numbers(kind, request):
    out = request.getfixturevalue(f"{kind}_out")
    with zipfile.ZipFile(io.BytesIO((out / "report.zip").read_bytes())) as archive:
        record = json.loads(archive.read("report.json"))
        names = archive.namelist()
    said = summary(out)
    assert record["numbers"] == said["numbers"]
    assert said["numbers"]["n"] > 0
    assert (record["report"], said["kind"]) == (kind, kind)
    assert ("arrays.npz" in names) == (kind != "misclassified")
    page = html.unescape((out / "report.html").read_text())
    assert said["headline"] in page
    assert said["sentence"] in page
    assert "data:image/" in page  # pictures are drawn


@pytest.mark.parametrize("kind", ["layers", "foreground", "misclassified"])
def test_the_reports_code_gives_its_numbers_again(kind, request):
    out = request.getfixturevalue(f"{kind}_out")
    with zipfile.ZipFile(out / "report.zip") as archive:
        code = archive.read("code.py").decode()
    found = {}
    exec(code, found)
    said = summary(out)["numbers"]
    assert set(found["numbers"]) == set(said)
    for name, value in said.items():
        assert found["numbers"][name] == pytest.approx(value, rel=1e-4, abs=1e-6), name


def test_as_many_pictures_are_read_again_as_a_report_draws():
    assert layers.DRAWN >= layers_reports._PICTURES
    assert foreground.DRAWN >= foreground_reports._CARDS


def opened(address):
    """The page at an address, all it says, and the address as the page then has it."""
    parts = urlsplit(address)
    at = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=180)
    at.query_params.update(parse_qs(parts.query))
    at.switch_page(VIEWS[parts.path])
    at.run()
    assert not at.exception, at.exception[0].value
    kinds = ("markdown", "caption", "info", "warning", "error", "success")
    return as_core_says("\n".join(element.value for kind in kinds for element in getattr(at, kind))), at


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("layers", ("--target", "3", "--layers", "blocks", "--measure", "gini", "--limit", "9")),
        ("layers", ("--layers", "stages.1,stages.0", "--threshold", "0.6", "--labels", "1,4", "--limit", "7")),
        ("foreground", ("--measure", "auc", "--fill", "noise", "--target", "prediction", "--limit", "9")),
        ("foreground", ("--layer", "stages.1", "--limit", "9")),
        ("foreground", ("--layer", "stages.0.0.conv1", "--limit", "9")),
        ("misclassified", ("--labels", "3,9", "--limit", "40")),
    ],
)
def test_the_dashboard_opens_the_same_choices(tmp_path, kind, more):
    assert study(kind, tmp_path / "out", *more) == 0
    said = summary(tmp_path / "out")
    text, _ = opened(said["address"])
    assert (said["sentence"] if kind != "misclassified" else said["findings"][0]) in text
    for sentence in said["findings"]:
        assert sentence in text


def test_a_study_of_older_rules_says_so_and_opens(tmp_path):
    out = tmp_path / "out"
    assert study("layers", out, "--limit", "9") == 0
    said = summary(out)
    changed = "The rules by which numbers become verdicts have changed since this study was made"
    address = f"{said['address']}&study={out}"
    assert changed not in opened(address)[0]
    older = {**said, "headline": "Yes: deeper layers focus more"}
    (out / "summary.json").write_text(json.dumps({k: v for k, v in older.items() if k != "rules"}))
    text, _ = opened(address)
    assert changed in text
    assert "its own headline was: Yes: deeper layers focus more." in text
    assert said["sentence"] in text


def test_a_folder_and_a_checkpoint_in_the_address(tmp_path):
    weights = max((RUNS["digits"][1] / "checkpoints").glob("*.safetensors"))
    names = tmp_path / "names.txt"
    names.write_text("\n".join(f"number {i}" for i in range(10)))
    common = ("--data", zoo(tmp_path / "zoo"), "--model", weights, "--classes", names)
    assert study("layers", tmp_path / "out", "--target", "number 2", common=common) == 0
    said = summary(tmp_path / "out")
    query = parse_qs(urlsplit(said["address"]).query)
    assert query["path"] == [str(tmp_path / "zoo")]
    assert query["weights"] == [str(weights)]
    assert query["classes"][0].splitlines()[2] == "number 2"
    text, _ = opened(said["address"])
    assert said["sentence"] in text


def test_the_record_of_a_training_is_data(tmp_path):
    record = RUNS["digits"][1]
    common = ("--data", record, "--model", "digits", "--limit", "70")
    assert study("misclassified", tmp_path / "out", common=common) == 0
    data = xai.run_pictures(xai.TrainingRun.open(record)).choose(limit=70).taking_turns()
    assert read(tmp_path / "out", "table")["picture"].tolist() == [item.name for item in data.items]
    assert parse_qs(urlsplit(summary(tmp_path / "out")["address"]).query)["path"] == [str(record)]


def test_without_interventions(tmp_path):
    assert study("foreground", tmp_path / "out", "--limit", 9, "--no-interventions") == 0
    assert len(list((tmp_path / "out" / "parts").iterdir())) == 4  # maps, and their control
    assert "p_swapped" not in read(tmp_path / "out", "table")
    assert "mean p, as it is" not in summary(tmp_path / "out")["numbers"]


@pytest.mark.parametrize("kind", ["layers", "foreground"])
def test_a_label_that_the_model_does_not_know_gives_way_to_the_prediction(tmp_path, kind):
    assert study(kind, tmp_path / "out", common=("--data", "photos", "--model", "digits")) == 0
    said, table = summary(tmp_path / "out"), read(tmp_path / "out", "table")
    assert said["counts"]["label unknown"] == 8
    assert (table["target"] == table["predicted"]).all()
    assert any("8 of 8" in sentence and "prediction" in sentence for sentence in said["findings"])


def test_random_weights_give_the_layers_a_reference(tmp_path):
    out = tmp_path / "out"
    assert study("layers", out, "--limit", 12, "--model", "digits", "--untrained", *DIGITS) == 0
    model = xai.load_model("digits")
    samples = prepared(model, xai.load_dataset("textured_digits", split="val", limit=12))
    targets = xai.true_classes(model, samples)
    own, *draws = (
        measure_maps(xai.grad_cam(net, samples, targets=targets), SWEEP, masks=[one.mask for one in samples])
        for net in (model, *xai.untrained(model))
    )
    found = studies.untrained_layers(layer_focus(own), [one.values("share", 0.85) for one in draws])
    said = html.unescape((out / "report.html").read_text())
    assert found.sentence(layer_focus(own)) in said
    assert "random weights (median)" in said  # the line in the plot


def test_deletion_by_layer_stands_in_the_report(tmp_path):
    out = tmp_path / "out"
    assert study("layers", out, "--limit", 6, "--model", "digits", "--deletion", *DIGITS) == 0
    model = xai.load_model("digits")
    samples = prepared(model, xai.load_dataset("textured_digits", split="val", limit=6))
    maps = xai.grad_cam(model, samples, targets=xai.true_classes(model, samples), layers="stages")
    gains = np.array([deletion_gains(model, sample, maps, row) for row, sample in enumerate(samples)])
    titles = {name: f"stage {number}" for number, name in enumerate(maps, start=1)}
    found = studies.layer_faithfulness(titles, "Grad-CAM", gains=gains)
    said = html.unescape((out / "report.html").read_text())
    assert found.checks[0].sentence in said
    assert "How faithful each layer's map is" in said
    assert studies.faithfulness_columns(found.table) in said


def test_random_weights_give_the_masks_a_reference(tmp_path):
    out = tmp_path / "out"
    assert (
        study("foreground", out, "--limit", 12, "--model", "digits", "--untrained", "--no-interventions", *DIGITS) == 0
    )
    model = xai.load_model("digits")
    samples = prepared(model, xai.load_dataset("textured_digits", split="val", limit=12))
    targets = best_classes(possible_classes(model, samples), xai.predict(model, samples).probabilities)
    own, *draws = (
        xai.foreground_background(xai.grad_cam(net, samples, layers=["stages.2"], targets=targets), samples)
        for net in (model, *xai.untrained(model))
    )
    found = studies.untrained_maps(own, "mean", [studies.beyond_others(one) for one in draws])
    outcome = studies.foreground_verdict(own, "mean", studies.measure_tests(own, "mean")).outcome
    assert found.sentence(outcome) in html.unescape((out / "report.html").read_text())
