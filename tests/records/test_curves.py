"""Losses and accuracies from TensorBoard's event files: those of the record's epochs, or none and the reason."""

import base64
import os

import numpy as np
import pytest

from tests.support.logs import event, figures, record
from xai_core.errors import RecordError
from xai_core.records import TrainingRun, event_files, files_read, scalars
from xai_core.records.scalars import Scalars

# Written by torch.utils.tensorboard: "Loss/train" 2, 1 and, as a tensor, "Loss/val" 3, 1.5, at steps 1 and 2.
WRITTEN = base64.b64decode(
    "SAAAAAAAAAD+kkidCVn1EDSQwtpBGg1icmFpbi5FdmVudDoyUi4KLHRlbnNvcmJvYXJkLnN1bW1hcnkud3JpdGVyLmV2ZW50X2ZpbGVfd3Jp"
    "dGVytgECrCAAAAAAAAAAKe2pUAk4ChE0kMLaQRABKhMKEQoKTG9zcy90cmFpbhUAAABAmBqCajAAAAAAAAAAlfXQXwlNCxE0kMLaQRABKiMK"
    "IQoITG9zcy92YWxCCAgBKgQAAEBASgsKCQoHc2NhbGFyc0OESZggAAAAAAAAACntqVAJlwsRNJDC2kEQAioTChEKCkxvc3MvdHJhaW4VAACA"
    "Pw5mJAwwAAAAAAAAAJX10F8JBwwRNJDC2kEQAiojCiEKCExvc3MvdmFsQggIASoEAADAP0oLCgkKB3NjYWxhcnOyLhbX"
)
NAME = "events.out.tfevents.1795833702.host.1.0"


