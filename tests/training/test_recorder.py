"""`Recorder` in a loop of one's own: right numbers, no trace in the training, and sentences for what cannot be."""

import errno
import io
import os
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Sampler, TensorDataset, WeightedRandomSampler

import xai_core as xai
from xai_core.models import ARCHITECTURES
from xai_core.models.architectures import Architecture
from xai_core.records.store import stored_pngs
from xai_core.training import recorder as module
from xai_core.types import Preprocessing

N, K, SIDE = 30, 4, 8
NAMES = ("ant", "bee", "cat", "dog")
MEAN, STD = (0.5, 0.4, 0.3), (0.2, 0.25, 0.3)


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


X, Y = random(N, 3, SIDE, SIDE), torch.randint(K, (N,), generator=torch.Generator().manual_seed(1))


def make_net(channels=3, classes=K):
    """A small network in which both modes and random numbers matter."""
    maps = nn.Sequential(nn.Conv2d(channels, 6, 3, 2), nn.BatchNorm2d(6), nn.ReLU())
    return nn.Sequential(maps, nn.Dropout(0.5), nn.Flatten(), nn.Linear(54, classes))


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Networks this small are quicker so, above all beside other work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def net():
    torch.manual_seed(0)
    return make_net()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "run"


def recorder(folder, pictures=(X, Y), **settings):
    return xai.Recorder(folder, pictures, **{"class_names": NAMES, **settings})


def change(net):
    """Other weights, as after some training."""
    with torch.no_grad():
        for number, parameter in enumerate(net.parameters()):
            parameter += 0.5 * random(*parameter.shape, seed=number)


def directly(net, x=X):
    """float32 (N, K) logits in eval mode, the network left in train mode."""
    net.eval()
    with torch.no_grad():
        found = net(x)
    net.train()
    return found


def assert_recorded(run, row, logits, y=Y):
    """The epoch in this row is what the logits say."""
    p = logits.double().softmax(1).numpy()
    everyone = np.arange(len(y))
    np.testing.assert_array_equal(run.predictions[row], logits.argmax(1))
    np.testing.assert_allclose(run.p_predicted[row], p.max(1), rtol=1e-5)
    np.testing.assert_allclose(run.p_true[row], p[everyone, y], rtol=1e-5)
    assert run.log["val_loss"][row] == pytest.approx(-np.log(p[everyone, y]).mean(), rel=1e-5)
    assert run.log["val_accuracy"][row] == pytest.approx((p.argmax(1) == y.numpy()).mean())


# the numbers


@pytest.mark.parametrize(
    "pictures",
    [DataLoader(TensorDataset(X, Y), 7), (X, Y), [(X[:20], Y[:20]), (X[20:], Y[20:])]],
    ids=["loader", "tensors", "batches"],
)
def test_records_what_the_network_says(folder, net, pictures):
    writer = recorder(folder, pictures)
    expected = []
    for _ in range(2):
        expected.append(directly(net))
        writer.epoch(net)
        change(net)
    run = xai.TrainingRun.open(folder)
    assert (expected[0].argmax(1) != expected[1].argmax(1)).any()  # or the second epoch would prove nothing
    for row, logits in enumerate(expected):
        assert_recorded(run, row, logits)
    np.testing.assert_array_equal(run.labels, Y)
    assert run.labels.dtype == np.int64
    assert (run.name, run.class_names, run.epochs.tolist(), run.problems) == ("run", NAMES, [1, 2], ())


def test_more_than_one_batch_of_tensors(folder, net):
    x, y = random(150, 3, SIDE, SIDE), torch.arange(150) % K
    recorder(folder, (x, y)).epoch(net)
    assert_recorded(xai.TrainingRun.open(folder), 0, directly(net, x), y)


