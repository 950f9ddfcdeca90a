"""The loop: it learns, it records what the network says, and an interruption leaves no trace in the numbers."""

import re
import shutil
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from torch.optim.optimizer import register_optimizer_step_post_hook

import xai_core as xai
from xai_core.models import ARCHITECTURES
from xai_core.models.checkpoints import fine_tunable, read_state
from xai_core.models.loading import named_state
from xai_core.training import Settings, train
from xai_core.training.evaluation import evaluate, untouched
from xai_core.training.state import TrainingState

NAMES = ("ant", "bee", "cat")


def zoo(root, count=12, seed=0, names=NAMES):
    """A folder of three classes of noise that differ in their colour."""
    rng = np.random.default_rng(seed)
    for index, name in enumerate(names):
        (root / name).mkdir(parents=True)
        for number in range(count):
            pixels = rng.integers(0, 160, (64, 64, 3), dtype=np.uint8)
            pixels[..., index] += 60
            Image.fromarray(pixels).save(root / name / f"{number:02d}.png")
    return root


def settings(data, **changes):
    return Settings(
        **{
            "name": "Zoo",
            "data": str(data),
            "architecture": "small_resnet",
            "epochs": 3,
            "batch_size": 8,
            "learning_rate": 0.05,
            **changes,
        }
    )


def after(batches):
    """Says stop once so many batches are done."""
    return iter([False] * batches + [True] * 99).__next__


def content(folder):
    """All that a training's numbers are, bit for bit."""
    run = xai.TrainingRun.open(folder)
    assert not run.problems
    numbers = {key: getattr(run, key).tobytes() for key in ("epochs", "predictions", "p_predicted", "p_true")}
    figures = run.log.drop(columns="seconds").to_numpy().tobytes()
    return numbers | {"log": figures} | {path.name: path.read_bytes() for path in run.checkpoints.values()}


def files(folder):
    """Every file below a folder with its content."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@contextmanager
def after_each_step(action):
    """Calls action(number of steps, optimizer) after each step of a network's optimizer."""
    steps = 0

    def look(optimizer, *_):
        nonlocal steps
        if len(optimizer.param_groups[0]["params"]) > 1:  # the schedule is made with an optimizer of one number
            steps += 1
            action(steps, optimizer)

    handle = register_optimizer_step_post_hook(look)
    try:
        yield
    finally:
        handle.remove()


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Networks this small gain nothing from more, and lose much where the machine is busy."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return zoo(tmp_path_factory.mktemp("data") / "zoo")


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory):
    """A training of three epochs at a stretch: settings, folder, what it reported, its learning rates."""
    folder = tmp_path_factory.mktemp("run") / "whole"
    chosen = settings(data, augment=("flip", "crop", "dropout"))
    reports, rates = [], []
    with after_each_step(lambda _, optimizer: rates.append(optimizer.param_groups[0]["lr"])):
        assert train(chosen, folder, report=reports.append, device="cpu")
    return SimpleNamespace(settings=chosen, folder=folder, reports=reports, rates=rates)


@pytest.fixture(scope="module")
def begun(data, tmp_path_factory):
    """A training that was stopped in its second epoch: settings and folder; to be copied."""
    folder = tmp_path_factory.mktemp("run") / "begun"
    chosen = settings(data, epochs=2)
    assert not train(chosen, folder, stop=after(5), device="cpu")
    return SimpleNamespace(settings=chosen, folder=folder)


@pytest.fixture
def copy(begun, tmp_path):
    return shutil.copytree(begun.folder, tmp_path / "copy")


# it learns, and records what it says


def test_it_learns(whole):
    log = xai.TrainingRun.open(whole.folder).log
    assert log.train_loss.iloc[-1] < 0.6 * log.train_loss.iloc[0]
    assert log.train_accuracy.iloc[-1] > log.train_accuracy.iloc[0]
    assert log.val_accuracy.iloc[-1] >= 5 / 6
    assert (log.seconds > 0).all()


def test_the_record_says_what_was_trained(whole):
    run = xai.TrainingRun.open(whole.folder)
    assert (run.name, run.class_names, list(run.epochs)) == ("Zoo", NAMES, [1, 2, 3])
    assert run.settings == whole.settings.to_dict() | {
        "augment": ["flip", "crop", "dropout"],
        "threads": torch.get_num_threads(),
        "training_pictures": 30,
        "left_out": [],
    }
    assert run.versions["torch"] == torch.__version__.split("+")[0] or run.versions["torch"] == torch.__version__
    assert run.labels.tolist() == [0, 0, 1, 1, 2, 2]
    assert (run.source.data, run.source.split) == (whole.settings.data, None)


