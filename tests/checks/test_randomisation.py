"""The cascade on nets small enough to say which weights are random at which step, and maps whose fate is known."""

import copy
import importlib
import itertools
import threading

import numpy as np
import pytest
import torch
from scipy.stats import rankdata
from skimage.metrics import structural_similarity
from torch import nn

import xai_core as xai
from tests.support.nets import hooks, is_free, unscaled
from xai_core import studies
from xai_core.checks.cascade import randomised
from xai_core.maps import normalize

module = importlib.import_module("xai_core.checks.cascade")  # the package has a function of that name
SIDE = 8


class Small(nn.Module):
    """Defined in another order than it runs: conv (112 weights), norm (8), again (20), head (15), token (5)."""

    def __init__(self, seed=0):
        super().__init__()
        self.head = nn.Linear(4, 3)
        self.again = nn.Conv2d(4, 4, 1)
        self.token = nn.Parameter(torch.arange(5.0))
        self.norm = nn.BatchNorm2d(4)
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=generator))
            self.norm.running_mean.copy_(torch.randn(4, generator=generator))
            self.norm.running_var.copy_(1 + torch.rand(4, generator=generator))

    def forward(self, x):
        x = self.norm(self.conv(x)).relu()
        return self.head(self.again(x).relu().mean((2, 3))) + 0 * self.token.sum()


@pytest.fixture
def model():
    return unscaled(Small(), SIDE, ["a", "b", "c"])


@pytest.fixture(scope="module")
def picture():
    return np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)


def state(net):
    return {name: tensor.clone() for name, tensor in net.state_dict().items()}


def changed(net, before):
    """Names of the tensors that are not as they were."""
    return {name for name, tensor in net.state_dict().items() if not torch.equal(tensor, before[name])}


def edges(_model, sample):
    """Depends on the picture alone."""
    return np.abs(np.diff(sample.pixels.mean(axis=2), axis=1, append=0)).astype(np.float32)


def saliency(model, sample):
    return xai.saliency(model, [sample], targets=0)["input"][0]


# ---------------------------------------------------------------- which weights are random, and when


def test_the_cascade_goes_from_the_head_to_the_input_and_takes_what_has_no_place_last(model):
    before = state(model.net)
    found = list(randomised(model, steps=4))
    assert [(name, round(share * 160)) for name, share, _ in found] == [
        ("head", 15),
        ("again", 35),
        ("norm", 43),
        ("conv", 160),
    ]
    norm = {"norm.weight", "norm.bias", "norm.running_mean", "norm.running_var"}
    parts = [{"head.weight", "head.bias"}, {"again.weight", "again.bias"}, norm, {"conv.weight", "conv.bias", "token"}]
    for (_, _, one), expected in zip(found, itertools.accumulate(parts, set.union), strict=True):
        assert changed(one.net, before) == expected


@pytest.mark.parametrize(
    ("steps", "reached"),
    [(1, ["conv"]), (2, ["head", "conv"]), (3, ["head", "again", "conv"]), (50, ["head", "again", "norm", "conv"])],
)
def test_the_first_step_is_the_head_alone_and_the_last_one_everything(model, steps, reached):
    found = list(randomised(model, steps=steps))
    assert [name for name, _, _ in found] == reached
    assert found[-1][1] == 1.0
    shares = [share for _, share, _ in found]
    assert shares == sorted(set(shares))


def test_the_steps_between_take_even_numbers_of_modules():
    net = nn.Sequential(
        *(nn.Conv2d(3, 3, 1) for _ in range(10)), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2)
    )
    found = list(randomised(unscaled(net, 4), steps=6))
    # Eleven modules: the head, and ten in five steps.
    assert [name for name, _, _ in found] == ["12", "8", "6", "4", "2", "0"]
    assert [round(share * 128) for _, share, _ in found] == [8, 32, 56, 80, 104, 128]