def test_a_data_set_with_its_architecture(folder):
    dataset = xai.textured_digits().choose(limit=20)
    kind = ARCHITECTURES["small_resnet"]
    torch.manual_seed(0)
    net = kind.build(10)
    x = torch.stack([torch.from_numpy(kind.preprocessing.array(sample)) for sample in dataset])
    y = torch.tensor([sorted(dataset.labels).index(sample.label) for sample in dataset])
    writer = xai.Recorder(folder, dataset, architecture="small_resnet")
    writer.epoch(net)
    run = xai.TrainingRun.open(folder)
    assert run.class_names == tuple(sorted(dataset.labels))
    assert run.pictures == tuple(item.name for item in dataset.items)
    assert_recorded(run, 0, directly(net, x), y)
    for sample, original in zip(xai.run_pictures(run), dataset, strict=True):
        assert (sample.name, sample.label) == (original.name, original.label)
        np.testing.assert_array_equal(sample.pixels, original.pixels)


def test_a_data_set_needs_the_architecture(folder):
    with pytest.raises(xai.RecordError, match="needs the architecture"):
        xai.Recorder(folder, xai.textured_digits().choose(limit=4))


def test_classes_without_names_are_numbered(folder):
    writer = recorder(folder, class_names=None)
    writer.logits(torch.eye(K)[Y])
    assert xai.TrainingRun.open(folder).class_names == ("class 0", "class 1", "class 2", "class 3")


def test_figures_of_the_training_are_kept_and_come_before_those_measured(folder, net):
    given = {"train_loss": 0.5, "train_accuracy": 0.25, "learning_rate": 0.125, "seconds": 3.0}
    writer = recorder(folder, settings={"lr": 0.1}, name="Mine")
    writer.epoch(net, **given)
    writer.epoch(net, val_loss=torch.tensor(7.0), val_accuracy=0.75, train_loss=float("nan"))
    run = xai.TrainingRun.open(folder)
    assert run.log.loc[0, list(given)].to_dict() == given
    assert run.log.loc[0, "val_loss"] < 7
    assert run.log.loc[1, ["val_loss", "val_accuracy"]].tolist() == [7, 0.75]
    assert np.isnan(run.log.loc[1, ["train_loss", "learning_rate"]].astype(float)).all()
    assert (run.name, dict(run.settings)) == ("Mine", {"lr": 0.1})


