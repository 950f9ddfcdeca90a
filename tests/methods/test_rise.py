"""RISE against a slow loop written out, and what its masks are."""

import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

import xai_core as xai
from tests.support.cams import seeded
from tests.support.perturbing import quarters
from xai_core.methods import get_method
from xai_core.methods.rise import Masks

PLAIN = {"precision": "float32"}


def slow(model, pixels, target, samples, seed, cells=7):
    """The paper's sum, one mask and one forward pass at a time."""
    high, wide = pixels.shape[:2]
    cell = [int(np.ceil(side / cells)) for side in (high, wide)]
    grey = torch.from_numpy(model.preprocessing.scale(np.full_like(pixels, 127)))
    inputs = torch.from_numpy(model.preprocessing.scale(pixels))
    total = torch.zeros(high, wide, dtype=torch.float64)
    for number in range(samples):
        chance = np.random.default_rng((seed, number))
        grid = torch.from_numpy((chance.random((cells + 1, cells + 1)) < 0.5).astype(np.float32))
        top, left = int(chance.integers(0, cell[0])), int(chance.integers(0, cell[1]))
        large = ((cells + 1) * cell[0], (cells + 1) * cell[1])
        mask = interpolate(grid[None, None], large, mode="bilinear")[0, 0, top : top + high, left : left + wide]
        with torch.no_grad():
            p = model.net((mask * inputs + (1 - mask) * grey)[None]).softmax(1)[0, target]
        total += p.double() * mask.double()
    return (total / (samples * 0.5)).numpy()


@pytest.mark.parametrize("key", ["resnet18", "efficientnet_lite0", "mobilenet_v3_large", "resnet20_cifar", "alexnet"])
def test_maps_are_the_loops(key):
    model = seeded(key, 64)
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    found = xai.explain(model, [pixels], method="rise", targets=4, num_samples=40, seed=5, **PLAIN)
    np.testing.assert_allclose(found["input"][0], slow(model, pixels, 4, 40, 5), rtol=1e-5)


def test_a_mask_shows_half_is_soft_and_depends_on_its_number_alone():
    masks = Masks((30, 50), seed=2)
    many = masks(0, 400)
    assert many.shape == (400, 30, 50)
    assert abs(many.mean() - 0.5) < 0.02
    assert many.min() == 0
    assert many.max() == 1
    assert ((many > 0) & (many < 1)).any()
    np.testing.assert_array_equal(masks(37, 40), many[37:40])
    assert (Masks((30, 50), seed=3)(0, 1) != many[:1]).any()


def test_it_finds_the_quarter_that_counts():
    white = np.full((8, 8, 3), 255, np.uint8)
    found = xai.explain(quarters(), [white], method="rise", targets=0, num_samples=2000, hide=(0, 0, 0), **PLAIN)
    means = found["input"][0].reshape(2, 4, 2, 4).mean((1, 3)).ravel()
    assert np.argsort(means).tolist() == [3, 0, 1, 2]  # as the weights are: -3, 0, 1, 2


def test_estimates_grow_and_say_how_far_halves_agree(digits):
    (digit,) = xai.load_dataset("textured_digits")[:1]
    steps = list(get_method("rise").grow(digits, digit, targets=[2, 5], every=32, num_samples=150, **PLAIN))
    assert [one.done for one in steps][-1] == 150
    assert len(steps) > 2
    whole = xai.explain(digits, [digit] * 2, method="rise", targets=[2, 5], num_samples=150, **PLAIN)
    np.testing.assert_allclose(steps[-1].heatmaps["input"], whole["input"], rtol=1e-5)
    assert steps[-1].stability.shape == (2,)
    assert (np.abs(steps[-1].stability) <= 1).all()


def test_too_few_masks_are_a_sentence(digits):
    (digit,) = xai.load_dataset("textured_digits")[:1]
    with pytest.raises(xai.MethodError, match="at least two masks, got 1"):
        xai.explain(digits, [digit], method="rise", num_samples=1)