def test_what_is_recorded_is_what_the_weights_say(whole):
    run = xai.TrainingRun.open(whole.folder)
    assert list(run.checkpoints) == [1, 2, 3]
    found = xai.run_pictures(run)
    for row, epoch in enumerate(run.epochs):
        model = xai.load_model(run.checkpoints[epoch], device="cpu")
        assert (model.class_names, model.preprocessing) == (NAMES, ARCHITECTURES["small_resnet"].preprocessing)
        said = xai.predict(model, list(found))
        assert said.classes.tolist() == run.predictions[row].tolist()
        everyone = np.arange(len(run.labels))
        np.testing.assert_allclose(said.probabilities[everyone, said.classes], run.p_predicted[row], rtol=1e-4)
        np.testing.assert_allclose(said.probabilities[everyone, run.labels], run.p_true[row], rtol=1e-4)
        assert run.log.val_loss[row] == pytest.approx(-np.log(run.p_true[row].astype(float)).mean(), rel=1e-4)
        assert run.log.val_accuracy[row] == run.accuracy[row]
    assert not np.array_equal(run.p_true[0], run.p_true[2])


def test_validation_figures_are_those_of_the_validation_pictures(tmp_path):
    for number, (split, count) in enumerate({"train": 4, "val": 3, "test": 2}.items()):
        zoo(tmp_path / "zoo" / split, count, seed=number)
    train(settings(tmp_path / "zoo", epochs=1), tmp_path / "run", device="cpu")
    run = xai.TrainingRun.open(tmp_path / "run")
    assert (len(run.pictures), run.source.split) == (6, "test")
    pictures = xai.load_dataset(tmp_path / "zoo", split="val")
    labels = [NAMES.index(item.label) for item in pictures.items]
    said = xai.predict(xai.load_model(run.checkpoints[1], device="cpu"), list(pictures))
    p = said.probabilities[np.arange(9), labels].astype(float)
    assert run.log.val_loss[0] == pytest.approx(-np.log(p).mean(), rel=1e-4)
    assert run.log.val_accuracy[0] == pytest.approx(np.mean(said.classes == labels))
    assert run.log.val_loss[0] != pytest.approx(-np.log(run.p_true[0].astype(float)).mean(), rel=1e-4)
    right = [int((said.classes[np.array(labels) == one] == one).sum()) for one in range(3)]
    assert (run.validation.right.tolist(), run.validation.count.tolist()) == ([right], [[3, 3, 3]])


def test_every_batch_is_reported(whole):
    told = [(told.epoch, told.epochs, told.batch, told.batches, told.before) for told in whole.reports]
    assert told == [(epoch, 3, batch, 4, 0) for epoch in (1, 2, 3) for batch in (1, 2, 3, 4)]
    seconds = [told.seconds for told in whole.reports]
    assert seconds == sorted(seconds)
    assert seconds[0] > 0
    log = xai.TrainingRun.open(whole.folder).log
    assert [told.loss for told in whole.reports[3::4]] == log.train_loss.tolist()
    assert [told.accuracy for told in whole.reports[3::4]] == log.train_accuracy.tolist()
    assert all((told.accuracy * 8 * told.batch) % 1 == 0 for told in whole.reports if told.batch < 4)


