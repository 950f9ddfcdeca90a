"""What a study's folder answers to a page: maps, interventions, evaluations."""

import json
import zipfile

import numpy as np
import pandas as pd
import pytest

import xai_core as xai
from tests.support.command import kept, study
from tests.support.limits import bounded
from xai_core.batch.store import StudyFolder, is_study
from xai_core.questions.foreground.stored import stored_intervention
from xai_core.questions.misclassified.stored import stored_evaluation


@pytest.fixture(scope="module")
def digits():
    model = xai.load_model("digits")
    data = xai.load_dataset("textured_digits", split="val", limit=20)
    return model, [model.preprocessing.prepare(sample) for sample in data]


@pytest.fixture(scope="module")
def tied():
    model = xai.load_model("digits_shortcut")
    data = xai.load_dataset("textured_digits_shortcut", split="val", limit=20)
    return model, [model.preprocessing.prepare(sample) for sample in data]


def equal(found, expected):
    assert list(found) == list(expected)
    for layer in expected:
        assert found[layer].dtype == np.float32
        np.testing.assert_array_equal(found[layer], expected[layer])
    np.testing.assert_array_equal(found.targets, expected.targets)
    np.testing.assert_array_equal(found.predictions.classes, expected.predictions.classes)
    np.testing.assert_array_equal(found.predictions.probabilities, expected.predictions.probabilities)
    for name in ("input_size", "method", "unit"):
        assert getattr(found, name) == getattr(expected, name)


def test_what_it_is(layers_out, tmp_path):
    found = StudyFolder.open(layers_out)
    assert (found.kind, found.complete, found.model_id) == ("layers", True, xai.load_model("digits").id)
    assert (found.request["limit"], found.request["model"]) == (20, "digits")
    assert found.summary["kind"] == "layers"
    assert is_study(layers_out)
    assert is_study(str(layers_out))
    assert not is_study(tmp_path)


def test_heatmaps_are_those_that_grad_cam_gives(layers_out, digits):
    model, samples = digits
    found = StudyFolder.open(layers_out)
    truth = xai.true_classes(model, samples)
    maps = xai.grad_cam(model, samples, targets=truth, batch_size=8)
    ids = [sample.id for sample in samples]
    equal(found.heatmaps(model.id, ids, list(maps), truth), maps)
    some = [17, 3, 3, 9]
    one = found.heatmaps(model.id, [ids[i] for i in some], ["stages.1"], [truth[i] for i in some])
    assert list(one) == ["stages.1"]
    np.testing.assert_array_equal(one["stages.1"], maps["stages.1"][some])


def test_the_prediction_is_found_where_the_map_is_for_it(tmp_path, digits):
    model, samples = digits
    assert study("layers", tmp_path / "out", "--limit", 20, "--target", "3") == 0
    found = StudyFolder.open(tmp_path / "out")
    said = xai.predict(model, samples).classes
    three, other = int(np.flatnonzero(said == 3)[0]), int(np.flatnonzero(said != 3)[0])
    assert found.heatmaps(model.id, [samples[three].id], ["stages.0"], [None]) is not None
    assert found.heatmaps(model.id, [samples[other].id], ["stages.0"], [None]) is None
    assert found.heatmaps(model.id, [samples[other].id], ["stages.0"], [3]) is not None


def test_what_is_not_there_is_none(layers_out, misclassified_out, digits):
    model, samples = digits
    found = StudyFolder.open(layers_out)
    truth, ids = xai.true_classes(model, samples), [sample.id for sample in samples]
    assert found.heatmaps("0" * 16, ids, ["stages.0"], truth) is None
    assert found.heatmaps(model.id, [*ids, "0" * 16], ["stages.0"], [*truth, 1]) is None
    assert found.heatmaps(model.id, ids, ["stages.0", "conv1"], truth) is None
    assert found.heatmaps(model.id, ids, ["stages.0"], [(one + 1) % 10 for one in truth]) is None
    assert found.heatmaps(model.id, [], ["stages.0"], []) is None
    assert stored_intervention(found, model.id, ids, truth, "blur", 10) is None
    assert stored_evaluation(found, model.id, 150, model.class_names) is None
    assert StudyFolder.open(misclassified_out).heatmaps(model.id, ids[:1], ["stages.0"], truth[:1]) is None


