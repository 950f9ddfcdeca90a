"""LIME against the package `lime`, against models whose answer is known, and at the edges."""

import re
import warnings
from dataclasses import fields
from importlib import import_module

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import xai_core as xai
from tests.support.nets import in_threads, is_free, unscaled
from xai_core.inference.surrogate import RIDGE, regression

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of packages that lime imports
    from lime import lime_image
    from lime.wrappers.scikit_image import SegmentationAlgorithm

SIDE, CELL = 8, 2
BLOCKS = np.kron(np.arange((SIDE // CELL) ** 2).reshape(SIDE // CELL, -1), np.ones((CELL, CELL), int))  # 16 squares
WHITE = np.full((SIDE, SIDE, 3), 255, np.uint8)
BLACK, GREY = (0, 0, 0), (127, 127, 127)
# Distinct, of both signs, and small enough for 0.5 + sum to be a probability.
TRUE = np.array([5, -7, 1, 8, -2, 3, -6, 4, -4, 7, -1, 6, -8, 2, -3, -5]) * 0.008


class Cells(nn.Module):
    """White squares on black: the probability of class "on" is 0.5 plus the weights of the white squares.

    `interaction` adds the product of the first two and the last two squares. With `odds`, all that is of the log-odds.
    """

    def __init__(self, weights=TRUE, interaction=0.0, odds=False):
        super().__init__()
        self.odds = odds
        self.pool = nn.Conv2d(3, 1, CELL, CELL, bias=False)
        nn.init.constant_(self.pool.weight, 1 / (3 * CELL * CELL))
        self.register_buffer("weights", torch.tensor(weights, dtype=torch.float32))
        self.interaction = interaction

    def forward(self, x):
        white = self.pool(x).flatten(1)
        p = 0.5 + white @ self.weights
        p = p + self.interaction * (white[:, 0] * white[:, 1] - white[:, -1] * white[:, -2])
        if self.odds:
            return torch.stack([p, torch.zeros_like(p)], dim=1)
        return torch.stack([p.log(), (1 - p).log()], dim=1)


def cells(**settings):
    return unscaled(Cells(**settings), SIDE, ["on", "off"])


@pytest.fixture(scope="module")
def linear():
    return cells()


def of_cells(model, **settings):
    settings = {"targets": "on", "num_samples": 200, "hide": BLACK, "precision": "float32"} | settings
    return xai.lime(model, WHITE, segments=settings.pop("segments", BLOCKS), **settings)


@pytest.fixture(scope="module")
def digit():
    return xai.load_dataset("textured_digits")[0]


GRID = np.kron(np.arange(16).reshape(4, 4), np.ones((16, 16), int))  # for the digits' 64 x 64


def of_digit(model, picture, **settings):
    return xai.lime(model, picture, **({"num_samples": 48, "segments": GRID, "precision": "float32"} | settings))


def rows_of(seed, samples, count):
    """Which superpixels are there, drawn as the package does."""
    rows = np.random.RandomState(seed).randint(0, 2, samples * count).reshape(samples, count)
    rows[0] = 1
    return rows


def kernel(rows):
    """lime's: of the cosine distance to the whole picture."""
    norms = np.sqrt(rows.sum(axis=1) * rows.shape[1])
    similar = np.divide(rows.sum(axis=1), norms, out=np.zeros(len(rows)), where=norms > 0)
    return np.sqrt(np.exp(-((1 - similar) ** 2) / 0.25**2))


def surrogate(rows, values):
    """Weighted ridge regression with an intercept, from its normal equations: (weights, R2)."""
    w = kernel(rows)
    design = np.column_stack([np.ones(len(rows)), rows])
    penalty = np.diag([0.0] + [1.0] * rows.shape[1])
    found = np.linalg.solve(design.T @ (design * w[:, None]) + penalty, design.T @ (w * values))
    left = (w * (values - design @ found) ** 2).sum()
    return found[1:], 1 - left / (w * (values - np.average(values, weights=w)) ** 2).sum()


def of_rows(rows, interaction=0.0):
    """What `Cells` says of them."""
    return 0.5 + rows @ TRUE + interaction * (rows[:, 0] * rows[:, 1] - rows[:, -1] * rows[:, -2])


def assert_same(one, other, atol=1e-6):
    for field in ("weights", "errors", "r2", "stability"):
        np.testing.assert_allclose(getattr(one, field), getattr(other, field), rtol=0, atol=atol, err_msg=field)
    np.testing.assert_array_equal(one.targets, other.targets)
    np.testing.assert_array_equal(one.segments, other.segments)


# the package


def package(model, view, segments, labels, monkeypatch, seed=0, num_samples=120, hide=None):
    """The package's weights (T, S) of each label, and R2 of the last."""
    monkeypatch.setattr(lime_image, "tqdm", lambda rows: rows)
    settings = model.preprocessing

    def classify(pictures):  # views of the network: only scaled, not cut again
        inputs = (pictures.astype(np.float32) / np.float32(255) - np.float32(settings.mean)) / np.float32(settings.std)
        return xai.predict(model, torch.from_numpy(inputs.transpose(0, 3, 1, 2)), batch_size=16).probabilities

    explainer = lime_image.LimeImageExplainer(random_state=seed)
    found = explainer.explain_instance(
        view,
        classify,
        labels=labels,
        top_labels=None,
        hide_color=hide,
        num_samples=num_samples,
        batch_size=16,
        segmentation_fn=lambda image: segments,
        random_seed=1,
    )
    return np.array([[dict(found.local_exp[label])[s] for s in range(segments.max() + 1)] for label in labels]), (
        found.score
    )


@pytest.mark.parametrize("hide", ["mean", (10, 200, 30)])
@pytest.mark.parametrize("seed", [0, 5])
def test_the_weights_are_the_packages(digits, digit, monkeypatch, hide, seed):
    view = digits.preprocessing.view(digit.pixels)
    segments = xai.superpixels(view, "slic")
    colour = None if hide == "mean" else hide
    expected, r2 = package(digits, view, segments, (4, 9), monkeypatch, seed, hide=colour)
    _, first_r2 = package(digits, view, segments, (9, 4), monkeypatch, seed, hide=colour)
    found = xai.lime(
        digits, digit, targets=[4, "9"], num_samples=120, segments=segments, seed=seed, hide=hide, precision="float32"
    )
    assert np.abs(expected).max() > 0.02
    assert found.weights.shape == (2, segments.max() + 1)
    np.testing.assert_allclose(found.weights, expected, rtol=0, atol=1e-6)
    np.testing.assert_allclose(found.r2, [first_r2, r2], rtol=0, atol=1e-6)
    assert abs(r2 - first_r2) > 1e-3


def test_the_weights_are_the_packages_on_a_photo(monkeypatch):
    model = xai.load_model("efficientnet_lite0", device="cpu")
    photo = xai.load_dataset("photos")[1]
    view = model.preprocessing.view(photo.pixels)
    segments = xai.superpixels(view)
    expected, r2 = package(model, view, segments, (281, 282), monkeypatch, num_samples=32)
    found = xai.lime(model, photo, targets=[281, 282], num_samples=32, segments=segments, precision="float32")
    assert np.abs(expected).max() > 0.02
    np.testing.assert_allclose(found.weights, expected, rtol=0, atol=1e-6)
    assert found.r2[1] == pytest.approx(r2, abs=1e-6)


def test_few_superpixels_are_the_packages_too(linear, monkeypatch):
    # lime selects features where they are few; all of them are kept, in another order.
    segments = np.arange(4).repeat(16).reshape(SIDE, SIDE)
    expected, r2 = package(linear, WHITE, segments, (0, 1), monkeypatch, num_samples=40, hide=0)
    found = of_cells(linear, targets=[0, 1], segments=segments, num_samples=40)
    np.testing.assert_allclose(found.weights, expected, rtol=0, atol=1e-6)
    assert found.r2[1] == pytest.approx(r2, abs=1e-6)


def test_quickshift_is_the_packages(digits, digit):
    for pixels in (digits.preprocessing.view(digit.pixels), xai.load_dataset("photos")[0].pixels[:160, :160]):
        theirs = SegmentationAlgorithm("quickshift", kernel_size=4, max_dist=200, ratio=0.2, random_seed=1)(pixels)
        np.testing.assert_array_equal(xai.superpixels(pixels), theirs)
        np.testing.assert_array_equal(xai.superpixels(pixels, "quickshift"), theirs)
        assert theirs.max() > 0


# a model whose answer is known


def test_a_linear_model_is_recovered(linear):
    found = of_cells(linear, targets=["on", "off"], num_samples=600)
    on, off = found.weights
    assert (np.argsort(on) == np.argsort(TRUE)).all()
    assert (np.sign(on) == np.sign(TRUE)).all()
    np.testing.assert_allclose(on, TRUE, rtol=0.05)  # the ridge draws them a little to zero
    np.testing.assert_allclose(off, -on, atol=1e-6)
    assert (found.r2 > 0.999).all()
    assert (found.stability > 0.98).all()
    assert (found.errors < 0.002).all()
    assert (found.errors > 0).all()


def test_the_weights_are_the_surrogate_written_out():
    found = of_cells(cells(interaction=0.1), num_samples=150, seed=3)
    rows = rows_of(3, 150, 16)
    weights, r2 = surrogate(rows, of_rows(rows, 0.1))
    np.testing.assert_allclose(found.weights[0], weights, rtol=0, atol=1e-6)
    assert found.r2[0] == pytest.approx(r2, abs=1e-5)
    assert r2 < 0.98


class Chance(Cells):
    """A probability that no square explains: it jumps with every one of them."""

    def forward(self, x):
        p = 0.5 + 0.4 * (self.pool(x).flatten(1) @ (1000 * self.weights.exp())).sin()
        return torch.stack([p.log(), (1 - p).log()], dim=1)


def test_stability_is_low_where_there_is_nothing_but_chance():
    model = unscaled(Chance(), SIDE)
    found = [of_cells(model, targets=0, seed=seed) for seed in range(4)]
    assert np.abs(np.mean([one.stability for one in found])) < 0.4
    assert max(one.r2[0] for one in found) < 0.3
    assert of_cells(cells(interaction=0.01)).stability[0] > 0.95


def test_stability_is_of_every_other_sample(linear):
    model = cells(weights=TRUE / 10, interaction=0.2)
    found = of_cells(model, num_samples=81, seed=2)
    rows = rows_of(2, 81, 16)
    values = 0.5 + rows @ TRUE / 10 + 0.2 * (rows[:, 0] * rows[:, 1] - rows[:, -1] * rows[:, -2])
    first, second = (np.argsort(np.argsort(surrogate(rows[part::2], values[part::2])[0])) for part in (0, 1))
    assert found.stability[0] == pytest.approx(np.corrcoef(first, second)[0, 1], abs=1e-6)
    assert found.stability[0] < 0.99


@pytest.mark.parametrize("count", [1, 2])
def test_stability_of_one_or_two_superpixels_is_undefined(count):
    segments = np.arange(count).repeat(SIDE * SIDE // count).reshape(SIDE, SIDE)
    weights = TRUE + 0.01
    found = of_cells(cells(weights=weights), targets=["on", "off"], segments=segments, num_samples=60)
    assert found.stability.shape == (2,)
    assert np.isnan(found.stability).all()
    assert found.weights.shape == found.errors.shape == (2, count)
    rows = rows_of(0, 60, count)
    expected, r2 = surrogate(rows, 0.5 + rows @ weights.reshape(count, -1).sum(axis=1))
    np.testing.assert_allclose(found.weights, [expected, -expected], rtol=0, atol=1e-6)
    np.testing.assert_allclose(found.r2, r2, rtol=0, atol=1e-4)
    assert (expected > 0).any()
    assert np.isfinite(found.errors).all()


def test_what_makes_no_difference_has_no_weight(linear):
    found = of_cells(linear, hide="mean")  # a white square in its mean colour is a white square
    np.testing.assert_allclose(found.weights, 0, atol=1e-6)
    assert np.isfinite(found.errors).all()
    np.testing.assert_allclose(found.errors, 0, atol=1e-6)


def test_the_mean_colour_is_each_superpixels_own_and_cut():
    # Squares of 0 and 255 in one half and of 3 and 4 in the other: 127.5 -> 127 and 3.5 -> 3.
    pixels = np.zeros((SIDE, SIDE, 3), np.uint8)
    pixels[:4, ::2], pixels[4:, ::2], pixels[4:, 1::2] = 255, 3, 4
    segments = (np.arange(SIDE) >= 4).astype(int)[:, None].repeat(SIDE, 1)
    seen = []
    model = cells(weights=np.zeros(16))
    model.net.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0]))
    xai.lime(model, pixels, segments=segments, num_samples=40, precision="float32", hide="mean")
    inputs = (torch.cat(seen) * 255).round().byte().numpy().transpose(0, 2, 3, 1)
    assert {tuple(np.unique(picture[:4])) for picture in inputs} == {(0, 255), (127,)}
    assert {tuple(np.unique(picture[4:])) for picture in inputs} == {(3, 4), (3,)}


# seeds


def test_the_same_seed_gives_the_same_and_another_one_does_not():
    model = cells(interaction=0.1)
    first, again, other = (of_cells(model, seed=seed) for seed in (1, 1, 2))
    assert_same(first, again, atol=0)
    assert np.abs(first.weights - other.weights).max() > 1e-3
    assert np.abs(first.weights - other.weights).max() < 0.1
    assert_same(of_cells(model), of_cells(model, seed=0), atol=0)


def test_numpys_own_generator_is_left_alone(linear):
    np.random.seed(0)
    before = np.random.get_state()[1].copy()
    of_cells(linear)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


# standard errors


def test_errors_are_those_of_a_bootstrap_over_samples():
    found = of_cells(cells(interaction=0.15), num_samples=300, seed=1)
    rows = rows_of(1, 300, 16)
    values = of_rows(rows, 0.15)
    rng = np.random.default_rng(0)
    draws = [rng.integers(0, 300, 300) for _ in range(400)]
    spread = np.std([surrogate(rows[draw], values[draw])[0] for draw in draws], axis=0)
    ratio = found.errors[0] / spread
    assert found.errors.shape == (1, 16)
    assert ((ratio > 1 / 1.5) & (ratio < 1.5)).mean() >= 0.9
    assert 0.8 < np.median(ratio) < 1.25


def test_errors_are_the_spread_over_seeds_of_each_class():
    model = cells(interaction=0.15)
    found = [of_cells(model, targets=["on", "off"], num_samples=150, seed=seed) for seed in range(25)]
    spread = np.std([one.weights for one in found], axis=0)
    ratio = np.mean([one.errors for one in found], axis=0) / spread
    assert ratio.shape == (2, 16)
    assert ((ratio > 1 / 1.5) & (ratio < 1.5)).mean() >= 0.9


def test_errors_shrink_with_the_root_of_the_samples():
    model = cells(interaction=0.15)
    few, many = (np.mean(of_cells(model, num_samples=n).errors) for n in (150, 1350))
    assert 2.2 < few / many < 4


# growing


def grown(model, **settings):
    settings = {"targets": ["on", "off"], "num_samples": 130, "every": 50, "hide": BLACK, "precision": "float32"} | (
        settings
    )
    return xai.lime_growing(model, WHITE, segments=BLOCKS, **settings)


def test_growing_gives_an_estimate_after_every_chunk_and_ends_as_lime():
    model = cells(interaction=0.1)
    estimates = list(grown(model, seed=4))
    assert [one.samples for one in estimates] == [50, 100, 130]
    assert {one.planned for one in estimates} == {130}
    assert np.abs(estimates[0].weights - estimates[-1].weights).max() > 1e-3
    assert [one.seconds for one in estimates] == sorted(one.seconds for one in estimates)
    assert estimates[0].seconds > 0
    assert_same(estimates[-1], of_cells(model, targets=["on", "off"], num_samples=130, seed=4))


def test_stopping_early_leaves_the_surrogate_of_those_samples():
    model = cells(interaction=0.1)
    estimates = grown(model, seed=4)
    first = next(estimates)
    estimates.close()
    rows = rows_of(4, 130, 16)[:50]
    for turn, values in enumerate((of_rows(rows, 0.1), 1 - of_rows(rows, 0.1))):
        weights, r2 = surrogate(rows, values)
        np.testing.assert_allclose(first.weights[turn], weights, rtol=0, atol=1e-6)
        assert first.r2[turn] == pytest.approx(r2, abs=1e-5)
    assert first.errors.shape == (2, 16)
    assert np.isfinite(first.errors).all()
    assert np.isfinite(first.stability).all()
    assert len(first.prediction) == 1
    assert is_free(model.lock)


def test_growing_runs_only_what_it_gives(linear, forwards_of):
    sizes = forwards_of(linear)
    estimates = grown(linear)
    next(estimates)
    assert sum(sizes) == 50  # the first of them is the picture itself
    next(estimates)
    assert sum(sizes) == 100


def test_earlier_estimates_are_not_overwritten():
    estimates = grown(cells(interaction=0.1))
    first = next(estimates)
    kept = [getattr(first, field.name) for field in fields(first)]
    copies = [value.copy() if isinstance(value, np.ndarray) else value for value in kept]
    list(estimates)
    for value, copy in zip(kept, copies, strict=True):
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(value, copy)


def test_progress_is_told_and_what_it_raises_ends_the_run(linear):
    seen = []
    told = of_cells(linear, num_samples=250, progress=lambda *numbers: seen.append(numbers))
    assert seen == [(100, 250), (200, 250), (250, 250)]
    assert_same(told, of_cells(linear, num_samples=250))

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        of_cells(linear, progress=stop)
    assert is_free(linear.lock)


# superpixels


@pytest.mark.parametrize("how", ["quickshift", "slic"])
@pytest.mark.parametrize("picture", ["photo", "digit", "grey", "black"])
def test_superpixels_are_numbered_without_gaps(digit, how, picture):
    pixels = {
        "photo": xai.load_dataset("photos")[0].pixels[100:220, 200:320],
        "digit": digit.pixels,
        "grey": xai.load_dataset("photos")[2].pixels[100:200, 200:300],
        "black": np.zeros((32, 32, 3), np.uint8),
    }[picture]
    found = xai.superpixels(pixels, how)
    assert found.shape == pixels.shape[:2]
    assert found.dtype == np.int64
    np.testing.assert_array_equal(np.unique(found), np.arange(found.max() + 1))
    if how == "slic" and picture != "black":
        assert 20 <= found.max() + 1 <= 90


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([[5, 5], [9, 100]], [[0, 0], [1, 2]]),
        ([[100, 9], [5, 9]], [[2, 1], [0, 1]]),
        ([[-3, 7], [0, -3]], [[0, 2], [1, 0]]),
        ([[0, 1], [2, 3]], [[0, 1], [2, 3]]),
        ([[False, True], [True, True]], [[0, 1], [1, 1]]),
    ],
)
def test_superpixels_of_ones_own_are_renumbered_without_gaps(given, expected):
    for dtype in (None, np.uint8, np.int32, np.float32):
        array = np.array(given) if dtype is None else np.array(given).astype(dtype)
        if dtype == np.uint8 and np.min(given) < 0:
            continue
        found = xai.superpixels(np.zeros((2, 2, 3), np.uint8), array)
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == np.int64


