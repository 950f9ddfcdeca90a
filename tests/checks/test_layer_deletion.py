"""Deletion by layer against a network that reads the left half, and against the probabilities of hidden pictures."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import xai_core as xai
from tests.support.maps import as_heatmaps
from tests.support.nets import unscaled
from xai_core.checks.layer_deletion import DRAWS, deleted_places, deletion_gains
from xai_core.interventions.hiding import filling, hidden, random_orders

SIDE = 16


class LeftHalf(nn.Module):
    """Sure of "light" where the left half is light."""

    def forward(self, x):
        light = 8 * (x[:, :, :, : SIDE // 2].mean(dim=(1, 2, 3)) - 0.5)
        return torch.stack([light, -light], dim=1)


@pytest.fixture
def model():
    return unscaled(LeftHalf(), SIDE, ["light", "dark"])


@pytest.fixture
def picture():
    """Light on the left, dark on the right, so that a blur darkens the left."""
    rng = np.random.default_rng(0)
    view = rng.integers(0, 60, (SIDE, SIDE, 3))
    view[:, : SIDE // 2] += 190
    return view.astype(np.uint8)


def maps():
    """At three layers: the left half, the right half, and none."""
    left = np.repeat(np.array([1.0, 0.9, 0.1, 0.0], np.float32)[None], 4, axis=0)
    return as_heatmaps({"left": left[None], "right": left[None, :, ::-1], "flat": np.ones((1, 4, 4))})


def test_hiding_what_is_read_costs_more_and_hiding_the_rest_less(model, picture):
    left, right, flat = deletion_gains(model, picture, at(maps()), 0)
    assert right < 0 < left
    assert np.isnan(flat)


def test_a_gain_is_the_mean_probability_in_random_orders_less_that_in_the_maps(model, picture):
    found = deletion_gains(model, picture, at(maps()), 0, seed=3)
    cover, shares = filling(picture, "blur", 3), (0.25, 0.5, 0.75)
    by_map = [xai.hide(picture, maps()["left"][0], share) for share in shares]
    by_chance = [hidden(picture, order, share, cover) for order in random_orders(DRAWS, 14, 3) for share in shares]
    p_map, p_chance = (light(model, views) for views in (by_map, by_chance))
    assert found[0] == pytest.approx(float(p_chance.mean() - p_map.mean()), abs=1e-6)


def test_pictures_of_few_pixels_have_as_many_patches():
    small = unscaled(nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 2)), 8, ["a", "b"])
    picture = np.random.default_rng(1).integers(0, 256, (8, 8, 3)).astype(np.uint8)
    assert np.isfinite(deletion_gains(small, picture, at(maps(), 8), 0)[:2]).all()


def at(heatmaps, side=SIDE):
    return replace(heatmaps, input_size=(side, side))


def light(model, views):
    samples = [xai.Sample("view", view, view_of=model.preprocessing) for view in views]
    return xai.predict(model, samples).probabilities[:, 0]


@pytest.mark.parametrize(("n", "found"), [(0, []), (1, [0]), (3, [0, 1, 2]), (5, [0, 2, 4])])
def test_pictures_are_drawn_evenly(n, found):
    assert deleted_places(n, 3).tolist() == found


def test_every_picture_is_asked_about_where_there_are_few():
    assert deleted_places(16).tolist() == list(range(16))
    assert len(deleted_places(1_000)) == 16