def test_interventions_are_those_that_the_library_gives(foreground_out, tied):
    model, samples = tied
    found = StudyFolder.open(foreground_out)
    ids, truth = [sample.id for sample in samples], [int(sample.label) for sample in samples]
    taken = stored_intervention(found, model.id, ids, truth, "mean", 10)
    lenders, alike = (
        [samples[i] if i >= 0 else None for i in choose(samples)] for choose in (xai.partners, xai.siblings)
    )
    expected = xai.intervention(model, samples, targets=truth, fill="mean", lenders=lenders, alike=alike)
    assert list(taken) == list(expected)
    pd.testing.assert_frame_equal(taken.drop(columns="p"), expected.drop(columns="p"))
    np.testing.assert_allclose(taken["p"], expected["p"], atol=1e-6)  # the batches are others
    assert stored_intervention(found, model.id, ids, truth, "blur", 10) is None
    assert stored_intervention(found, model.id, ids[:-1], truth[:-1], "mean", 10) is None
    assert stored_intervention(found, model.id, ids[::-1], truth[::-1], "mean", 10) is None
    assert stored_intervention(found, model.id, ids, [0, *truth[1:]], "mean", 10) is None
    assert stored_intervention(found, "0" * 16, ids, truth, "mean", 10) is None


def test_a_study_of_the_object_answers_for_all_stages(foreground_out, tied):
    model, samples = tied
    found = StudyFolder.open(foreground_out)
    ids, truth = [sample.id for sample in samples], [int(sample.label) for sample in samples]
    equal(
        found.heatmaps(model.id, ids, ["stages.0", "stages.1", "stages.2"], truth),
        xai.grad_cam(model, samples, targets=truth, batch_size=8),
    )


def test_the_evaluation_is_that_of_the_library(misclassified_out):
    model = xai.load_model("digits")
    expected = xai.evaluate(model, xai.load_dataset("textured_digits", limit=150).taking_turns(), batch=64)
    expected.attrs = {}
    # Stored are flags, and every picture here can be judged; `evaluate` leaves them missing where one cannot.
    assert expected[["correct", "in_top5"]].notna().all(axis=None)
    expected = expected.astype({"correct": bool, "in_top5": bool})
    pd.testing.assert_frame_equal(
        stored_evaluation(StudyFolder.open(misclassified_out), model.id, 150, model.class_names), expected
    )
    assert stored_evaluation(StudyFolder.open(misclassified_out), "0" * 16, 150, model.class_names) is None


def test_a_part_of_a_study_answers_for_what_it_has(layers_out, misclassified_out, tmp_path, digits):
    model, samples = digits
    out = kept(layers_out, tmp_path / "layers")
    (out / "summary.json").unlink()
    (out / "parts" / "00002.npz").unlink()
    whole = (out / "parts" / "00001.npz").read_bytes()
    (out / "parts" / "00001.npz").write_bytes(whole[: len(whole) // 2])
    found = StudyFolder.open(out)
    truth, ids = xai.true_classes(model, samples), [sample.id for sample in samples]
    assert (found.complete, found.summary) == (False, None)
    assert found.heatmaps(model.id, ids[:8], ["stages.0"], truth[:8]) is not None
    assert found.heatmaps(model.id, ids[:9], ["stages.0"], truth[:9]) is None
    out = kept(misclassified_out, tmp_path / "misclassified")
    (out / "summary.json").unlink()
    assert stored_evaluation(StudyFolder.open(out), model.id, 150, model.class_names) is None


def test_damage_that_comes_later_is_not_handed_out(layers_out, tmp_path, digits):
    model, samples = digits
    out = kept(layers_out, tmp_path / "out")
    found = StudyFolder.open(out)
    truth, ids = xai.true_classes(model, samples), [sample.id for sample in samples]
    clean = found.heatmaps(model.id, ids[:8], ["stages.0"], truth[:8])
    part = out / "parts" / "00000.npz"
    whole = part.read_bytes()
    place = whole.index(clean["stages.0"][4].tobytes())
    part.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    assert found.heatmaps(model.id, ids[:8], ["stages.0"], truth[:8]) is None


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("{", "damaged"),
        ("[]", "another kind"),
        ('{"format": "x"}', "another kind"),
        ('{"format": "xai-core study", "version": 99}', "99"),
        ('{"format": "xai-core study", "version": 1, "kind": 7}', "kind"),
    ],
)
def test_a_study_file_that_cannot_be_understood(tmp_path, content, named):
    (tmp_path / "study.json").write_text(content)
    with pytest.raises(xai.RecordError, match=named):
        StudyFolder.open(tmp_path)