def test_segments_with_gaps_give_the_same_weights(linear):
    found = of_cells(linear, segments=BLOCKS * 7 + 3)
    assert_same(found, of_cells(linear), atol=0)
    np.testing.assert_array_equal(found.segments, BLOCKS)


@pytest.mark.parametrize("shape", [(8, 9), (9, 8), (64,), (8, 8, 1), (0, 0)])
def test_segments_of_another_shape_are_refused(linear, shape):
    with pytest.raises(xai.PictureError, match=r"segments have the shape \(.*\(8, 8\)"):
        of_cells(linear, segments=np.zeros(shape, int))
    with pytest.raises(xai.PictureError, match="segments have the shape"):
        xai.superpixels(WHITE, np.zeros(shape, int))


def test_segments_are_the_networks_view_and_not_the_picture(digits):
    photo = xai.load_dataset("photos")[0]
    for how in ("quickshift", "slic"):
        found = of_digit(digits, photo, segments=how, num_samples=20)
        assert found.segments.shape == (64, 64)
        np.testing.assert_array_equal(found.segments, xai.superpixels(digits.preprocessing.view(photo.pixels), how))
        assert found.weights.shape == (1, found.segments.max() + 1)


# numbers of samples


@pytest.mark.parametrize("samples", [1, 0, -3])
def test_fewer_than_two_samples_are_refused(linear, samples):
    with pytest.raises(ValueError, match=f"num_samples must be at least 2, got {samples}"):
        of_cells(linear, num_samples=samples)