def test_seconds_are_those_since_the_epoch_before(folder, monkeypatch):
    clock = iter([10.0, 13.0, 20.0, 25.0, 30.0])  # begun, epoch 1 from evaluation to end, epoch 2 likewise
    monkeypatch.setattr(module, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    writer = recorder(folder)
    writer.logits(torch.zeros(N, K))
    writer.logits(torch.zeros(N, K))
    assert xai.TrainingRun.open(folder).log["seconds"].tolist() == [3, 5]


def test_a_network_that_wraps_its_logits(folder, net):
    class Wrapped(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = net

        def forward(self, x):
            return SimpleNamespace(logits=self.inner(x))

    recorder(folder).epoch(Wrapped())
    assert_recorded(xai.TrainingRun.open(folder), 0, directly(net))


def test_a_network_in_half_precision_gets_its_inputs_so(folder):
    linear = nn.Sequential(nn.Flatten(), nn.Linear(3 * SIDE**2, K)).to(torch.bfloat16)
    recorder(folder).epoch(linear)
    expected = directly(linear, X.bfloat16()).float()
    assert_recorded(xai.TrainingRun.open(folder), 0, expected)


def test_inputs_that_are_no_fractions_stay_as_they_are(folder):
    class Bytes(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(3 * SIDE**2, K)

        def forward(self, x):
            assert x.dtype == torch.uint8
            return self.linear(x.flatten(1) / 255)

    net = Bytes()
    pixels = (X.abs() * 60).clamp(0, 255).byte()
    recorder(folder, (pixels, Y)).epoch(net)
    assert_recorded(xai.TrainingRun.open(folder), 0, directly(net, pixels))


def test_outputs_that_are_nan_are_still_classes(folder):
    logits = random(N, K)
    logits[0] = float("nan")
    logits[1, 2] = float("nan")
    recorder(folder).logits(logits)
    run = xai.TrainingRun.open(folder)
    assert run.problems == ()
    assert ((run.predictions >= 0) & (run.predictions < K)).all()
    assert np.isnan(run.p_predicted[0, :2]).all()
    assert np.isnan(run.p_true[0, :2]).all()
    np.testing.assert_array_equal(run.predictions[0, 2:], logits[2:].argmax(1))
    np.testing.assert_allclose(run.p_true[0, 2:], logits.softmax(1)[range(2, N), Y[2:]], rtol=1e-5)
    assert np.isnan(run.log["val_loss"][0])
    assert 0 <= run.log["val_accuracy"][0] <= 1
    assert len(run.measures()) == N


def test_infinite_outputs_are_recorded(folder):
    logits = torch.full((N, K), -torch.inf)
    logits[torch.arange(N), Y] = 1.0
    recorder(folder).logits(logits)
    run = xai.TrainingRun.open(folder)
    assert (run.p_true == 1).all()
    assert run.accuracy.tolist() == [1]


# the training is not touched


def trained(folder=None, own_generator=False):
    """A small training from one seed, recorded or not: the weights, and the random number that comes next."""
    torch.manual_seed(3)
    net = make_net()
    shared = torch.Generator().manual_seed(5) if own_generator else None
    learned = DataLoader(TensorDataset(X, Y), 8, shuffle=True, generator=shared)
    writer = recorder(folder, DataLoader(TensorDataset(X, Y), 9, generator=shared)) if folder else None
    optimizer = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9)
    for _ in range(3):
        for x, y in learned:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        if writer:
            writer.epoch(net)
    return net.state_dict(), torch.rand(1).item()


@pytest.mark.parametrize("own_generator", [False, True], ids=["global", "shared generator"])
def test_weights_are_those_of_the_same_training_without_a_recorder(folder, own_generator):
    bare, bare_next = trained(own_generator=own_generator)
    recorded, recorded_next = trained(folder, own_generator)
    assert recorded_next == bare_next
    for name, tensor in bare.items():
        assert torch.equal(recorded[name], tensor), name
    assert xai.TrainingRun.open(folder).epochs.tolist() == [1, 2, 3]


def test_modes_are_as_before(folder, net):
    net.train()
    net[0][1].eval()  # a frozen batch norm
    before = {name: part.training for name, part in net.named_modules()}
    seen = []
    net[1].register_forward_hook(lambda part, _inputs, _output: seen.append(part.training))
    recorder(folder).epoch(net)
    assert seen == [False]
    assert {name: part.training for name, part in net.named_modules()} == before


def test_modes_and_gradients_are_as_before_where_the_network_fails(folder, net):
    writer = recorder(folder, (random(N, 5, SIDE, SIDE), Y))
    state = torch.get_rng_state()
    with pytest.raises(RuntimeError, match="5 channels"):
        writer.epoch(net)
    assert all(part.training for part in net.modules())
    assert torch.is_grad_enabled()
    assert torch.equal(torch.get_rng_state(), state)


def test_nothing_is_differentiated(folder, net):
    seen = []
    net.register_forward_hook(lambda _net, _inputs, output: seen.append(output.requires_grad))
    recorder(folder).epoch(net)
    assert seen == [False]


# what is recorded


@pytest.mark.parametrize(
    "loader",
    [
        DataLoader(TensorDataset(X, Y), 7, shuffle=True),
        DataLoader(TensorDataset(X, Y), 7, sampler=WeightedRandomSampler([1.0] * N, N)),
    ],
    ids=["shuffle", "weighted"],
)
def test_a_shuffling_loader_is_refused_before_the_training(folder, loader):
    with pytest.raises(xai.RecordError, match=r"shuffles its pictures. Record with a loader that does not shuffle"):
        recorder(folder, loader)
    assert not folder.exists()


def test_an_order_that_changes_is_refused(folder, net):
    class Restless(Sampler):
        turn = 0

        def __iter__(self):
            self.turn += 1
            return iter(np.roll(np.arange(N), self.turn // 3).tolist())

        def __len__(self):
            return N

    writer = recorder(folder, DataLoader(TensorDataset(X, Y), 7, sampler=Restless()))
    writer.epoch(net)
    with pytest.raises(xai.RecordError, match=r"another order than at the beginning. Record with a loader that does"):
        writer.epoch(net)
    assert xai.TrainingRun.open(folder).epochs.tolist() == [1]


def test_pictures_that_come_only_once_are_refused(folder):
    with pytest.raises(xai.RecordError, match="only once"):
        recorder(folder, ((X[i : i + 5], Y[i : i + 5]) for i in range(0, N, 5)))


@pytest.mark.parametrize(
    "pictures", [DataLoader(TensorDataset(X[:0], Y[:0])), (X[:0], Y[:0]), []], ids=["loader", "tensors", "batches"]
)
def test_nothing_to_record(folder, pictures):
    with pytest.raises(xai.RecordError, match="There are no labelled pictures to record"):
        recorder(folder, pictures)


def test_a_data_set_without_labels_is_nothing_to_record(folder):
    sample = xai.Sample("id", np.zeros((64, 64, 3), np.uint8), None)
    item = xai.textured_digits().items[0]
    dataset = xai.Dataset("mine", "Mine", (type(item)("one", None, lambda: sample),))
    with pytest.raises(xai.RecordError, match="There are no labelled pictures"):
        xai.Recorder(folder, dataset, architecture="small_resnet")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"class_names": NAMES[:3]}, "has the label 3, but there are 3 classes"),
        ({"class_names": ("ant", "bee", "ant", "dog")}, "names a class twice"),
        ({"pictures": (X, Y - 1)}, "has the label -1"),
        (
            {"pictures": (X, F.one_hot(Y))},
            r"one number a picture, \(N,\); the loader gave \(30, 4\)\. .* one class a picture",
        ),
        ({"mean": MEAN}, "mean and std go together"),
        ({"mean": MEAN[:2], "std": STD[:2]}, "mean needs three numbers"),
        ({"mean": MEAN, "std": (0, 0, 0)}, "above 0"),
    ],
)
def test_a_record_that_could_not_be_opened_is_refused_before_the_training(folder, settings, message):
    with pytest.raises(xai.RecordError, match=message):
        recorder(folder, **settings)
    assert not folder.exists()


