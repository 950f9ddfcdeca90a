"""A run on disk: what comes back is what was written, and no fault costs more than the epoch it falls in."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xai_core.errors import RecordError
from xai_core.records import LOG, PictureSource, RunWriter, TrainingRun, is_run
from xai_core.records.files import write_whole
from xai_core.records.store import stored_pngs

N = 40
CLASSES = ("Käfer", "蜂", "cat")


def said(number, n=N):
    """What the model says at an epoch: predictions, p_predicted, p_true."""
    rng = np.random.default_rng(number)
    return rng.integers(0, 3, n), rng.random(n, dtype=np.float32), rng.random(n, dtype=np.float32)


def begun(folder, **changes):
    values = {
        "name": "demo",
        "class_names": CLASSES,
        "pictures": [f"picture {i}" for i in range(N)],
        "labels": np.arange(N) % 3,
        "source": PictureSource("textured_digits", "test"),
    }
    writer = RunWriter(folder)
    writer.begin(**(values | changes))
    return writer


def written(folder, epochs=(1, 2, 3), **changes):
    writer = begun(folder, **changes)
    for number in epochs:
        writer.epoch(number, *said(number), train_loss=1 / number)
    return writer


def refused(folder):
    with pytest.raises(RecordError) as caught:
        TrainingRun.open(folder)
    return str(caught.value)


def holds(run, epochs):
    """That a run holds exactly these epochs, every value as it was written."""
    assert run.epochs.tolist() == list(epochs)
    for row, number in enumerate(epochs):
        predictions, p_predicted, p_true = said(number, len(run.pictures))
        np.testing.assert_array_equal(run.predictions[row], predictions)
        np.testing.assert_array_equal(run.p_predicted[row], p_predicted)
        np.testing.assert_array_equal(run.p_true[row], p_true)
    return True


def everything(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_comes_back_is_what_was_written(tmp_path):
    folder = tmp_path / "runs" / "my run"
    figures = {key: 0.1 * (at + 1) for at, key in enumerate(LOG)}
    settings = {"seed": 3, "optimizer": {"lr": 0.1}, "folder": Path("a/b"), "flip": True}
    writer = begun(
        folder,
        source=PictureSource("", None, "/pictures"),
        files=[f"käfer/{i}.png" for i in range(N)],
        settings=settings,
        versions={"torch": "2.9"},
    )
    writer.epoch(1, *said(1), **figures)
    writer.epoch(2, *said(2), seconds=7)
    run = TrainingRun.open(str(folder))
    assert holds(run, [1, 2])
    assert (run.name, run.class_names) == ("demo", CLASSES)
    assert run.pictures == tuple(f"picture {i}" for i in range(N))
    assert run.files == tuple(f"käfer/{i}.png" for i in range(N))
    assert run.labels.tolist() == [i % 3 for i in range(N)]
    assert run.log.iloc[0].to_dict() == figures
    assert run.source == PictureSource("", None, "/pictures", stored=False)
    assert run.settings == settings | {"folder": "a/b"}
    assert (run.versions, run.problems, run.folder) == ({"torch": "2.9"}, (), folder)
    assert {values.dtype for values in (run.labels, run.epochs, run.predictions)} == {np.dtype(np.int64)}
    assert {values.dtype for values in (run.p_predicted, run.p_true)} == {np.dtype(np.float32)}
    assert run.measures().loc[0, "label"] == "Käfer"


def test_a_run_without_files_and_settings_has_none(tmp_path):
    written(tmp_path)
    run = TrainingRun.open(tmp_path)
    assert (run.files, run.settings, run.versions, run.checkpoints) == ((), {}, {}, {})
    assert run.source == PictureSource("textured_digits", "test", "", stored=False)


def test_pictures_are_kept_if_given(tmp_path):
    pngs = [bytes([i]) * 9 for i in range(N)]
    written(tmp_path, pngs=pngs)
    assert TrainingRun.open(tmp_path).source.stored
    assert stored_pngs(tmp_path) == pngs
    written(tmp_path / "other")
    assert stored_pngs(tmp_path / "other") == [None] * N


def test_a_figure_that_is_no_number_or_not_given_is_absent(tmp_path):
    writer = begun(tmp_path)
    writer.epoch(1, *said(1), train_loss=0.5, val_loss=float("nan"), learning_rate=float("inf"), seconds=np.float32(2))
    metadata = pq.read_schema(tmp_path / "epochs" / "0001.parquet").metadata
    assert json.loads(metadata[b"xai"]) == {"train_loss": 0.5, "seconds": 2.0}
    log = TrainingRun.open(tmp_path).log
    expected = pd.DataFrame([[0.5, np.nan, np.nan, np.nan, np.nan, 2.0]], columns=list(LOG))
    pd.testing.assert_frame_equal(log, expected)


def test_an_unknown_figure_is_a_mistake_of_the_caller(tmp_path):
    writer = begun(tmp_path)
    with pytest.raises(TypeError) as caught:
        writer.epoch(1, *said(1), test_loss=0.5)
    assert str(caught.value) == f"An epoch has no figure 'test_loss'; it has {', '.join(LOG)}."
    assert writer.last_epoch == 0


def test_an_epoch_written_again_is_the_later_one(tmp_path):
    writer = written(tmp_path)
    writer.epoch(2, *said(9), val_loss=4)
    run = TrainingRun.open(tmp_path)
    np.testing.assert_array_equal(run.predictions[1], said(9)[0])
    assert run.log["val_loss"].tolist() == pytest.approx([np.nan, 4, np.nan], nan_ok=True)
    assert run.log["train_loss"].tolist() == pytest.approx([1, np.nan, 1 / 3], nan_ok=True)


def test_gaps_in_the_epochs_stay_and_the_order_is_that_of_the_numbers(tmp_path):
    writer = written(tmp_path, [10_000, 7, 2, 9_999, 10])
    assert holds(TrainingRun.open(tmp_path), [2, 7, 10, 9_999, 10_000])
    assert writer.last_epoch == RunWriter(tmp_path).last_epoch == 10_000


def test_the_last_epoch_of_nothing_is_zero(tmp_path):
    assert RunWriter(tmp_path / "gone").last_epoch == 0
    assert begun(tmp_path).last_epoch == 0


def test_a_folder_is_a_run_by_its_file(tmp_path):
    assert not is_run(tmp_path)
    assert not is_run(tmp_path / "gone")
    begun(tmp_path)
    assert is_run(tmp_path)


def test_no_epoch_yet_is_said(tmp_path):
    begun(tmp_path)
    assert refused(tmp_path) == "demo has no whole epoch yet."
    (tmp_path / "epochs").mkdir()
    (tmp_path / "epochs" / "0001.parquet").write_bytes(b"PAR1")
    assert refused(tmp_path) == (
        "demo has no whole epoch yet (Epoch 1 was left out: 0001.parquet is damaged or cut off.)."
    )


def test_an_epoch_file_cut_off_anywhere_costs_that_epoch_only(tmp_path):
    written(tmp_path)
    path = tmp_path / "epochs" / "0002.parquet"
    whole = path.read_bytes()
    size = len(whole)
    for length in sorted({*range(13), *range(13, size - 13, 53), *range(size - 13, size)}):
        path.write_bytes(whole[:length])
        run = TrainingRun.open(tmp_path)
        assert holds(run, [1, 3])
        assert run.log["train_loss"].tolist() == [1, 1 / 3]
        assert run.problems == ("Epoch 2 was left out: 0002.parquet is damaged or cut off.",)
    path.write_bytes(whole)
    assert TrainingRun.open(tmp_path).problems == ()


def put(path, **columns):
    pq.write_table(pa.table(columns), path)


@pytest.mark.parametrize(
    "columns",
    [
        {"predicted": pa.array([0] * (N - 1) + [None]), "p_predicted": [0.5] * N, "p_true": [0.5] * N},
        {"predicted": ["cat"] * N, "p_predicted": [0.5] * N, "p_true": [0.5] * N},
        {"predicted": [0] * N, "p_predicted": ["high"] * N, "p_true": [0.5] * N},
        {"predicted": [0] * N, "p_predicted": [0.5] * N},
        {"name": ["p"] * N},
    ],
    ids=["a missing prediction", "words for classes", "words for probabilities", "a column short", "another table"],
)
def test_an_epoch_file_with_other_content_costs_that_epoch_only(tmp_path, columns):
    written(tmp_path)
    put(tmp_path / "epochs" / "0003.parquet", **columns)
    run = TrainingRun.open(tmp_path)
    assert holds(run, [1, 2])
    assert len(run.problems) == 1
    assert run.problems[0].startswith("Epoch 3 was left out: ")


@pytest.mark.parametrize("n", [N - 1, N + 1, 0])
def test_an_epoch_with_another_number_of_pictures_is_left_out(tmp_path, n):
    written(tmp_path).epoch(2, *said(2, n))
    run = TrainingRun.open(tmp_path)
    assert holds(run, [1, 3])
    assert run.problems == (f"Epoch 2 was left out: it has {n} of {N} pictures.",)


def test_every_epoch_left_out_is_named(tmp_path):
    written(tmp_path, range(1, 6))
    for number in (2, 5):
        (tmp_path / "epochs" / f"{number:04d}.parquet").write_bytes(b"")
    run = TrainingRun.open(tmp_path)
    assert holds(run, [1, 3, 4])
    assert [problem.split(" was")[0] for problem in run.problems] == ["Epoch 2", "Epoch 5"]


def test_drafts_and_foreign_files_are_passed_over(tmp_path):
    writer = written(tmp_path)
    writer.checkpoint(1, b"weights")
    epochs = tmp_path / "epochs"
    for name in (
        ".0004.parquet.draft",
        "0004.parquet.draft",
        "notes.txt",
        "4.parquet",
        "0005.parquet~",
        "0006.PARQUET",
    ):
        (epochs / name).write_bytes((epochs / "0003.parquet").read_bytes()[:500])
    (tmp_path / ".run.json.draft").write_text("{")
    (tmp_path / "checkpoints" / ".0002.safetensors.draft").write_bytes(b"half")
    run = TrainingRun.open(tmp_path)
    assert holds(run, [1, 2, 3])
    assert run.problems == ()
    assert list(run.checkpoints) == [1]
    assert writer.last_epoch == 3
    writer.epoch(4, *said(4))  # over a draft that was left behind
    assert not (epochs / ".0004.parquet.draft").exists()
    assert holds(TrainingRun.open(tmp_path), [1, 2, 3, 4])


def test_checkpoints_are_listed_for_recorded_epochs_only(tmp_path):
    writer = written(tmp_path)
    paths = {number: writer.checkpoint(number, bytes([number])) for number in (1, 3, 4)}
    (tmp_path / "epochs" / "0001.parquet").write_bytes(b"")
    run = TrainingRun.open(tmp_path)
    assert run.checkpoints == {3: paths[3]}
    assert paths[3] == tmp_path / "checkpoints" / "0003.safetensors"
    assert paths[3].read_bytes() == b"\x03"


def test_a_folder_without_a_run_is_refused(tmp_path):
    assert refused(tmp_path) == f"{tmp_path} holds no training run: it has no run.json."
    assert refused(tmp_path / "gone") == f"There is no folder or file '{tmp_path}/gone' on this computer."
    (tmp_path / "file").write_text("text")
    assert refused(tmp_path / "file").startswith("file is no table of predictions: its columns are text.")


def test_a_run_json_cut_off_anywhere_is_refused(tmp_path):
    written(tmp_path, [1])
    path = tmp_path / "run.json"
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        assert refused(tmp_path) == f"{path} is damaged or cut off, so the run cannot be opened."


@pytest.mark.parametrize("content", [b"\x80\x81", b"[" * 100_000, b"no"], ids=["no text", "deep", "no JSON"])
def test_a_damaged_run_json_is_refused(tmp_path, content):
    written(tmp_path, [1])
    (tmp_path / "run.json").write_bytes(content)
    assert refused(tmp_path) == f"{tmp_path / 'run.json'} is damaged or cut off, so the run cannot be opened."


@pytest.mark.parametrize("content", [[], "xai-core training run", 1, None, {}, {"format": "another"}, {"version": 1}])
def test_a_run_json_of_another_kind_is_refused(tmp_path, content):
    written(tmp_path, [1])
    (tmp_path / "run.json").write_text(json.dumps(content))
    assert refused(tmp_path) == f"{tmp_path / 'run.json'} is JSON of another kind, not a training run."


def change_head(folder, **changes):
    path = folder / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return path


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_another_version_is_refused_and_both_are_named(tmp_path, version):
    written(tmp_path, [1])
    path = change_head(tmp_path, version=version)
    assert refused(tmp_path) == f"{path} has the version {version!r}; this program reads version 1."


@pytest.mark.parametrize(
    "changes", [{"class_names": None}, {"class_names": "abc"}, {"class_names": ["a", 1, "c"]}, {"source": "here"}]
)
def test_classes_or_a_source_of_another_kind_are_refused(tmp_path, changes):
    written(tmp_path, [1])
    path = change_head(tmp_path, **changes)
    assert refused(tmp_path) == f"{path} is damaged: its classes or its pictures' place are not what they should be."


def test_what_matters_less_in_run_json_may_be_of_another_kind(tmp_path):
    folder = tmp_path / "the folder"
    written(folder, [1])
    change_head(folder, name=3, settings=[1], versions=None, source={"data": 5, "split": [], "files": None})
    run = TrainingRun.open(folder)
    assert (run.name, run.settings, run.versions, run.source) == ("the folder", {}, {}, PictureSource())


def test_fewer_classes_than_were_predicted_are_refused(tmp_path):
    written(tmp_path)
    change_head(tmp_path, class_names=["ant", "bee"])
    assert "predicts a class that the run does not have" in refused(tmp_path)


def test_missing_pictures_are_refused(tmp_path):
    written(tmp_path)
    (tmp_path / "pictures.parquet").unlink()
    assert "pictures.parquet" in refused(tmp_path)


def test_pictures_cut_off_anywhere_are_refused(tmp_path):
    written(tmp_path, [1])
    path = tmp_path / "pictures.parquet"
    whole = path.read_bytes()
    size = len(whole)
    for length in sorted({*range(13), *range(13, size - 13, 53), *range(size - 13, size)}):
        path.write_bytes(whole[:length])
        assert refused(tmp_path) == "pictures.parquet is damaged or cut off."


@pytest.mark.parametrize(
    "columns",
    [
        {"name": list("pqr"), "label": ["cat", "cat", "cat"], "file": list("pqr")},
        {"name": list("pqr"), "label": pa.array([0, 1, None]), "file": list("pqr")},
        {"name": list("pqr"), "file": list("pqr")},
        {"name": list("pqp"), "label": [0, 1, 2], "file": list("pqr")},
        {"name": list("pqr"), "label": [0, 1, 3], "file": list("pqr")},
    ],
    ids=["words for classes", "a missing class", "a column short", "a name twice", "a class outside"],
)
def test_pictures_with_other_content_are_refused(tmp_path, columns):
    begun(tmp_path).epoch(1, *said(1, 3))
    put(tmp_path / "pictures.parquet", **columns)
    assert refused(tmp_path)


def test_write_whole_makes_folders_and_replaces(tmp_path):
    path = tmp_path / "a" / "b" / "file.bin"
    write_whole(path, b"first, and longer")
    write_whole(path, b"second")
    assert everything(tmp_path) == {path: b"second"}


def test_a_file_is_in_place_only_once_it_is_whole_on_the_disk(tmp_path, monkeypatch):
    path = tmp_path / "file.bin"
    write_whole(path, b"first")
    seen, real = [], os.fsync

    def fsync(number):
        seen.append((path.read_bytes(), os.fstat(number).st_size))
        real(number)

    monkeypatch.setattr(os, "fsync", fsync)
    write_whole(path, b"the second")
    assert (b"first", len(b"the second")) in seen
    assert everything(tmp_path) == {path: b"the second"}


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EIO, "Input/output error"),
        (errno.EROFS, "Read-only file system"),
    ],
)
def test_what_cannot_be_written_leaves_the_earlier_file_and_no_draft(tmp_path, monkeypatch, code, why):
    path = tmp_path / "file.bin"
    write_whole(path, b"first")

    def fsync(number):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(RecordError) as caught:
        write_whole(path, b"second")
    assert str(caught.value) == f"file.bin could not be written to {tmp_path}: {why}."
    with pytest.raises(RecordError):
        write_whole(tmp_path / "new.bin", b"new")
    assert everything(tmp_path) == {path: b"first"}


def test_a_full_disk_costs_only_the_epoch_it_falls_in(tmp_path, monkeypatch):
    writer = written(tmp_path)
    before = everything(tmp_path)

    def fsync(number):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        for write in (lambda: writer.epoch(4, *said(4)), lambda: writer.checkpoint(3, b"weights")):
            with pytest.raises(RecordError, match=r"the disk is full\.$"):
                write()
        with pytest.raises(RecordError, match=r"the disk is full\.$"):
            begun(tmp_path, name="other")
    assert everything(tmp_path) == before
    assert holds(TrainingRun.open(tmp_path), [1, 2, 3])
    writer.epoch(4, *said(4))
    assert holds(TrainingRun.open(tmp_path), [1, 2, 3, 4])


@pytest.mark.parametrize("where", ["file/a.bin", "file/folder/a.bin", "folder"])
def test_a_file_where_a_folder_should_be_and_the_reverse_are_said(tmp_path, where):
    (tmp_path / "file").write_text("text")
    (tmp_path / "folder").mkdir()
    with pytest.raises(RecordError, match="could not be written to"):
        write_whole(tmp_path / where, b"content")
    assert everything(tmp_path) == {tmp_path / "file": b"text"}


def test_a_run_where_a_file_lies_is_said(tmp_path):
    (tmp_path / "file").write_text("text")
    with pytest.raises(RecordError, match="could not be written to"):
        begun(tmp_path / "file")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_leave_to_write_is_said(tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(RecordError, match=r"could not be written to .*: Permission denied\.$"):
        write_whole(folder / "a.bin", b"content")


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
def test_a_read_only_file_system_is_said(tmp_path, monkeypatch, code):
    # A file system that is mounted read-only refuses to remove even what is not there.
    def refuse(*_, **__):
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        for name in ("open", "unlink", "write_bytes", "replace"):
            patch.setattr(Path, name, refuse)
        with pytest.raises(RecordError) as caught:
            write_whole(tmp_path / "a.bin", b"content")
    assert str(caught.value) == f"a.bin could not be written to {tmp_path}: {os.strerror(code)}."


# Says "went" before each epoch's writing and "done" after it; goes on where an earlier one was killed.
TRAINING = """
import sys
import numpy as np
from xai_core.records import PictureSource, RunWriter
folder, n = sys.argv[1], int(sys.argv[2])
writer = RunWriter(folder)
if not writer.last_epoch:
    names = [str(i) for i in range(n)]
    writer.begin(name="demo", class_names=("a", "b", "c"), pictures=names, labels=np.arange(n) % 3,
                 source=PictureSource("textured_digits"))