def test_the_learning_rate_is_torchs_one_cycle(whole):
    """With a step in hand, since the scheduler is not asked after the last one."""
    parameter = torch.nn.Parameter(torch.zeros(3))
    optimizer = torch.optim.SGD([parameter], lr=0.05, momentum=0.9)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.05, total_steps=12 + 1, cycle_momentum=False)
    expected = []
    for _ in range(12):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        cycle.step()
    assert whole.rates == pytest.approx(expected, rel=1e-12)
    assert whole.rates[0] == pytest.approx(0.05 / 25)
    assert 0.045 < max(whole.rates) <= 0.05
    assert xai.TrainingRun.open(whole.folder).log.learning_rate.tolist() == whole.rates[3::4]


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_the_steps_are_those_of_torchs_optimizer(optimizer, data, tmp_path):
    """All pictures in one batch, so that nothing depends on their order: the loop as anyone would write it."""
    rate, decay = {"sgd": (0.05, 0.01), "adamw": (1e-3, 0.1)}[optimizer]
    chosen = settings(data, batch_size=64, optimizer=optimizer, learning_rate=rate, weight_decay=decay, seed=5)
    assert train(chosen, tmp_path, device="cpu")
    run = xai.TrainingRun.open(tmp_path)
    view = ARCHITECTURES["small_resnet"].preprocessing
    learned = [sample for sample in xai.load_dataset(data) if sample.name not in run.pictures]
    inputs = torch.from_numpy(np.stack([view.array(sample) for sample in learned]))
    wanted = torch.tensor([NAMES.index(sample.label) for sample in learned])
    torch.manual_seed(5)
    net = ARCHITECTURES["small_resnet"].build(3).train()
    before = torch.cat([parameter.detach().clone().flatten() for parameter in net.parameters()])
    step = (
        torch.optim.SGD(net.parameters(), rate, momentum=0.9, nesterov=True, weight_decay=decay)
        if optimizer == "sgd"
        else torch.optim.AdamW(net.parameters(), rate, weight_decay=decay)
    )
    cycle = torch.optim.lr_scheduler.OneCycleLR(step, rate, total_steps=4, cycle_momentum=False)
    for epoch in (1, 2, 3):
        logits = net(inputs)
        loss = torch.nn.functional.cross_entropy(logits, wanted)
        assert run.log.train_loss[epoch - 1] == pytest.approx(loss.item(), rel=1e-3)
        assert run.log.train_accuracy[epoch - 1] == pytest.approx(float((logits.argmax(1) == wanted).double().mean()))
        step.zero_grad()
        loss.backward()
        step.step()
        cycle.step()
        found = read_state(run.checkpoints[epoch])
        now = torch.cat([parameter.detach().flatten() for parameter in net.parameters()])
        theirs = torch.cat([found[name].flatten() for name, _ in net.named_parameters()])
        # The median: where a gradient is next to nothing, rounding gives AdamW's step its direction.
        assert (theirs - now).abs().median() < 1e-3 * (now - before).abs().median(), epoch


def test_weights_are_kept_as_the_settings_say_and_one_state(data, tmp_path):
    train(settings(data, checkpoint_every=5, optimizer="adamw", learning_rate=1e-3), tmp_path / "run", device="cpu")
    run = xai.TrainingRun.open(tmp_path / "run")
    assert (list(run.epochs), list(run.checkpoints)) == ([1, 2, 3], [1, 3])
    assert [path.name for path in (tmp_path / "run" / "state").iterdir()] == ["0003.pt"]


def test_the_seed_settles_the_weights(data, whole, tmp_path):
    train(replace(whole.settings, seed=1), tmp_path / "run", stop=after(4), device="cpu")
    other, run = xai.TrainingRun.open(tmp_path / "run"), xai.TrainingRun.open(whole.folder)
    first, second = (read_state(found.checkpoints[1])["conv1.weight"] for found in (run, other))
    assert not torch.equal(first, second)


# interruptions


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_interruptions_leave_no_trace(optimizer, data, whole, tmp_path):
    chosen, straight = whole.settings, whole.folder
    if optimizer == "adamw":
        chosen, straight = replace(chosen, optimizer="adamw", learning_rate=1e-3), tmp_path / "straight"
        assert train(chosen, straight, device="cpu")
    folder = tmp_path / "pieces"
    for batches, done in ((0, 0), (3, 0), (6, 1), (2, 1), (4, 2), (1, 2)):
        assert train(chosen, folder, stop=after(batches), device="cpu") is False
        assert len(list((folder / "epochs").glob("*.parquet"))) == done
        torch.manual_seed(batches)  # whatever else the program does with random numbers
        torch.rand(3)
    reports = []
    assert train(chosen, folder, report=reports.append, device="cpu") is True
    assert [(told.epoch, told.before) for told in reports] == [(3, 2)] * 4
    assert content(folder) == content(straight)
    assert (folder / "run.json").read_bytes() == (straight / "run.json").read_bytes()


def test_the_numbers_above_could_have_differed(data, whole, tmp_path):
    train(replace(whole.settings, augment=("flip", "crop")), tmp_path, device="cpu")
    assert content(tmp_path) != content(whole.folder)


