"""Nets, and what is asked of a model after a call, that several tests of the methods share."""

import gc
import threading

import torch
from torch import nn

import xai_core as xai


class Tiny(nn.Module):
    """A 1 x 1 convolution to red and minus green, an in-place ReLU, mean pooling, and two classes, a and b."""

    def __init__(self, b=(-1.0, -4.0)):
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 1, bias=False)
        self.relu = nn.ReLU(inplace=True)
        self.head = nn.Linear(2, 2, bias=False)
        with torch.no_grad():
            self.conv.weight.copy_(torch.tensor([[1.0, 0, 0], [0, -1.0, 0]])[:, :, None, None])
            self.head.weight.copy_(torch.tensor([[2.0, 0.0], b]))

    def forward(self, x):
        return self.head(self.relu(self.conv(x)).mean((2, 3)))


def tiny(net=None):
    return xai.load_model(net or Tiny(), input_size=2, class_names=["a", "b"], device="cpu")


def unscaled(net, size, names=None):
    """A model that sees pixels from 0 to 1 as they are."""
    return xai.load_model(net, input_size=size, class_names=names, mean=(0, 0, 0), std=(1, 1, 1), device="cpu")


def is_free(lock):
    """Whether another thread could take it."""
    found = []

    def take():
        found.append(lock.acquire(blocking=False))
        if found[0]:
            lock.release()

    thread = threading.Thread(target=take)
    thread.start()
    thread.join()
    return found[0]


def hooks(net):
    return sum(len(module._forward_hooks) + len(module._backward_hooks) for module in net.modules())


def in_threads(ask):
    """ask(0) to ask(7), all at once."""
    threads = [threading.Thread(target=ask, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def tensors():
    # By type: isinstance would wake lazy modules among the objects.
    return sum(issubclass(type(thing), torch.Tensor) for thing in gc.get_objects())


def left_alive(call):
    """How many more tensors there are after five calls."""
    gc.collect()
    before = tensors()
    gc.disable()  # what is freed here is freed without the collector
    try:
        for _ in range(5):
            call()
        return tensors() - before
    finally:
        gc.enable()