def test_no_study_and_a_summary_of_another_one(layers_out, tmp_path):
    with pytest.raises(xai.RecordError, match="holds no study"):
        StudyFolder.open(tmp_path)
    out = kept(layers_out, tmp_path / "out")
    said = json.loads((out / "summary.json").read_text())
    (out / "summary.json").write_text(json.dumps(said | {"study": "0" * 16}))
    assert not StudyFolder.open(out).complete


def rewritten(out, change, number=0):
    """A part of a study with other texts and arrays."""
    place = StudyFolder.open(out).place_of(number)
    with np.load(place) as part:
        arrays = {name: part[name] for name in part.files}
    about = json.loads(arrays.pop("about").tobytes())
    change(about, arrays)
    with place.open("wb") as file:
        np.savez(file, about=np.frombuffer(json.dumps(about).encode(), np.uint8), **arrays)


def test_an_array_of_holes_is_not_read(layers_out, tmp_path):
    found = StudyFolder.open(kept(layers_out, tmp_path / "out"))
    with np.load(found.place_of(0)) as part:
        arrays = {name: part[name] for name in part.files}
    with found.place_of(0).open("wb") as file:
        file.write(b"PK\x03\x04")  # by which NumPy tells an archive
        file.seek(1 << 30)
        np.savez(file, **arrays)
    with zipfile.ZipFile(found.place_of(0), "a") as archive:
        member = archive.getinfo("map/stages.1.npy")
        member.file_size = member.compress_size = 600 << 20
        archive.comment = b"written anew"
    with bounded(1.0, 100):
        assert found.problem(0) == "damaged"
        with pytest.raises(xai.RecordError, match=r"has 600 MB in its 'map/stages.1'; at most 64 MB are read"):
            found.array(0, "map/stages.1")


@pytest.mark.parametrize("kind", ["U9", "M8[s]", "complex128"])
def test_an_array_of_no_numbers_is_damage(kind, layers_out, tmp_path):
    out = kept(layers_out, tmp_path / "out")
    rewritten(out, lambda about, arrays: arrays.update(targets=arrays["targets"].astype(kind)))
    with pytest.raises(xai.RecordError, match="its 'targets' is no array of numbers"):
        StudyFolder.open(out).array(0, "targets")


@pytest.mark.parametrize(
    "change",
    [
        lambda whole: whole[:-1],
        lambda whole: np.concatenate([whole, whole]),
        lambda whole: whole.astype(np.float64),
        lambda whole: whole[:, :1],  # which NumPy would repeat
    ],
)
def test_parts_that_do_not_fit_together_are_damage(change, layers_out, tmp_path):
    out = kept(layers_out, tmp_path / "out")
    rewritten(out, lambda about, arrays: arrays.update(probabilities=change(arrays["probabilities"])), number=1)
    with pytest.raises(xai.RecordError, match="its parts do not fit together in their 'probabilities'"):
        StudyFolder.open(out).stacked("probabilities", range(3))


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"pictures": 10**9}, "pictures"),
        ({"pictures": -1}, "pictures"),
        ({"input_size": [0, 5]}, "input_size"),
        ({"input_size": [64, 10**6]}, "input_size"),
    ],
)
def test_numbers_that_no_study_has(wrong, named, layers_out, tmp_path):
    out = kept(layers_out, tmp_path / "out")
    (out / "study.json").write_text(json.dumps(json.loads((out / "study.json").read_text()) | wrong))
    with pytest.raises(xai.RecordError, match=f"is damaged: its '{named}' is not what it should be"):
        StudyFolder.open(out)
