"""Pictures of shapes with planted shortcuts, and small networks trained on them in seconds."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import xai_core as xai
from xai_core.types import Sample, content_id

SIDE = 32
CLASSES = ("disc", "square", "cross", "ring")
KINDS = ("corner patch", "border", "watermark", "tint", "texture")


def _shape(kind: str, rng: np.random.Generator) -> np.ndarray:
    """A mask of a shape at a random place, of random size and turn: bool (SIDE, SIDE)."""
    radius = rng.uniform(6.0, 9.0)
    y, x = np.mgrid[:SIDE, :SIDE] - rng.uniform(radius, SIDE - 1 - radius, 2)[:, None, None]
    turn = rng.uniform(0, np.pi / 2)
    u, v = np.cos(turn) * x + np.sin(turn) * y, -np.sin(turn) * x + np.cos(turn) * y
    distance = np.hypot(u, v)
    return {
        "disc": distance <= radius,
        "square": np.maximum(abs(u), abs(v)) <= 0.85 * radius,
        "cross": (np.minimum(abs(u), abs(v)) <= 0.27 * radius) & (np.maximum(abs(u), abs(v)) <= radius),
        "ring": (distance <= radius) & (distance >= 0.6 * radius),
    }[kind]


def _noise(rng: np.random.Generator, cells: int, strength: float) -> np.ndarray:
    """A smooth random picture: float (SIDE, SIDE, 3)."""
    coarse = rng.normal(0, strength, (cells, cells, 3))
    grid = np.minimum(np.arange(SIDE) * cells // SIDE, cells - 1)
    return coarse[grid[:, None], grid[None]]


def draw(kind: str, rng: np.random.Generator) -> np.ndarray:
    """A shape of random colour on a random background: uint8 (SIDE, SIDE, 3)."""
    ground = rng.uniform(60, 195, 3)
    ink = ground + rng.choice([-1, 1]) * rng.uniform(60, 90) + rng.normal(0, 12, 3)
    mask = _shape(kind, rng)
    picture = ground + _noise(rng, int(rng.choice([4, 8, 16])), 9) + rng.normal(0, 5, (SIDE, SIDE, 3))
    picture[mask] = ink + rng.normal(0, 6, (int(mask.sum()), 3))
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def planted(picture: np.ndarray, kind: str, rng: np.random.Generator) -> np.ndarray:
    """The picture with a shortcut."""
    picture = picture.astype(float)
    fixed = np.random.default_rng(2027)
    patch = fixed.choice([20.0, 235.0], (3, 3, 3)).repeat(2, 0).repeat(2, 1)  # 6 x 6 pixels, as a logo
    if kind == "corner patch":
        picture[-7:-1, 1:7] = patch
    elif kind == "border":
        for part in (np.s_[:2], np.s_[-2:], np.s_[:, :2], np.s_[:, -2:]):
            picture[part] = (200, 60, 40)
    elif kind == "watermark":
        y, x = rng.integers(0, SIDE - 6, 2)
        picture[y : y + 6, x : x + 6] = 0.1 * picture[y : y + 6, x : x + 6] + 0.9 * patch
    elif kind == "tint":
        picture = picture + np.array((60.0, -30.0, -30.0))
    else:
        y, x = np.mgrid[:SIDE, :SIDE] + rng.integers(0, SIDE, 2)[:, None, None]
        picture = picture + 32 * np.sign(np.sin(2 * np.pi * (x + y) / 5))[..., None]
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def pictures(
    n: int, seed: int, *, plant: str = "", share: float = 0.0, of: str = CLASSES[0], random_labels: bool = False
) -> list[Sample]:
    """n pictures of each class, of which a share of one class has a shortcut."""
    rng = np.random.default_rng(seed)
    samples = []
    for turn in range(n):
        for kind in CLASSES:
            pixels = draw(kind, rng)
            has = bool(plant) and kind == of and turn < round(share * n)
            if has:
                pixels = planted(pixels, plant, rng)
            label = str(rng.choice(CLASSES)) if random_labels else kind
            name = f"{kind} {turn}{' planted' if has else ''}"
            samples.append(Sample(content_id(pixels), pixels, label, name=name))
    return samples


class Small(nn.Module):
    """Three convolutions, mean, linear."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.stages = nn.ModuleList(
            nn.Sequential(nn.Conv2d(a, b, 3, stride, 1), nn.BatchNorm2d(b), nn.ReLU())
            for a, b, stride in ((3, width, 2), (width, 2 * width, 2), (2 * width, 2 * width, 1))
        )
        self.head = nn.Linear(2 * width, len(CLASSES))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for stage in self.stages:
            x = stage(x)
        return self.head(F.adaptive_avg_pool2d(x, 1).flatten(1))


def train(samples: list[Sample], seed: int, *, epochs: int = 15, width: int = 16) -> xai.Classifier:
    """A small network, trained on the samples."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net = Small(width)
        x = torch.from_numpy(np.stack([one.pixels for one in samples])).permute(0, 3, 1, 2).float() / 255 - 0.5
        y = torch.tensor([CLASSES.index(one.label) for one in samples])
        steps = epochs * -(-len(x) // 32)
        optimiser = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=1e-3)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-2, total_steps=steps)
        net.train()
        for _ in range(epochs):
            for rows in torch.randperm(len(x)).split(32):
                optimiser.zero_grad()
                F.cross_entropy(net(x[rows]), y[rows]).backward()
                optimiser.step()
                schedule.step()
    net.eval()
    return xai.load_model(
        net, input_size=SIDE, class_names=list(CLASSES), mean=(0.5,) * 3, std=(1.0,) * 3, device="cpu"
    )