@pytest.mark.parametrize("samples", [2, 3, 4, 5, 17])
@pytest.mark.parametrize("segments", [BLOCKS, np.zeros_like(BLOCKS)], ids=["sixteen", "one"])
def test_few_samples_give_an_answer_without_a_warning(linear, samples, segments):
    found = of_cells(linear, num_samples=samples, segments=segments)
    assert found.samples == found.planned == samples
    assert np.isfinite(found.weights).all()
    assert np.isfinite(found.errors).all()
    assert np.isfinite(found.r2).all()


# pictures


def test_every_kind_of_picture_gives_the_same(digits, digit):
    expected = of_digit(digits, digit)
    prepared = digits.preprocessing.prepare(digit)
    for picture in (prepared, digit.pixels, Image.fromarray(digit.pixels)):
        assert_same(of_digit(digits, picture), expected, atol=0)


def test_a_grey_picture(digits):
    grey = np.asarray(Image.fromarray(xai.load_dataset("photos")[2].pixels).convert("L"))
    three = np.repeat(grey[..., None], 3, axis=2)
    for segments in ("quickshift", "slic"):
        first = of_digit(digits, Image.fromarray(grey), segments=segments)
        assert_same(first, of_digit(digits, three, segments=segments), atol=0)
        assert np.isfinite(first.weights).all()
        assert first.segments.max() > 0