def test_normalisation_begins_anew_and_what_has_no_first_weights_is_shuffled(model):
    *_, (_, _, one) = randomised(model, seed=3)
    for name, value in (("weight", 1), ("bias", 0), ("running_mean", 0), ("running_var", 1)):
        assert (getattr(one.net.norm, name) == value).all()
    assert not torch.equal(one.net.token, model.net.token)
    assert torch.equal(one.net.token.sort().values, model.net.token.sort().values)
    bound = 1 / 27**0.5  # of a convolution's first weights, one over the root of its 27 inputs
    assert 0.8 * bound < one.net.conv.weight.abs().max() <= bound


def test_a_module_that_runs_twice_stands_where_it_runs_last():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second, self.head = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1), nn.Linear(3, 2)

        def forward(self, x):
            return self.head(self.first(self.second(self.first(x))).mean((2, 3)))

    assert [name for name, _, _ in randomised(unscaled(Twice(), 4))] == ["head", "first", "second"]


def test_weights_that_another_module_reads_go_with_it_and_unused_ones_last():
    class Reads(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Conv2d(3, 3, 1)

        def forward(self, x):
            return nn.functional.conv2d(x, self.inner.weight, self.inner.bias)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.unused, self.head = nn.Linear(3, 2), nn.Linear(3, 2)
            self.early, self.late = Reads(), nn.Conv2d(3, 3, 1)

        def forward(self, x):
            return self.head(self.late(self.early(x)).mean((2, 3)))

    one = unscaled(Net(), 4)
    before = state(one.net)
    found = list(randomised(one))
    assert [name for name, _, _ in found] == ["head", "late", "early.inner"]
    assert not any(name.startswith("unused") for name in changed(found[1][2].net, before))
    assert changed(found[2][2].net, before) == set(before)
    assert found[2][1] == 1.0


class Attends(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch, self.mix, self.head = (
            nn.Conv2d(3, 4, 2, 2),
            nn.MultiheadAttention(4, 2, batch_first=True),
            nn.Linear(4, 2),
        )
        self.place = nn.Parameter(torch.randn(16, 4, generator=torch.Generator().manual_seed(0)))

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2) + self.place
        return self.head(self.mix(x, x, x)[0].mean(1))


def test_attention_loses_its_weights_where_it_runs_and_positions_last():
    net = Attends()
    with torch.no_grad():
        for parameter in net.mix.parameters():
            parameter.copy_(torch.linspace(1, 2, parameter.numel()).view_as(parameter))
    one = unscaled(net, SIDE)
    before = state(one.net)
    found = list(randomised(one))
    assert [name for name, _, _ in found] == ["head", "mix", "mix.out_proj", "patch"]
    attention = {name for name in before if name.startswith("mix")}
    assert attention <= changed(found[2][2].net, before)
    assert "place" not in changed(found[2][2].net, before)
    assert changed(found[3][2].net, before) == set(before)


def test_weights_that_a_reset_does_not_reach_are_shuffled():
    # Weight normalisation keeps the weights in a child, and a reset of the convolution fills a passing tensor.
    torch.manual_seed(0)
    net = nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 4, 3)), nn.Flatten(), nn.Linear(16, 2))
    one = unscaled(net, 4)
    before = state(one.net)
    *_, (_, share, last) = randomised(one)
    assert share == 1.0
    assert changed(last.net, before) == set(before)


def test_tied_weights_count_once():
    net = nn.Sequential(nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2))
    net[1].weight = net[0].weight
    found = list(randomised(unscaled(net, 4)))
    assert [round(share * 23) for _, share, _ in found] == [8, 20, 23]  # 9 + 3 + 3 + 8 in all
    *_, (_, _, last) = found
    assert last.net[0].weight is last.net[1].weight


# ---------------------------------------------------------------- what stays as it was


def test_the_shared_model_and_torchs_generator_stay_as_they_were(model, picture):
    before, random = state(model.net), torch.get_rng_state()
    said = xai.predict(model, [picture]).probabilities
    told = []
    xai.randomisation(model, picture, saliency, draws=2, progress=lambda *_: told.append(torch.get_rng_state()))
    assert all(torch.equal(random, one) for one in [*told, torch.get_rng_state()])
    assert changed(model.net, before) == set()
    assert hooks(model.net) == 0
    assert is_free(model.lock)
    np.testing.assert_array_equal(xai.predict(model, [picture]).probabilities, said)


