"""A network of one's own architecture, with weights from a file beside this one."""

from pathlib import Path

import torch
from torch import nn

import xai_core as xai
from xai_core.types import Preprocessing

WEIGHTS = Path(__file__).with_name("my_network.pth")


class MyNetwork(nn.Module):
    """Pictures (N, 3, 64, 64) -> logits (N, 10)."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 5, stride=2, padding=2)
        self.second = nn.Conv2d(8, 16, 5, stride=2, padding=2)
        self.head = nn.Linear(16, 10)

    def forward(self, pictures):
        seen = self.second(self.first(pictures).relu()).relu()
        return self.head(seen.mean((2, 3)))


@xai.register_model(
    "my_network",
    "My network",
    classes=10,
    class_names=list("0123456789"),
    preprocessing=Preprocessing(64, 64, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5)),
)
def my_network(progress):
    """The network with its weights."""
    network = MyNetwork()
    network.load_state_dict(torch.load(WEIGHTS, weights_only=True))
    return network
