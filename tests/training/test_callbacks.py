"""The callbacks for Lightning and Hugging Face: driven as these call them, and by the real ones where installed."""

import importlib
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

import xai_core as xai
from xai_core._torchvision import torchvision

N, K, SIDE = 20, 4, 16
NAMES = ("ant", "bee", "cat", "dog")
LIGHTNING, HUGGING_FACE = "xai_core.training.lightning", "xai_core.training.huggingface"


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


X, Y = random(N, 3, SIDE, SIDE), torch.arange(N) % K
LEARNED_X, LEARNED_Y = random(26, 3, SIDE, SIDE, seed=1), torch.arange(26) % K


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Networks this small are quicker so, above all beside other work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "run"


@pytest.fixture
def recorder(folder):
    return xai.Recorder(folder, (X, Y), class_names=NAMES)


@pytest.fixture
def fresh(monkeypatch):
    """Imports a callback's module anew, beside stand-ins (None: not installed); afterwards all is as before."""

    def load(name, **packages):
        for package, stand_in in packages.items():
            for part in [part for part in sys.modules if part.startswith(f"{package}.")]:
                monkeypatch.delitem(sys.modules, part)
            monkeypatch.setitem(sys.modules, package, stand_in)
            if hasattr(stand_in, "pytorch"):
                monkeypatch.setitem(sys.modules, f"{package}.pytorch", stand_in.pytorch)
        monkeypatch.delitem(sys.modules, name, raising=False)
        return importlib.import_module(name)

    yield load
    for name in (LIGHTNING, HUGGING_FACE):  # the next one imports it beside what is really there
        sys.modules.pop(name, None)


def log(folder):
    return xai.TrainingRun.open(folder).log


def epochs(folder):
    return xai.TrainingRun.open(folder).epochs.tolist() if (folder / "epochs").exists() else []


def measured(net, x=X, y=Y):
    """(loss, accuracy) of logits in eval mode."""
    net.eval()
    with torch.no_grad():
        found = net(x)
    net.train()
    logits = getattr(found, "logits", found)
    return F.cross_entropy(logits, y).item(), (logits.argmax(1) == y).float().mean().item()


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.maps = nn.Sequential(nn.Conv2d(3, 6, 3, 2), nn.ReLU(), nn.Dropout(0.5), nn.AdaptiveAvgPool2d(1))
        self.head = nn.Linear(6, K)

    def forward(self, x):
        return self.head(self.maps(x).flatten(1))


def train_for_real(net):
    """Some other weights."""
    with torch.no_grad():
        net.head.bias += torch.tensor([3.0, 0, 0, 0])


# not installed


def test_without_lightning_a_sentence_says_what_to_install(fresh):
    with pytest.raises(ImportError, match=r"needs its package: pip install lightning$"):
        fresh(LIGHTNING, lightning=None, pytorch_lightning=None)


def test_without_transformers_a_sentence_says_what_to_install(fresh):
    with pytest.raises(ImportError, match=r"needs its package: pip install transformers accelerate$"):
        fresh(HUGGING_FACE, transformers=None)


def test_a_package_that_lacks_something_itself_is_not_called_missing(fresh, monkeypatch, tmp_path):
    (tmp_path / "transformers.py").write_text("import something_that_it_needs")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "transformers", raising=False)
    with pytest.raises(ModuleNotFoundError, match="something_that_it_needs"):
        fresh(HUGGING_FACE)
    (tmp_path / "lightning").mkdir()
    (tmp_path / "lightning" / "__init__.py").write_text("import something_that_it_needs")
    for name in [name for name in sys.modules if name.partition(".")[0] == "lightning"]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ModuleNotFoundError, match="something_that_it_needs"):
        fresh(LIGHTNING)


# Lightning, with a stand-in


class Base:
    """Stands in for a framework's callback."""


def stand_in(name, **names):
    found = ModuleType(name)
    vars(found).update(names)
    return found


@pytest.fixture
def make_lightning(fresh):
    return fresh(LIGHTNING, lightning=stand_in("lightning", pytorch=stand_in("lightning.pytorch", Callback=Base)))