number = writer.last_epoch
while True:
    number += 1
    rng = np.random.default_rng(number)
    said = rng.integers(0, 3, n), rng.random(n, dtype=np.float32), rng.random(n, dtype=np.float32)
    print("went", number, flush=True)
    writer.epoch(number, *said, train_loss=1 / number)
    print("done", number, flush=True)
"""


def test_a_training_that_is_killed_loses_no_epoch_that_was_done(tmp_path):
    folder, n, last = tmp_path / "run", 20_000, 0
    for kills_at in ("went", "done", "went"):
        command = [sys.executable, "-c", TRAINING, str(folder), str(n)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as training:
            lines = []
            for line in training.stdout:
                lines.append(line.split())
                if len(lines) > 8 and lines[-1][0] == kills_at:
                    training.kill()
                    break
            lines += [line.split() for line in training.stdout if line.endswith("\n")]
        assert training.returncode == -9
        done = [int(number) for word, number in lines if word == "done"]
        assert done[0] == last + 1
        run = TrainingRun.open(folder)
        last = int(run.epochs[-1])
        assert last in (done[-1], done[-1] + 1)  # the last may be in place without having been said
        assert run.problems == ()
        assert holds(run, range(1, last + 1))
        np.testing.assert_allclose(run.log["train_loss"], 1 / run.epochs)
    assert last > 12


def test_a_folder_with_a_file_that_may_be_the_record_names_it(tmp_path):
    (tmp_path / "cifar10.json").write_text("{}")
    assert refused(tmp_path) == (
        f"{tmp_path} holds no training run: it has no run.json. If cifar10.json is the record, open that file instead."
    )
