"""KernelSHAP against Shapley values worked out by hand and against Captum."""

from itertools import permutations

import numpy as np
import pytest
import torch
from captum.attr import KernelShap, ShapleyValues

import xai_core as xai
from tests.support.cams import seeded
from tests.support.perturbing import WEIGHTS, probability, quarters
from xai_core.methods.kernel_shap import coalitions, shapley_values
from xai_core.types.superpixels import segment_values

PARTS = np.kron(np.arange(4).reshape(2, 2), np.ones((4, 4), int))
PLAIN = {"precision": "float32", "hide": (0, 0, 0)}


def test_by_hand():
    """Of a sum of the players' weights and a product of two of them: each gets its own, and half of the product."""
    rows, weights = coalitions(4, 100, seed=0)
    z = rows.astype(float)
    score = z @ WEIGHTS.flatten().numpy() + 5 * z[:, 1] * z[:, 2]
    found = shapley_values(rows, weights, score[:, None], np.zeros(1), np.array([5.0]))  # 0 + 1 + 2 - 3 + 5
    np.testing.assert_allclose(found[0], [0, 1 + 2.5, 2 + 2.5, -3], atol=1e-10)


def test_of_few_superpixels_all_coalitions_are_asked_and_the_values_are_exact():
    white = np.full((8, 8, 3), 255, np.uint8)
    found = xai.explain(quarters(2.0), [white], method="kernel_shap", targets=0, segments=PARTS, **PLAIN)
    values = segment_values(found["superpixels"][0], PARTS)
    expected = np.zeros(4)
    for player in range(4):  # the definition: the mean gain over all orders
        for order in permutations(range(4)):
            before = [one in order[: order.index(player)] for one in range(4)]
            after = [held or one == player for one, held in enumerate(before)]
            expected[player] += (probability(after, 2.0) - probability(before, 2.0)) / 24
    np.testing.assert_allclose(values, expected, atol=1e-6)


@pytest.mark.parametrize("key", ["resnet18", "efficientnet_lite0", "mobilenet_v3_large", "resnet20_cifar", "alexnet"])
def test_exact_values_are_captums_shapley_values(key):
    size = 64
    model = seeded(key, size)
    pixels = np.random.default_rng(0).integers(0, 256, (size, size, 3), dtype=np.uint8)
    parts = np.kron(np.array([[0, 1], [2, 3]]), np.ones((size // 2, size // 2), int))  # Captum goes through all orders
    found = xai.explain(model, [pixels], method="kernel_shap", targets=3, segments=parts, **PLAIN)
    inputs, black = (torch.from_numpy(model.preprocessing.scale(one))[None] for one in (pixels, 0 * pixels))
    captum = ShapleyValues(lambda x: model.net(x).softmax(1).double())
    mask = torch.from_numpy(parts)[None, None].repeat(1, 3, 1, 1)
    with torch.no_grad():
        theirs = captum.attribute(inputs, black, 3, feature_mask=mask, perturbations_per_eval=8)[0, 0].numpy()
    np.testing.assert_allclose(found["superpixels"][0], theirs, atol=2e-7)


def test_drawn_values_add_up_and_near_the_exact_ones_as_captums_do(digits):
    (digit,) = xai.load_dataset("textured_digits")[:1]
    view = digits.preprocessing.prepare(digit).pixels
    parts = np.kron(np.arange(12).reshape(3, 4), np.ones((22, 16), int))[:64]
    ask = {"method": "kernel_shap", "targets": int(digit.label), "segments": parts, **PLAIN}
    exact = segment_values(xai.explain(digits, [digit], num_samples=5000, **ask)["superpixels"][0], parts)
    inputs, black = (torch.from_numpy(digits.preprocessing.scale(one))[None] for one in (view, 0 * view))

    def forward(x):
        with digits.lock, torch.no_grad():
            return digits.net(x).softmax(1)

    p = forward(torch.cat([inputs, black]))[:, int(digit.label)].numpy()
    errors = []
    for seed in range(3):
        found = segment_values(xai.explain(digits, [digit], num_samples=400, seed=seed, **ask)["superpixels"][0], parts)
        assert found.sum() == pytest.approx(p[0] - p[1], abs=1e-5)
        torch.manual_seed(seed)
        np.random.seed(seed)
        mask = torch.from_numpy(parts)[None, None].expand(1, 3, -1, -1)
        captum = KernelShap(forward).attribute(
            inputs, black, int(digit.label), feature_mask=mask, n_samples=400, perturbations_per_eval=50
        )
        theirs = segment_values(captum[0, 0].numpy(), parts)
        errors.append([np.abs(one - exact).mean() for one in (found, theirs)])
    ours, captums = np.mean(errors, axis=0)
    assert exact.sum() == pytest.approx(p[0] - p[1], abs=1e-5)
    assert ours < 0.2 * np.abs(exact).mean() + 1e-6
    assert ours < 1.1 * captums


def test_coalitions_come_in_pairs_that_complement_each_other():
    rows, weights = coalitions(30, 200, seed=1)
    np.testing.assert_array_equal(rows[::2], ~rows[1::2])
    np.testing.assert_array_equal(weights, 1)
    assert not rows.all(1).any()
    assert rows.any(1).all()
    np.testing.assert_array_equal(rows, coalitions(30, 200, seed=1)[0])


def test_one_superpixel_is_a_sentence(digits):
    (digit,) = xai.load_dataset("textured_digits")[:1]
    with pytest.raises(xai.MethodError, match="at least two coalitions and two superpixels; there are 1000 and 1"):
        xai.explain(digits, [digit], method="kernel_shap", segments=np.zeros((64, 64), int))