class FakeTrainer:
    """Calls a callback's hooks in the order in which Lightning's fit loop does, with what is logged by then."""

    def __init__(self, callback, module, **state):
        self.callback, self.module = callback, module
        self.optimizers = [torch.optim.SGD(module.parameters(), 0.1)]
        self.callback_metrics = {}
        self.is_global_zero, self.fast_dev_run, self.current_epoch = True, False, 0
        vars(self).update(state)

    def call(self, hook, *values):
        getattr(self.callback, hook, lambda *_: None)(self, self.module, *values)

    def validate(self, **logged):
        self.call("on_validation_start")
        self.callback_metrics |= {name.replace("__", "/"): torch.tensor(value) for name, value in logged.items()}
        self.call("on_validation_end")

    def sanity_check(self, **logged):
        self.call("on_sanity_check_start")
        self.validate(**logged)
        self.call("on_sanity_check_end")
        self.callback_metrics = {}

    def epoch(self, batches, step=(), whole=None, validation=None, rate=0.1):
        """batches: (loss, pictures); step: names logged for a step; whole, validation: what is logged at the end."""
        if not self.current_epoch:
            self.call("on_train_start")
        self.call("on_train_epoch_start")
        for index, (loss, n) in enumerate(batches):
            batch = [torch.zeros(n, 3), torch.zeros(n)]
            self.optimizers[0].param_groups[0]["lr"] = rate / (index + 1)
            self.call("on_train_batch_start", batch, index)
            self.callback_metrics |= {name: torch.tensor(loss) for name in step}
            self.call("on_train_batch_end", {"loss": torch.tensor(loss)}, batch, index)
        if validation:
            self.validate(**validation)
        self.optimizers[0].param_groups[0]["lr"] = 123.0  # of the next epoch
        self.callback_metrics |= {name: torch.tensor(value) for name, value in (whole or {}).items()}
        self.call("on_train_epoch_end")
        self.current_epoch += 1


@pytest.fixture
def fake(make_lightning, recorder):
    def make(network="", **state):
        net = Network()
        return FakeTrainer(make_lightning.RecorderCallback(recorder, network), net, **state)

    return make


BATCHES = [(1.0, 4), (2.0, 4), (6.0, 2)]  # mean over pictures 2.4


def test_lightning_figures(fake, folder):
    trainer = fake()
    trainer.sanity_check(val_loss=99.0, val_acc=0.01)
    trainer.epoch(BATCHES, validation={"val_loss": 0.5, "val_acc": 0.75})
    trainer.epoch(BATCHES, whole={"train_acc": 0.25}, validation={"valid__loss": 0.25}, rate=0.3)
    found = log(folder)
    assert found["train_loss"].tolist() == pytest.approx([2.4, 2.4])
    assert found["learning_rate"].tolist() == pytest.approx([0.1 / 3, 0.1])
    assert found["val_loss"][0] == 0.5
    assert found["val_accuracy"][0] == 0.75
    assert np.isnan(found["train_accuracy"][0])
    assert found["train_accuracy"][1] == 0.25


def test_the_old_package_of_lightning_serves_as_well(fresh):
    made = fresh(LIGHTNING, lightning=None, pytorch_lightning=stand_in("pytorch_lightning", Callback=Base))
    assert issubclass(made.RecorderCallback, Base)


def test_lightning_sanity_check_records_nothing(fake, folder):
    trainer = fake()
    trainer.sanity_check(val_loss=99.0)
    assert epochs(folder) == []
    trainer.epoch(BATCHES)
    assert epochs(folder) == [1]
    assert log(folder)["val_loss"][0] == pytest.approx(measured(trainer.module)[0], rel=1e-5)


def test_lightning_validation_of_an_epoch_before_is_not_taken_for_this_one(fake, folder):
    trainer = fake()
    trainer.epoch(BATCHES, validation={"val_loss": 0.5, "val_acc": 0.875})
    trainer.epoch(BATCHES)
    found, (loss, accuracy) = log(folder), measured(trainer.module)
    assert found.loc[1, ["val_loss", "val_accuracy"]].tolist() == pytest.approx([loss, accuracy], rel=1e-5)
    assert found["val_loss"][0] == 0.5


