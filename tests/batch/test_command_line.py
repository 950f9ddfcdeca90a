"""Exit codes, sentences, and a study that is killed, interrupted, damaged or asked for again."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest
from filelock import FileLock
from PIL import Image

from tests.support.command import COMMON, TABLES, ended_at, kept, process, stamps, study, summary, together, zoo
from tests.support.processes import ROOT
from xai_core.__main__ import main
from xai_core.batch import request, store, writing
from xai_core.batch.progress import how_far
from xai_core.batch.store import StudyFolder
from xai_core.data import data_options
from xai_core.data.class_folders import Inner, MaskFiles
from xai_core.data.label_table import Unsure
from xai_core.data.same_pictures import Same
from xai_core.data.voc import Others
from xai_core.errors import RecordError
from xai_core.models import BUNDLED
from xai_core.questions.foreground.question import FOREGROUND
from xai_core.questions.layers.question import LAYERS
from xai_core.shipped import RUNS
from xai_core.studies import FOREGROUND_MEASURES, MEASURES
from xai_core.studies.map_measures import SWEEP, THRESHOLD

DIGITS = ("--model", "digits")
SECONDS = re.compile(rb"\d+(\.\d+)? s\b")
FIGURE_ID = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def one_sentence(capsys):
    """What stderr says: one line, no traceback."""
    said = capsys.readouterr().err.strip()
    assert said
    assert "Traceback" not in said
    assert "\n" not in said
    assert said.endswith((".", "?"))
    return said


def in_words(folder):
    """What the reports of a study hold, without the ids of figures and without seconds, which differ each time."""
    with zipfile.ZipFile(folder / "report.zip") as archive:
        found = {name: archive.read(name) for name in archive.namelist()} | {"": (folder / "report.html").read_bytes()}
    return {name: SECONDS.sub(b"", FIGURE_ID.sub(b"", content)) for name, content in found.items()}


@pytest.mark.parametrize(
    ("kind", "limit", "when", "parts"),
    [
        ("layers", 80, "parts/00000.npz", 10),
        ("foreground", 24, "parts/00003.npz", 9),  # the first of the interventions
        ("misclassified", 300, "parts/00000.npz", 5),
        ("misclassified", 70, "table.csv", 2),  # amid the results
    ],
)
def test_killed_and_taken_up_again(tmp_path, kind, limit, when, parts):
    out, through = tmp_path / "out", tmp_path / "through"
    code, _ = ended_at(kind, out, signal.SIGKILL, when, "--limit", limit)
    assert code == -signal.SIGKILL
    before = stamps(out)
    assert 1 <= len(before) <= parts
    assert not StudyFolder.open(out).complete
    again, other = together(kind, (out, through), "--limit", limit)
    assert (again.returncode, other.returncode) == (0, 0), again.stderr + other.stderr
    for name in TABLES:
        assert (out / name).read_bytes() == (through / name).read_bytes()
    after = stamps(out)
    assert len(after) == parts
    assert {name: after[name] for name in before} == before
    first, second = summary(out), summary(through)
    assert {**first, "seconds": 0} == {**second, "seconds": 0}
    assert in_words(out) == in_words(through)
    assert first["headline"] in again.stdout
    assert str(out / "table.csv") in again.stdout


def test_photos_killed_and_taken_up_again(tmp_path, shared_data):
    common = ("--data", shared_data / "photos", "--limit", "24")
    out, through = tmp_path / "out", tmp_path / "through"
    code, _ = ended_at("layers", out, signal.SIGKILL, "parts/00000.npz", common=common)
    assert code == -signal.SIGKILL
    before = stamps(out)
    assert len(before) < 3
    assert [done.returncode for done in together("layers", (out, through), common=common)] == [0, 0]
    assert {name: stamps(out)[name] for name in before} == before
    for name in TABLES:
        assert (out / name).read_bytes() == (through / name).read_bytes()
    table = pd.read_csv(out / "table.csv")
    assert table["id"].nunique() == 24
    assert (table["label"] == table["target"]).mean() > 0.8


def test_interrupted(tmp_path):
    out = tmp_path / "out"
    code, said = ended_at("layers", out, signal.SIGINT, "parts/00000.npz", "--limit", "160")
    assert code == 130
    assert f"The finished batches are kept in {out}" in said
    assert "Traceback" not in said
    before = stamps(out)
    assert 1 <= len(before) < 20
    assert not how_far(StudyFolder.open(out)).running
    assert study("layers", out, "--limit", "160") == 0
    assert {name: stamps(out)[name] for name in before} == before


def test_a_finished_study_is_not_computed_again(layers_out, tmp_path, monkeypatch):
    out = kept(layers_out, tmp_path / "out")
    monkeypatch.setattr("xai_core.batch.maps.explain", lambda *_, **__: pytest.fail("computed again"))
    tables = [(out / name).read_bytes() for name in TABLES]
    assert study("layers", out, "--limit", 20) == 0
    assert [(out / name).read_bytes() for name in TABLES] == tables


@pytest.mark.parametrize("how", ["cut", "flipped", "empty", "another number", "another study", "no archive"])
def test_a_damaged_part_is_computed_again(how, layers_out, tmp_path, capsys):
    out = kept(layers_out, tmp_path / "out")
    part, whole = out / "parts" / "00001.npz", (out / "parts" / "00001.npz").read_bytes()
    middle = len(whole) // 2
    spoilt = {
        "cut": whole[:middle],
        "flipped": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "empty": b"",
        "another number": (out / "parts" / "00000.npz").read_bytes(),
        "no archive": b"text" * 99,
    }
    if how == "another study":
        assert study("layers", tmp_path / "other", "--limit", 20, "--target", "prediction") == 0
        spoilt[how] = (tmp_path / "other" / "parts" / "00001.npz").read_bytes()
    part.write_bytes(spoilt[how])
    before = stamps(out)
    capsys.readouterr()
    assert study("layers", out, "--limit", 20) == 0
    assert "Part 00001 is" in capsys.readouterr().err
    after = stamps(out)
    assert {name for name in after if after[name] != before[name]} == {"00001.npz"}
    for name in TABLES:
        assert (out / name).read_bytes() == (layers_out / name).read_bytes()


def test_no_flipped_bit_changes_a_number_unseen(layers_out, tmp_path):
    out = kept(layers_out, tmp_path / "out")
    part = out / "parts" / "00002.npz"
    whole, there = part.read_bytes(), StudyFolder.open(out)
    names = there.about(2)["arrays"]
    arrays = {name: there.array(2, name).tobytes() for name in names}
    seen = 0
    for place in range(0, len(whole), 151):
        part.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        if there.problem(2):
            seen += 1
        else:  # a date in the archive's directory, say
            assert {name: there.array(2, name).tobytes() for name in names} == arrays
    assert seen > 200


@pytest.mark.parametrize(
    ("more", "named"),
    [
        (("--measure", "gini"), "--measure is 'share', not 'gini'"),
        (("--target", "prediction"), "--target"),
        (("--threshold", "0.9"), "--threshold is 0.85, not 0.9"),
        (("--layers", "blocks"), "--layers"),
    ],
)
def test_other_arguments_are_refused(layers_out, tmp_path, capsys, more, named):
    out = kept(layers_out, tmp_path / "out")
    files = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert study("layers", out, "--limit", 20, *more) == 4
    assert named in one_sentence(capsys)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == files


def test_however_a_folder_is_spelt_it_is_the_same_study(tmp_path, monkeypatch):
    folder, out = zoo(tmp_path / "zoo"), tmp_path / "out"
    (tmp_path / "link").symlink_to(folder)
    assert study("layers", out, common=("--data", folder, *DIGITS)) == 0
    before = stamps(out)
    monkeypatch.chdir(tmp_path)
    for spelt in ("zoo", "link", "./zoo/../zoo/"):
        assert study("layers", out, common=("--data", spelt, *DIGITS)) == 0
    assert stamps(out) == before


def test_another_kind_and_another_limit_are_refused(layers_out, capsys):
    assert study("layers", layers_out, "--limit", 21) == 4
    assert "--limit is 20, not 21" in one_sentence(capsys)
    assert study("misclassified", layers_out, "--limit", 20) == 4
    assert "'layers', not 'misclassified'" in one_sentence(capsys)


def test_overwriting_begins_anew(layers_out, tmp_path):
    out = kept(layers_out, tmp_path / "out")
    assert study("layers", out, "--limit", 9, "--overwrite") == 0
    assert len(stamps(out)) == 2
    assert summary(out)["counts"]["pictures"] == 9
    before = stamps(out)
    assert study("layers", out, "--limit", 9, "--overwrite") == 0  # the same study: it goes on
    assert stamps(out) == before


def test_changed_pictures_and_weights_are_refused(tmp_path, capsys):
    folder, out, weights = zoo(tmp_path / "zoo"), tmp_path / "out", tmp_path / "w.safetensors"
    honest, cheat = (max((RUNS[key][1] / "checkpoints").glob("*.safetensors")) for key in ("digits", "digits_shortcut"))
    shutil.copy(honest, weights)
    common = ("--data", folder, "--model", weights)
    assert study("layers", out, common=common) == 0
    shutil.copy(cheat, weights)
    assert study("layers", out, common=common) == 4
    assert "weights" in one_sentence(capsys)
    shutil.copy(honest, weights)
    picture = next(folder.rglob("*.png"))
    Image.new("RGB", (64, 64)).save(picture)
    assert study("layers", out, common=common) == 4
    assert "pictures have changed" in one_sentence(capsys)


def test_a_damaged_or_missing_study_file_is_refused(layers_out, tmp_path, capsys):
    out = kept(layers_out, tmp_path / "out")
    (out / "study.json").write_text("{")
    assert study("layers", out, "--limit", 20) == 4
    assert "damaged" in one_sentence(capsys)
    (out / "study.json").unlink()
    assert study("layers", out, "--limit", 20) == 4
    assert "no study.json" in one_sentence(capsys)
    assert study("layers", out, "--limit", 20, "--overwrite") == 0
    assert (out / "table.csv").read_bytes() == (layers_out / "table.csv").read_bytes()


def test_two_processes_cannot_work_in_a_folder(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    with FileLock(str(out / ".lock")):
        done = process("layers", out, "--limit", "8")
    assert done.returncode == 4
    assert done.stderr.startswith("Another process works in ")
    assert done.stderr.count("\n") == 1
    assert not (out / "study.json").exists()


@pytest.mark.parametrize(
    ("kind", "arguments", "named"),
    [
        ("layers", ("--data", "textured_digits", "--model", "resnet1000"), "resnet1000"),
        ("layers", ("--data", "nowhere", *DIGITS), "nowhere"),
        ("layers", ("--data", "textured_digits", "--split", "best", *DIGITS), "best"),
        ("layers", ("--data", "textured_digits", "--labels", "3,eleven", *DIGITS), "eleven"),
        ("layers", ("--data", "textured_digits", "--target", "eleven", *DIGITS), "eleven"),
        ("layers", ("--data", "textured_digits", "--layers", "fc", *DIGITS), "fc"),
        ("layers", ("--data", "textured_digits", "--device", "abacus", *DIGITS), "abacus"),
        ("layers", ("--data", "textured_digits", "--classes", "imagenet", *DIGITS), "--classes"),
        ("foreground", ("--data", "textured_digits", "--layer", "fc", *DIGITS), "fc"),
        ("misclassified", ("--data", "photos", *DIGITS), "None of the 8 labels"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(tmp_path, capsys, kind, arguments, named):
    assert study(kind, tmp_path / "out", common=arguments) == 2
    assert named in one_sentence(capsys)


def test_pictures_without_masks_or_labels_are_refused_where_they_are_needed(tmp_path, capsys):
    common = ("--data", zoo(tmp_path / "zoo"), *DIGITS)
    assert study("foreground", tmp_path / "a", common=common) == 2
    assert "9 × it has no mask" in one_sentence(capsys)
    flat = tmp_path / "flat"
    shutil.copytree(tmp_path / "zoo" / "0", flat)
    assert study("misclassified", tmp_path / "b", common=("--data", flat, *DIGITS)) == 2
    assert "no labels" in one_sentence(capsys)
    assert study("layers", tmp_path / "c", common=("--data", flat, *DIGITS)) == 0


@pytest.mark.parametrize("kind", ["layers", "misclassified"])
def test_a_broken_picture_is_left_out_and_said(tmp_path, capsys, kind):
    folder = zoo(tmp_path / "zoo", 4)
    broken = next((folder / "1").iterdir())
    broken.write_bytes(broken.read_bytes()[:40])
    (folder / "notes.txt").write_text("text")
    assert study(kind, tmp_path / "out", common=("--data", folder, *DIGITS)) == 3
    said = summary(tmp_path / "out")
    assert [one["picture"] for one in said["left_out"]] == [f"1/{broken.name}"]
    assert [one["file"] for one in said["skipped"]] == ["notes.txt"]
    assert (said["counts"]["pictures"], said["counts"]["left out"]) == (12, 1)
    table = pd.read_csv(tmp_path / "out" / "table.csv")
    assert table["id"].nunique() == 11
    assert "1 of 12 pictures left out" in capsys.readouterr().out
    assert "could not be read" in (tmp_path / "out" / "report.html").read_text()


def test_nothing_but_broken_pictures(tmp_path, capsys):
    folder = zoo(tmp_path / "zoo", 1)
    for picture in folder.rglob("*.png"):
        picture.write_bytes(b"no picture")
    for kind in ("layers", "misclassified"):
        assert study(kind, tmp_path / kind, common=("--data", folder, *DIGITS)) == 2
        assert "None of the pictures can be read" in one_sentence(capsys)


def test_masks_that_cannot_be_used_are_left_out_and_said(tmp_path, capsys):
    from xai_core import load_dataset

    for sample in load_dataset("textured_digits_shortcut", split="val", limit=10):
        for kind in ("images", "masks"):
            (tmp_path / "zoo" / kind / sample.label).mkdir(parents=True, exist_ok=True)
        Image.fromarray(sample.pixels).save(tmp_path / "zoo" / "images" / sample.label / f"{sample.name}.png")
        mask = np.zeros_like(sample.mask) if sample.label == "5" else sample.mask * 255
        Image.fromarray(mask).save(tmp_path / "zoo" / "masks" / sample.label / f"{sample.name}.png")
    common = ("--data", tmp_path / "zoo", "--model", "digits_shortcut")
    assert study("foreground", tmp_path / "out", common=common) == 3
    said = summary(tmp_path / "out")
    assert [one["reason"] for one in said["left_out"]] == ["Its mask has no foreground."]
    assert said["left_out"][0]["picture"].startswith("5")
    table = pd.read_csv(tmp_path / "out" / "table.csv")
    assert table["picture"].tolist() == list(range(9))
    assert 5 not in table["label"].tolist()
    assert table["p_swapped"].notna().all()
    assert "1 × its mask has no foreground" in (tmp_path / "out" / "report.html").read_text()


def test_what_cannot_be_written_ends_with_one(tmp_path, capsys, monkeypatch):
    def full(path, content):
        raise RecordError(f"{path.name} could not be written: the disk is full.")

    monkeypatch.setattr(writing, "write_whole", full)
    assert study("layers", tmp_path / "out", "--limit", 8) == 1
    assert "the disk is full" in one_sentence(capsys)


def test_a_file_in_place_of_the_folder(tmp_path, capsys):
    (tmp_path / "out").write_text("text")
    assert study("layers", tmp_path / "out", "--limit", 8) == 2
    assert "cannot be made" in one_sentence(capsys)


def test_a_name_that_no_folder_can_have(tmp_path, capsys):
    assert study("layers", tmp_path / "o\0ut", "--limit", 8) == 2
    said = one_sentence(capsys)
    assert r"o\x00ut' cannot be made: " in said
    assert "embedded null" in said  # byte or, since Python 3.13, character


def test_maps_that_are_too_many_stay_out_of_the_archive(tmp_path, monkeypatch):
    import zipfile

    monkeypatch.setattr("xai_core.batch.run.ARCHIVED", 1000)
    monkeypatch.setattr(store, "IN_MEMORY", 1000)  # and are mapped from a file
    assert study("layers", tmp_path / "out", "--limit", 8) == 0
    with zipfile.ZipFile(tmp_path / "out" / "report.zip") as archive, archive.open("arrays.npz") as file:
        assert sorted(np.load(file)) == ["names", "samples", "targets"]
    assert any("too many for report.zip" in said for said in summary(tmp_path / "out")["findings"])
    assert not [path for path in (tmp_path / "out").iterdir() if path.name.startswith("tmp")]


def test_arguments_that_are_mistyped(tmp_path, capsys):
    for more in (("--threshold", "0.123"), ("--limit", "0"), ("--measure", "entropy")):
        with pytest.raises(SystemExit) as ended:
            study("layers", tmp_path / "out", *more)
        assert ended.value.code == 2
        assert more[1] in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main(["study", "layers", *COMMON["layers"]])
    assert ended.value.code == 2
    assert "--out" in capsys.readouterr().err


def test_the_choices_are_those_of_the_studies():
    assert set(LAYERS.choice("measure").options) == set(MEASURES)
    assert {key: one.title for key, one in FOREGROUND_MEASURES.items()} == FOREGROUND.choice("measure").options
    assert {option.key: option.default for option in data_options()} == request.RECORDED | {
        "same": "apart",
        "subfolders": "joined",
        "unsure": "refuse",
        "mask_files": "masks",
        "intensity_range": "auto",
        "mask_coding": "auto",
        "pages": "first",
        "bands": "auto",
    }
    assert {option.key: option.choices for option in data_options()} == {
        "others": Others.__args__,
        "same": Same.__args__,
        "subfolders": Inner.__args__,
        "unsure": Unsure.__args__,
        "mask_files": MaskFiles.__args__,
        "intensity_range": (),
        "mask_coding": (),
        "pages": (),
        "bands": (),
    }
    assert request.MODEL == BUNDLED
    threshold = LAYERS.choice("threshold")
    assert threshold.default == THRESHOLD
    assert all(threshold.parse(f"{value:.2f}") == value for value in SWEEP)


def test_help_is_there_at_once():
    code = (
        "import sys; from xai_core.__main__ import main\n"
        "try: main(['study', 'layers', '--help'])\n"
        "except SystemExit as end: print('code', end.code)\n"
        "print('heavy', {'torch', 'pandas', 'plotly', 'streamlit'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT, env=dict(os.environ)
    )
    assert "exit codes:" in done.stdout
    assert "130" in done.stdout
    assert done.stdout.endswith("code 0\nheavy set()\n"), done.stdout + done.stderr


def test_the_bar_counts_what_was_done_before(layers_out, tmp_path):
    out = kept(layers_out, tmp_path / "out")
    (out / "parts" / "00002.npz").unlink()
    done = process("layers", out, "--limit", 20)
    assert done.returncode == 0
    assert "16/20" in done.stderr
    assert "20/20" in done.stderr
    assert "damaged" not in done.stderr


def test_what_a_study_writes_of_itself(layers_out):
    head = json.loads((layers_out / "study.json").read_text())
    assert head["data"] == "xai.load_dataset('textured_digits', split='val').choose(limit=20)"
    assert head["model"] == "xai.load_model('digits')"
    assert (head["pictures"], head["batch"], head["parts"]) == (20, 8, 3)
    assert head["request"]["measure"] == "share"
