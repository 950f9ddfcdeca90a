"""FGSM and PGD against sign steps by hand, against Captum itself, and at the edges."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from captum.robust import FGSM
from torch import nn

import xai_core as xai
from tests.support.nets import hooks, is_free, unscaled
from xai_core.interventions import adversarial

SIDE = 8
ATTACKS = ("fgsm", "pgd")


def samples(n=5, side=SIDE, low=0, high=256):
    rng = np.random.default_rng(7)
    mask = np.zeros((side, side), np.uint8)
    mask[2:5, 2:6] = 1
    return [
        xai.Sample(
            f"id{i}",
            rng.integers(low, high, (side, side, 3), dtype=np.uint8),
            label="ab"[i % 2],
            wnid=f"n{i}",
            mask=mask if i else None,
            name=f"picture {i}",
            notes=("read",),
        )
        for i in range(n)
    ]


class Linear(nn.Module):
    """Class a for what speaks for it minus an offset, class b 0."""

    def __init__(self, side=SIDE, scale=0.05, offset=0.0, seed=0):
        super().__init__()
        weight = torch.randn(3, side, side, generator=torch.Generator().manual_seed(seed))
        self.weight = nn.Parameter(scale * weight)
        self.offset = offset

    def forward(self, x):
        score = (x * self.weight).sum((1, 2, 3)) + self.offset
        return torch.stack([score, torch.zeros_like(score)], dim=1)


class Bent(nn.Module):
    """A small seeded network that is not linear, with in-place activations."""

    def __init__(self):
        super().__init__()
        random = torch.Generator().manual_seed(3)
        self.net = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(8, 8, 3, stride=2),
            nn.ReLU(inplace=True),
            nn.Flatten(),
            nn.Linear(72, 3),
        )
        with torch.no_grad():
            for parameter in self.net.parameters():
                parameter.copy_(0.4 * torch.randn(parameter.shape, generator=random))

    def forward(self, x):
        return self.net(x)


@pytest.fixture(scope="module")
def bent():
    return xai.load_model(Bent(), input_size=SIDE, class_names=["a", "b", "c"], device="cpu")


def changes(before, after):
    return np.stack([b.pixels.astype(int) - a.pixels for a, b in zip(before, after, strict=True)])


def losses(model, pictures, classes):
    found = xai.predict(model, pictures).probabilities
    return -np.log(found[np.arange(len(classes)), classes])


def assert_same(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a.pixels, b.pixels)


# how far


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("epsilon", [0.4, 1, 1.5, 2.7, 3, 8, 60, 255])
def test_the_change_is_never_above_epsilon(bent, attack, epsilon):
    before = samples()
    after = xai.perturb(bent, before, epsilon, attack=attack)
    assert all(one.pixels.dtype == np.uint8 and one.pixels.shape == (SIDE, SIDE, 3) for one in after)
    far = np.abs(changes(before, after))
    assert far.max() <= epsilon
    if 1 <= epsilon < 100:
        assert far.max() == int(epsilon)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize(("low", "high"), [(0, 3), (253, 256)])
def test_near_black_and_white_nothing_wraps_around(attack, low, high):
    before, model = samples(low=low, high=high), unscaled(Linear(scale=0.01), SIDE)
    after = xai.perturb(model, before, 8, attack=attack)
    assert np.abs(changes(before, after)).max() == 8
    values = np.stack([one.pixels for one in after])
    assert values.max() <= 10 if low == 0 else values.min() >= 245


@pytest.mark.parametrize("attack", ATTACKS)
def test_epsilon_zero_changes_nothing(bent, attack, forwards_of):
    sizes = forwards_of(bent)
    before = samples()
    after = xai.perturb(bent, before, 0, attack=attack)
    assert_same(before, after)
    assert sizes == []


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_samples_stay_as_they_are(bent, attack):
    before = samples()
    pixels = [one.pixels.copy() for one in before]
    after = xai.perturb(bent, before, 8, attack=attack)
    for one, other, kept in zip(before, after, pixels, strict=True):
        np.testing.assert_array_equal(one.pixels, kept)
        assert not np.shares_memory(one.pixels, other.pixels)


# where to


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize(("target", "way"), [("a", -1), ("b", 1)])
@pytest.mark.parametrize("scaling", [{}, {"mean": (0.2, 0.5, 0.7), "std": (0.1, 0.9, 3.0)}])
def test_on_a_linear_net_it_is_the_sign_step_of_the_weights_in_pixels(attack, target, way, scaling):
    net = Linear(scale=0.01)
    model = xai.load_model(net, input_size=SIDE, class_names=["a", "b"], device="cpu", **scaling)
    before = samples()
    after = xai.perturb(model, before, 5, attack=attack, targets=target)
    sign = np.sign(net.weight.detach().numpy()).transpose(1, 2, 0).astype(int)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(other.pixels, np.clip(one.pixels.astype(int) + way * 5 * sign, 0, 255))


@pytest.mark.parametrize("epsilon", [1, 4, 16])
def test_fgsm_is_captums(bent, epsilon):
    before = samples()
    labels = torch.from_numpy(xai.predict(bent, before).classes)
    scaling = bent.preprocessing
    mean, std = torch.tensor(scaling.mean)[:, None, None], torch.tensor(scaling.std)[:, None, None]
    inputs = torch.from_numpy(np.stack([one.pixels for one in before])).permute(0, 3, 1, 2).float() / 255
    inputs.requires_grad_()
    attack = FGSM(lambda x: bent.net((x - mean) / std), nn.CrossEntropyLoss(reduction="none"), 0.0, 1.0)
    attack.zero_thresh = 0  # its own drops the gradients of sure predictions
    wanted = (attack.perturb(inputs, epsilon / 255, labels).detach() * 255).round().permute(0, 2, 3, 1).numpy()
    after = xai.perturb(bent, before, epsilon, attack="fgsm")
    assert np.mean(np.stack([one.pixels for one in after]) == wanted) > 0.995  # a gradient near 0 may flip


@pytest.mark.parametrize("epsilon", [4, 16])
def test_pgd_is_at_least_as_strong_as_fgsm(bent, epsilon):
    before = samples(12)
    classes = xai.predict(bent, before).classes
    clean = losses(bent, before, classes)
    fast = losses(bent, xai.perturb(bent, before, epsilon, attack="fgsm"), classes)
    strong = losses(bent, xai.perturb(bent, before, epsilon, attack="pgd", steps=20), classes)
    assert (fast >= clean - 1e-5).mean() > 0.7
    assert (strong >= clean - 1e-5).all()
    assert strong.mean() > fast.mean() > clean.mean()
    assert (strong >= fast - 0.05).mean() > 0.8


def test_pgd_of_one_step_is_clipped_fgsm(bent):
    before = samples()
    one = xai.perturb(bent, before, 8, attack="pgd", steps=1)
    assert_same(one, xai.perturb(bent, before, 8, attack="fgsm"))


def test_a_larger_epsilon_loses_more(bent):
    before = samples(12)
    classes = xai.predict(bent, before).classes
    found = [losses(bent, xai.perturb(bent, before, epsilon), classes).mean() for epsilon in (0, 2, 8, 32)]
    assert found == sorted(found)
    assert found[-1] > found[0] + 0.1


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("offset", [12.0, 16.0])
def test_a_sure_prediction_is_attacked_as_well(attack, offset):
    """Captum takes gradients below 1e-6 for none; those of a loss near 0 are, and the picture would look robust."""
    net = Linear(scale=0.1)
    before = samples(1)
    view = torch.from_numpy(before[0].pixels).permute(2, 0, 1).float() / 255
    net.offset = offset - float((view * net.weight.detach()).sum())
    model = unscaled(net, SIDE, ["a", "b"])
    assert 1 - 1e-4 < xai.predict(model, before).confidences[0] < 1
    after = xai.perturb(model, before, 8, attack=attack)
    sign = np.sign(net.weight.detach().numpy()).transpose(1, 2, 0).astype(int)
    np.testing.assert_array_equal(after[0].pixels, np.clip(before[0].pixels.astype(int) - 8 * sign, 0, 255))


# targets


@pytest.mark.parametrize("attack", ATTACKS)
def test_targets_none_is_the_prediction(bent, attack):
    before = samples(12)
    classes = xai.predict(bent, before).classes
    assert len(set(classes.tolist())) > 1
    found = xai.perturb(bent, before, 8, attack=attack)
    assert_same(found, xai.perturb(bent, before, 8, attack=attack, targets=classes))
    some = [None if i % 2 else int(one) for i, one in enumerate(classes)]
    assert_same(found, xai.perturb(bent, before, 8, attack=attack, targets=some))


@pytest.mark.parametrize("attack", ATTACKS)
def test_one_target_for_all_or_one_a_picture(bent, attack):
    before = samples(4)
    each = xai.perturb(bent, before, 8, attack=attack, targets=["a", 2, "b", 0])
    for i, name in enumerate(["a", "c", 1, "a"]):
        assert_same([each[i]], [xai.perturb(bent, before, 8, attack=attack, targets=name)[i]])
        target = [0, 2, 1, 0][i]
        assert losses(bent, [each[i]], [target]) > losses(bent, [before[i]], [target]) - 1e-5


@pytest.mark.parametrize("targets", ["d", 3, -1, ["a"], ["a"] * 6])
def test_unusable_targets_are_refused(bent, targets):
    with pytest.raises(xai.TargetError, match=r"is no class of|targets for 5 pictures"):
        xai.perturb(bent, samples(), 8, targets=targets)
    assert is_free(bent.lock)


# what comes back


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("epsilon", [0, 4])
def test_all_but_pixels_and_id_are_kept(bent, attack, epsilon):
    before = samples()
    after = xai.perturb(bent, before, epsilon, attack=attack)
    for one, other in zip(before, after, strict=True):
        assert (one.label, one.wnid, one.name, one.notes) == (other.label, other.wnid, other.name, other.notes)
        assert other.view_of == bent.preprocessing
        if one.mask is None:
            assert other.mask is None
        else:
            np.testing.assert_array_equal(one.mask, other.mask)


def test_larger_pictures_come_back_as_the_network_sees_them(bent):
    large = samples(3, side=2 * SIDE)
    after = xai.perturb(bent, large, 4)
    small = [bent.preprocessing.prepare(one) for one in large]
    assert_same(after, xai.perturb(bent, small, 4))
    assert np.abs(changes(small, after)).max() == 4
    assert after[1].mask.shape == (SIDE, SIDE)
    assert len(xai.predict(bent, after)) == 3


def test_ids_differ_by_attack_epsilon_and_steps(bent):
    before = samples(2)
    found = [before]
    for epsilon in (0.5, 4, 8):
        found += [xai.perturb(bent, before, epsilon, attack=attack) for attack in ATTACKS]
    found.append(xai.perturb(bent, before, 8, steps=3))
    content = [one.pixels.tobytes() for group in found[1:] for one in group]
    ids = [one.id for group in found[1:] for one in group]
    assert len(set(ids)) == len(set(content)) > 8
    assert [one.id for one in xai.perturb(bent, before, 4)] == [one.id for one in xai.perturb(bent, before, 4)]


def test_pictures_that_differ_have_ids_that_differ(bent):
    """Ids stand for pixels: other targets and other models give other pixels."""
    before = samples(1)
    other = unscaled(Linear(), SIDE, ["a", "b"])
    found = [xai.perturb(bent, before, 8, targets=target)[0] for target in "abc"] + xai.perturb(other, before, 8)
    assert len({one.pixels.tobytes() for one in found}) == 4
    assert len({one.id for one in found}) == 4


def test_no_pictures_give_none(bent):
    assert xai.perturb(bent, [], 4) == []


# refusals


@pytest.mark.parametrize("attack", ["", "FGSM", "deepfool", None])
def test_an_unknown_attack_is_refused(bent, attack):
    with pytest.raises(ValueError, match="The attack is one of fgsm, pgd; got"):
        xai.perturb(bent, samples(), 4, attack=attack)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize(
    ("epsilon", "steps"), [(-1, 10), (-0.01, 10), (255.1, 10), (float("nan"), 10), (float("inf"), 10), (4, 0), (4, -2)]
)
def test_an_unusable_epsilon_or_number_of_steps_is_refused(bent, attack, epsilon, steps):
    with pytest.raises(ValueError, match="epsilon lies in 0 to 255 and there is at least one step; got"):
        xai.perturb(bent, samples(), epsilon, attack=attack, steps=steps)


# the run


@pytest.mark.parametrize(("attack", "each"), [("fgsm", 2), ("pgd", 5)])
@pytest.mark.parametrize("room", [1, 2, 5, 64])
def test_batches_change_nothing_and_progress_counts_passes(bent, monkeypatch, forwards_of, attack, each, room):
    before = samples()
    whole = xai.perturb(bent, before, 8, attack=attack, steps=4)
    monkeypatch.setattr(adversarial, "batch_size", lambda _: room)
    sizes, calls = forwards_of(bent), []
    found = xai.perturb(
        bent, before, 8, attack=attack, steps=4, progress=lambda *numbers: calls.append((*numbers, len(sizes)))
    )
    batches = -(-5 // room)
    assert calls == [(done, each * batches, done - 1) for done in range(1, each * batches + 1)]
    assert len(sizes) == each * batches
    assert max(sizes) == min(room, 5)
    same = np.stack([a.pixels == b.pixels for a, b in zip(whole, found, strict=True)])
    assert same.mean() > 0.995  # a gradient near 0 may flip


@pytest.mark.parametrize("attack", ATTACKS)
def test_on_a_linear_net_batches_are_exactly_the_same(monkeypatch, attack):
    model, before = unscaled(Linear(scale=0.01), SIDE), samples()
    whole = xai.perturb(model, before, 8, attack=attack)
    monkeypatch.setattr(adversarial, "batch_size", lambda _: 2)
    assert_same(whole, xai.perturb(model, before, 8, attack=attack))


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("last", [1, 2])
def test_what_progress_raises_ends_the_run(bent, attack, last, forwards_of):
    sizes = forwards_of(bent)

    def stop(done, _):
        if done == last:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        xai.perturb(bent, samples(), 8, attack=attack, progress=stop)
    assert len(sizes) == last - 1
    assert is_free(bent.lock)
    assert hooks(bent.net) == 0
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_lock_is_held_during_passes(bent, attack, monkeypatch):
    forward, free = bent.net.forward, []

    def watched(x):
        free.append(is_free(bent.lock))
        return forward(x)

    monkeypatch.setattr(bent.net, "forward", watched)
    xai.perturb(bent, samples(), 8, attack=attack)
    assert free
    assert not any(free)
    assert is_free(bent.lock)


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_model_stays_frozen(bent, attack):
    before = {name: value.clone() for name, value in bent.net.state_dict().items()}
    xai.perturb(bent, samples(), 8, attack=attack)
    assert not bent.net.training
    for name, parameter in bent.net.named_parameters():
        assert parameter.grad is None
        assert not parameter.requires_grad
        assert torch.equal(parameter, before[name])


@pytest.mark.parametrize("attack", ATTACKS)
def test_there_are_no_warnings(bent, attack):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        xai.perturb(bent, samples(), 8, attack=attack)
    assert [str(one.message) for one in caught] == []


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_it_works_whatever_mode_the_caller_is_in(bent, attack, mode):
    wanted = xai.perturb(bent, samples(), 8, attack=attack)
    with mode():
        found = xai.perturb(bent, samples(), 8, attack=attack)
    assert_same(found, wanted)


def test_it_is_reproducible(bent):
    assert_same(xai.perturb(bent, samples(), 8), xai.perturb(bent, samples(), 8))


def test_an_attack_that_does_not_fit_is_halved(bent, forwards_of):
    whole = xai.perturb(bent, samples(), 8)
    forwards_of(bent, room=2)
    for one, other in zip(xai.perturb(bent, samples(), 8), whole, strict=True):
        np.testing.assert_array_equal(one.pixels, other.pixels)


def test_a_lack_of_memory_leaves_the_lock_free(bent, forwards_of):
    forwards_of(bent, room=0)
    with pytest.raises(xai.MemoryShortage, match="one picture at a time"):
        xai.perturb(bent, samples(), 8)
    assert is_free(bent.lock)


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_shipped_model_loses_what_it_was_sure_of(digits, attack):
    found = xai.load_dataset("textured_digits")
    before = [digits.preprocessing.prepare(found[i]) for i in range(0, 300, 25)]
    classes = xai.predict(digits, before).classes
    after = xai.perturb(digits, before, 16, attack=attack)
    assert np.abs(changes(before, after)).max() == 16
    moved = np.abs(changes(before, after)).reshape(len(before), -1).max(axis=1)
    assert (moved == 16).all()  # none is left out
    assert losses(digits, after, classes).mean() > 2 * losses(digits, before, classes).mean()
    assert all(replace(one, pixels=other.pixels).label == other.label for one, other in zip(before, after, strict=True))