@pytest.mark.parametrize("outputs", [1, 3, 7])
def test_as_many_class_names_as_outputs(folder, outputs):
    writer = recorder(folder)
    with pytest.raises(xai.RecordError, match=f"gives {outputs} numbers a picture, but there are 4 class names"):
        writer.epoch(make_net(classes=outputs))
    with pytest.raises(xai.RecordError, match="no whole epoch yet"):
        xai.TrainingRun.open(folder)


@pytest.mark.parametrize("shape", [(N - 1, K), (N + 1, K), (N,), (N, K, 1), (N, K + 1)])
def test_logits_of_another_shape_are_refused(folder, shape):
    writer = recorder(folder)
    with pytest.raises(xai.RecordError, match=r"The outputs have the shape|numbers a picture"):
        writer.logits(torch.zeros(shape))
    assert writer.next_epoch == 1


def test_logits_may_be_recorded_with_the_network_they_are_of(folder, net):
    writer = recorder(folder)
    writer.logits(directly(net), train_loss=0.5)
    writer.logits(directly(net).requires_grad_(), net)
    run = xai.TrainingRun.open(folder)
    for row in (0, 1):
        assert_recorded(run, row, directly(net))
    assert list(run.checkpoints) == [2]
    assert run.log["train_loss"][0] == 0.5


