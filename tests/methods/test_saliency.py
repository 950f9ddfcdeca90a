"""Saliency against a net worked out by hand, against Captum, and under threads, errors and memory pressure."""

import numpy as np
import pytest
import torch
from captum.attr import Saliency

import xai_core as xai
from tests.support.nets import Tiny, hooks, in_threads, is_free, left_alive, tiny

# Red 1, 2, 3, 4; green -4, 0, 0, 0; blue 5 everywhere.
BY_HAND = torch.tensor([[[[1.0, 2], [3, 4]], [[-4.0, 0], [0, 0]], [[5.0, 5], [5, 5]]]])


@pytest.fixture(scope="module")
def pictures(digits):
    """Eight digits, (8, 3, 64, 64)."""
    samples = xai.load_dataset("textured_digits", limit=8)
    return torch.from_numpy(np.stack([digits.preprocessing.array(sample) for sample in samples]))


def top(maps):
    return np.abs(maps).max()


def untouched(model):
    """Nothing left behind: no hooks, no gradients, frozen parameters, a free lock."""
    assert hooks(model.net) == 0
    assert all(not p.requires_grad and p.grad is None for p in model.net.parameters())
    assert is_free(model.lock)


# what the values are


@pytest.mark.parametrize(
    ("signed", "reduce", "first", "others"),
    [
        # d logit_b / d red is -1/4 everywhere (ReLU passes), / d green -4 * -1/4 = 1 in the first cell, where minus
        # green is above 0, else 0; / d blue 0.
        (False, "max", 1.0, 0.25),
        (False, "sum", 1.25, 0.25),
        (False, "mean", 1.25 / 3, 0.25 / 3),
        (True, "max", 1.0, -0.25),
        (True, "sum", 0.75, -0.25),
        (True, "mean", 0.25, -0.25 / 3),
    ],
)
def test_by_hand_on_a_tiny_net(signed, reduce, first, others):
    found = xai.saliency(tiny(), BY_HAND, targets="b", signed=signed, reduce=reduce)
    np.testing.assert_allclose(found["input"], [[[first, others], [others, others]]], rtol=1e-6)
    assert found["input"].dtype == np.float32
    assert list(found) == ["input"]
    assert found.targets.tolist() == [1]
    assert found.input_size == (2, 2)
    assert (found.method, found.unit) == ("Saliency", "logit per input unit")


def test_signed_max_keeps_the_sign_of_the_largest_magnitude():
    net = Tiny()
    with torch.no_grad():
        net.head.weight[1] = torch.tensor([1.0, 4.0])  # now red + 1/4, green -1 in the first cell
    found = xai.saliency(tiny(net), BY_HAND, targets=1, signed=True)
    np.testing.assert_allclose(found["input"], [[[-1, 0.25], [0.25, 0.25]]])


def test_the_default_is_the_magnitude_and_the_largest_channel():
    found = xai.saliency(tiny(), BY_HAND, targets=1)["input"]
    np.testing.assert_array_equal(found, xai.saliency(tiny(), BY_HAND, targets=1, signed=False, reduce="max")["input"])
    np.testing.assert_allclose(found, [[[1, 0.25], [0.25, 0.25]]])


def test_it_is_the_logit_that_is_explained_and_not_the_probability():
    found = xai.saliency(tiny(), torch.full((1, 3, 2, 2), 1000.0), targets=0)["input"]  # softmax is flat out there
    np.testing.assert_allclose(found, np.full((1, 2, 2), 0.5))


def test_pictures_of_a_batch_do_not_mix():
    inputs = torch.cat([BY_HAND, -BY_HAND])
    found = xai.saliency(tiny(), inputs, targets=["b", "a"], signed=True, batch_size=2)
    # Minus red is cut by ReLU everywhere, and class a has no weight for green.
    np.testing.assert_allclose(found["input"], [[[1, -0.25], [-0.25, -0.25]], [[0, 0], [0, 0]]])


@pytest.mark.parametrize("signed", [False, True])
def test_maps_are_captums_on_the_digits(digits, pictures, signed):
    same_captum(digits, pictures, torch.arange(8) % 10, signed)


@pytest.mark.parametrize("signed", [False, True])
def test_maps_are_captums_on_photos(signed):
    model = xai.load_model("efficientnet_lite0", device="cpu")
    inputs = np.stack([model.preprocessing.array(sample) for sample in xai.load_dataset("photos")[:2]])
    same_captum(model, torch.from_numpy(inputs), torch.tensor([967, 281]), signed)


