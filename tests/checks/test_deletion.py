"""Deletion and insertion against curves worked out by hand: the probability is a known function of what is left."""

import math

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from scipy import ndimage
from torch import nn

import xai_core as xai
from tests.support.nets import is_free, unscaled
from xai_core import studies
from xai_core.checks.deletion import GRID, filling, patch_order, random_orders

SIDE, CELL = 8, 2
# Distinct, of both signs, and small enough for 0.5 + sum to be a probability.
TRUE = np.array([5, -7, 1, 8, -2, 3, -6, 4, -4, 7, -1, 6, -8, 2, -3, -5]) * 0.008


class Cells(nn.Module):
    """The probability of "on" is a constant plus, for each square cell, a weight times its mean value from 0 to 1."""

    def __init__(self, weights=TRUE, constant=0.5):
        super().__init__()
        cell = SIDE // round(len(weights) ** 0.5)
        self.pool = nn.Conv2d(3, 1, cell, cell, bias=False)
        nn.init.constant_(self.pool.weight, 1 / (3 * cell * cell))
        self.register_buffer("weights", torch.tensor(weights, dtype=torch.float32))
        self.constant = constant

    def forward(self, x):
        p = self.constant + self.pool(x).flatten(1) @ self.weights
        return torch.stack([p.log(), (1 - p).log()], dim=1)


def cells(**settings):
    return unscaled(Cells(**settings), SIDE, ["on", "off"])


@pytest.fixture
def model():
    return cells()


@pytest.fixture(scope="module")
def picture():
    """Cells that are black or white, and noise on top."""
    rng = np.random.default_rng(0)
    coarse = np.kron(rng.integers(0, 2, (4, 4, 1)), np.ones((CELL, CELL, 3), int))
    return (200 * coarse + rng.integers(0, 56, (SIDE, SIDE, 3))).astype(np.uint8)


ORDER = np.random.default_rng(1).permutation(16)  # of the 4 x 4 cells


def spread(values):
    """A map of pixels from one of cells: unlike a coarse map it is not interpolated, so cells keep their values."""
    return np.kron(np.reshape(values, (4, 4)), np.ones((CELL, CELL))).astype(np.float32)


@pytest.fixture(scope="module")
def ranks():
    """A map of pixels that puts the cells into `ORDER`."""
    return spread(16 - np.argsort(ORDER))


