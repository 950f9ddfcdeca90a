"""A network with its normalisations folded answers as the network does, or is not used."""

import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import xai_core as xai
from tests.support.nets import unscaled
from xai_core.inference import perturbed
from xai_core.inference.folded import folded
from xai_core.inference.perturbed import PerturbedPicture

SIDE = 8


def normalisation(seed, channels=4):
    """With statistics as of training, and weights that are not the first ones."""
    draw = torch.Generator().manual_seed(seed)
    one = nn.BatchNorm2d(channels)
    for tensor in (one.weight, one.bias, one.running_mean):
        nn.init.normal_(tensor, generator=draw)
    nn.init.uniform_(one.running_var, 0.5, 2, generator=draw)
    return one


class Net(nn.Module):
    """Two convolutions with their normalisations, and how the second is used."""

    def __init__(self, use="once"):
        super().__init__()
        self.use = use
        self.first, self.first_norm = nn.Conv2d(3, 4, 3, padding=1, bias=False), normalisation(1)
        self.second, self.second_norm = nn.Conv2d(4, 4, 3, padding=1), normalisation(2)

    def forward(self, x):
        x = self.first_norm(self.first(x)).relu()
        y = self.second(x)
        z = self.second_norm(y)
        if self.use == "twice":
            z = self.second_norm(self.second(z.relu()))
        if self.use == "before, too":
            z = z + y
        if self.use == "weight":
            z = z * self.second_norm.weight.sum()
        return z.mean((2, 3))


def classifier(use="once", **settings):
    torch.manual_seed(3)
    return unscaled(Net(use).eval(), SIDE, list("abcd"), **settings)


@pytest.fixture(scope="module")
def inputs():
    return torch.randn(5, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))


def scores(model, inputs):
    with torch.no_grad():
        return model.scores(inputs).numpy()


def test_the_scores_are_the_same_and_every_normalisation_is_gone(inputs):
    model = classifier()
    found = folded(model, inputs[:2])
    assert found.changed == {"first", "first_norm", "second", "second_norm"}
    assert not any(isinstance(module, nn.BatchNorm2d) for module in found.model.net.modules())
    assert sum(isinstance(module, nn.BatchNorm2d) for module in model.net.modules()) == 2  # the network stays as it was
    np.testing.assert_allclose(scores(found.model, inputs), scores(model, inputs), atol=1e-5)
    assert found.model.lock is model.lock
    assert folded(model, inputs[:2]) is found


@pytest.mark.parametrize(
    ("use", "left"),
    [
        ("twice", {"first", "first_norm"}),  # a module that runs twice has other inputs each time
        ("before, too", set()),  # what the convolution gave is used beside the normalisation: the answers differ
        ("weight", set()),  # code that asks for what is gone
    ],
)
def test_what_would_answer_otherwise_is_not_used(use, left, inputs):
    model = classifier(use)
    found = folded(model, inputs[:2])
    assert found.changed == left
    assert (found.model is model) == (not left)
    np.testing.assert_allclose(scores(found.model, inputs), scores(model, inputs), atol=1e-5)


class Activated(nn.Module):
    """A normalisation whose output an activation function reads, and who else does."""

    def __init__(self, use):
        super().__init__()
        self.use, self.act, self.conv, self.norm = use, nn.ReLU6(), nn.Conv2d(3, 4, 3), normalisation(1)

    def forward(self, x):
        y = self.norm(self.conv(x))
        z = self.act(y)
        if self.use == "beside":
            z = z + y
        if self.use == "elsewhere, too":
            z = z + self.act(z - 1)
        return z.mean((2, 3))


@pytest.mark.parametrize(("use", "overwrites"), [("alone", True), ("beside", False), ("elsewhere, too", False)])
def test_an_activation_overwrites_what_nobody_else_reads(use, overwrites, inputs):
    model = unscaled(Activated(use).eval(), SIDE, list("abcd"))
    found = folded(model, inputs[:2])
    assert found.changed == {"conv", "norm"}
    assert found.model.net.act.inplace is overwrites
    assert not model.net.act.inplace
    np.testing.assert_allclose(scores(found.model, inputs), scores(model, inputs), atol=1e-5)


class Padding(nn.Conv2d):
    """Pads by a module of its own, as some ports of networks do, even on both sides or not."""

    def __init__(self, *sides):
        super().__init__(4, 4, 3)
        self.pads = nn.ZeroPad2d(sides)

    def forward(self, x):
        return super().forward(self.pads(x))


def test_a_convolution_pads_by_itself_where_both_sides_are_alike(inputs):
    net = nn.Sequential(*(nn.Conv2d(3, 4, 1), normalisation(1), Padding(1, 1, 2, 2), Padding(0, 1, 0, 1), nn.Flatten()))
    model = unscaled(net.eval(), SIDE, [str(one) for one in range(4 * 9 * 7)])
    found = folded(model, inputs[:2])
    assert found.changed == {"0", "1", "2.pads"}
    assert found.model.net[2].padding == (2, 1)
    np.testing.assert_allclose(scores(found.model, inputs), scores(model, inputs), atol=1e-5)