@pytest.mark.parametrize("value", [0, 255])
def test_a_picture_of_one_colour(digits, value):
    for segments in ("quickshift", "slic"):
        found = of_digit(digits, np.full((64, 64, 3), value, np.uint8), segments=segments, hide="mean")
        np.testing.assert_allclose(found.weights, 0, atol=1e-5)
        assert np.isfinite(found.errors).all()


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((8, 8), np.uint8),
        np.zeros((8, 8, 4), np.uint8),
        np.zeros((8, 8, 3), np.float32),
        np.zeros((0, 0, 3), np.uint8),
        torch.zeros(1, 3, 8, 8),
        "a.jpg",
        [WHITE],
    ],
    ids=["grey", "rgba", "float", "empty", "tensor", "name", "list"],
)
def test_what_is_no_picture_is_refused_with_a_sentence(linear, picture):
    with pytest.raises(xai.PictureError):
        xai.lime(linear, picture, num_samples=20)


def test_the_picture_stays_as_it_is(digits, digit):
    before, segments = digit.pixels.copy(), GRID.copy()
    of_digit(digits, digit, segments=segments)
    np.testing.assert_array_equal(digit.pixels, before)
    np.testing.assert_array_equal(segments, GRID)


# targets


def test_targets_by_name_and_index_and_the_prediction(digits, digit):
    predicted = int(xai.predict(digits, [digit]).classes[0])
    several = of_digit(digits, digit, targets=["7", 2, None, np.int64(7)], hide="mean")
    assert several.targets.tolist() == [7, 2, predicted, 7]
    assert predicted not in (7, 2)
    np.testing.assert_array_equal(several.weights[0], several.weights[3])
    assert np.abs(several.weights[0] - several.weights[1]).max() > 1e-5
    for turn, one in enumerate((7, "2", None)):
        single = of_digit(digits, digit, targets=one, hide="mean")
        assert single.targets.tolist() == [several.targets[turn]]
        assert single.weights.shape == (1, 16)
        np.testing.assert_allclose(single.weights[0], several.weights[turn], rtol=0, atol=1e-9)
        assert single.r2[0] == pytest.approx(several.r2[turn], abs=1e-9)
    assert of_digit(digits, digit).targets.tolist() == [predicted]
    np.testing.assert_array_equal(of_digit(digits, digit, targets=("7", 2)).targets, [7, 2])


