"""The Training Evolution page through the entry point: every state it can be in, and what it says there."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import xai_core as xai
from tests.support.pages import press_labelled, read
from xai_core import studies
from xai_core.models.checkpoints import Description, to_checkpoint
from xai_core.records import PictureSource, RunWriter
from xai_core.shipped import RUNS

MAIN = str(Path(__file__).parents[2] / "app" / "main.py")


@pytest.fixture(autouse=True)
def own_runs(tmp_path, monkeypatch):
    """No trainings but those of the test."""
    monkeypatch.setenv("XAI_RUNS", str(tmp_path / "runs"))


def open_page(**url):
    at = AppTest.from_file(MAIN, default_timeout=120)
    at.query_params.update(url)
    at.switch_page("views/training_evolution.py")
    at.run()
    assert not at.exception, at.exception
    return at


def text(at):
    kinds = ("title", "header", "subheader", "markdown", "caption", "info", "warning", "error")
    return read("\n".join(element.value for kind in kinds for element in getattr(at, kind)))


def record(folder, predictions, labels=(0, 1, 1), names=("cat", "dog"), probabilities=0.8, **figures):
    """A run on disk: predictions (E, N)."""
    writer = RunWriter(folder)
    writer.begin(
        name=folder.name,
        class_names=names,
        pictures=[f"p{i}" for i in range(len(labels))],
        labels=np.array(labels),
        source=PictureSource(),
    )
    for number, row in enumerate(predictions, start=1):
        values = np.full(len(labels), probabilities, np.float32)
        writer.epoch(number, np.array(row), values, values, **{k: v[number - 1] for k, v in figures.items()})
    return str(folder)


def test_something_real_is_there_at_once():
    at = open_page()
    said = text(at)
    assert "300 pictures · 10 classes · 24 epochs · weights kept at 6 epochs" in said
    run = xai.TrainingRun.open(RUNS["digits"][1])
    assert f"At epoch 24, {100 * run.accuracy[-1]:.0f}% of 300 pictures are right" in said
    assert "Validation and test" not in said
    assert re.search(
        r"From epoch \d+ on, the maps show that the model looks at the object: they lie on it more "
        "than the usual place of objects explains, and more than with random weights",
        said,
    )


def test_the_run_with_a_shortcut_is_found_out_in_words():
    said = text(open_page(run=RUNS["digits_shortcut"][0]))
    assert re.search(
        r"Validation and test\.\*\* Accuracy is 9\d% on the validation pictures and \d+% on the 300 test pictures", said
    )
    assert "At epoch 24, the maps lie off the object: they lie on it less than the usual place of objects" in said
    assert "95% of the backgrounds give the class away; those of the test pictures never do" in said


def test_the_method_of_both_sections_can_be_chosen():
    at = open_page()
    kinds = [at.selectbox(key=f"{section}-method-kind").options for section in ("film", "attention")]
    assert kinds[0] == kinds[1] == ["Layers", "Input"]  # those that draw samples would take minutes for each epoch
    at.selectbox(key="film-method").set_value("layer_cam")
    at.selectbox(key="attention-method-kind").set_value("input").run()
    at.selectbox(key="attention-method").set_value("saliency").run()
    assert not at.exception, at.exception
    said = text(at)
    run = xai.TrainingRun.open(RUNS["digits"][1])
    model = xai.load_model("digits")  # its weights are those of the last epoch
    samples = [model.preprocessing.prepare(picture) for picture in xai.run_pictures(run)][::5]
    inside = studies.object_attention(xai.saliency(model, samples), samples).energy.mean()
    assert re.search(rf"{100 * inside:.0f} ?% of the evidence lies on the object", said)
    assert re.search(r"Saliency for the prediction on 60 of 300 pictures", said)
    assert "attention-layer" not in [one.key for one in at.segmented_control]
    assert "film-layer" in [one.key for one in at.segmented_control]


def test_the_picture_in_the_address_is_shown_and_the_buttons_go_on():
    run = xai.TrainingRun.open(RUNS["digits"][1])
    name = run.pictures[7]
    at = open_page(picture=name)
    assert f"{name}, a picture of 0, is predicted as 0" in text(at)
    never = run.pictures[int(np.flatnonzero(run.measures()["misclassification"] == 1)[0])]
    assert " at the end. It was never right, and its prediction changed in " in text(open_page(picture=never))
    order = at.selectbox(key="picture of the run").options
    next(button for button in at.button if button.label == "Next").click().run()
    after = order[(order.index(name) + 1) % len(order)]
    assert f"{after}, a picture of" in text(at)
    next(button for button in at.button if button.label == "Previous").click().run()
    assert f"{name}, a picture of 0, is predicted as 0" in text(at)


def test_filters_and_sorting_reach_the_rows():
    run = xai.TrainingRun.open(RUNS["digits"][1])
    at = open_page()
    at.selectbox(key="only").set_value("wrong at the end").run()
    wrong = int((~run.correct[-1]).sum())
    assert f"{wrong} of 300 pictures" in text(at)
    assert len(at.selectbox(key="picture of the run").options) == wrong
    at.toggle(key="group").set_value(False).run()
    table = run.measures().iloc[np.flatnonzero(~run.correct[-1])]
    expected = table.sort_values("misclassification", ascending=False, kind="stable")["picture"].tolist()
    assert at.selectbox(key="picture of the run").options == expected
    at.selectbox(key="sort").set_value("name").run()
    assert at.selectbox(key="picture of the run").options == sorted(expected)


def test_a_filter_that_leaves_nothing_says_so():
    at = open_page()
    at.selectbox(key="only").set_value("never right").run()
    at.multiselect[1].set_value([0]).run()
    assert not at.exception
    never = ~xai.TrainingRun.open(RUNS["digits"][1]).correct.any(axis=0)
    assert never.sum() == 1
    assert "No picture matches the filter" in text(at)


def test_the_epochs_chosen_settle_the_measures():
    at = open_page()
    at.select_slider[0].set_value((20, 24)).run()
    at.selectbox(key="only").set_value("changing").run()
    part = xai.TrainingRun.open(RUNS["digits"][1]).between(20, 24)
    assert f"{part.changed.any(axis=0).sum()} of 300 pictures" in text(at)


def test_two_runs_beside_each_other():
    first, second = RUNS["digits"][0], RUNS["digits_shortcut"][0]
    at = open_page(beside=second)
    runs = [xai.TrainingRun.open(folder) for _, folder in RUNS.values()]
    flips = int((runs[0].correct[-1] != runs[1].correct[-1]).sum())
    assert f"{flips} pictures are right in one of them only" in text(at)
    assert f"Of 300 pictures, {first} has" in text(at)
    assert "McNemar's exact test, p < 0.001" in text(at)
    table = next(
        table.value for table in at.dataframe if "same at" in str(table.proto.columns) or second in table.value
    )
    assert len(table) == flips


def test_downloads_hold_the_numbers():
    at = open_page()
    labels = [element.label for element in at.get("download_button")]
    reports = ["Report (HTML)", "Report and numbers (ZIP)"]
    assert labels == [*reports, "Figure (HTML)", "Measures (CSV)", "Log (CSV)", "InstanceFlow (JSON)"]


def test_instanceflow_from_a_path(shared_data):
    at = open_page(run="A record on disk", record=str(shared_data / "instanceflow_cifar10" / "cifar10.json"))
    said = text(at)
    assert "1,000 pictures · 10 classes · 62 epochs (0 to 61) · no weights kept" in said
    assert "This record has no probabilities and no losses" in said
    assert "No validation loss was recorded" in said
    assert "This run kept no weights" in said
    assert at.button_group(key="colour").options == ["Class", "Right or wrong"]
    assert at.get("image"), "the picture itself is shown"


def test_an_upload_is_read_and_a_bad_one_is_a_sentence():
    at = open_page(run="Upload")
    assert "A table has a row for each picture at each epoch" in text(at)
    good = xai.TrainingRun(
        "mine", ("a", "b"), ("x", "y"), np.array([0, 1]), np.array([1, 2]), np.array([[0, 0], [0, 1]])
    )
    at.file_uploader(key="run-file").set_value(("run.json", good.to_instanceflow().encode(), "application/json")).run()
    assert not at.exception
    assert "2 pictures · 2 classes · 2 epochs" in text(at)
    for content, words in (
        (b"{", "is not whole JSON"),
        (b"[1, 2]", "is JSON, but no training run"),
        (json.dumps({"labels": ["a"], "instances": [{"id": "x", "actual": 3}], "epochs": []}).encode(), "epoch"),
    ):
        at.file_uploader(key="run-file").set_value(("run.json", content, "application/json")).run()
        assert not at.exception
        assert words in text(at)
        assert "Choose a run in the sidebar" not in text(at)  # the error says what is wrong


def table_of_predictions(losses=True):
    """Twelve epochs of four pictures, as a training loop logs them."""
    rows = ["epoch,file,label,prediction" + (",train_loss" if losses else "")]
    for epoch in range(1, 13):
        said = ["cat", "dog", "cat" if epoch < 6 else "dog", "dog" if epoch % 2 else "cat"]
        for number, (label, one) in enumerate(zip(["cat", "dog", "dog", "cat"], said, strict=True)):
            rows.append(f"{epoch},{number}.png,{label},{one}" + (f",{1 / epoch:.3f}" if losses else ""))
    return "\n".join(rows).encode()


def test_a_table_of_predictions_is_uploaded():
    at = open_page(run="Upload")
    at.file_uploader(key="run-file").set_value(("my loop.csv", table_of_predictions(), "text/csv")).run()
    assert not at.exception
    said = text(at)
    assert "4 pictures · 2 classes · 12 epochs" in said
    assert "This record has no probabilities, so charts that need them are missing." in said
    at.file_uploader(key="run-file").set_value(("b.csv", table_of_predictions(losses=False), "text/csv")).run()
    assert "This record has no probabilities and no losses, so charts that need them are missing." in text(at)
    accuracies = table_of_predictions().replace(b"train_loss", b"train_accuracy")
    at.file_uploader(key="run-file").set_value(("d.csv", accuracies, "text/csv")).run()
    assert "This record has no probabilities and no losses, so charts that need them are missing." in text(at)
    at.file_uploader(key="run-file").set_value(("c.csv", b"epoch,id,label,pred\n1,a,cat,0\n", "text/csv")).run()
    assert "so that every prediction would be wrong" in text(at)


def test_a_table_on_disk_is_opened_with_its_pictures_and_followed(tmp_path):
    for number in range(4):
        Image.new("RGB", (8, 8), (60 * number, 0, 0)).save(tmp_path / f"{number}.png")
    path = tmp_path / "log.csv"
    content = table_of_predictions()
    path.write_bytes(b"\n".join(content.split(b"\n")[:-4]))
    at = open_page(run="A record on disk", record=str(path))
    assert "11 epochs" in text(at)
    assert at.get("image"), "the picture itself is shown"
    path.write_bytes(content)
    at.run()
    assert "12 epochs" in text(at)


@pytest.mark.parametrize(
    ("predictions", "options", "words"),
    [
        ([[0, 1, 0]], {}, "It takes at least three epochs to say whether the predictions have settled"),
        ([[0, 0, 0]] * 3, {"labels": (0, 0, 0), "names": ("cat",)}, "No picture was ever wrong"),
        ([[1, 0, 0]] * 4, {}, "3 pictures were never right"),
        ([[0, 1, 1]] * 8, {"val_loss": [0.9, 0.5, 0.4, 0.38, 0.4, 0.45, 0.55, 0.7]}, "p = 0.001): stop at epoch 4"),
        ([[0, 1, 1]] * 4, {"probabilities": np.nan}, "No prediction ever changed"),
    ],
)
def test_odd_records_are_shown(tmp_path, predictions, options, words):
    at = open_page(run="A record on disk", record=record(tmp_path / "odd", predictions, **options))
    assert words in text(at)
    assert "The record of odd does not say where its pictures are" in text(at)


def test_a_record_cut_off_in_the_middle_of_a_write_keeps_its_whole_epochs(tmp_path):
    path = record(tmp_path / "cut", [[0, 1, 1]] * 4)
    third = tmp_path / "cut" / "epochs" / "0003.parquet"
    third.write_bytes(third.read_bytes()[:200])
    at = open_page(run="A record on disk", record=path)
    assert "Epoch 3 was left out: 0003.parquet is damaged or cut off" in text(at)
    assert not at.warning  # a plain sentence: the page itself is fine
    assert "3 pictures · 2 classes · 3 epochs" in text(at)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda f: (f / "run.json").write_text("{"), "is damaged or cut off, so the run cannot be opened"),
        (lambda f: (f / "run.json").unlink(), "holds no training run"),
        (lambda f: (f / "pictures.parquet").write_bytes(b"PAR1"), "pictures.parquet is damaged or cut off"),
        (lambda f: shutil.rmtree(f / "epochs"), "has no whole epoch yet"),
        (shutil.rmtree, "There is no folder or file"),
    ],
)
def test_what_is_no_record_is_a_sentence(tmp_path, spoil, words):
    path = record(tmp_path / "bad", [[0, 1, 1]])
    spoil(tmp_path / "bad")
    at = open_page(run="A record on disk", record=path)
    assert words in text(at)


def test_weights_that_are_damaged_or_of_another_network_cost_their_epoch_alone(tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(RUNS["digits"][1], folder)
    weights = folder / "checkpoints"
    (weights / "0024.safetensors").write_bytes((weights / "0024.safetensors").read_bytes()[:5000])
    model = xai.load_model("efficientnet_lite0")
    other = Description("efficientnet_lite0", model.class_names, model.preprocessing)
    (weights / "0008.safetensors").write_bytes(to_checkpoint(model.net, other))
    (weights / "0002.safetensors").unlink()
    at = open_page(run="A record on disk", record=str(folder))
    said = text(at)
    assert "weights kept at 5 epochs" in said
    assert "Epoch 24 is left out: 0024.safetensors" in said
    assert "Epoch 8 is left out: " in said
    assert "has no layer 'stages.2'" in said
    assert re.search(r"At epoch 16, \d+% of the evidence lies on the object", said)
    shutil.rmtree(weights)
    weights.mkdir()
    (weights / "0001.safetensors").write_bytes(b"nothing")
    at = open_page(run="A record on disk", record=str(folder), sort="Name")
    assert "What the model looked at cannot be shown. " in text(at)
    assert "Confusion matrix by epoch" in text(at)


def test_names_from_a_record_are_text_and_nothing_else(tmp_path):
    evil = ("<img src=x onerror=alert(1)>", "**[dog](http://x)**")
    at = open_page(run="A record on disk", record=record(tmp_path / "evil", [[0, 1, 0]] * 3, names=evil))
    raw = "\n".join(element.value for element in at.markdown)
    assert "<img src=x" not in raw.replace("\\<", "")
    assert "](http://x" not in raw
    assert all("<img src=x" not in element.proto.body for element in at.get("html"))


def test_a_training_under_way_is_shown_and_can_be_stopped_or_taken_up(tmp_path, monkeypatch):
    from xai_core import training
    from xai_core.training import PRESETS, jobs

    folder = jobs.prepare(PRESETS["digits"].settings(name="Mine", epochs=4), tmp_path / "runs" / "mine-1")
    at = open_page(run="Mine (mine-1)")
    assert "its process was killed" in text(at)
    assert "0 of 4 epochs are kept" in text(at)
    press_labelled(at, "Delete for good")
    assert not folder.exists()
    assert "mine-1" not in str(at.selectbox(key="run").options)

    jobs.prepare(PRESETS["digits"].settings(name="Mine", epochs=4), folder)

    # As the process would leave it after its first epoch, alive.
    shipped = RUNS["digits"][1]
    for name in ("run.json", "pictures.parquet"):
        shutil.copy(shipped / name, folder / name)
    (folder / "epochs").mkdir()
    shutil.copy(shipped / "epochs" / "0001.parquet", folder / "epochs" / "0001.parquet")
    with jobs.queue.at_work(folder):
        jobs.files.write_progress(
            folder, state="running", epoch=2, epochs=4, batch=5, batches=10, loss=1.25, accuracy=0.5, seconds=30
        )
        at = open_page(run="Mine (mine-1)")
        assert "300 pictures · 10 classes · 1 epoch" in text(at)
        bar = at.get("progress")[0]
        assert "Epoch 2 of 4 · batch 5 of 10 · loss 1.250 · 50% right" in bar.proto.text
        assert bar.proto.value == 37
        next(button for button in at.button if button.label == "Stop").click().run()
        assert (folder / "stop").exists()
        assert "Stopping after this batch" in at.get("progress")[0].proto.text
    jobs.files.write_progress(folder, state="failed", message="The loss became nan in epoch 2.")
    at = open_page(run="Mine (mine-1)")
    assert "The loss became nan in epoch 2. 1 of 4 epochs is kept." in text(at)
    asked = []
    monkeypatch.setattr(training, "resume", asked.append)
    next(button for button in at.button if button.label == "Resume").click().run()
    assert asked == [folder]
    jobs.files.write_progress(folder, state="finished", epoch=4, epochs=4)
    press_labelled(open_page(run="Mine (mine-1)"), "Delete for good")
    assert not folder.exists()


def test_the_form_begins_the_training_that_it_describes(monkeypatch, tmp_path):
    from xai_core import training

    begun = []

    def start(settings, owner):
        assert owner == ""  # without a log-in
        begun.append(settings)
        return training.jobs.prepare(settings)

    monkeypatch.setattr(training, "start", start)
    at = open_page()
    press_labelled(at, "Train a model")
    at.slider(key="train-shortcut").set_value(0.5)
    at.number_input(key="train-epochs-digits").set_value(2)
    press_labelled(at, "Train a model", "Train")
    (settings,) = begun
    assert (settings.shortcut, settings.epochs, settings.architecture) == (0.5, 2, "small_resnet")
    assert at.selectbox(key="run").value == "textured-digits-1"


def test_the_form_says_what_is_missing(tmp_path):
    at = open_page()
    press_labelled(at, "Train a model")
    at.button_group(key="train-preset").set_value("scenes")
    press_labelled(at, "Train a model")
    press_labelled(at, "Train a model", "Train")
    assert "The training needs pictures" in text(at)
    (tmp_path / "only" / "cat").mkdir(parents=True)
    Image.new("RGB", (40, 40)).save(tmp_path / "only" / "cat" / "1.png")
    for path, words in ((tmp_path / "gone", "There is no folder"), (tmp_path / "only", "there is only 'cat'")):
        at.text_input(key="train-data-scenes").set_value(str(path))
        press_labelled(at, "Train a model", "Train")
        assert words in text(at)
    assert not (tmp_path / "runs").exists()
    at.button_group(key="train-preset").set_value("cifar10")
    press_labelled(at, "Train a model")
    assert "CIFAR-10 is not on this disk. It takes 170 MB." in text(at)


def test_a_run_in_the_address_that_is_gone_is_said():
    at = open_page(run="Mine (mine-7)")
    assert "The run in the address, Mine (mine-7), is not here (any more). Another one is shown." in text(at)


def test_filters_are_in_the_address_and_go_with_their_run():
    at = open_page(true="9", predicted="3")
    run = xai.TrainingRun.open(RUNS["digits"][1])
    count = int(((run.labels == 9) & (run.predictions[-1] == 3)).sum())
    assert f"{count} of 300 pictures" in text(at)
    at.selectbox(key="run").set_value("digits_shortcut").run()
    assert not at.exception
    assert "300 of 300 pictures" in text(at)


def test_what_is_said_of_a_picture_keeps_to_the_epochs_chosen():
    run = xai.TrainingRun.open(RUNS["digits"][1])
    table = run.between(20, 24).measures()
    at = open_page(picture=run.pictures[7])
    at.select_slider[0].set_value((20, 24)).run()
    assert f"wrong at {table['misclassification'][7]:.0%} of epochs" in text(at)
    assert "(Epochs 20 to 24.)" in text(at)
