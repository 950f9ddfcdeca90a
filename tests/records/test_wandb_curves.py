"""Losses and accuracies from the log that a run of Weights & Biases keeps beside its tables."""

import base64
import json
import struct
import zlib

import numpy as np
import pytest

from tests.support.limits import bounded
from tests.support.logs import field, figures, number, record
from xai_core.errors import RecordError
from xai_core.records import TrainingRun, files_read, scalars, wandb_files

# What wandb 0.31 wrote of three calls of `run.log`: a training loss of a batch at step 3; at steps 4 and 9 the epochs
# 0 and 1, with "train/loss" 1 and 0.5, "val/loss" 1.2 and 0.6, "val/accuracy" 0.5 and 0.58, "lr" 0.001.
WRITTEN = base64.b64decode(
    "OlcmQuG+AP6WWtdwAAEIExJsCiUSCl90aW1lc3RhbXCCARYxLjc5NTg1MDE2OTc1NDY5MDRlKzA5ChgSCF9ydW50aW1lggELMC40MTM1NjQ1MDkK"
    "CxIFX3N0ZXCCAQEzChgSD3RyYWluL2xvc3Nfc3RlcIIBBDAuMjUSAggD7aRJrawAAQgWEqcBCgwSAmxyggEFMC4wMDEKJRIKX3RpbWVzdGFtcIIB"
    "FjEuNzk1ODUwMTY5NzU1MjkxN2UrMDkKGBIIX3J1bnRpbWWCAQswLjQxNDE4ODI2NwoLEgVfc3RlcIIBATQKCxIFZXBvY2iCAQEwChASCnRyYWlu"
    "L2xvc3OCAQExChASCHZhbC9sb3NzggEDMS4yChQSDHZhbC9hY2N1cmFjeYIBAzAuNRICCATA5K3OrwABCCUSqgEKGBIIX3J1bnRpbWWCAQswLjQx"
    "NzM0NDU1MgoLEgVfc3RlcIIBATkKCxIFZXBvY2iCAQExChISCnRyYWluL2xvc3OCAQMwLjUKEBIIdmFsL2xvc3OCAQMwLjYKFRIMdmFsL2FjY3Vy"
    "YWN5ggEEMC41OAoMEgJscoIBBTAuMDAxCiUSCl90aW1lc3RhbXCCARYxLjc5NTg1MDE2OTc1ODUxNzdlKzA5EgIICQ=="
)
HEAD = WRITTEN[:7]
LOG = "run-a1b2c3.wandb"
BLOCK = 32768


def logged(step, values):
    """A record of one call of `run.log`."""
    items = b"".join(field(1, field(2, key.encode()) + field(16, json.dumps(one).encode())) for key, one in values)
    return field(2, items + field(2, number(1 << 3) + number(step)))


def log_of(records, head=HEAD):
    """A log, its records cut into pieces where blocks end."""
    made = bytearray(head)
    for record_ in records:
        left, first = record_, True
        while left or first:
            room = BLOCK - len(made) % BLOCK
            if room < 7:
                made += bytes(room)
                continue
            piece, left = left[: room - 7], left[room - 7 :]
            kind = bytes([(1 if first else 4) if not left else (2 if first else 3)])
            made += struct.pack("<IH", zlib.crc32(kind + piece), len(piece)) + kind + piece
            first = False
    return bytes(made)


def run_folder(folder, epochs=(1, 2, 3), records=()):
    """The folder of a run with a table of predictions at each epoch."""
    place = folder / "offline-run-20261128_071609-a1b2c3"
    (place / "files" / "media" / "table").mkdir(parents=True)
    for epoch in epochs:
        rows = [[epoch, f"{one}.png", one % 2, (one + epoch) % 2] for one in range(3)]
        table = {"columns": ["epoch", "picture", "label", "predicted"], "data": rows}
        path = place / "files" / "media" / "table" / f"test_{epoch}_0123456789abcdef.table.json"
        path.write_text(json.dumps(table))
    (place / LOG).write_bytes(log_of(records))
    return place