def test_a_state_without_its_epoch_counts_for_nothing(begun, copy, tmp_path):
    """As if it had been killed after the state of the second epoch was written, before its record was."""
    assert train(begun.settings, tmp_path / "straight", device="cpu")
    (copy / "state" / "0002.pt").write_bytes(b"half a st")
    (copy / "checkpoints" / "0002.safetensors").write_bytes(b"half a ch")
    (copy / "epochs" / ".0002.parquet.draft").write_bytes(b"half an ep")
    assert train(begun.settings, copy, device="cpu")
    assert content(copy) == content(tmp_path / "straight")


def test_a_finished_training_stays_as_it_is(whole):
    before, reports = files(whole.folder), []
    assert train(whole.settings, whole.folder, report=reports.append, device="cpu") is True
    assert reports == []
    assert files(whole.folder) == before


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"epochs": 4},
        {"learning_rate": 0.050001},
        {"augment": ("flip",)},
        {"name": "Other"},
        {"architecture": "resnet20_cifar"},
        {"batch_size": 9},
        {"checkpoint_every": 2},
    ],
    ids=lambda change: next(iter(change)),
)
def test_other_settings_in_the_same_folder_are_refused(change, begun, copy):
    before = files(copy)
    message = (
        rf"^{re.escape(str(copy))} holds another training, or its pictures have changed since; .* another folder\.$"
    )
    with pytest.raises(xai.RecordError, match=message):
        train(replace(begun.settings, **change), copy, device="cpu")
    assert files(copy) == before


def copied_zoo(data, tmp_path, splits):
    for split in splits or ("",):
        shutil.copytree(data, tmp_path / "zoo" / split)
    return settings(tmp_path / "zoo", epochs=2)


@pytest.mark.parametrize("change", ["one less", "one more"])
@pytest.mark.parametrize(("splits", "where"), [(("train", "test"), "test"), (("train", "test"), "train"), ((), "")])
def test_other_pictures_are_refused(change, splits, where, data, tmp_path):
    """A training goes on only with the pictures that it began with, those to learn from as much as the recorded."""
    chosen = copied_zoo(data, tmp_path, splits)
    assert not train(chosen, tmp_path / "run", stop=after(5), device="cpu")
    folder = tmp_path / "zoo" / where / "bee"
    if change == "one less":
        (folder / "03.png").unlink()
    else:
        shutil.copy(folder / "03.png", folder / "99.png")
    with pytest.raises(xai.RecordError, match="or its pictures have changed since"):
        train(chosen, tmp_path / "run", device="cpu")