def test_copies_are_frozen_without_hooks_and_not_to_be_taken_for_the_model(model):
    found = [one for _, _, one in randomised(model, seed=7)]
    assert [one.id for one in found] == [f"{model.id}-random-7-{step}" for step in (1, 2, 3, 4)]
    assert len({id(one.lock) for one in [model, *found]}) == 5
    assert len({id(one.net) for one in [model, *found]}) == 5
    for one in found:
        assert hooks(one.net) == 0
        assert not any(part.training for part in one.net.modules())
        assert not any(parameter.requires_grad for parameter in one.net.parameters())
        assert (one.class_names, one.layers, one.device) == (model.class_names, model.layers, model.device)


def test_it_is_copied_under_the_lock(model, monkeypatch):
    free, real = [], copy.deepcopy

    def watched(thing, *memo):
        if not memo:  # a network, not one of its parts
            free.append(is_free(model.lock))
        return real(thing, *memo)

    monkeypatch.setattr(module.copy, "deepcopy", watched)
    list(randomised(model, steps=2))
    assert free == [False, True, True]  # later ones are copies of the copy


def test_copies_made_in_inference_mode_can_be_differentiated(model, picture):
    with torch.inference_mode():
        found = [one for _, _, one in randomised(model, steps=2)]
    assert saliency(found[1], xai.Sample("x", picture)).max() > 0


# ---------------------------------------------------------------- seeds


def test_a_seed_gives_the_same_weights_and_another_one_does_not(model):
    first, again, other = ([state(one.net) for *_, one in randomised(model, seed=seed)] for seed in (1, 1, 2))
    for one, same, another in zip(first, again, other, strict=True):
        assert all(torch.equal(one[name], same[name]) for name in one)
        assert not torch.equal(one["head.weight"], another["head.weight"])


def test_the_random_weights_do_not_depend_on_the_number_of_steps(model):
    whole = [state(list(randomised(model, steps=steps, seed=1))[-1][2].net) for steps in (1, 3, 9)]
    for name in whole[0]:
        assert torch.equal(whole[0][name], whole[1][name])
        assert torch.equal(whole[0][name], whole[2][name])


def test_threads_do_not_mix_their_seeds(model):
    alone = [state(list(randomised(model, seed=seed))[-1][2].net) for seed in range(6)]
    random, found = torch.get_rng_state(), {}

    def ask(seed):
        found[seed] = state(list(randomised(model, seed=seed))[-1][2].net)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(torch.equal(found[seed][name], one[name]) for seed, one in enumerate(alone) for name in one)
    assert torch.equal(torch.get_rng_state(), random)


# ---------------------------------------------------------------- the table


def test_an_explanation_that_ignores_the_model_keeps_its_similarity_and_fails(model, picture):
    table = xai.randomisation(model, picture, edges, draws=2)
    assert table.columns.tolist() == ["step", "draw", "down_to", "share", "rank_correlation", "ssim", "flat"]
    assert table["step"].tolist() == [0, 1, 2, 3, 4] * 2
    assert table["draw"].tolist() == [0] * 5 + [1] * 5
    assert table["down_to"].tolist() == ["", "head", "again", "norm", "conv"] * 2
    np.testing.assert_allclose(table["share"], [0, 15 / 160, 35 / 160, 43 / 160, 1] * 2)
    np.testing.assert_allclose(table["rank_correlation"], 1)
    np.testing.assert_allclose(table["ssim"], 1)
    assert not table["flat"].any()
    assert studies.randomisation_check(table).grade == "fails"


