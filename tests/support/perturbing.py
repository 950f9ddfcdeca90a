"""Networks whose answer to a hidden part can be worked out, for tests of methods that hide parts."""

import torch
from torch import nn

from tests.support.nets import unscaled

WEIGHTS = torch.tensor([[0.0, 1.0], [2.0, -3.0]])  # of the four quarters of an 8 x 8 picture


class Quarters(nn.Module):
    """Logits (s, 0), with s the brightness of each quarter times its weight, and a product of two quarters."""

    def __init__(self, product=0.0):
        super().__init__()
        self.product = product

    def forward(self, x):
        means = nn.functional.adaptive_avg_pool2d(x.mean(1, keepdim=True), 2)[:, 0]  # (n, 2, 2)
        score = (means * WEIGHTS).sum((1, 2)) + self.product * means[:, 0, 1] * means[:, 1, 0]
        return torch.stack([score, torch.zeros_like(score)], 1)


def quarters(product=0.0):
    return unscaled(Quarters(product), 8, ["a", "b"])


def probability(shown, product=0.0):
    """Of class a, of a white picture of whose quarters some are black: bool (..., 4) -> float (...)."""
    there = torch.as_tensor(shown, dtype=torch.float32)
    score = (there * WEIGHTS.flatten()).sum(-1) + product * there[..., 1] * there[..., 2]
    return torch.sigmoid(score).numpy()