def damaged_state(kind, path):
    content = path.read_bytes()
    if kind == "missing":
        path.unlink()
    elif kind == "another network":
        net = ARCHITECTURES["resnet20_cifar"].build(3)
        torch.save({"net": net.state_dict(), "optimizer": torch.optim.SGD(net.parameters()).state_dict()}, path)
    elif kind == "half of it":
        torch.save({"net": torch.load(path, weights_only=True)["net"]}, path)
    else:
        path.write_bytes({"empty": b"", "text": b"no state\n", "cut off": content[: len(content) // 2]}[kind])


@pytest.mark.parametrize("kind", ["missing", "empty", "text", "cut off", "another network", "half of it"])
def test_a_state_that_cannot_be_taken_up_says_so(kind, begun, copy):
    path = copy / "state" / "0001.pt"
    damaged_state(kind, path)
    before = files(copy)
    with pytest.raises(xai.TrainingError) as caught:
        train(begun.settings, copy, device="cpu")
    assert str(caught.value) == (
        "The training cannot go on: its state after the last epoch, 0001.pt, is missing, damaged or of another "
        "network. What was recorded is kept."
    )
    assert files(copy) == before


class Malicious:
    """Makes a folder when it is unpickled the careless way."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return type(self.folder).mkdir, (self.folder,)


def test_code_in_a_state_is_not_run(begun, copy, tmp_path):
    torch.save({"net": Malicious(tmp_path / "it ran"), "optimizer": {}}, copy / "state" / "0001.pt")
    with pytest.raises(xai.TrainingError, match="cannot go on"):
        train(begun.settings, copy, device="cpu")
    assert not (tmp_path / "it ran").exists()
    torch.load(copy / "state" / "0001.pt", weights_only=False)
    assert (tmp_path / "it ran").exists()


def test_a_folder_with_a_record_of_another_kind_is_refused(data, tmp_path):
    xai.Recorder(tmp_path, (torch.zeros(2, 3, 8, 8), torch.tensor([0, 1]))).logits(torch.eye(2))
    before = files(tmp_path)
    with pytest.raises(xai.RecordError, match="holds another training"):
        train(settings(data), tmp_path, device="cpu")
    assert files(tmp_path) == before


# a loss that is none


def test_a_training_that_diverges_ends_and_its_epochs_are_kept(data, tmp_path):
    """Weights that grow ninety-nine times a step leave the range of float32."""
    with pytest.raises(xai.TrainingError) as caught:
        train(settings(data, epochs=6, learning_rate=100.0, weight_decay=1.0), tmp_path, device="cpu")
    message = (
        r"The loss became (nan|inf) in epoch (\d), (?:batch \d of 4|after its 4 batches), so the training was ended: "
        r"its learning rate, 100 at most, is probably too high\. "
        r"(?:The (\d) epochs before are kept|No epoch was finished before)\."
    )
    match = re.fullmatch(message, str(caught.value))
    assert match, str(caught.value)
    kept = int(match[3] or 0)
    assert int(match[2]) == kept + 1
    assert len(list((tmp_path / "epochs").glob("*.parquet"))) == kept


def poison(at, values):
    """After a step, the last parameter (the bias of the last layer) becomes this."""

    def action(steps, optimizer):
        if steps == at:
            with torch.no_grad():
                optimizer.param_groups[0]["params"][-1].copy_(torch.tensor(values))

    return after_each_step(action)


@pytest.mark.parametrize(
    ("values", "what"), [([float("nan")] * 3, "nan"), ([3e38, -3e38, -3e38], "inf")], ids=["nan", "inf"]
)
def test_a_loss_that_is_not_finite_in_the_first_epoch(values, what, data, tmp_path):
    with poison(2, values), pytest.raises(xai.TrainingError) as caught:
        train(settings(data), tmp_path, device="cpu")
    assert str(caught.value) == (
        f"The loss became {what} in epoch 1, batch 3 of 4, so the training was ended: its learning rate, 0.05 at most, "
        "is probably too high. No epoch was finished before."
    )
    assert not list((tmp_path / "epochs").glob("*"))


def test_an_epoch_whose_last_step_spoils_the_weights_is_not_kept(data, tmp_path):
    """The loss of its last batch was still a number, that of the recorded pictures is not."""
    with poison(4, [float("nan")] * 3), pytest.raises(xai.TrainingError, match="The loss became nan in epoch 1"):
        train(settings(data, epochs=1), tmp_path, device="cpu")
    assert not list((tmp_path / "epochs").glob("*"))


# batches


@pytest.mark.parametrize(
    ("n", "size", "expected"),
    [
        (8, 8, [8]),
        (16, 8, [8, 8]),
        (18, 8, [8, 8, 2]),
        (17, 8, [8, 9]),
        (9, 8, [9]),
        (3, 8, [3]),
        (2, 8, [2]),
        (3, 2, [3]),
        (4, 2, [2, 2]),
        (5, 2, [2, 3]),
    ],
)
def test_one_picture_left_over_joins_the_last_batch(n, size, expected):
    cuts = TrainingState.cuts(SimpleNamespace(settings=settings("x", batch_size=size)), n)
    assert [stop - start for start, stop in cuts] == expected
    assert [start for start, _ in cuts] == [0, *(stop for _, stop in cuts[:-1])]
    assert cuts[-1][1] == n


@pytest.mark.parametrize(("size", "batches"), [(8, 1), (4, 2), (64, 1)])
def test_a_training_of_nine_pictures(size, batches, tmp_path):
    zoo(tmp_path / "zoo" / "train", 3)
    zoo(tmp_path / "zoo" / "test", 1, seed=1)
    reports = []
    assert train(
        settings(tmp_path / "zoo", epochs=2, batch_size=size), tmp_path / "run", report=reports.append, device="cpu"
    )
    assert [(told.epoch, told.batch, told.batches) for told in reports] == [
        (epoch, batch, batches) for epoch in (1, 2) for batch in range(1, batches + 1)
    ]
    assert all((told.accuracy * 9) % 1 == pytest.approx(0, abs=1e-9) for told in reports if told.batch == batches)


# fine-tuning


@pytest.fixture
def photos(tmp_path):
    zoo(tmp_path / "photos" / "train", 2)
    zoo(tmp_path / "photos" / "test", 1, seed=1)
    return tmp_path / "photos"


@pytest.mark.parametrize("freeze", [True, False])
def test_fine_tuning(freeze, photos, tmp_path):
    """Frozen, only the last layer learns and BatchNorm keeps its statistics; else all of it does."""
    key = "efficientnet_lite0"
    chosen = settings(photos, architecture=key, epochs=1, optimizer="adamw", pretrained=True, freeze=freeze, seed=3)
    assert train(chosen, tmp_path / "run", device="cpu")
    run = xai.TrainingRun.open(tmp_path / "run")
    before, after = named_state(key)[0], read_state(run.checkpoints[1])
    torch.manual_seed(3)
    head = fine_tunable(ARCHITECTURES[key], *named_state(key), NAMES).state_dict()
    same = {name for name, tensor in after.items() if torch.equal(tensor, before[name])}
    last = {"_fc.weight", "_fc.bias"}
    assert not last & same
    assert not any(torch.equal(after[name], head[name]) for name in last)
    assert after["_fc.weight"].shape[0] == 3
    if freeze:
        assert same == set(after) - last
    else:
        assert {"_conv_stem.weight", "_bn0.running_mean", "_bn0.weight", "_bn0.num_batches_tracked"} & same == set()
    said = xai.predict(xai.load_model(run.checkpoints[1], device="cpu"), list(xai.run_pictures(run)))
    assert said.classes.tolist() == run.predictions[0].tolist()


def test_a_network_without_imagenet_weights_cannot_be_pretrained(data, tmp_path):
    with pytest.raises(xai.ModelError, match=r"^There are no ImageNet weights for 'small_resnet'\."):
        train(settings(data, pretrained=True), tmp_path, device="cpu")


# what cannot begin


def test_digits_need_a_network_of_their_size(tmp_path):
    with pytest.raises(xai.TrainingError) as caught:
        train(Settings("d", "textured_digits", "resnet20_cifar"), tmp_path / "run", device="cpu")
    assert str(caught.value) == ("Textured digits are 64 x 64; ResNet-20 for CIFAR sees 32 x 32. Choose small_resnet.")
    assert not (tmp_path / "run").exists()


def test_an_unknown_architecture_or_folder_leaves_nothing_behind(data, tmp_path):
    with pytest.raises(xai.ModelError, match=r"^Unknown architecture 'small'"):
        train(settings(data, architecture="small"), tmp_path / "run", device="cpu")
    with pytest.raises(xai.DataError, match="There is no folder or file"):
        train(settings(tmp_path / "gone"), tmp_path / "run", device="cpu")
    assert not (tmp_path / "run").exists()


# evaluation


def noisy_net():
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.BatchNorm2d(3), torch.nn.Flatten(), torch.nn.Dropout(), torch.nn.Linear(12, 2))
    net.train()
    net[0].eval()
    return net


def test_an_evaluation_leaves_no_trace():
    net = noisy_net()
    state = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    random = torch.get_rng_state()
    inputs = torch.randn(5, 3, 2, 2, generator=torch.Generator().manual_seed(1))
    wanted = torch.tensor([0, 1, 0, 1, 1])
    found = evaluate(net, ((inputs[i : i + 2] + 0 * torch.rand(1), wanted[i : i + 2]) for i in (0, 2, 4)))
    assert [module.training for module in net.modules()] == [True, False, True, True, True]
    assert torch.equal(torch.get_rng_state(), random)
    assert all(torch.equal(tensor, state[name]) for name, tensor in net.state_dict().items())
    assert all(parameter.grad is None for parameter in net.parameters())
    with torch.no_grad():
        p = net.eval()(inputs).softmax(1)
    assert found.predictions.tolist() == p.argmax(1).tolist()
    np.testing.assert_allclose(found.p_predicted, p.max(1).values, rtol=1e-6)
    np.testing.assert_allclose(found.p_true, p[range(5), wanted], rtol=1e-6)
    assert found.loss == pytest.approx(float(-p[range(5), wanted].log().mean()), rel=1e-6)
    assert found.accuracy == pytest.approx(float((p.argmax(1) == wanted).double().mean()))
    assert found.labels.tolist() == wanted.tolist()


def look_and_fail(net):
    with untouched(net):
        assert not any(module.training for module in net.modules())
        torch.rand(9)
        raise KeyError


def test_an_evaluation_that_fails_leaves_no_trace_either():
    net = noisy_net()
    random = torch.get_rng_state()
    with pytest.raises(KeyError):
        look_and_fail(net)
    assert [module.training for module in net.modules()] == [True, False, True, True, True]
    assert torch.equal(torch.get_rng_state(), random)