@pytest.mark.parametrize("targets", [10, -1, "ten", ["1", "ten"], [3, 10]])
def test_a_wrong_target_is_a_sentence(digits, digit, targets):
    with pytest.raises(xai.TargetError, match=r"is no class of .* it has 10"):
        of_digit(digits, digit, targets=targets)


def test_the_prediction_is_of_the_picture_itself(digits, digit):
    said = xai.predict(digits, [digit])
    for settings in ({}, {"targets": 3}, {"precision": "bfloat16"}, {"hide": BLACK}):
        found = of_digit(digits, digit, **settings)
        np.testing.assert_array_equal(found.prediction.classes, said.classes)
        np.testing.assert_allclose(found.prediction.probabilities, said.probabilities, atol=1e-6)


# precision and the model


def test_bfloat16_runs_on_a_cpu_and_is_close(digits, digit):
    exact = of_digit(digits, digit, num_samples=96)
    found = of_digit(digits, digit, num_samples=96, precision="bfloat16")
    assert (exact.precision, found.precision) == ("float32", "bfloat16")
    assert 0 < np.abs(found.weights - exact.weights).max() < 0.05 * np.abs(exact.weights).max()
    assert np.isfinite(found.errors).all()
    assert found.weights.dtype == np.float64
    assert not torch.is_autocast_enabled("cpu")
    assert_same(of_digit(digits, digit, num_samples=96), exact, atol=0)  # nothing of the other precision is kept