def test_weights_that_are_written_over_count_at_once(inputs):
    model = classifier()
    before = folded(model, inputs[:2])
    with torch.no_grad():
        model.net.second_norm.running_mean.add_(1)
    after = folded(model, inputs[:2])
    assert after is not before
    np.testing.assert_allclose(scores(after.model, inputs), scores(model, inputs), atol=1e-5)
    assert np.abs(scores(after.model, inputs) - scores(before.model, inputs)).max() > 0.1


def test_a_network_that_is_watched_is_asked_itself(inputs):
    model, seen = classifier(), []
    folded(model, inputs[:2])
    handle = model.net.second.register_forward_hook(lambda *_: seen.append(1))
    assert folded(model, inputs[:2]).model is model
    assert not folded(model, inputs[:2]).changed
    handle.remove()
    assert folded(model, inputs[:2]).model is not model


def test_a_network_without_normalisations_is_neither_asked_nor_copied(inputs, monkeypatch):
    model = unscaled(nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten()), SIDE, list("abcd"))
    monkeypatch.setattr(type(model), "scores", lambda *_: pytest.fail("asked"))
    assert folded(model, inputs[:2]).model is model


@pytest.mark.parametrize("use", ["once", "weight"])
def test_nothing_is_kept_of_a_model_that_has_gone(use, inputs):
    model = classifier(use)
    there = [weakref.ref(model.net), weakref.ref(folded(model, inputs[:2]).model.net)]
    assert all(one() is not None for one in there)
    del model
    gc.collect()
    assert all(one() is None for one in there)


@pytest.mark.parametrize("precision", ["float32", "auto", "bfloat16"])
def test_float32_asks_the_network_as_it_is(precision, monkeypatch):
    """The other two ask what is sooner."""
    model, asked = classifier(), []
    of_class = type(model).scores
    monkeypatch.setattr(
        type(model), "scores", lambda self, inputs: asked.append(self is model) or of_class(self, inputs)
    )
    view = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    forwards = PerturbedPicture(model, view, np.zeros_like(view), np.arange(SIDE**2).reshape(SIDE, SIDE) // 16)
    rows = np.eye(4, dtype=bool)
    if precision == "auto":
        precision = forwards.choose(rows, np.array([0]))
        asked.clear()
    found = forwards(rows, precision)
    assert asked[-1] == (not forwards.sooner and precision == "float32")
    np.testing.assert_allclose(found.probabilities, forwards(rows, "float32").probabilities, atol=0.02)


class Rough(Net):
    """Answers otherwise in bfloat16, a little or a lot."""

    def __init__(self, much):
        super().__init__()
        self.much = much

    def forward(self, x):
        scores = super().forward(x)
        return scores + self.much * torch.sin(1e4 * scores) if torch.is_autocast_enabled("cpu") else scores


@pytest.mark.parametrize(("much", "taken"), [(0.0, "bfloat16"), (0.5, "float32")])
def test_bfloat16_is_taken_only_where_it_agrees(much, taken, monkeypatch):
    torch.manual_seed(3)
    model = unscaled(Rough(much).eval(), SIDE, list("abcd"))
    monkeypatch.setitem(perturbed._chosen, model, "bfloat16")  # as on a machine where it is faster
    view = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    forwards = PerturbedPicture(model, view, np.zeros_like(view), np.arange(SIDE**2).reshape(SIDE, SIDE) // 16)
    rows = np.random.default_rng(1).random((16, 4)) < 0.5
    assert forwards.choose(rows, np.array([1])) == taken
    assert forwards.choose(np.ones((16, 4), bool), np.array([0])) == "bfloat16"  # nothing moves: nothing to tell


@pytest.mark.parametrize("layers", [["second"], ["first_norm"], ["second_norm"]])
def test_fast_maps_of_what_folding_changes_are_made_without_it(layers, monkeypatch):
    """At a convolution that is folded, activations are others."""
    from xai_core.inference import half, layer_maps

    monkeypatch.setattr(half, "computes_in_bfloat16", lambda device: True)
    model, asked = classifier(), []
    one_batch = layer_maps._one_batch
    monkeypatch.setattr(
        layer_maps, "_one_batch", lambda given, *rest: asked.append(given is model) or one_batch(given, *rest)
    )
    inputs = torch.randn(5, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
    exact = xai.explain(model, inputs, layers=layers, targets=0)
    fast = xai.explain(model, inputs, layers=layers, targets=0, fast=True)
    assert all(asked)
    np.testing.assert_allclose(fast[layers[0]], exact[layers[0]], atol=0.05 * np.abs(exact[layers[0]]).max())


def test_fast_maps_elsewhere_are_made_with_it(monkeypatch):
    from xai_core.inference import half, layer_maps

    monkeypatch.setattr(half, "computes_in_bfloat16", lambda device: True)
    model = xai.load_model("digits", device="cpu")
    digits = xai.load_dataset("textured_digits").choose(limit=5)
    asked, one_batch = [], layer_maps._one_batch
    monkeypatch.setattr(
        layer_maps, "_one_batch", lambda given, *rest: asked.append(given is model) or one_batch(given, *rest)
    )
    xai.explain(model, digits, fast=True)
    assert asked == [False, True]  # the second is the comparison with float32


def test_random_weights_have_a_copy_of_their_own(inputs):
    model = classifier()
    other = replace(model, net=Net().eval())
    np.testing.assert_allclose(scores(folded(other, inputs).model, inputs), scores(other, inputs), atol=1e-5)