def of_cells(view, weights=TRUE, constant=0.5):
    """What `Cells` says of a view, one cell at a time."""
    count = round(len(weights) ** 0.5)
    cell, p = SIDE // count, constant
    for i, weight in enumerate(weights):
        y, x = (i // count) * cell, (i % count) * cell
        p += weight * view[y : y + cell, x : x + cell].mean() / 255
    return p


def hidden_cells(view, cover, order, count):
    """A view whose first `count` cells of the order are the cover's; the grid is that of the cells."""
    found = view.copy()
    for i in order[:count]:
        y, x = (i // 4) * CELL, (i % 4) * CELL
        found[y : y + CELL, x : x + CELL] = cover[y : y + CELL, x : x + CELL]
    return found


def curve(table, method, draw=0, target=0):
    rows = table[(table["method"] == method) & (table["draw"] == draw) & (table["target"] == target)]
    return rows["p"].tolist()


@pytest.fixture
def inputs_of(monkeypatch):
    """Called with a model: a list of the views, uint8 (8, 8, 3), that it is shown in this test."""

    def watch(model):
        forward, shown = model.net.forward, []

        def recorded(x):
            shown.extend((x * 255).round().byte().numpy().transpose(0, 2, 3, 1))
            return forward(x)

        monkeypatch.setattr(model.net, "forward", recorded)
        return shown

    return watch


# curves by hand

# Each quarter of one grey, 255 51 / 255 51; the mean is 153, and as values from 0 to 1 they are 1, 0.2 and 0.6.
QUARTERS = np.kron(np.array([[255, 51], [255, 51]], np.uint8)[..., None], np.ones((4, 4, 3), np.uint8))
WEIGHTS = (0.4, 0.2, 0.1, 0.05)


@pytest.fixture
def quarters():
    return cells(weights=WEIGHTS, constant=0.1)


def test_a_curve_by_hand(quarters):
    maps = {"rows": np.array([[4.0, 3], [2, 1]]), "back": np.array([[1.0, 2], [3, 4]])}
    table = xai.deletion(quarters, QUARTERS, maps, targets="on", fill="mean", steps=4, grid=2, draws=0)
    assert table.columns.tolist() == ["method", "draw", "hidden", "target", "p"]
    assert table["method"].tolist() == ["rows"] * 5 + ["back"] * 5
    assert table["draw"].tolist() == [0] * 10
    assert table["hidden"].tolist() == [0, 0.25, 0.5, 0.75, 1] * 2
    assert table["target"].tolist() == [0] * 10
    # 0.1 + 0.4 + 0.04 + 0.1 + 0.01; then -0.4 * 0.4, +0.4 * 0.2, -0.4 * 0.1, +0.4 * 0.05, and the other way round.
    np.testing.assert_allclose(curve(table, "rows"), [0.65, 0.49, 0.57, 0.53, 0.55], atol=1e-6)
    np.testing.assert_allclose(curve(table, "back"), [0.65, 0.67, 0.63, 0.71, 0.55], atol=1e-6)
    found = studies.deletion_areas(table)
    assert found["area"].tolist() == pytest.approx([2.19 / 4, 2.61 / 4], abs=1e-6)


@pytest.mark.parametrize("wide", [True, False])
def test_a_picture_that_is_not_square_by_hand(wide):
    class Halves(nn.Module):
        """The mean of the first quarter of the long side, and what is missing to one."""

        def forward(self, x):
            p = (x[..., :4] if wide else x[:, :, :4]).mean(dim=(1, 2, 3))
            return torch.stack([p.log(), (1 - p).log()], dim=1)

    high, across = (8, 16) if wide else (16, 8)
    model = unscaled(Halves(), (high, across), ["on", "off"])
    picture = np.full((high, across, 3), 51, np.uint8)
    first, last = (slice(None), slice(0, 8)) if wide else (slice(0, 8), slice(None)), (0, 0)
    picture[first] = 204
    importance = np.zeros((high, across), np.float32)
    importance[first] = 1
    importance[last] = 2  # its patch goes first
    table = xai.deletion(model, picture, {"half": importance}, targets="on", fill="mean", steps=4, grid=2, draws=0)
    # Patches of 4 x 8: 204 is 0.8, the mean colour 0.5; two patches make up the half that is read.
    np.testing.assert_allclose(curve(table, "half"), [0.8, 0.65, 0.5, 0.5, 0.5], atol=2e-3)
    with pytest.raises(
        xai.PictureError, match=f"A picture of {high} x {across} pixels cannot be cut into 9 x 9 patches"
    ):
        xai.deletion(model, picture, {"half": importance}, grid=9)
    found = xai.insertion(model, picture, {"half": importance}, targets="on", fill="mean", steps=4, grid=2, draws=0)
    np.testing.assert_allclose(curve(found, "half"), [0.5, 0.65, 0.8, 0.8, 0.8], atol=2e-3)


def test_fewer_steps_than_patches_hide_several_at_once(quarters):
    maps = {"rows": np.array([[4.0, 3], [2, 1]])}
    table = xai.deletion(quarters, QUARTERS, maps, targets="on", fill="mean", steps=2, grid=2, draws=0)
    assert table["hidden"].tolist() == [0, 0.5, 1]
    np.testing.assert_allclose(table["p"], [0.65, 0.57, 0.55], atol=1e-6)
    table = xai.deletion(quarters, QUARTERS, maps, targets="on", fill="mean", steps=1, grid=2, draws=0)
    assert table["hidden"].tolist() == [0, 1]
    np.testing.assert_allclose(table["p"], [0.65, 0.55], atol=1e-6)


def test_more_steps_than_patches_repeat_what_is_shown(quarters):
    maps = {"rows": np.array([[4.0, 3], [2, 1]])}
    table = xai.deletion(quarters, QUARTERS, maps, targets="on", fill="mean", steps=10, grid=2, draws=0)
    # Python rounds 4 * 0.1, 0.2, ... to 0 1 1 2 2 2 3 3 4 patches.
    expected = [0.65, 0.65, 0.49, 0.49, 0.57, 0.57, 0.57, 0.53, 0.53, 0.55, 0.55]
    np.testing.assert_allclose(table["p"], expected, atol=1e-6)


@pytest.mark.parametrize("fill", ["blur", "mean", "noise"])
def test_curves_are_the_slow_ones(model, picture, ranks, fill):
    table = xai.deletion(model, picture, {"x": ranks}, targets=["on", "off"], fill=fill, steps=16, grid=4, seed=5)
    cover = filling(picture, fill, seed=5)
    expected = [of_cells(hidden_cells(picture, cover, ORDER, count)) for count in range(17)]
    assert np.ptp(expected) > 0.02
    np.testing.assert_allclose(curve(table, "x"), expected, atol=1e-6)
    np.testing.assert_allclose(curve(table, "x", target=1), [1 - p for p in expected], atol=1e-6)


def test_the_true_order_loses_the_class_soonest(model, picture):
    cover = np.rint(picture.mean(axis=(0, 1)))
    value = [TRUE[i] * (picture[2 * (i // 4) :, 2 * (i % 4) :][:2, :2] - cover).mean() for i in range(16)]
    best = spread(value)
    maps = {"best": best, "worst": -best}
    table = xai.deletion(model, picture, maps, targets="on", fill="mean", steps=16, grid=4, draws=20)
    low, high = np.array(curve(table, "best")), np.array(curve(table, "worst"))
    for draw in range(20):
        between = np.array(curve(table, "random", draw))
        assert (low <= between + 1e-6).all()
        assert (between <= high + 1e-6).all()
    areas = studies.deletion_areas(table).set_index("method")
    assert areas.loc["best", "gain"] > 0 > areas.loc["worst", "gain"]
    assert studies.deletion_sentence(areas.reset_index(), "on").startswith(
        "Hiding first what best points at lowers the probability of on sooner than every random order; "
        "what worst points at lowers the probability of on later than every random order."
    )


@pytest.mark.parametrize("fill", ["blur", "mean", "noise"])
def test_nothing_hidden_is_the_picture_and_everything_the_cover(digits, fill):
    sample = xai.load_dataset("textured_digits")[0]
    view = digits.preprocessing.view(sample.pixels)
    said = xai.predict(digits, [sample, filling(view, fill, seed=3)]).probabilities
    assert np.abs(said[0] - said[1]).max() > 0.1
    rng = np.random.default_rng(0)
    maps = {"fine": rng.normal(size=(64, 64)), "coarse": rng.normal(size=(4, 4))}
    classes = list(range(10))
    table = xai.deletion(digits, sample, maps, targets=classes, fill=fill, steps=3, grid=8, draws=2, seed=3)
    for _, part in table.groupby(["method", "draw"]):
        for share, expected in ((0, said[0]), (1, said[1])):
            p = part[part["hidden"] == share].set_index("target")["p"]
            np.testing.assert_allclose(p[classes], expected, atol=1e-5)
    ends = table[table["hidden"].isin([0, 1])].groupby(["hidden", "target"])["p"].nunique()
    assert (ends == 1).all()


# what stands in for what is hidden


def test_the_mean_colour_is_exact():
    view = np.zeros((4, 4, 3), np.uint8)
    view[0, 0], view[0, 1] = (255, 8, 24), (255, 0, 0)  # means 31.875, 0.5 and 1.5, halves to the even number
    found = filling(view, "mean")
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, np.broadcast_to(np.array([32, 0, 2], np.uint8), (4, 4, 3)))


def test_the_mean_of_a_large_white_picture_does_not_overflow():
    view = np.full((224, 224, 3), 255, np.uint8)
    np.testing.assert_array_equal(filling(view, "mean"), view)


def test_noise_is_uniform_and_seeded():
    view = np.zeros((64, 64, 3), np.uint8)
    found = filling(view, "noise", seed=1)
    assert (found.shape, found.dtype) == (view.shape, np.uint8)
    np.testing.assert_array_equal(found, filling(view + 7, "noise", seed=1))
    np.testing.assert_array_equal(filling(view, "noise"), filling(view, "noise", seed=0))
    assert (found != filling(view, "noise", seed=2)).mean() > 0.9
    assert (found.min(), found.max()) == (0, 255)
    assert found.mean() == pytest.approx(127.5, abs=3)
    counts = np.bincount(found.ravel() // 16, minlength=16)
    assert counts.min() > 0.85 * found.size / 16
    correlation = np.corrcoef(found.reshape(-1, 3).T) - np.eye(3)
    assert np.abs(correlation).max() < 0.05  # the colours are drawn one by one


@pytest.mark.parametrize(("side", "shape"), [(24, (4, 4, 3)), (96, (4, 4, 3)), (96, (4, 2, 3)), (96, (2, 4, 3))])
def test_the_blur_is_a_gaussian_of_a_twelfth_of_the_longer_side(side, shape):
    rng = np.random.default_rng(0)
    view = np.kron(rng.integers(0, 256, shape, dtype=np.uint8), np.ones((side // 4, side // 4, 1), np.uint8))
    found = filling(view, "blur")
    assert (found.shape, found.dtype) == (view.shape, np.uint8)
    exact = ndimage.gaussian_filter(view.astype(float), (side / 12, side / 12, 0), mode="nearest")
    assert np.abs(found - exact).max() < 6  # Pillow's is three boxes
    assert np.abs(view - exact).max() > 60


def test_a_picture_of_one_colour_stays_so_under_blur():
    view = np.full((32, 32, 3), (10, 200, 77), np.uint8)
    np.testing.assert_array_equal(filling(view, "blur"), view)


@pytest.mark.parametrize("fill", ["blur", "mean", "noise"])
def test_the_picture_and_the_maps_stay_as_they_are(model, picture, ranks, fill):
    before, map_before = picture.copy(), ranks.copy()
    xai.deletion(model, picture, {"x": ranks}, fill=fill, steps=3, grid=4)
    shown = xai.hide(picture, ranks, 0.5, fill=fill, grid=4)
    shown[:] = 0
    np.testing.assert_array_equal(picture, before)
    np.testing.assert_array_equal(ranks, map_before)


# the order of the patches


def test_a_map_of_pixels_puts_the_patches_into_the_order_of_their_values(ranks):
    found = patch_order(ranks, SIDE, 4)
    assert found.dtype == np.int64
    assert found.tolist() == ORDER.tolist()
    assert patch_order(ranks[::2, ::2], 4, 4).tolist() == ORDER.tolist()  # a patch a pixel


def test_a_map_finer_than_the_grid_counts_by_the_mean_of_a_patch():
    fine = np.zeros((SIDE, SIDE), np.float32)
    fine[0, 0] = 5  # the largest value, but a mean of 5/16
    fine[:4, 4:] = 1
    fine[4:, :4] = -1
    fine[4:, 4:] = 0.5
    assert patch_order(fine, SIDE, 2).tolist() == [1, 3, 0, 2]


def test_a_map_coarser_than_the_grid_is_interpolated():
    # Half as wide as the picture, 0 left and 1 right: 0 0 .125 .375 .625 .875 1 1 across, so 0, .25, .75, 1 a patch.
    across = np.array([[0.0, 1.0]])
    assert patch_order(across, SIDE, 4).tolist() == [3, 7, 11, 15, 2, 6, 10, 14, 1, 5, 9, 13, 0, 4, 8, 12]
    assert patch_order(across.T, SIDE, 4).tolist() == [*range(12, 16), *range(8, 12), *range(4, 8), *range(4)]
    corner = patch_order(np.array([[0.0, 0], [0, 1]]), SIDE, 4)
    assert corner[:4].tolist() == [15, 11, 14, 10]


@pytest.mark.parametrize("shape", [(7, 7), (3, 5), (14, 14), (28, 28)])
@pytest.mark.parametrize(("side", "grid"), [(32, 8), (32, 4), (32, 32), (28, 14)])
def test_orders_are_by_torchs_interpolation_and_the_mean_of_each_patchs_pixels(shape, side, grid):
    raw = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    fine = torch.nn.functional.interpolate(torch.from_numpy(raw)[None, None], size=(side, side), mode="bilinear")
    means = fine[0, 0].double().numpy().reshape(grid, side // grid, grid, side // grid).mean(axis=(1, 3)).ravel()
    found = patch_order(raw, side, grid)
    assert sorted(found.tolist()) == list(range(grid * grid))
    assert (np.diff(means[found]) <= 1e-5).all()


def test_ties_are_in_reading_order():
    one = np.zeros((4, 4), np.float32)
    one[2, 1] = one[1, 2] = 1
    assert patch_order(one, 4, 4).tolist() == [6, 9, *[i for i in range(16) if i not in (6, 9)]]


@pytest.mark.parametrize("side", [16, 32])
def test_a_map_of_any_resolution_gives_an_order(side):
    # Finer than the picture: all that matters is in the last corner.
    one = np.zeros((side, side), np.float32)
    one[-1, -1] = 1
    assert patch_order(one, SIDE, 2)[0] == 3


# a grid that does not divide the side


@pytest.mark.parametrize(("side", "grid"), [(8, 3), (8, 5), (32, 14), (64, 14), (10, 7)])
def test_patches_are_rectangles_that_leave_nothing_out(side, grid):
    view = (np.indices((side, side)).sum(axis=0) % 2 * 255).astype(np.uint8)[..., None].repeat(3, axis=2)
    ramp = -np.arange(grid * grid, dtype=np.float32).reshape(grid, grid)
    before = np.zeros((side, side), bool)
    sizes = []
    for count in range(1, grid * grid + 1):
        # The mean, 128, is no pixel's value, so what differs is what is hidden.
        shown = xai.hide(view, ramp, count / grid**2, fill="mean", grid=grid)
        gone = (shown != view).all(axis=2)
        assert (gone & before).sum() == before.sum()
        new = gone & ~before
        rows, columns = np.flatnonzero(new.any(axis=1)), np.flatnonzero(new.any(axis=0))
        assert new.sum() == len(rows) * len(columns) > 0
        assert np.ptp(rows) == len(rows) - 1
        assert np.ptp(columns) == len(columns) - 1
        sizes += [len(rows), len(columns)]
        before = gone
    assert before.all()
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize(("side", "grid"), [(8, 3), (8, 5), (32, 14), (64, 14), (10, 7), (56, 14)])
def test_the_hottest_pixel_is_hidden_first_wherever_it_is(side, grid):
    view = np.zeros((side, side, 3), np.uint8)
    missed = []
    for place in range(side):
        view[:] = 0
        view[place, place] = 255
        one = view[..., 0].astype(np.float32)
        if xai.hide(view, one, 1 / grid**2, fill="mean", grid=grid)[place, place].tolist() == [255] * 3:
            missed.append(place)
    assert missed == []


@pytest.mark.parametrize(("side", "grid"), [(8, 3), (10, 7), (32, 14)])
def test_patches_that_differ_in_size_are_ordered_by_the_mean_of_what_they_hide(side, grid):
    one = np.random.default_rng(0).normal(size=(side, side)).astype(np.float32)
    blank = np.full((side, side, 3), 9, np.uint8)
    before, means = np.zeros((side, side), bool), []
    for count in range(1, grid**2 + 1):
        gone = (xai.hide(blank, one, count / grid**2, fill="noise", grid=grid) != 9).any(axis=2)
        means.append(one[gone & ~before].mean(dtype=float))
        before = gone
    assert (np.diff(means) <= 1e-5).all()


def test_a_grid_that_does_not_divide_the_side_by_hand(model):
    # Three patches over eight pixels are 3, 3 and 2 wide.
    white = np.full((SIDE, SIDE, 3), 255, np.uint8)
    white[:, 6:] = 0  # mean 191.25
    last = np.zeros((3, 3), np.float32)
    last[2, 2] = 1
    shown = xai.hide(white, last, 1 / 9, fill="mean", grid=3)
    expected = white.copy()
    expected[6:, 6:] = 191
    np.testing.assert_array_equal(shown, expected)
    table = xai.deletion(model, white, {"x": last}, targets="on", fill="mean", steps=9, grid=3, draws=0)
    assert curve(table, "x")[1] == pytest.approx(of_cells(expected), abs=1e-6)


# hide


@pytest.mark.parametrize(
    ("share", "count"),
    # of 16 patches; halves go to the even number, as Python rounds
    [(0, 0), (0.03, 0), (1 / 32, 0), (0.04, 1), (3 / 32, 2), (0.1, 2), (0.25, 4), (0.5, 8), (0.97, 16), (1, 16)],
)
def test_hide_hides_the_share_asked_for(ranks, share, count):
    view = np.full((SIDE, SIDE, 3), 255, np.uint8)
    view[::2] = 0  # mean 127.5, so that every pixel of what is hidden changes
    found = xai.hide(view, ranks, share, fill="mean", grid=4)
    assert (found != view).all(axis=2).sum() == 4 * count
    np.testing.assert_array_equal(found, hidden_cells(view, np.full_like(view, 128), ORDER, count))
    chance = xai.hide(view, None, share, fill="mean", grid=4)
    assert (chance != view).all(axis=2).sum() == 4 * count


@pytest.mark.parametrize("fill", ["blur", "mean", "noise"])
@pytest.mark.parametrize(("grid", "steps"), [(4, 20), (3, 20), (8, 7), (1, 3)])
def test_hide_shows_what_deletion_evaluates(model, picture, ranks, inputs_of, fill, grid, steps):
    shown = inputs_of(model)
    maps = {"x": ranks, "y": np.random.default_rng(2).normal(size=(3, 5)).astype(np.float32)}
    table = xai.deletion(model, picture, maps, fill=fill, steps=steps, grid=grid, draws=1, seed=4)
    assert len(shown) == 2 + 3 * (steps - 1)
    np.testing.assert_array_equal(shown[0], picture)
    np.testing.assert_array_equal(shown[1], filling(picture, fill, 4))
    place = 2
    for method, one in {**maps, "random": None}.items():
        shares = table[table["method"] == method]["hidden"].tolist()
        assert shares == pytest.approx([step / steps for step in range(steps + 1)])
        for share in (0, 1):
            hidden = xai.hide(picture, one, share, fill=fill, grid=grid, seed=4)
            np.testing.assert_array_equal(hidden, shown[share])
        for share in shares[1:-1]:
            hidden = xai.hide(picture, one, share, fill=fill, grid=grid, seed=4)
            assert hidden.dtype == np.uint8
            np.testing.assert_array_equal(hidden, shown[place], err_msg=f"{method} {share}")
            place += 1


def test_unless_told_otherwise_hide_and_deletion_do_the_same(digits, monkeypatch):
    view = xai.load_dataset("textured_digits")[3].pixels
    one = np.random.default_rng(0).normal(size=(16, 16)).astype(np.float32)
    forward, shown = digits.net.forward, []
    monkeypatch.setattr(digits.net, "forward", lambda x: shown.append(x.clone()) or forward(x))
    table = xai.deletion(digits, view, {"x": one})
    assert table["hidden"].nunique() == 21
    assert table[table["method"] == "random"]["draw"].unique().tolist() == [0, 1, 2, 3, 4]
    inputs = torch.cat(shown)
    for place, share in enumerate(np.arange(1, 20) / 20, start=2):
        for offset, importance in ((0, one), (19, None)):
            expected = digits.preprocessing.scale(xai.hide(view, importance, share))
            np.testing.assert_allclose(inputs[place + offset].numpy(), expected, atol=1e-6)
    assert GRID == 14


# maps


@pytest.mark.parametrize(
    "flat",
    [np.zeros((4, 4)), np.full((2, 2), -1.5), np.full((4, 4), np.nan), np.array([[1.0]])],
    ids=["zero", "constant", "nan", "one cell"],
)
def test_flat_maps_are_left_out(model, picture, ranks, flat):
    told = []
    maps = {"flat": flat.astype(np.float32), "x": ranks}
    table = xai.deletion(model, picture, maps, steps=4, grid=4, draws=2, progress=lambda *n: told.append(n))
    assert table["method"].unique().tolist() == ["x", "random"]
    assert told == [(1, 3), (2, 3), (3, 3)]
    alone = xai.deletion(model, picture, {"x": ranks}, steps=4, grid=4, draws=2)
    pd.testing.assert_frame_equal(table, alone)


def test_without_an_order_there_is_an_empty_table(model, picture):
    for maps in ({}, {"flat": np.zeros((4, 4), np.float32)}):
        table = xai.deletion(model, picture, maps, steps=4, grid=4, draws=0)
        assert table.empty
        assert table.columns.tolist() == ["method", "draw", "hidden", "target", "p"]
        assert set(xai.deletion(model, picture, maps, steps=4, grid=4, draws=1)["method"]) == {"random"}


def test_methods_come_in_the_order_given_and_random_orders_last(model, picture, ranks):
    maps = {"z": ranks, "a": -ranks, "m": ranks.T}
    table = xai.deletion(model, picture, maps, targets=["off", "on"], steps=2, grid=4, draws=2)
    assert table["method"].drop_duplicates().tolist() == ["z", "a", "m", "random"]
    assert len(table) == 5 * 3 * 2
    assert not table.duplicated(["method", "draw", "hidden", "target"]).any()
    assert table["draw"].dtype == table["target"].dtype == np.int64
    assert table["p"].between(0, 1).all()


def test_only_the_order_of_a_map_counts(model, picture, ranks):
    table = xai.deletion(model, picture, {"x": ranks, "y": 4 * ranks - 32}, steps=16, grid=4, draws=0)
    assert curve(table, "x") == curve(table, "y")


# random orders


def test_random_orders_are_permutations_drawn_from_the_seed():
    orders = random_orders(4, grid=3, seed=1)
    assert all(sorted(order.tolist()) == list(range(9)) for order in orders)
    assert len({tuple(order.tolist()) for order in orders}) == 4
    for one, other in zip(orders, random_orders(4, grid=3, seed=1), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(random_orders(1, grid=3, seed=1)[0], orders[0])
    assert tuple(random_orders(1, grid=3, seed=2)[0].tolist()) != tuple(orders[0].tolist())
    assert random_orders(0) == []


@pytest.mark.parametrize("fill", ["mean", "noise"])
def test_a_seed_gives_the_same_table_and_another_one_does_not(model, picture, ranks, fill):
    settings = {"targets": "on", "fill": fill, "steps": 6, "grid": 4, "draws": 3}
    first, again, other = (xai.deletion(model, picture, {"x": ranks}, seed=seed, **settings) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    for draw in range(3):
        assert np.abs(np.subtract(curve(first, "random", draw), curve(other, "random", draw))).max() > 1e-3
    same = curve(first, "x") == curve(other, "x")
    assert same == (fill == "mean")  # noise is drawn anew, the map's order is not
    pd.testing.assert_frame_equal(
        xai.deletion(model, picture, {"x": ranks}, **settings), xai.deletion(model, picture, {"x": ranks}, **settings)
    )


def test_draws_are_the_random_orders_by_the_slow_way(model, picture):
    table = xai.deletion(model, picture, {}, targets="on", fill="mean", steps=16, grid=4, draws=3, seed=7)
    cover = filling(picture, "mean")
    for draw, order in enumerate(random_orders(3, 4, 7)):
        expected = [of_cells(hidden_cells(picture, cover, order, count)) for count in range(17)]
        np.testing.assert_allclose(curve(table, "random", draw), expected, atol=1e-6)


def test_draws_do_not_depend_on_the_maps_or_on_how_many_there_are(model, picture, ranks):
    settings = {"targets": "on", "steps": 5, "grid": 4}
    few = xai.deletion(model, picture, {}, draws=2, **settings)
    many = xai.deletion(model, picture, {"x": ranks, "y": -ranks}, draws=5, **settings)
    for draw in (0, 1):
        np.testing.assert_allclose(curve(few, "random", draw), curve(many, "random", draw), atol=1e-6)
    none = xai.deletion(model, picture, {"x": ranks}, draws=0, **settings)
    assert none["method"].unique().tolist() == ["x"]
    np.testing.assert_allclose(none["p"], curve(many, "x"), atol=1e-6)


def test_numpys_own_generator_is_left_alone(model, picture, ranks):
    np.random.seed(0)
    before = np.random.get_state()[1].copy()
    xai.deletion(model, picture, {"x": ranks}, fill="noise", steps=2, grid=4)
    xai.hide(picture, None, 0.5, fill="noise", grid=4)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


# targets


def test_several_targets_share_the_forwards(digits, forwards_of):
    sample = xai.load_dataset("textured_digits")[0]
    one = {"x": np.random.default_rng(0).normal(size=(8, 8))}
    sizes = forwards_of(digits)
    alone = xai.deletion(digits, sample, one, targets=4, steps=5, grid=8, draws=2)
    single = sum(sizes)
    assert single == 2 + 3 * 4  # the two ends once, and what lies between for each order
    sizes.clear()
    table = xai.deletion(digits, sample, one, targets=range(10), steps=5, grid=8, draws=2)
    assert sum(sizes) == single
    np.testing.assert_allclose(table.groupby(["method", "draw", "hidden"])["p"].sum(), 1, atol=1e-5)
    pd.testing.assert_frame_equal(table[table["target"] == 4].reset_index(drop=True), alone)


def test_targets_by_name_and_index_and_the_prediction(digits):
    sample = xai.load_dataset("textured_digits")[0]
    predicted = int(xai.predict(digits, [sample]).classes[0])
    assert predicted not in (7, 2)
    one = {"x": np.random.default_rng(0).normal(size=(8, 8))}
    settings = {"steps": 2, "grid": 8, "draws": 1}
    several = xai.deletion(digits, sample, one, targets=["7", 2, None], **settings)
    assert several["target"].tolist() == [7, 2, predicted] * 6
    for given, target in (("7", 7), (np.int64(7), 7), (2, 2), ([2], 2), (None, predicted), ([None], predicted)):
        found = xai.deletion(digits, sample, one, targets=given, **settings)
        assert set(found["target"]) == {target}
        expected = several[several["target"] == target].reset_index(drop=True)
        pd.testing.assert_frame_equal(found, expected)
    default = xai.deletion(digits, sample, one, **settings)
    assert set(default["target"]) == {predicted}
    array = xai.deletion(digits, sample, one, targets=np.array([2, 7]), **settings)
    assert array["target"].tolist() == [2, 7] * 6


def test_the_prediction_is_that_of_the_whole_picture():
    # At first "on" with 0.55, later "off": the curve stays with "on".
    net = cells(weights=WEIGHTS, constant=0.0)
    table = xai.deletion(net, QUARTERS, {"x": np.array([[4.0, 3], [2, 1]])}, fill="mean", steps=4, grid=2, draws=0)
    assert set(table["target"]) == {0}
    np.testing.assert_allclose(table["p"], [0.55, 0.39, 0.47, 0.43, 0.45], atol=1e-6)


# what is refused


@pytest.mark.parametrize("nothing", [[], (), np.array([], int)], ids=["list", "tuple", "array"])
def test_no_target_is_a_sentence(model, picture, ranks, nothing):
    with pytest.raises(xai.TargetError, match=r"There is no target: give one, or None for the prediction\."):
        xai.deletion(model, picture, {"x": ranks}, targets=nothing, grid=4)


@pytest.mark.parametrize("targets", [2, -1, "ON", ["on", "blue"], [None, 7]])
def test_an_unknown_class_is_a_sentence_before_anything_runs(model, picture, ranks, forwards_of, targets):
    sizes = forwards_of(model)
    with pytest.raises(xai.TargetError, match=r"is no class of .*: it has 2, 0 \(on\) to 1 \(off\)\."):
        xai.deletion(model, picture, {"x": ranks}, targets=targets, grid=4)
    assert sizes == []


@pytest.mark.parametrize("grid", [9, 14, 0, -1])
def test_a_grid_that_the_picture_cannot_have_is_a_sentence(model, picture, ranks, grid):
    match = rf"A picture of 8 x 8 pixels cannot be cut into {grid} x {grid} patches\."
    with pytest.raises(xai.PictureError, match=match):
        xai.deletion(model, picture, {"x": ranks}, grid=grid)


@pytest.mark.parametrize("grid", [1, 8])
def test_the_coarsest_and_the_finest_grid(model, picture, ranks, grid):
    table = xai.deletion(model, picture, {"x": ranks}, targets="on", fill="mean", steps=4, grid=grid, draws=0)
    ends = [of_cells(picture), of_cells(filling(picture, "mean"))]
    assert [table["p"].iloc[0], table["p"].iloc[-1]] == pytest.approx(ends, abs=1e-6)
    if grid == 1:  # a half is rounded to nothing
        np.testing.assert_allclose(table["p"], [ends[0]] * 3 + [ends[1]] * 2, atol=1e-5)


@pytest.mark.parametrize("fill", ["black", "", None, "Blur"])
def test_an_unknown_fill_is_a_sentence_with_the_choices(model, picture, ranks, fill):
    match = f'"blur", "mean" or "noise"; got {fill!r}'
    with pytest.raises(ValueError, match=match):
        xai.deletion(model, picture, {"x": ranks}, fill=fill, grid=4)
    with pytest.raises(ValueError, match=match):
        xai.hide(picture, ranks, 0.5, fill=fill, grid=4)


@pytest.mark.parametrize(("steps", "draws"), [(0, 5), (-1, 5), (4, -1)])
def test_steps_and_draws_that_make_no_sense_are_refused_by_number(model, picture, ranks, steps, draws):
    with pytest.raises(ValueError, match=rf"at least one step .* got {steps} and {draws}\."):
        xai.deletion(model, picture, {"x": ranks}, steps=steps, draws=draws, grid=4)


@pytest.mark.parametrize("nothing", [np.zeros((8, 8), np.uint8), np.zeros((8, 8, 3)), "a.jpg", torch.zeros(1, 3, 8, 8)])
def test_what_is_no_picture_is_refused(model, ranks, nothing):
    with pytest.raises(xai.PictureError):
        xai.deletion(model, nothing, {"x": ranks}, grid=4)


# pictures


def test_every_kind_of_picture_gives_the_same(digits):
    sample = xai.load_dataset("photos")[0]
    one = {"x": np.random.default_rng(0).normal(size=(8, 8))}
    view = digits.preprocessing.view(sample.pixels)
    assert view.shape != sample.pixels.shape
    settings = {"targets": [1, 2], "steps": 3, "grid": 8, "draws": 1}
    expected = xai.deletion(digits, sample, one, **settings)
    prepared = digits.preprocessing.prepare(sample)
    for picture in (prepared, sample.pixels, Image.fromarray(sample.pixels), view):
        pd.testing.assert_frame_equal(xai.deletion(digits, picture, one, **settings), expected)


def test_a_sample_cut_for_another_model_is_refused(model, digits, ranks):
    other = digits.preprocessing.prepare(xai.load_dataset("photos")[0])
    with pytest.raises(xai.PictureError, match="was already cut for a model"):
        xai.deletion(model, other, {"x": ranks}, grid=4)


def test_an_answer_that_is_none_stays_nan(picture, ranks):
    table = xai.deletion(cells(constant=math.nan), picture, {"x": ranks}, steps=2, grid=4, draws=1)
    assert len(table) == 6
    assert table["p"].isna().all()


# progress and what is left behind


def test_progress_is_told_and_what_it_raises_ends_the_run(model, picture, ranks, forwards_of):
    sizes = forwards_of(model)
    told = []
    maps = {"x": ranks, "y": -ranks}
    xai.deletion(model, picture, maps, steps=5, grid=4, draws=2, progress=lambda *n: told.append((*n, sum(sizes))))
    assert told == [(1, 4, 6), (2, 4, 10), (3, 4, 14), (4, 4, 18)]

    def stop(done, total):
        raise KeyboardInterrupt

    sizes.clear()
    with pytest.raises(KeyboardInterrupt):
        xai.deletion(model, picture, maps, steps=5, grid=4, draws=2, progress=stop)
    assert sum(sizes) == 6
    assert is_free(model.lock)


def test_the_lock_is_held_during_forwards_and_no_gradients_are_kept(model, picture, ranks, monkeypatch):
    forward, free, grads = model.net.forward, [], []

    def watch(x):
        free.append(is_free(model.lock))
        grads.append(torch.is_grad_enabled())
        return forward(x)

    monkeypatch.setattr(model.net, "forward", watch)
    between = []
    xai.deletion(
        model, picture, {"x": ranks}, steps=3, grid=4, draws=2, progress=lambda *_: between.append(is_free(model.lock))
    )
    assert len(free) >= 4
    assert not any(free)
    assert not any(grads)
    assert between == [True] * 3
    assert torch.is_grad_enabled()


# ---------------------------------------------------------------- insertion


def test_an_insertion_by_hand(quarters):
    maps = {"rows": np.array([[4.0, 3], [2, 1]]), "back": np.array([[1.0, 2], [3, 4]])}
    table = xai.insertion(quarters, QUARTERS, maps, targets="on", fill="mean", steps=4, grid=2, draws=0)
    assert table.columns.tolist() == ["method", "draw", "shown", "target", "p"]
    assert table["method"].tolist() == ["rows"] * 5 + ["back"] * 5
    assert table["shown"].tolist() == [0, 0.25, 0.5, 0.75, 1] * 2
    # 0.1 + 0.6 * 0.75 all hidden; then +0.4 * 0.4, -0.4 * 0.2, +0.4 * 0.1, -0.4 * 0.05, and the other way round.
    np.testing.assert_allclose(curve(table, "rows"), [0.55, 0.71, 0.63, 0.67, 0.65], atol=1e-6)
    np.testing.assert_allclose(curve(table, "back"), [0.55, 0.53, 0.57, 0.49, 0.65], atol=1e-6)


@pytest.mark.parametrize("fill", ["blur", "mean", "noise"])
def test_to_insert_in_an_order_is_to_delete_in_the_reversed_one_backwards(model, picture, ranks, fill, inputs_of):
    shown = inputs_of(model)
    settings = {"targets": ["on", "off"], "fill": fill, "steps": 16, "grid": 4, "draws": 0, "seed": 5}
    found = xai.insertion(model, picture, {"x": ranks}, **settings)
    inserted = shown[2:]  # after the two ends
    shown.clear()
    reverse = xai.deletion(model, picture, {"x": -ranks}, **settings)
    np.testing.assert_array_equal(inserted, shown[2:][::-1])  # the very same pictures
    for target in (0, 1):
        np.testing.assert_allclose(
            curve(found, "x", target=target), curve(reverse, "x", target=target)[::-1], atol=1e-6
        )


def test_ends_and_random_orders_are_those_of_deletion(model, picture, ranks):
    settings = {"targets": "on", "fill": "noise", "steps": 16, "grid": 4, "draws": 3, "seed": 7}
    hidden = xai.deletion(model, picture, {"x": ranks}, **settings)
    found = xai.insertion(model, picture, {"x": ranks}, **settings)
    cover = filling(picture, "noise", 7)
    for draw, order in enumerate(random_orders(3, 4, 7)):
        expected = [of_cells(hidden_cells(cover, picture, order, count)) for count in range(17)]
        np.testing.assert_allclose(curve(found, "random", draw), expected, atol=1e-6)
    for _, one in found.groupby(["method", "draw"]):
        ends = one.sort_values("shown")["p"].iloc[[0, -1]].tolist()
        assert ends == [curve(hidden, "x")[-1], curve(hidden, "x")[0]]


def test_the_inserted_prediction_is_that_of_the_whole_picture():
    # "on" with 0.55, though what is hidden is "off": the curve is that of "on".
    net = cells(weights=WEIGHTS, constant=0.0)
    maps = {"x": np.array([[4.0, 3], [2, 1]])}
    table = xai.insertion(net, QUARTERS, maps, fill="mean", steps=4, grid=2, draws=0)
    assert set(table["target"]) == {0}
    np.testing.assert_allclose(table["p"], [0.45, 0.61, 0.53, 0.57, 0.55], atol=1e-6)


def test_insertion_refuses_what_deletion_does_and_tells_its_progress(model, picture, ranks, forwards_of):
    sizes = forwards_of(model)
    with pytest.raises(xai.TargetError, match="is no class of"):
        xai.insertion(model, picture, {"x": ranks}, targets="blue", grid=4)
    with pytest.raises(xai.PictureError, match="cannot be cut into 14 x 14 patches"):
        xai.insertion(model, picture, {"x": ranks})
    with pytest.raises(ValueError, match=r"at least one step .* got 0 and 5\."):
        xai.insertion(model, picture, {"x": ranks}, steps=0, grid=4)
    assert sizes == []
    told = []
    maps = {"x": ranks, "flat": np.ones((4, 4))}
    table = xai.insertion(
        model, picture, maps, steps=5, grid=4, draws=2, progress=lambda *n: told.append((*n, sum(sizes)))
    )
    assert told == [(1, 3, 6), (2, 3, 10), (3, 3, 14)]
    assert set(table["method"]) == {"x", "random"}