def test_a_map_of_a_modules_weights_falls_at_the_very_step_that_takes_them(model, picture):
    def weights(one, _sample):
        return one.net.again.weight[:, :, 0, 0].numpy()

    table = xai.randomisation(model, picture, weights, draws=3, seed=1)
    by_step = table.groupby("step")["rank_correlation"].agg(["min", "max"])
    assert (by_step.loc[[0, 1]] == 1).all(axis=None)
    assert (by_step.loc[2:, "max"] < 0.8).all()
    # A random module stays so: the similarity does not move any more.
    for _, part in table[table["step"] >= 2].groupby("draw"):
        assert part["rank_correlation"].nunique() == 1
    check = studies.randomisation_check(table)
    assert check.grade == "holds"
    assert "back to again" in check.sentence


def test_similarities_are_spearmans_and_scikit_images(model, picture):
    table = xai.randomisation(model, picture, saliency, steps=2, draws=2, seed=4)
    sample = xai.Sample("x", picture)
    trained = saliency(model, sample)
    for draw in (0, 1):
        rows = table[(table["draw"] == draw) & (table["step"] > 0)]
        for row, (*_, one) in zip(rows.itertuples(), randomised(model, steps=2, seed=4 + draw), strict=True):
            found = saliency(one, sample)
            ranks = [rankdata(values) for values in (trained, found)]
            assert row.rank_correlation == pytest.approx(np.corrcoef(ranks)[0, 1])
            scaled = [(values - values.min()) / np.ptp(values) for values in (trained, found)]
            expected = structural_similarity(*scaled, win_size=7, data_range=1.0)
            assert row.ssim == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(("shape", "window"), [((7, 7), 7), ((6, 9), 5), ((4, 4), 3), ((3, 3), 3)])
def test_small_maps_have_a_window_that_fits(model, picture, shape, window):
    rng = np.random.default_rng(0)
    maps = [rng.normal(size=shape).astype(np.float32) for _ in range(2)]
    table = xai.randomisation(model, picture, lambda one, _: maps[one is not model], steps=1, draws=1)
    one, other = (normalize(values, positive=False) for values in maps)
    expected = structural_similarity(one, other, win_size=window, data_range=1.0)
    assert table["ssim"].tolist() == pytest.approx([1, expected], abs=1e-5)


def test_maps_too_small_for_a_window_have_ranks_alone(model, picture):
    values = np.array([[1.0, 2, 3], [4, 5, 6]])
    table = xai.randomisation(model, picture, lambda *_: values, steps=1, draws=1)
    assert table["rank_correlation"].tolist() == pytest.approx([1, 1])
    assert table["ssim"].isna().all()
    assert not table["flat"].any()


@pytest.mark.parametrize("value", [0.0, 3.0, np.nan])
def test_a_randomised_map_that_is_flat_has_no_similarity_and_counts_as_changed(model, picture, value):
    def explain(one, sample):
        return edges(one, sample) if one is model else np.full((SIDE, SIDE), value, np.float32)

    table = xai.randomisation(model, picture, explain, steps=2, draws=1)
    assert table["flat"].tolist() == [False, True, True]
    assert table["rank_correlation"].isna().tolist() == [False, True, True]
    assert table["ssim"].isna().tolist() == [False, True, True]
    assert studies.randomisation_check(table).grade == "holds"


def test_where_the_trained_map_is_flat_there_is_nothing_to_compare(model, picture):
    def explain(one, sample):
        return np.zeros((SIDE, SIDE)) if one is model else edges(one, sample)

    table = xai.randomisation(model, picture, explain, steps=2, draws=2)
    assert table["flat"].tolist() == [True, False, False] * 2
    assert table[["rank_correlation", "ssim"]].isna().all(axis=None)
    assert studies.randomisation_check(table).grade is None


def test_the_picture_is_explained_as_the_network_sees_it(digits):
    whole, seen = xai.load_dataset("photos")[0], []

    def explain(_model, sample):
        seen.append(sample)
        return sample.pixels[..., 0].astype(np.float32)

    for image in (whole, whole.pixels, digits.preprocessing.prepare(whole)):
        xai.randomisation(digits, image, explain, steps=1, draws=1)
    assert len(seen) == 6
    for one in seen:
        np.testing.assert_array_equal(one.pixels, digits.preprocessing.view(whole.pixels))
        assert one.view_of == digits.preprocessing
        np.testing.assert_array_equal(xai.predict(digits, [one]).classes, xai.predict(digits, [whole]).classes)
    assert seen[0].id == whole.id


