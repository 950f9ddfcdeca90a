"""A small network with weights drawn from a seed."""

import xai_core as xai
from xai_core.types import Preprocessing


@xai.register_model(
    "example_net", "Example net", classes=10, preprocessing=Preprocessing(64, 64), class_names=list("0123456789")
)
def example_net(progress):
    """Pictures (N, 3, 64, 64) -> logits (N, 10)."""
    import torch
    from torch import nn

    with torch.random.fork_rng():
        torch.manual_seed(0)
        first, second = nn.Conv2d(3, 8, 5, stride=2, padding=2), nn.Conv2d(8, 16, 5, stride=2, padding=2)
        head = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10))
        return nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), *head)
