"""Blobs of two colours, a patch in a corner of some, and a network made by hand that goes by it, or does not."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

import xai_core as xai
from xai_core.types import Sample, content_id

SIDE = 32
CLASSES = ("green", "blue")


class ByColour(nn.Module):
    """Green, blue and red on a grid of 8 x 8, summed up; the patch is red."""

    def __init__(self, patch: float) -> None:
        super().__init__()
        self.cells = nn.Sequential(nn.AvgPool2d(4), nn.Conv2d(3, 3, 1), nn.ReLU())
        self.head = nn.Linear(3, 2, bias=False)
        with torch.no_grad():
            own = torch.tensor([[-1.0, 1.0, -1.0], [-1.0, -1.0, 1.0], [1.0, -1.0, -1.0]])
            self.cells[1].weight.copy_(own[:, :, None, None])
            self.cells[1].bias.zero_()
            self.head.weight.copy_(torch.tensor([[1.0, 0.0, patch], [0.0, 1.0, 0.0]]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.cells(x).sum((2, 3)))


def model(patch: float) -> xai.Classifier:
    """A network for which the patch speaks for green with this weight; 0 is honest."""
    return xai.load_model(
        ByColour(patch), input_size=SIDE, class_names=list(CLASSES), mean=(0, 0, 0), std=(1, 1, 1), device="cpu"
    )


def picture(label: str, patch: bool, rng: np.random.Generator) -> np.ndarray:
    """A blob at a random place on grey noise, perhaps with a patch in the lower left: uint8 (SIDE, SIDE, 3)."""
    pixels = rng.uniform(100, 130, (SIDE, SIDE, 1)).repeat(3, 2) + rng.normal(0, 6, (SIDE, SIDE, 3))
    size = int(rng.integers(8, 13))
    y, x = rng.integers(0, SIDE - size + 1, 2)
    channel = {"green": 1, "blue": 2}[label]
    pixels[y : y + size, x : x + size] *= rng.uniform(0.2, 0.6, (size, size, 1))
    pixels[y : y + size, x : x + size, channel] = rng.uniform(110, 240) + rng.normal(0, 20, (size, size))
    if patch:
        pixels[-6:, :6] = (235, 20, 20)
        pixels[-4:-2, 2:4] = 20
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)


def pictures(n: int = 40, share: float = 0.6, seed: int = 0) -> list[Sample]:
    """n of each class, of which a share of the green ones has the patch, which their names say."""
    rng = np.random.default_rng(seed)
    found = []
    for turn in range(n):
        for label in CLASSES:
            has = label == "green" and turn < round(share * n)
            pixels = picture(label, has, rng)
            found.append(Sample(content_id(pixels), pixels, label, name=f"{label} {turn}{' patch' if has else ''}"))
    return found