def test_an_unknown_figure_is_a_mistake_in_the_program(folder, net):
    writer = recorder(folder)
    with pytest.raises(TypeError, match="no figure 'training_loss'; it has train_loss,"):
        writer.epoch(net, training_loss=1.0)
    writer.epoch(net, train_loss=1.0)
    assert xai.TrainingRun.open(folder).epochs.tolist() == [1]


# going on


def test_a_folder_with_a_run_is_refused(folder, net):
    recorder(folder).epoch(net)
    with pytest.raises(xai.RecordError, match=r"holds a run already. Choose another folder, or say resume=True"):
        recorder(folder)
    assert xai.TrainingRun.open(folder).epochs.tolist() == [1]


def test_resume_goes_on(folder, net):
    first = recorder(folder, name="First")
    assert first.next_epoch == 1
    first.epoch(net)
    first.epoch(net)
    change(net)
    again = recorder(folder, name="Second", resume=True)
    assert again.next_epoch == 3
    again.epoch(net)
    run = xai.TrainingRun.open(folder)
    assert run.epochs.tolist() == [1, 2, 3]
    assert run.name == "First"
    assert_recorded(run, 2, directly(net))


def test_resume_begins_where_there_is_nothing_yet(folder, net):
    recorder(folder, resume=True).epoch(net)
    assert xai.TrainingRun.open(folder).epochs.tolist() == [1]


@pytest.mark.parametrize(
    "settings",
    [{"pictures": (X, (Y + 1) % K)}, {"pictures": (X[:-1], Y[:-1])}, {"class_names": ("ant", "bee", "cat", "cow")}],
    ids=["labels", "number", "classes"],
)
def test_resume_with_other_pictures_is_refused(folder, net, settings):
    recorder(folder).epoch(net)
    with pytest.raises(xai.RecordError, match="a run on other pictures or classes"):
        recorder(folder, **settings, resume=True)


def test_resume_with_other_pictures_of_the_same_classes_is_refused(folder):
    def of(dataset):
        return xai.Recorder(folder, dataset, architecture="small_resnet", resume=True)

    threes = xai.textured_digits().choose("3")
    of(threes[:4]).logits(torch.zeros(4, 1))
    assert of(threes[:4]).next_epoch == 2
    with pytest.raises(xai.RecordError, match="a run on other pictures or classes"):
        of(threes[4:8])


def test_a_full_disk_keeps_the_epochs_before(folder, net, monkeypatch):
    writer = recorder(folder)
    writer.epoch(net)

    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(xai.RecordError, match=r"could not be written to .*: the disk is full"):
            writer.epoch(net)
    run = xai.TrainingRun.open(folder)
    assert (run.epochs.tolist(), run.problems, list(run.checkpoints)) == ([1], (), [1])
    assert net.training
    writer.epoch(net)  # there is room again
    assert xai.TrainingRun.open(folder).epochs.tolist() == [1, 2]


def test_a_full_disk_between_weights_and_numbers(folder, net, monkeypatch):
    writer = recorder(folder)
    writer.epoch(net)
    with monkeypatch.context() as patch:
        original, calls = os.fsync, []

        def full_the_second_time(descriptor):
            calls.append(descriptor)
            if len(calls) > 1:
                raise OSError(errno.ENOSPC, "No space left on device")
            return original(descriptor)

        patch.setattr(os, "fsync", full_the_second_time)
        with pytest.raises(xai.RecordError, match="the disk is full"):
            writer.epoch(net)
    run = xai.TrainingRun.open(folder)
    assert (run.epochs.tolist(), list(run.checkpoints)) == ([1], [1])


# weights