def test_progress_is_told_and_what_it_raises_ends_the_run(model, picture):
    told = []
    xai.randomisation(model, picture, edges, steps=2, draws=2, progress=lambda *n: told.append(n))
    assert told == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]

    def stop(done, _total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        xai.randomisation(model, picture, edges, steps=2, progress=stop)
    assert is_free(model.lock)


# ---------------------------------------------------------------- what is refused


def test_a_network_without_weights_is_a_sentence(picture):
    class Mean(nn.Module):
        def forward(self, x):
            return x.mean((2, 3))

    one = unscaled(Mean(), SIDE)
    with pytest.raises(xai.ModelError, match="has no weights, so there is nothing to randomise"):
        randomised(one)
    with pytest.raises(xai.ModelError, match="has no weights"):
        xai.randomisation(one, picture, edges)


def test_a_network_of_one_parameter_has_one_step():
    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.arange(9.0).view(3, 3))

        def forward(self, x):
            return x.mean((2, 3)) @ self.weight

    ((name, share, one),) = randomised(unscaled(Scaled(), 4))
    assert (name, share) == ("Scaled", 1.0)
    assert one.net.weight.flatten().sort().values.tolist() == list(range(9))
    assert one.net.weight.flatten().tolist() != list(range(9))


@pytest.mark.parametrize(("steps", "draws", "seed"), [(0, 3, 0), (-1, 3, 0), (6, 0, 0), (6, 3, -1)])
def test_settings_that_make_no_sense_are_refused_by_number(model, picture, steps, draws, seed):
    with pytest.raises(ValueError, match=rf"at least one step .* got {steps}, {draws} and {seed}\."):
        xai.randomisation(model, picture, edges, steps=steps, draws=draws, seed=seed)
    if draws:
        with pytest.raises(ValueError, match="at least one step"):
            randomised(model, steps=steps, seed=seed)  # at once, not when it is first asked


@pytest.mark.parametrize("shape", [(), (8,), (1, 8, 8), (0, 8)])
def test_what_is_no_map_is_refused_by_shape(model, picture, shape):
    with pytest.raises(ValueError, match=r"gives one map \(h, w\); got the shape"):
        xai.randomisation(model, picture, lambda *_: np.zeros(shape))


def test_a_map_of_another_shape_than_the_trained_one_is_refused(model, picture):
    with pytest.raises(ValueError, match=r"a map of \(4, 4\), as for the trained model; got the shape \(5, 5\)"):
        xai.randomisation(model, picture, lambda one, _: np.eye(4 if one is model else 5))


def test_what_is_no_picture_is_refused(model):
    with pytest.raises(xai.PictureError):
        xai.randomisation(model, np.zeros((8, 8), np.uint8), edges)


# ---------------------------------------------------------------- the shipped model


@pytest.mark.parametrize("method", ["grad_cam", "saliency", "lime"])
def test_the_methods_depend_on_the_shipped_model(digits, method):
    sample = xai.load_dataset("textured_digits")[0]
    target = int(xai.predict(digits, [sample]).classes[0])
    quarters = np.kron(np.arange(64).reshape(8, 8), np.ones((8, 8), int))

    def explain(model, one):
        if method == "lime":
            found = xai.lime(model, one, targets=target, num_samples=100, segments=quarters, precision="float32")
            return found.weights[0][found.segments]
        if method == "saliency":
            return xai.saliency(model, [one], targets=target)["input"][0]
        return xai.grad_cam(model, [one], layers="stages.2", targets=target)["stages.2"][0]

    table = xai.randomisation(digits, sample, explain, steps=3, draws=3)
    assert np.isfinite(table[["rank_correlation", "ssim"]]).all(axis=None)
    assert not table["flat"].any()
    last = table.loc[table["step"] == 3, "rank_correlation"].mean()
    assert last < 0.5
    assert studies.randomisation_check(table).grade == "holds"