def test_lightning_validation_within_the_epoch_is_not_taken_for_its_end(fake, folder):
    trainer = fake()
    original = trainer.callback.on_train_batch_end

    def validated_after_the_first(at, module, outputs, batch, index):
        original(at, module, outputs, batch, index)
        if index == 0:
            trainer.validate(val_loss=0.5)

    trainer.callback.on_train_batch_end = validated_after_the_first
    trainer.epoch(BATCHES)
    assert log(folder)["val_loss"][0] == pytest.approx(measured(trainer.module)[0], rel=1e-5)


@pytest.mark.parametrize(
    ("step", "whole", "expected"),
    [
        (["train_loss"], {}, 2.4),  # logged for a step only: that of the last batch
        (["train_loss", "train_loss_step"], {"train_loss": 5.0, "train_loss_epoch": 5.0}, 5.0),
        ([], {"train/loss": 5.0}, 5.0),
        ([], {"training_loss": 5.0}, 5.0),
        ([], {"loss_of_mine": 5.0}, 2.4),
    ],
)
def test_lightning_training_loss_is_of_the_whole_epoch(fake, folder, step, whole, expected):
    trainer = fake()
    trainer.epoch(BATCHES, step, whole)
    trainer.epoch(BATCHES, step, whole)
    assert log(folder)["train_loss"].tolist() == pytest.approx([expected] * 2)


def test_lightning_accuracy_in_per_cent_is_measured_instead(fake, folder):
    trainer = fake()
    trainer.epoch(BATCHES, validation={"val_accuracy": 87.5})
    assert log(folder)["val_accuracy"][0] == pytest.approx(measured(trainer.module)[1])


@pytest.mark.parametrize("state", [{"is_global_zero": False}, {"fast_dev_run": 1}], ids=["second process", "trial"])
def test_lightning_records_nothing_elsewhere(fake, folder, state):
    fake(**state).epoch(BATCHES)
    assert epochs(folder) == []


def test_lightning_reads_what_is_logged_in_every_process(fake):
    class Counting(FakeTrainer):
        reads = 0

        @property
        def callback_metrics(self):
            self.reads += 1
            return {}

        @callback_metrics.setter
        def callback_metrics(self, value):
            pass

    def reads(zero):
        first = fake()
        trainer = Counting(first.callback, first.module, is_global_zero=zero)
        trainer.epoch(BATCHES)
        return trainer.reads

    assert reads(True) == reads(False) > 0