def test_checkpoints_say_what_they_are(folder):
    torch.manual_seed(0)
    net = ARCHITECTURES["resnet20_cifar"].build(K)
    pictures = (random(6, 3, 32, 32), torch.arange(6) % K)
    recorder(folder, pictures, architecture="resnet20_cifar", mean=MEAN, std=STD).epoch(net)
    model = xai.load_model(xai.TrainingRun.open(folder).checkpoints[1], device="cpu")
    assert model.class_names == NAMES
    assert (model.preprocessing.mean, model.preprocessing.std, model.preprocessing.crop) == (MEAN, STD, 32)
    with torch.no_grad():
        torch.testing.assert_close(model.net(pictures[0]), directly(net, pictures[0]))


def test_a_checkpoint_without_architecture_has_it_found(folder):
    net = ARCHITECTURES["resnet20_cifar"].build(K)
    pictures = (random(6, 3, 32, 32), torch.arange(6) % K)
    recorder(folder, pictures, mean=MEAN, std=STD).epoch(net)
    path = xai.TrainingRun.open(folder).checkpoints[1]
    for words in ({}, {"architecture": "resnet20_cifar"}):
        model = xai.load_model(path, device="cpu", **words)
        assert model.class_names == NAMES
        assert (model.preprocessing.resize, model.preprocessing.crop) == (32, 32)  # of the pictures
        assert bool(model.notes) == (not words)  # what it was taken for


@pytest.mark.parametrize(("every", "kept"), [(1, [1, 2, 3, 4, 5]), (2, [1, 2, 4]), (4, [1, 4]), (0, [])])
def test_checkpoint_every(folder, net, every, kept):
    writer = recorder(folder, checkpoint_every=every)
    for _ in range(5):
        writer.epoch(net)
    assert list(xai.TrainingRun.open(folder).checkpoints) == kept


def test_checkpoints_hold_the_weights_of_their_epoch(folder, net):
    from safetensors.torch import load_file

    writer, states = recorder(folder), []
    for _ in range(2):
        states.append({name: tensor.clone() for name, tensor in net.state_dict().items()})
        writer.epoch(net)
        change(net)
    for path, state in zip(xai.TrainingRun.open(folder).checkpoints.values(), states, strict=True):
        found = load_file(path)
        assert found.keys() == state.keys()
        assert all(torch.equal(found[name], tensor) for name, tensor in state.items())


# pictures


def normalised(pixels, mean=MEAN, std=STD):
    """uint8 (N, S, S, 3) -> the network's input."""
    values = (pixels.astype(np.float32) / 255 - np.array(mean, np.float32)) / np.array(std, np.float32)
    return torch.from_numpy(values.transpose(0, 3, 1, 2).copy())


def random_pixels(n=N, side=SIDE, channels=3):
    return np.random.default_rng(0).integers(0, 256, (n, side, side, channels), dtype=np.uint8)


@pytest.mark.parametrize("as_loader", [True, False], ids=["loader", "tensors"])
def test_pictures_come_back_as_they_were(folder, net, as_loader):
    pixels = random_pixels()
    x = normalised(pixels)
    recorder(folder, DataLoader(TensorDataset(x, Y), 7) if as_loader else (x, Y), mean=MEAN, std=STD).epoch(net)
    found = xai.run_pictures(xai.TrainingRun.open(folder))
    assert len(found) == N
    for sample, original, label in zip(found, pixels, Y, strict=True):
        assert np.abs(sample.pixels.astype(int) - original).max() <= 1
        assert sample.label == NAMES[label]


def test_pictures_without_mean_and_std_are_stretched(folder, net):
    recorder(folder).epoch(net)
    for sample, x in zip(xai.run_pictures(xai.TrainingRun.open(folder)), X, strict=True):
        wanted = (x - x.min()) / (x.max() - x.min()) * 255
        assert np.abs(sample.pixels - wanted.numpy().transpose(1, 2, 0)).max() <= 0.51
        assert (sample.pixels.min(), sample.pixels.max()) == (0, 255)