def same_captum(model, inputs, targets, signed):
    same_layout = inputs.clone(memory_format=torch.channels_last).requires_grad_()
    captum = Saliency(model.net).attribute(same_layout, target=targets, abs=not signed).detach()
    for reduce, expected in (
        ("max", captum.gather(1, captum.abs().argmax(1, keepdim=True))[:, 0]),
        ("mean", captum.mean(1)),
        ("sum", captum.sum(1)),
    ):
        found = xai.saliency(model, inputs, targets=targets.tolist(), signed=signed, reduce=reduce, batch_size=8)
        assert top(expected.numpy()) > 1e-3
        np.testing.assert_allclose(found["input"], expected.numpy(), rtol=0, atol=1e-6 * top(expected.numpy()))
    assert (found["input"].min() < 0) == signed


# targets


def test_a_tuple_of_targets_is_one_a_picture_as_a_list_is(digits, pictures):
    listed = xai.saliency(digits, pictures[:2], targets=[4, "7"])
    tupled = xai.saliency(digits, pictures[:2], targets=(4, "7"))
    assert isinstance(tupled, xai.Heatmaps)
    assert tupled.targets.tolist() == listed.targets.tolist() == [4, 7]
    np.testing.assert_array_equal(tupled["input"], listed["input"])


def test_two_classes_of_one_picture_are_those_of_two_calls(digits, pictures):
    one = pictures[:1]
    both = xai.saliency(digits, torch.cat([one, one]), targets=[3, 7], signed=True)["input"]
    for found, target in zip(both, (3, 7), strict=True):
        alone = xai.saliency(digits, one, targets=target, signed=True)["input"][0]
        np.testing.assert_allclose(found, alone, rtol=0, atol=1e-6 * top(alone))
    assert top(both[0] - both[1]) > 0.01


def test_the_prediction_is_the_target_where_none_is_given(digits, pictures):
    found = xai.saliency(digits, pictures)
    said = xai.predict(digits, pictures)
    np.testing.assert_array_equal(found.targets, said.classes)
    np.testing.assert_array_equal(found.predictions.classes, said.classes)
    np.testing.assert_allclose(found.predictions.probabilities, said.probabilities, atol=1e-6)
    assert len(set(found.targets.tolist())) > 1
    explicit = xai.saliency(digits, pictures, targets=said.classes)
    np.testing.assert_array_equal(found["input"], explicit["input"])


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        (2, r"2 is no class of Tiny: it has 2, 0 \(a\) to 1 \(b\)"),
        (-1, "-1 is no class"),
        ([0], "1 targets for 2"),
        ("c", "'c' is no class"),
        ([0, "c"], "'c' is no class"),
        ([0, 1, 0], "3 targets for 2"),
    ],
)
def test_targets_are_checked_before_anything_runs(targets, words, forwards_of):
    model = tiny()
    sizes = forwards_of(model)
    with pytest.raises(xai.TargetError, match=words):
        xai.saliency(model, torch.zeros(2, 3, 2, 2), targets=targets)
    assert sizes == []


# pictures and batches


def test_every_kind_of_picture_gives_the_same_map(digits):
    sample = xai.load_dataset("textured_digits")[0]
    tensor = torch.from_numpy(digits.preprocessing.array(sample.pixels))[None]
    maps = [
        xai.saliency(digits, images, targets=1)["input"]
        for images in (tensor, sample, [sample], digits.preprocessing.prepare(sample), sample.pixels)
    ]
    for other in maps[1:]:
        np.testing.assert_array_equal(maps[0], other)


@pytest.mark.parametrize(
    ("images", "words"), [([], "no pictures"), (["a.jpg"], "str"), (torch.zeros(3, 8, 8), "tensor")]
)
def test_what_is_no_picture_is_refused_with_a_sentence(images, words):
    with pytest.raises(xai.PictureError, match=words):
        xai.saliency(tiny(), images)


@pytest.mark.parametrize("size", [1, 3, 5])
def test_batches_do_not_change_the_maps_and_progress_is_told(digits, pictures, size):
    whole = xai.saliency(digits, pictures, batch_size=8)
    seen = []
    found = xai.saliency(digits, pictures, batch_size=size, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(min(done + size, 8), 8) for done in range(0, 8, size)]
    np.testing.assert_allclose(found["input"], whole["input"], rtol=0, atol=1e-5 * top(whole["input"]))
    np.testing.assert_array_equal(found.targets, whole.targets)