@pytest.mark.parametrize(("network", "prefix"), [("", "maps.0.weight"), ("maps", "0.weight")])
def test_lightning_keeps_the_weights_of_the_network(fake, folder, network, prefix):
    trainer = fake(network)
    if network:  # whose outputs are then classes
        trainer.module.maps = nn.Sequential(nn.Conv2d(3, K, 3, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    trainer.epoch(BATCHES)
    assert prefix in load_file(xai.TrainingRun.open(folder).checkpoints[1])


@pytest.mark.parametrize("outputs", [None, {}, {"loss": None}, torch.zeros(3)], ids=str)
def test_lightning_steps_without_a_loss(fake, folder, outputs):
    trainer = fake(optimizers=[])
    trainer.call("on_train_start")
    trainer.call("on_train_epoch_start")
    trainer.call("on_train_batch_start", None, 0)
    trainer.call("on_train_batch_end", outputs, None, 0)
    trainer.call("on_train_epoch_end")
    assert np.isnan(log(folder).loc[0, ["train_loss", "learning_rate"]].astype(float)).all()


@pytest.mark.parametrize(
    ("batch", "n"),
    [
        (torch.zeros(5, 3), 5),
        ([torch.zeros(5, 3), torch.zeros(5)], 5),
        ({"image": torch.zeros(5, 3)}, 5),
        ([{"image": (torch.zeros(5, 3),)}], 5),
        (torch.zeros(()), 1),
        ([], 1),
        ("a name", 1),
    ],
)
def test_lightning_size_of_a_batch(make_lightning, batch, n):
    assert make_lightning._size(batch) == n


# Hugging Face, with a stand-in


@pytest.fixture
def make_hugging_face(fresh):
    return fresh(HUGGING_FACE, transformers=stand_in("transformers", TrainerCallback=Base))


class Classifier(nn.Module):
    """Gives what Hugging Face's classifiers give."""

    def __init__(self):
        super().__init__()
        self.network = Network()

    def forward(self, pixel_values):
        return SimpleNamespace(loss=None, logits=self.network(pixel_values))


class FakeHuggingFace:
    """Calls a callback's hooks in the order in which the Trainer does; each step's learning rate is its number."""

    def __init__(self, callback, log_each=None, evaluate_each=None, main=True):
        self.callback, self.model = callback, Classifier()
        self.log_each, self.evaluate_each = log_each, evaluate_each
        self.control = SimpleNamespace(should_log=False, should_evaluate=False)
        self.state = SimpleNamespace(is_world_process_zero=main, global_step=0, epoch=0.0)
        self.optimizer = torch.optim.SGD(self.model.parameters(), 0.1)

    def call(self, hook, **values):
        method = getattr(self.callback, hook, lambda *_, **__: None)
        method("arguments", self.state, self.control, model=self.model, optimizer=self.optimizer, **values)

    def log(self, **logs):
        self.control.should_log = False
        self.call("on_log", logs=logs)

    def log_and_evaluate(self):
        if self.control.should_log:
            self.log(loss=float(self.state.global_step), learning_rate=0.5)
        if self.control.should_evaluate:
            self.evaluate()

    def evaluate(self):
        metrics = {"eval_loss": 100.0 + self.state.global_step, "eval_accuracy": self.state.global_step / 100}
        self.log(**metrics)
        self.control.should_evaluate = False
        self.call("on_evaluate", metrics=metrics)

    def train(self, count=2, steps=3, best=None):
        self.call("on_train_begin")
        for epoch in range(count):
            self.call("on_epoch_begin")
            for _ in range(steps):
                self.state.global_step += 1
                self.optimizer.param_groups[0]["lr"] = float(self.state.global_step)
                self.call("on_step_begin")
                train_for_real(self.model.network)
                self.optimizer.param_groups[0]["lr"] = 123.0  # of the next step
                self.control.should_log = self.log_each == "step"
                self.control.should_evaluate = self.evaluate_each == "step" and self.state.global_step % 2 == 0
                self.call("on_step_end")
                self.log_and_evaluate()
            self.state.epoch = epoch + 1.0
            self.control.should_log = self.log_each == "epoch"
            self.control.should_evaluate = self.evaluate_each == "epoch"
            self.call("on_epoch_end")
            self.log_and_evaluate()
        if best is not None:
            self.model.load_state_dict(best)
        self.log(train_runtime=1.0, train_loss=55.0)
        self.call("on_train_end")


@pytest.fixture
def fake_hf(make_hugging_face, recorder):
    return lambda **settings: FakeHuggingFace(make_hugging_face.RecorderCallback(recorder), **settings)


@pytest.mark.parametrize(
    ("log_each", "losses"), [("epoch", [3, 6]), ("step", [2, 5]), (None, [np.nan, np.nan])], ids=str
)
@pytest.mark.parametrize("evaluate_each", ["epoch", "step", None])
def test_hugging_face_figures(fake_hf, folder, log_each, losses, evaluate_each):
    trainer = fake_hf(log_each=log_each, evaluate_each=evaluate_each)
    trainer.train()
    found = log(folder)
    assert xai.TrainingRun.open(folder).epochs.tolist() == [1, 2]
    assert found["train_loss"].tolist() == pytest.approx(losses, nan_ok=True)
    assert found["learning_rate"].tolist() == [3, 6]
    if evaluate_each == "epoch":
        assert found["val_loss"].tolist() == [103, 106]
        assert found["val_accuracy"].tolist() == pytest.approx([0.03, 0.06])
    else:  # what was evaluated within the epoch, or not at all, is measured at its end
        assert found.loc[1, ["val_loss", "val_accuracy"]].tolist() == pytest.approx(measured(trainer.model), rel=1e-5)


@pytest.mark.parametrize("settings", [{}, {"log_each": "epoch"}, {"evaluate_each": "epoch"}], ids=str)
def test_hugging_face_records_the_weights_of_the_epoch(fake_hf, folder, settings):
    trainer = fake_hf(**settings)
    best = {name: tensor.clone() for name, tensor in trainer.model.state_dict().items()}
    trainer.train(best=best)  # at the end, the best weights come back
    run = xai.TrainingRun.open(folder)
    assert list(run.checkpoints) == [1, 2]
    for number, path in run.checkpoints.items():
        found = load_file(path)
        assert found.keys() == best.keys()  # of the model itself
        moved = found["network.head.bias"][0] - best["network.head.bias"][0]
        assert moved == pytest.approx(9.0 * number)  # three steps an epoch
        trainer.model.load_state_dict(found)
        trainer.model.eval()
        with torch.no_grad():
            p = trainer.model(X).logits.softmax(1)
        np.testing.assert_allclose(run.p_true[number - 1], p[range(N), Y], rtol=1e-5)


def test_hugging_face_records_in_the_first_process_only(fake_hf, folder):
    fake_hf(main=False, log_each="epoch", evaluate_each="epoch").train()
    assert epochs(folder) == []


def test_hugging_face_evaluation_beside_the_training_records_nothing(fake_hf, folder):
    trainer = fake_hf(evaluate_each="epoch")
    trainer.evaluate()
    assert epochs(folder) == []
    trainer.train()
    trainer.evaluate()
    assert epochs(folder) == [1, 2]


@pytest.mark.parametrize("settings", [{"log_each": "epoch"}, {"evaluate_each": "epoch"}], ids=str)
def test_hugging_face_figures_that_were_announced_and_did_not_come(fake_hf, folder, settings):
    trainer = fake_hf(**settings)
    trainer.log_and_evaluate = lambda: None
    trainer.train()
    assert epochs(folder) == [1, 2]


def test_hugging_face_training_after_one_that_was_cut_off(fake_hf, folder):
    trainer = fake_hf(log_each="step", evaluate_each="epoch")
    trainer.evaluate = lambda: (_ for _ in ()).throw(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        trainer.train()
    del trainer.evaluate
    trainer.state.global_step = 0
    trainer.train(count=1)
    found = log(folder)
    assert found["train_loss"].tolist() == [2]
    assert found["val_loss"].tolist() == [103]


# the real ones


def real(name):
    torchvision()  # which both import, and which may not fit the build of torch
    return pytest.importorskip(name)


def train_lightning(lightning, make, folder, recorder, tmp_path, step):
    class Module(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.model, self.kept = Network(), []
            self.weight = nn.Parameter(torch.ones(()))  # not of the network

        def forward(self, x):
            return self.model(x)

        def training_step(self, batch, index):
            loss = F.cross_entropy(self(batch[0]), batch[1])
            self.log("train_loss", loss, **step)
            self.kept.append((self.current_epoch, loss.item(), len(batch[0])))
            return loss

        def validation_step(self, batch, index):
            self.log("val_loss", F.cross_entropy(self(batch[0]), batch[1]))
            self.log("val/acc", (self(batch[0]).argmax(1) == batch[1]).float().mean())

        def configure_optimizers(self):
            optimizer = torch.optim.SGD(self.parameters(), 0.5)
            return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)]

    module = Module()
    trainer = lightning.Trainer(
        max_epochs=2,
        callbacks=[make(recorder, "model")] if make else [],
        logger=False,
        accelerator="cpu",
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        check_val_every_n_epoch=2,
        default_root_dir=tmp_path,
    )
    torch.manual_seed(1)
    learned = DataLoader(TensorDataset(LEARNED_X, LEARNED_Y), 8, shuffle=True)
    trainer.fit(module, learned, DataLoader(TensorDataset(X[:12], Y[:12]), 8))
    return module


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["lightning.pytorch", "pytorch_lightning"])
@pytest.mark.parametrize("step", [{}, {"on_step": False, "on_epoch": True}], ids=["each step", "each epoch"])
def test_real_lightning(fresh, folder, recorder, tmp_path, name, step):
    lightning = real(name)
    make = fresh(LIGHTNING).RecorderCallback
    module = train_lightning(lightning, make, folder, recorder, tmp_path, step)
    run = xai.TrainingRun.open(folder)
    assert run.epochs.tolist() == [1, 2]
    assert run.log["learning_rate"].tolist() == [0.5, 0.25]
    for epoch in range(2):
        losses, sizes = zip(*[kept[1:] for kept in module.kept if kept[0] == epoch], strict=True)
        assert run.log["train_loss"][epoch] == pytest.approx(np.average(losses, weights=sizes), rel=1e-5)
    assert run.log["val_loss"][0] != pytest.approx(run.log["val_loss"][1])
    # Validated after the second epoch only.
    assert run.log.loc[1, ["val_loss", "val_accuracy"]].tolist() == pytest.approx(
        measured(module.model, X[:12], Y[:12]), rel=1e-5
    )
    weights = load_file(run.checkpoints[2])
    assert weights.keys() == module.model.state_dict().keys()
    bare = train_lightning(lightning, None, folder, recorder, tmp_path, step)
    for key, tensor in bare.model.state_dict().items():
        assert torch.equal(weights[key], tensor), key


def train_hugging_face(transformers, callbacks, tmp_path, kind, best):
    torch.manual_seed(0)
    model = (
        transformers.ViTForImageClassification(
            transformers.ViTConfig(
                hidden_size=16,
                num_hidden_layers=1,
                num_attention_heads=2,
                intermediate_size=16,
                image_size=SIDE,
                patch_size=8,
                num_labels=K,
                hidden_dropout_prob=0.3,
            )
        )
        if kind == "vit"
        else transformers.ResNetForImageClassification(
            transformers.ResNetConfig(
                embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], num_labels=K, layer_type="basic"
            )
        )
    )
    arguments = transformers.TrainingArguments(
        str(tmp_path / "hf"),
        num_train_epochs=2,
        per_device_train_batch_size=8,
        report_to=[],
        disable_tqdm=True,
        use_cpu=True,
        learning_rate=1e-2,
        logging_strategy="epoch",
        **{
            "eval_strategy": "epoch",
            "save_strategy": "epoch",
            "load_best_model_at_end": True,
            "metric_for_best_model": "first",
            "greater_is_better": True,
        }
        if best
        else {"save_strategy": "no"},
    )
    seen = []

    def metrics(found):
        seen.append(found)
        return {"accuracy": float((found.predictions.argmax(1) == found.label_ids).mean()), "first": -len(seen)}

    def rows(x, y):
        return [{"pixel_values": one, "labels": int(label)} for one, label in zip(x, y, strict=True)]

    trainer = transformers.Trainer(
        model,
        arguments,
        train_dataset=rows(LEARNED_X, LEARNED_Y),
        eval_dataset=rows(X[:12], Y[:12]),
        compute_metrics=metrics,
        callbacks=callbacks,
    )
    trainer.train()
    return model, trainer.state.log_history


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("kind", "best"), [("resnet", True), ("vit", False)])
def test_real_hugging_face(fresh, folder, recorder, tmp_path, kind, best):
    transformers = real("transformers")
    real("accelerate")
    callback = fresh(HUGGING_FACE).RecorderCallback(recorder)
    model, history = train_hugging_face(transformers, [callback], tmp_path, kind, best)
    run = xai.TrainingRun.open(folder)
    assert run.epochs.tolist() == [1, 2]
    assert run.log["train_loss"].tolist() == [row["loss"] for row in history if "loss" in row]
    assert run.log["learning_rate"][0] > run.log["learning_rate"][1] > 0
    states = [load_file(path) for path in run.checkpoints.values()]
    assert not torch.equal(
        states[0]["classifier.weight" if kind == "vit" else "classifier.1.weight"],
        states[1]["classifier.weight" if kind == "vit" else "classifier.1.weight"],
    )
    if best:
        assert run.log["val_loss"].tolist() == [row["eval_loss"] for row in history if "eval_loss" in row]
        assert run.log["val_accuracy"].tolist() == [row["eval_accuracy"] for row in history if "eval_loss" in row]
    for row, state in enumerate(states):
        model.load_state_dict(state)  # of the model itself
        loss, accuracy = measured(model)
        assert run.accuracy[row] == pytest.approx(accuracy)
        if not best:
            assert run.log["val_loss"][row] == pytest.approx(loss, rel=1e-4)
    bare, _ = train_hugging_face(transformers, [], tmp_path, kind, False)
    if not best:
        for key, tensor in bare.state_dict().items():
            assert torch.equal(states[1][key], tensor), key