def write(folder, curves, name=NAME):
    """Curves, tag -> {step: value}, as an event file."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"".join(event(*at, value) for at, value in listed(curves)))


def listed(curves):
    return [((step, tag), value) for tag, points in curves.items() for step, value in points.items()]


def taken(*how):
    return f"from TensorBoard's event files beside the record: {'; '.join(how)}"


def test_files_as_torch_writes_them_are_read_and_taken_by_the_epochs_that_are_their_steps(tmp_path):
    (tmp_path / NAME).write_bytes(WRITTEN)
    for place in (record(tmp_path, (1, 2)), tmp_path):
        run = TrainingRun.open(place)
        assert figures(run) == {"train_loss": [2.0, 1.0], "val_loss": [3.0, 1.5]}
        assert run.settings["curves"] == taken(
            "training loss ('Loss/train', by step)", "validation loss ('Loss/val', by step)"
        )
        assert tmp_path / NAME in files_read(place)
        assert tmp_path / "log.csv" in files_read(place)


def test_what_tensorboard_reads_is_what_is_read(tmp_path):
    pytest.importorskip("tensorboard", reason="needs the extra test")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray
    from torch.utils.tensorboard import SummaryWriter

    rng = np.random.default_rng(3)
    writer = SummaryWriter(tmp_path)
    for step in range(0, 400, 7):
        writer.add_scalar("Loss/train", rng.normal(), step)
        writer.add_scalar("val_accuracy", rng.random(), step, new_style=True)
        writer.add_scalar("val_loss", rng.normal(), step, new_style=True, double_precision=True)
        writer.add_image("picture", rng.random((3, 8, 8)), step)
        writer.add_histogram("weights", rng.normal(size=20), step)
        writer.add_text("words", "loss", step)
    writer.close()
    (path,) = tmp_path.iterdir()
    theirs = EventAccumulator(str(path), {"tensors": 0, "scalars": 0}).Reload()
    ours = Scalars()
    ours.add(path, "", lambda tag: True, event_files.events)
    expected = {tag: [(one.step, one.value) for one in theirs.Scalars(tag)] for tag in theirs.Tags()["scalars"]}
    for tag in theirs.Tags()["tensors"]:
        if tag != "words/text_summary":
            expected[tag] = [(one.step, make_ndarray(one.tensor_proto).item()) for one in theirs.Tensors(tag)]
    assert sorted(expected) == ["Loss/train", "val_accuracy", "val_loss"]
    assert ours.points == expected
    assert ours.problems == []


@pytest.mark.parametrize(
    ("steps", "epochs"),
    [
        ((0, 1, 2), (1, 2, 3)),  # one counts from 0
        ((1, 2, 3), (0, 1, 2)),
        ((95, 190, 285), (1, 2, 3)),  # batches
        ((94, 189, 284), (1, 2, 3)),
        ((0, 95, 190), (1, 2, 3)),
        ((950, 1425, 1900), (10, 15, 20)),  # every fifth epoch
        ((95 * 11, 95 * 12, 95 * 13), (11, 12, 13)),
    ],
)
def test_one_point_for_each_epoch_is_taken_in_order_and_said(tmp_path, steps, epochs):
    write(tmp_path, {"val_loss": dict(zip(steps, (3.0, 2.0, 1.5), strict=True))})
    run = TrainingRun.open(record(tmp_path, epochs))
    assert figures(run) == {"val_loss": [3.0, 2.0, 1.5]}
    assert run.settings["curves"] == taken("validation loss ('val_loss', 3 points in the order of the epochs)")


@pytest.mark.parametrize(
    ("steps", "epochs", "why"),
    [
        (range(30), (1, 2, 3), "it has 30 points and the record 3 epochs, and which points are of which epochs is not"),
        ((1, 2), (1, 2, 3), "it has 2 points and the record 3 epochs, and which points are of which epochs is not"),
        ((11, 12, 13), (1, 2, 3), "by step, its points are not those of the record's epochs"),  # another part
        ((1140, 1235, 1330), (1, 2, 3), "by step, its points are not those of the record's epochs"),
        ((5, 95, 285), (1, 2, 3), "by step, its points are not those of the record's epochs"),  # not even
        ((95, 190, 285), (1, 2, 4), "by step, its points are not those of the record's epochs"),  # one is left out
        ((1, 2, 3), (5, 10, 15), "by step, its points are not those of the record's epochs"),
    ],
)
def test_points_that_may_be_of_other_epochs_are_not_used(tmp_path, steps, epochs, why):
    write(tmp_path, {"val_loss": dict.fromkeys(steps, 1.0)})
    run = TrainingRun.open(record(tmp_path, epochs))
    assert figures(run) == {}
    (said,) = run.problems
    assert said.startswith(f"TensorBoard's 'val_loss' is not used: {why}")


def test_an_epoch_that_is_logged_beside_a_point_says_which_it_is_of(tmp_path):
    steps, logged = (30, 60, 90), (2.0, 4.0, 6.0)
    curves = {"epoch": dict(zip(steps, logged, strict=True)), "val_acc": dict(zip(steps, (0.5, 0.6, 0.7), strict=True))}
    write(tmp_path, curves)
    run = TrainingRun.open(record(tmp_path, (2, 4, 6)))
    np.testing.assert_allclose(run.log["val_accuracy"], [0.5, 0.6, 0.7], rtol=1e-6)
    assert run.settings["curves"] == taken("validation accuracy ('val_acc', by the epoch logged at each step)")
    for epochs in ((1, 2, 3), (8, 10, 12)):  # as many, and evenly spaced, and others
        run = TrainingRun.open(record(tmp_path, epochs))
        assert figures(run) == {}
        assert run.problems == (
            "TensorBoard's 'val_acc' is not used: by the epoch logged at each step, its points are not those "
            "of the record's epochs.",
        )


def test_two_points_of_an_epoch_are_not_two_epochs(tmp_path):
    curves = {"epoch": {10: 0.0, 20: 0.0, 30: 1.0, 40: 1.0}, "train_loss": dict.fromkeys((10, 20, 30, 40), 1.0)}
    write(tmp_path, curves)
    run = TrainingRun.open(record(tmp_path, (0, 1, 2, 3)))
    assert figures(run) == {}
    assert "by the epoch logged at each step" in run.problems[0]


@pytest.mark.parametrize(
    ("tag", "figure"),
    [
        ("Loss/train", "train_loss"),
        ("train/loss_epoch", "train_loss"),
        ("trainLoss", "train_loss"),
        ("eval/accuracy", "val_accuracy"),
        ("Accuracy/validation", "val_accuracy"),
        ("lr", "learning_rate"),
        ("train/learning_rate", "learning_rate"),
        ("loss", None),  # of what?
        ("train_loss_step", None),  # of a batch
        ("test/loss", None),
        ("train_val_loss", None),
        ("val/box_loss", None),
        ("train", None),
    ],
)
def test_a_tag_that_may_mean_something_else_is_not_used(tmp_path, tag, figure):
    write(tmp_path, {tag: {1: 0.5, 2: 0.25, 3: 0.125}})
    run = TrainingRun.open(record(tmp_path))
    assert figures(run) == ({} if figure is None else {figure: [0.5, 0.25, 0.125]})
    if figure is None:
        assert run.problems == (
            "TensorBoard's event files beside the record are not used: no scalar's name says that it is a loss or an "
            f"accuracy of training or validation. Theirs are {tag}.",
        )


def test_curves_in_folders_of_their_own_are_read(tmp_path):
    for folder in ("train", "validation", "another run"):  # of Keras, of `add_scalars`
        write(tmp_path / folder, {"epoch_accuracy": {0: 0.25, 1: 0.5, 2: 0.75}})
    write(tmp_path / "Loss_train", {"Loss": {0: 4.0, 1: 3.0, 2: 2.0}})
    run = TrainingRun.open(record(tmp_path))
    assert figures(run) == {
        "train_loss": [4.0, 3.0, 2.0],
        "train_accuracy": [0.25, 0.5, 0.75],
        "val_accuracy": [0.25, 0.5, 0.75],
    }
    assert "'validation/epoch_accuracy'" in run.settings["curves"]


def test_what_the_table_says_itself_stays(tmp_path):
    write(tmp_path, {"train_loss": {1: 9.0, 2: 9.0, 3: 9.0}, "val_loss": {1: 3.0, 2: 2.0, 3: 1.0}})
    run = TrainingRun.open(record(tmp_path, train_loss=(1.5, 1.0, 0.5)))
    assert figures(run) == {"train_loss": [1.5, 1.0, 0.5], "val_loss": [3.0, 2.0, 1.0]}
    assert run.settings["curves"] == taken("validation loss ('val_loss', by step)")


def test_two_curves_of_one_figure_are_not_chosen_from(tmp_path):
    write(tmp_path, {"train_loss": {1: 9.0, 2: 9.0, 3: 9.0}, "Loss/train": {1: 3.0, 2: 2.0, 3: 1.0}})
    run = TrainingRun.open(record(tmp_path))
    assert figures(run) == {}
    assert run.problems == ("TensorBoard's 'train_loss', 'Loss/train' all say the training loss; none is used.",)


def test_two_trainings_in_one_folder_are_not_mixed(tmp_path):
    for place, values in enumerate(((3.0, 2.0, 1.0), (3.0, 2.5, 1.0))):
        write(tmp_path, {"val_loss": dict(zip((1, 2, 3), values, strict=True))}, f"{NAME}{place}")
    run = TrainingRun.open(record(tmp_path))
    assert figures(run) == {}
    assert run.problems == (
        "TensorBoard's 'val_loss' is not used: it has two values at one step, so it is of two trainings.",
    )
    write(tmp_path, {"val_loss": {1: 3.0, 2: 2.0, 3: 1.0}}, f"{NAME}1")  # the same again
    assert figures(TrainingRun.open(record(tmp_path))) == {"val_loss": [3.0, 2.0, 1.0]}


def test_accuracies_in_percent_are_not_used_and_a_loss_that_is_no_number_is_none(tmp_path):
    write(tmp_path, {"val_acc": {1: 50.0, 2: 60.0, 3: 70.0}, "val_loss": {1: 2.0, 2: np.inf, 3: np.nan}})
    run = TrainingRun.open(record(tmp_path))
    np.testing.assert_array_equal(run.log["val_loss"], [2.0, np.nan, np.nan])
    assert run.problems[0] == "TensorBoard's 'val_acc' is not used: an accuracy lies between 0 and 1."
    assert run.log["val_accuracy"].isna().all()


@pytest.mark.parametrize("place", [3, 9, 20, 40])  # length, its checksum, the event
def test_a_damaged_file_is_read_up_to_there_and_said(tmp_path, place):
    whole = event(1, "val_loss", 2.0)
    damaged = bytearray(event(2, "val_loss", 1.0))
    damaged[place % len(damaged)] ^= 0x10
    (tmp_path / NAME).write_bytes(whole + bytes(damaged) + event(3, "val_loss", 0.5))
    run = TrainingRun.open(record(tmp_path))
    assert figures(run) == {}
    assert run.problems[0] == f"{NAME} is damaged; what comes after its event 1 is not read."


def test_a_file_that_is_still_written_is_read_as_far_as_it_is_whole(tmp_path):
    (tmp_path / NAME).write_bytes(
        event(1, "val_loss", 2.0) + event(2, "val_loss", 1.0) + event(3, "val_loss", 0.5)[:-3]
    )
    assert figures(TrainingRun.open(record(tmp_path, (1, 2)))) == {"val_loss": [2.0, 1.0]}


def test_files_that_have_no_end_are_not_waited_for(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / f"{NAME}.pipe")
    monkeypatch.setattr(scalars, "MAX_EVENTS", 2)
    write(tmp_path, {"val_loss": {1: 3.0, 2: 2.0, 3: 1.0}})
    run = TrainingRun.open(record(tmp_path))
    assert run.problems[0] == f"{NAME}: of such files of a record, 2 events are read."
    assert figures(run) == {}


def test_a_folder_of_curves_has_one_table_of_predictions_or_says_so(tmp_path):
    write(tmp_path, {"val_loss": {1: 3.0, 2: 2.0, 3: 1.0}})
    (tmp_path / "metrics.csv").write_text("epoch,val_loss\n1,3\n")
    with pytest.raises(
        RecordError,
        match=r"curves of TensorBoard, and not .* log a table with the columns epoch, picture, label and predicted:",
    ):
        TrainingRun.open(tmp_path)
    record(tmp_path)
    run = TrainingRun.open(tmp_path)
    assert (run.name, run.folder) == (tmp_path.name, tmp_path / "log.csv")
    (tmp_path / "again.csv").write_bytes((tmp_path / "log.csv").read_bytes())
    with pytest.raises(RecordError) as caught:
        TrainingRun.open(tmp_path)
    assert str(caught.value) == f"{tmp_path} holds 2 tables of predictions (again.csv, log.csv). Open one of them."