def test_auto_is_one_of_the_two(digits, digit):
    found = of_digit(digits, digit, precision="auto")
    assert found.precision in ("float32", "bfloat16")
    exact = found.precision == "float32"  # by name it asks the network as it is, else one that is folded
    assert_same(found, of_digit(digits, digit, precision=found.precision), atol=1e-5 if exact else 0)
    assert of_digit(digits, digit, precision="auto", num_samples=4).precision in ("float32", "bfloat16")


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "auto"])
def test_the_lock_is_held_during_every_forward_pass(digits, digit, monkeypatch, precision):
    forward, free = digits.net.forward, []
    monkeypatch.setattr(digits.net, "forward", lambda x: free.append(is_free(digits.lock)) or forward(x))
    of_digit(digits, digit, precision=precision)
    assert len(free) >= 4  # three batches of 16, and the picture itself
    assert not any(free)
    assert is_free(digits.lock)


def test_the_lock_is_free_between_two_estimates(linear):
    for _ in grown(linear):
        assert is_free(linear.lock)


def test_gradients_are_off_and_the_model_stays_frozen(digits, digit, monkeypatch):
    forward, grads = digits.net.forward, []
    monkeypatch.setattr(digits.net, "forward", lambda x: grads.append(torch.is_grad_enabled()) or forward(x))
    of_digit(digits, digit)
    assert grads
    assert not any(grads)
    assert torch.is_grad_enabled()
    assert all(not p.requires_grad and p.grad is None for p in digits.net.parameters())


@pytest.mark.parametrize("samples", [2, 20, 33, 34, 48])
def test_the_cover_is_chosen_by_perturbations_that_are_asked_for_anyway(digits, digit, samples, forwards_of):
    sizes = forwards_of(digits)
    found = of_digit(digits, digit, num_samples=samples, hide="larger")
    assert found.samples == samples
    assert sum(sizes) == samples + min(32, samples - 1)  # those of the cover that was not taken
    plain = of_digit(digits, digit, num_samples=samples, hide=found.cover)
    np.testing.assert_allclose(found.weights, plain.weights, atol=1e-6)