def test_the_same_call_twice_gives_the_same_bits(digits, pictures):
    first, second = (xai.saliency(digits, pictures)["input"] for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_a_batch_that_does_not_fit_is_halved(digits, pictures, forwards_of):
    whole = xai.saliency(digits, pictures[:6], targets=2)
    sizes = forwards_of(digits, room=2)
    found = xai.saliency(digits, pictures[:6], targets=2, batch_size=6)
    assert sizes == [6, 3, 1, 1, 1, 1, 1, 1]
    np.testing.assert_allclose(found["input"], whole["input"], rtol=0, atol=1e-5 * top(whole["input"]))
    untouched(digits)


# what it leaves behind


@pytest.mark.parametrize("requires_grad", [False, True])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_the_callers_tensor_stays_as_it_is(digits, pictures, requires_grad, layout):
    inputs = pictures.clone(memory_format=layout).requires_grad_(requires_grad)
    xai.saliency(digits, inputs, targets=2)
    assert inputs.requires_grad == requires_grad
    assert inputs.grad is None
    assert inputs.is_leaf
    assert torch.equal(inputs, pictures)


def test_the_model_stays_frozen_and_without_hooks(digits, pictures):
    xai.saliency(digits, pictures, targets=[None, 2] * 4)
    untouched(digits)
    assert not digits.net.training


def test_stopping_between_batches_leaves_nothing_behind(digits, pictures):
    done = []

    def stop(*numbers):
        done.append(numbers)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        xai.saliency(digits, pictures, batch_size=1, progress=stop)
    assert done == [(1, 8)]
    untouched(digits)


def test_an_error_inside_the_network_leaves_nothing_behind(digits, pictures, monkeypatch):
    def broken(x):
        raise RuntimeError("broken")

    monkeypatch.setattr(digits.net, "forward", broken)
    with pytest.raises(RuntimeError, match="broken"):
        xai.saliency(digits, pictures)
    untouched(digits)


def test_the_lock_is_held_during_the_forward_pass_and_gradients_do_not_leak(digits, pictures, monkeypatch):
    forward, free = digits.net.forward, []

    def watch(x):
        free.append(is_free(digits.lock))
        return forward(x)

    monkeypatch.setattr(digits.net, "forward", watch)
    with torch.no_grad():
        xai.saliency(digits, pictures, batch_size=4)
        assert not torch.is_grad_enabled()
    assert free == [False, False]


def test_threads_share_a_model_without_mixing_maps(digits, pictures):
    alone = [xai.saliency(digits, pictures[i : i + 1], targets=i)["input"] for i in range(8)]
    assert min(top(alone[i] - alone[i - 1]) for i in range(8)) > 1e-3
    wrong, finished = [], []

    def ask(i):
        for _ in range(5):
            found = xai.saliency(digits, pictures[i : i + 1], targets=i)
            if (found["input"] != alone[i]).any():
                wrong.append(i)
        finished.append(i)

    in_threads(ask)
    assert wrong == []
    assert sorted(finished) == list(range(8))
    untouched(digits)


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_it_works_inside_no_grad_and_inference_mode(digits, pictures, mode):
    expected = xai.saliency(digits, pictures[:2])["input"]
    with mode():
        np.testing.assert_array_equal(xai.saliency(digits, pictures[:2])["input"], expected)


class Overwrites(Tiny):
    """Its first step works on its input in place, as `nn.ReLU(inplace=True)` or a normalisation may."""

    def forward(self, x):
        return super().forward(x.mul_(2))


def test_a_net_that_overwrites_its_input_has_a_map_as_it_has_a_prediction():
    model = tiny(Overwrites())
    assert len(xai.predict(model, BY_HAND)) == 1
    assert top(xai.grad_cam(model, BY_HAND, layers="conv")["conv"]) > 0
    np.testing.assert_allclose(xai.saliency(model, BY_HAND, targets=1)["input"], [[[2, 0.5], [0.5, 0.5]]])


def test_nothing_of_a_batch_stays_alive(digits, pictures):
    xai.saliency(digits, pictures, targets=2)
    assert left_alive(lambda: xai.saliency(digits, pictures, targets=2)) <= 0