def taken(*how):
    return f"from Weights & Biases' log files beside the record: {'; '.join(how)}"


def test_what_wandb_wrote_is_taken_by_the_epochs_that_it_logged(tmp_path):
    place = run_folder(tmp_path, (0, 1))
    (place / LOG).write_bytes(WRITTEN)
    by = "by the epoch logged at each step"
    for opened in (place, place / "files"):
        run = TrainingRun.open(opened)
        assert figures(run) == {
            "train_loss": [1.0, 0.5],
            "val_loss": [1.2, 0.6],
            "val_accuracy": [0.5, 0.58],
            "learning_rate": [0.001, 0.001],
        }
        assert run.problems == ()
        assert run.settings["curves"] == taken(
            f"training loss ('train/loss', {by})",
            f"validation loss ('val/loss', {by})",
            f"validation accuracy ('val/accuracy', {by})",
            f"learning rate ('lr', {by})",
        )
        assert place / LOG in files_read(opened)
    assert figures(TrainingRun.open(record(place / "files", (0, 1))))["val_loss"] == [1.2, 0.6]  # a table of one's own


def test_what_wandb_writes_is_what_is_read(tmp_path):
    wandb = pytest.importorskip("wandb", reason="it is not among what is installed")
    settings = wandb.Settings(mode="offline", console="off", silent=True)
    rng = np.random.default_rng(3)
    expected = []
    with wandb.init(project="p", dir=tmp_path, settings=settings) as run:
        for step in range(300):
            values = {"epoch": step // 10, "train/loss": float(rng.normal()), "noise": rng.normal(size=2000).tolist()}
            run.log(values | {"nested": {"val": {"loss": float("nan")}}})
            expected.append({"epoch": step // 10, "train/loss": values["train/loss"]})
    (path,) = tmp_path.glob("wandb/offline-run-*/run-*.wandb")
    assert path.stat().st_size > 3 * BLOCK
    with path.open("rb") as file:
        found = [event.scalars for event in wandb_files.events(file) if event.scalars]
    assert [{tag: value for _, tag, value in one if tag != "nested.val.loss"} for one in found] == expected
    assert [[step for step, _, _ in one] for one in found] == [[step] * 3 for step in range(300)]


@pytest.mark.parametrize("long", [0, 1, 100, BLOCK - 60, BLOCK - 25, BLOCK - 24, BLOCK - 14, BLOCK, 5 * BLOCK])
def test_records_may_lie_in_several_blocks(tmp_path, long):
    losses = [3.0, 2.0, 1.5]
    records = [logged(step, [("text", "x" * long), ("val_loss", one)]) for step, one in enumerate(losses, start=1)]
    run = TrainingRun.open(run_folder(tmp_path, records=records))
    assert run.problems == ()
    assert figures(run) == {"val_loss": losses}
    assert run.settings["curves"] == taken("validation loss ('val_loss', by step)")


def test_records_that_no_numbers_fill_are_passed_over_at_once(tmp_path):
    """Ten million values of nothing took 14 s and a gigabyte."""
    path = tmp_path / LOG
    path.write_bytes(log_of([logged(1, [("loss", 2.0)]), field(2, b"\x0a\0" * 10_000_000), logged(3, [("loss", 1.0)])]))
    with path.open("rb") as file, bounded(1.0, 100):
        found = [event.scalars for event in wandb_files.events(file)]
    assert found == [[(1, "loss", 2.0)], [], [(3, "loss", 1.0)]]


def test_logs_of_many_values_are_read_up_to_a_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(scalars, "MAX_VALUES", 1_000)
    path = tmp_path / LOG
    path.write_bytes(log_of([logged(1, [("loss", 2.0)]), field(2, b"\x0a\0" * 1_000), logged(3, [("loss", 1.0)])]))
    read = scalars.Scalars()
    read.add(path, "", lambda tag: True, wandb_files.events)
    assert read.points == {"loss": [(1, 2.0)]}
    assert read.problems == [f"{LOG}: of such files of a record, 2 events are read."]


def test_only_numbers_are_points(tmp_path):
    values = [("train_loss", "0.5"), ("val_acc", True), ("lr", [1.0]), ("val_loss", 10**400), ("_step", 1)]
    place = run_folder(tmp_path, records=[logged(step, values) for step in (1, 2, 3)])
    with (place / LOG).open("rb") as file:
        assert [event.scalars for event in wandb_files.events(file)] == [[], [], []]
    run = TrainingRun.open(place)
    assert run.problems == (
        "Weights & Biases' log files beside the record are not used: no scalar's name says that it is a loss or an "
        "accuracy of training or validation. Theirs are none.",
    )


def test_numbers_with_a_type_of_their_own_are_read(tmp_path):
    item = field(2, b"val_loss") + number(6 << 3 | 1) + struct.pack("<d", 0.25)
    epoch = field(2, b"epoch") + number(5 << 3) + number(7 << 1)  # a signed number, zigzag
    content = field(2, field(1, item) + field(1, epoch) + field(2, number(1 << 3) + number(40)))
    (tmp_path / LOG).write_bytes(log_of([content]))
    with (tmp_path / LOG).open("rb") as file:
        assert [one[:2] for one in wandb_files.events(file)] == [(2, [(40, "val_loss", 0.25), (40, "epoch", 7.0)])]


def test_losses_of_batches_are_not_those_of_epochs(tmp_path):
    records = [logged(step, [("epoch", step // 10), ("train_loss", 1 / (step + 1))]) for step in range(30)]
    run = TrainingRun.open(run_folder(tmp_path, records=records))
    assert figures(run) == {}
    assert run.problems == (
        "Weights & Biases' 'train_loss' is not used: it has 30 points and the record 3 epochs, and which points are of "
        "which epochs is not logged.",
    )


@pytest.mark.parametrize("place", [0, 8, 12, 13, 20])  # checksum, length, kind, content of the second piece
def test_a_damaged_log_is_read_up_to_there_and_said(tmp_path, place):
    records = [logged(step, [("val_loss", 1 / step)]) for step in (1, 2, 3)]
    whole = log_of(records)
    damaged = bytearray(whole)
    second = len(log_of(records[:1]))
    damaged[second + place if place else second] ^= 0x10
    folder = run_folder(tmp_path)
    (folder / LOG).write_bytes(damaged)
    run = TrainingRun.open(folder)
    assert figures(run) == {}
    assert run.problems[0] in (
        f"{LOG} is damaged; what comes after its event 1 is not read.",
        "Weights & Biases' 'val_loss' is not used: it has 1 point and the record 3 epochs, and which points are of "
        "which epochs is not logged.",  # a length beyond the end is as of a log that is still written
    )


def test_a_log_of_another_version_is_said(tmp_path):
    folder = run_folder(tmp_path)
    (folder / LOG).write_bytes(log_of([logged(1, [("val_loss", 1.0)])], head=b":W&B\xe1\xbe\x01"))
    assert TrainingRun.open(folder).problems[0] == f"{LOG} is damaged; what comes after its event 0 is not read."


def test_pieces_without_a_beginning_are_damage(tmp_path):
    kind, content = b"\x04", logged(1, [("val_loss", 1.0)])
    piece = struct.pack("<IH", zlib.crc32(kind + content), len(content)) + kind + content
    folder = run_folder(tmp_path)
    (folder / LOG).write_bytes(HEAD + piece)
    assert TrainingRun.open(folder).problems[0] == f"{LOG} is damaged; what comes after its event 0 is not read."


def test_a_run_that_is_still_logged_is_read_as_far_as_it_is_whole(tmp_path):
    whole = log_of([logged(step, [("val_loss", 1 / step)]) for step in (1, 2, 3)])
    folder = run_folder(tmp_path, (1, 2))
    for rest in (3, 20):
        (folder / LOG).write_bytes(whole[:-rest])
        assert figures(TrainingRun.open(folder)) == {"val_loss": [1.0, 0.5]}


def test_a_run_without_predictions_is_no_record_and_says_what_is_missing(tmp_path):
    folder = run_folder(tmp_path, ())
    with pytest.raises(
        RecordError, match="holds a run of Weights & Biases, and not what was predicted of each picture"
    ):
        TrainingRun.open(folder)
    record(folder)
    assert TrainingRun.open(folder).folder == folder / "log.csv"


def test_logs_of_other_runs_are_not_looked_for(tmp_path):
    folder = tmp_path / "files" / "mine"
    folder.mkdir(parents=True)
    (tmp_path / LOG).write_bytes(log_of([logged(step, [("val_loss", 1 / step)]) for step in (1, 2, 3)]))
    run = TrainingRun.open(record(folder))
    assert figures(run) == {}
    assert run.problems == ()


# Charts that were exported from its web pages


def exported(folder, *lines, name="wandb_export_2026-11-28T07_16_09.000+01_00.csv"):
    """The record of three epochs beside a chart."""
    folder.mkdir(exist_ok=True)
    rows = [f"{epoch},{one}.png,{one % 2},{(one + epoch) % 2}" for epoch in (1, 2, 3) for one in range(3)]
    (folder / "seen.csv").write_text("\n".join(["epoch,picture,label,predicted", *rows]))
    (folder / name).write_text("\n".join(lines), encoding="utf-8")
    return TrainingRun.open(folder / "seen.csv")


def titles(axis, *metrics, run="lively-sun-3 - b"):
    return ",".join(
        f'"{one}"' for one in (axis, *(f"{run} - {m}{end}" for m in metrics for end in ("", "__MIN", "__MAX")))
    )


def test_an_exported_chart_is_read_without_the_bounds_of_what_it_draws_as_one(tmp_path):
    first = titles("Step", "val/loss", "train_accuracy")
    run = exported(tmp_path, first, "99,1.5,1,2,0.5,0,1", "199,1.25,1,2,0.75,0,1", "299,1,1,2,,,")
    assert run.log["val_loss"].tolist() == [1.5, 1.25, 1]
    assert run.log["train_accuracy"].isna().all()  # a point is missing
    assert any("'train_accuracy' is not used: it has 2 points" in one for one in run.problems)
    assert "from Weights & Biases' exported charts beside the record: validation loss" in run.settings["curves"]


def test_a_chart_over_epochs_is_taken_by_them(tmp_path):
    run = exported(tmp_path, titles("epoch", "val_loss"), "3,1,1,1", "1,3,3,3", "2,2,2,2")
    assert run.log["val_loss"].tolist() == [3, 2, 1]
    assert "by the epoch logged at each step" in run.settings["curves"]


def test_a_chart_of_two_runs_is_of_nobody(tmp_path):
    axis, *one = titles("Step", "val_loss").split(",")
    first = ",".join([axis, *one, *titles("", "val_loss", run="other").split(",")[1:]])
    run = exported(tmp_path, first, *(f"{step},1,1,1,2,2,2" for step in (1, 2, 3)))
    assert run.log is None or run.log["val_loss"].isna().all()
    assert any("two values at one step" in one for one in run.problems)


@pytest.mark.parametrize(
    "lines", [["Relative Time (Process),a - val_loss", "1,2"], [titles("Step", "val_loss"), "1,2"], [""]]
)
def test_a_table_that_is_no_such_chart_is_said(lines, tmp_path):
    run = exported(tmp_path, *lines)
    assert any("is damaged" in one for one in run.problems)
    assert "curves" not in run.settings