def test_all_targets_share_one_set_of_forwards(digits, digit, forwards_of):
    sizes = forwards_of(digits)
    of_digit(digits, digit, targets=list(range(10)), hide="mean")
    assert sum(sizes) == 48


def test_threads_share_a_model_without_mixing_answers(digits, digit):
    alone = [of_digit(digits, digit, targets=i, num_samples=20) for i in range(8)]
    wrong, finished = [], []

    def ask(i):
        found = of_digit(digits, digit, targets=i, num_samples=20)
        if (found.weights != alone[i].weights).any():
            wrong.append(i)
        finished.append(i)

    in_threads(ask)
    assert wrong == []
    assert sorted(finished) == list(range(8))


def test_batches_that_do_not_fit_are_taken_in_halves(linear, forwards_of):
    whole = of_cells(linear)
    sizes = forwards_of(linear, room=3)
    np.testing.assert_allclose(of_cells(linear).weights, whole.weights, atol=1e-6)
    assert max(sizes) > 3
    forwards_of(linear, room=0)
    with pytest.raises(xai.MemoryShortage, match="one picture at a time"):
        of_cells(linear)
    assert is_free(linear.lock)


# the smoothed fit


@pytest.fixture(scope="module")
def of_odds():
    return cells(odds=True)


def test_the_smoothed_fit_finds_a_linear_model_of_log_odds_and_asks_nothing_more(of_odds, forwards_of):
    sizes = forwards_of(of_odds)
    found = of_cells(of_odds, targets=["on", "off"], num_samples=200, fit="smoothed")
    assert sum(sizes) == 200
    np.testing.assert_allclose(found.weights, [TRUE, -TRUE], atol=0.005)  # but for the ridge's shrinkage
    assert (found.r2 > 0.99).all()
    assert (found.stability > 0.98).all()
    assert_same(found, of_cells(of_odds, targets=["on", "off"], num_samples=200, fit="smoothed"), atol=0)


def test_maps_say_what_they_are_of(of_odds):
    settings = {"targets": "on", "num_samples": 40, "segments": BLOCKS, "precision": "float32"}
    assert xai.explain(of_odds, WHITE, method="lime", fit="smoothed", **settings).unit == "log-odds"
    assert xai.explain(of_odds, WHITE, method="lime", **settings).unit == "probability"
    *_, last = xai.get_method("lime").grow(of_odds, WHITE, every=40, fit="smoothed", **settings)
    assert last.heatmaps.unit == "log-odds"


@pytest.mark.parametrize("number", [4, 5, 200])
def test_perturbations_of_the_smoothed_fit_are_complementary_pairs(linear, monkeypatch, number):
    from xai_core.inference.smoothed import smoothed_surrogates

    module, asked = import_module("xai_core.methods.lime"), []

    def fit(rows, values):
        asked.append(rows)
        return smoothed_surrogates(rows, values)

    monkeypatch.setitem(module._FITS, "smoothed", fit)
    of_cells(linear, num_samples=number, fit="smoothed")
    (rows,) = asked
    assert len(rows) == number
    assert rows[0].all()
    pairs = rows[1 : number - (number - 1) % 2]
    assert (pairs[::2] != pairs[1::2]).all()
    assert len(np.unique(pairs, axis=0)) > 0.9 * len(pairs)


def test_the_smoothed_fit_has_less_chance_in_it():
    """Against what all 65,536 perturbations give, of log-odds with interactions as strong as their weights."""
    model = cells(weights=TRUE / 2, interaction=0.2, odds=True)
    rows = ((np.arange(2**16)[:, None] >> np.arange(16)) & 1).astype(float)
    w = kernel(rows)
    centred = rows - np.average(rows, axis=0, weights=w)
    score = 0.5 + rows @ TRUE / 2 + 0.2 * (rows[:, 0] * rows[:, 1] - rows[:, -1] * rows[:, -2])
    exact = np.linalg.solve((centred * w[:, None]).T @ centred, (centred * w[:, None]).T @ score)
    found = [of_cells(model, num_samples=150, seed=seed, fit="smoothed") for seed in range(6)]
    plain = [  # LIME's own regression, of the log-odds of as many perturbations
        regression(rows[drawn], score[drawn, None], RIDGE)[0]
        for drawn in (np.random.RandomState(seed).randint(0, 2**16, 150) for seed in range(6))
    ]
    shrunk = 1 + 1 / (0.25 * w.mean() * 150)  # the ridge draws both to zero
    errors = np.array([one.weights[0] for one in found]) * shrunk - exact
    assert np.abs(errors.mean(0)).max() < 0.015
    assert (errors**2).mean() < 0.5 * ((np.array(plain) * shrunk - exact) ** 2).mean()
    assert 0.5 < np.mean([one.errors[0] for one in found]) / errors.std() < 3