@pytest.mark.parametrize(("mean", "std"), [((0.3,), (0.4,)), ((0.3,) * 3, (0.4,) * 3)], ids=["one", "three"])
def test_grey_pictures(folder, mean, std):
    pixels = random_pixels(channels=1)
    x = normalised(pixels, mean[0], std[0])
    net = make_net(channels=1)
    recorder(folder, (x, Y), mean=mean, std=std).epoch(net)
    run = xai.TrainingRun.open(folder)
    assert_recorded(run, 0, directly(net, x))
    for sample, original in zip(xai.run_pictures(run), pixels, strict=True):
        assert sample.pixels.shape == (SIDE, SIDE, 3)
        assert np.abs(sample.pixels.astype(int) - original).max() <= 1


def test_a_grey_picture_without_mean_and_std(folder):
    recorder(folder, (X[:, :1], Y)).epoch(make_net(channels=1))
    for png in stored_pngs(folder):
        with Image.open(io.BytesIO(png)) as picture:
            pixels = np.asarray(picture)
        assert pixels.shape == (SIDE, SIDE, 3)
        assert (np.ptp(pixels, axis=2) == 0).all()
        assert np.ptp(pixels) == 255


@pytest.mark.parametrize("x", [random(N, 5, SIDE, SIDE), random(N, 12)], ids=["five channels", "no pictures"])
def test_what_is_no_picture_is_not_stored(folder, x):
    recorder(folder, (x, Y)).logits(torch.zeros(N, K))
    run = xai.TrainingRun.open(folder)
    assert not run.source.stored
    with pytest.raises(xai.DataError, match="does not say where its pictures are"):
        xai.run_pictures(run)


@pytest.mark.parametrize("limit", [N, N - 1])
def test_too_many_pictures_are_not_stored(folder, monkeypatch, limit):
    monkeypatch.setattr(module, "MAX_STORED", limit)
    recorder(folder, DataLoader(TensorDataset(X, Y), 7)).logits(torch.zeros(N, K))
    assert xai.TrainingRun.open(folder).source.stored is (limit == N)


@pytest.mark.parametrize("limit", [6, 5])
def test_too_many_pictures_of_a_data_set_are_not_stored(folder, monkeypatch, limit):
    monkeypatch.setattr(module, "MAX_STORED", limit)
    dataset = xai.textured_digits().choose(limit=6)
    xai.Recorder(folder, dataset, architecture="small_resnet").logits(torch.zeros(6, len(dataset.labels)))
    assert xai.TrainingRun.open(folder).source.stored is (limit == 6)


def assert_seen_again(folder):
    """A checkpoint, shown the stored pictures, says what was recorded: so Grad-CAM explains that very prediction."""
    run = xai.TrainingRun.open(folder)
    found = xai.predict(xai.load_model(run.checkpoints[1], device="cpu"), list(xai.run_pictures(run)))
    np.testing.assert_array_equal(found.probabilities.argmax(1), run.predictions[0])
    np.testing.assert_allclose(found.probabilities.max(1), run.p_predicted[0], atol=1e-4)


def test_stored_pictures_are_seen_as_they_were_recorded(folder):
    torch.manual_seed(0)
    net = ARCHITECTURES["resnet20_cifar"].build(K)  # usually 32 x 32
    x = normalised(random_pixels(8, 48))
    recorder(folder, (x, Y[:8]), architecture="resnet20_cifar", mean=MEAN, std=STD).epoch(net)
    assert_seen_again(folder)


def test_pictures_that_were_cut_are_not_cut_again(folder, monkeypatch):
    small = ARCHITECTURES["small_resnet"]
    cut = Architecture("cut", "Cut", small.build, Preprocessing(80, 64, mean=(0.5,) * 3, std=(0.25,) * 3))
    monkeypatch.setitem(ARCHITECTURES, "cut", cut)
    torch.manual_seed(0)
    dataset = xai.textured_digits().choose(limit=10)
    xai.Recorder(folder, dataset, architecture="cut").epoch(small.build(10))
    assert_seen_again(folder)