@pytest.mark.parametrize("samples", [4, 5, 17])
@pytest.mark.parametrize("segments", [BLOCKS, np.zeros_like(BLOCKS)], ids=["sixteen", "one"])
def test_the_smoothed_fit_of_few_samples_gives_an_answer_without_a_warning(linear, samples, segments):
    found = of_cells(linear, num_samples=samples, segments=segments, fit="smoothed")
    assert np.isfinite(found.weights).all()
    assert np.isfinite(found.errors).all()


def test_what_the_smooth_model_is_like_is_chosen_on_a_part_where_there_are_many(of_odds, monkeypatch):
    from xai_core.inference import smoothed

    monkeypatch.setattr(smoothed, "_TRIED", 60)
    found = of_cells(of_odds, num_samples=300, fit="smoothed")
    np.testing.assert_allclose(found.weights, [TRUE], atol=0.004)


def test_a_fit_that_is_none_is_a_sentence(linear):
    with pytest.raises(ValueError, match="fit is one of package, smoothed; got 'lasso'"):
        of_cells(linear, fit="lasso")
    with pytest.raises(ValueError, match="at least 4 perturbations, got 3"):
        of_cells(linear, num_samples=3, fit="smoothed")


# what hides superpixels


class Sticker(nn.Module):
    """Class "on" by how much of the upper left square is pure red."""

    def forward(self, x):
        corner = x[:, :, :CELL, :CELL]
        red = (corner[:, 0] - corner[:, 1:].amax(dim=1)).clamp(0, 1).mean((1, 2))
        p = 0.05 + 0.9 * red
        return torch.stack([p.log(), (1 - p).log()], dim=1)


@pytest.fixture(scope="module")
def stuck():
    """A model that reads a sticker of one colour, and a grey picture with it."""
    pixels = np.random.default_rng(0).integers(90, 160, (SIDE, SIDE, 1), dtype=np.uint8).repeat(3, axis=2)
    pixels[:CELL, :CELL] = (255, 0, 0)
    return unscaled(Sticker(), SIDE, ["on", "off"]), pixels


def of_sticker(stuck, **settings):
    model, pixels = stuck
    settings = {"targets": "on", "segments": BLOCKS, "num_samples": 100, "precision": "float32"} | settings
    return xai.lime(model, pixels, **settings)


def test_a_sticker_of_one_colour_is_found_although_its_mean_colour_hides_nothing(stuck):
    np.testing.assert_allclose(of_sticker(stuck, hide="mean").weights, 0, atol=1e-6)
    found = of_sticker(stuck)
    assert found.cover == (127, 127, 127)
    assert found.weights[0].argmax() == 0
    assert found.weights[0, 0] > 0.8
    assert 0 < found.top_shared[0] <= 1
    assert np.abs(found.weights[0, 1:]).max() < 0.02
    # Half of the perturbations hide the sticker, and with it 90 points.
    assert re.fullmatch(
        r"Hidden superpixels become grey, since that changes the answer more: by \d\d\.\d points on average, "
        r"against 0\.0 points for their mean colour\.",
        found.remark,
    )
    assert_same(found, of_sticker(stuck, hide=(127, 127, 127)), atol=0)


def test_where_the_mean_colour_changes_more_it_is_taken(stuck):
    """Half of the picture is red, but for the corner: its mean colour is, and grey is not, what the model looks for."""
    model, _ = stuck
    pixels = np.full((SIDE, SIDE, 3), 127, np.uint8)
    pixels[: SIDE // 2] = (255, 0, 0)
    pixels[:CELL, :CELL] = 127
    found = xai.lime(
        model, pixels, targets="on", segments=np.repeat([[0], [1]], SIDE // 2, 0).repeat(SIDE, 1), num_samples=40
    )
    assert found.cover == "mean"
    assert found.weights[0].argmin() == 0
    assert found.remark.startswith(
        "Hidden superpixels become their mean colour, since that changes the answer more: by "
    )


def test_the_explanation_of_every_method_says_what_hid_superpixels(stuck):
    model, pixels = stuck
    (*_, last) = xai.get_method("lime").grow(
        model, pixels, targets=["on"], every=10**9, num_samples=40, segments=BLOCKS, precision="float32"
    )
    assert last.remark.startswith("Hidden superpixels become grey")
    assert last.top_shared.shape == (1,)
    (*_, last) = xai.get_method("lime").grow(
        model, pixels, targets=["on"], every=10**9, num_samples=40, segments=BLOCKS, hide="mean", precision="float32"
    )
    assert last.remark == ""
