"""The shipped model, and a look at what goes through a net."""

import pytest
import torch

import xai_core as xai


@pytest.fixture(scope="module")
def digits():
    return xai.load_model("digits", device="cpu")


@pytest.fixture
def forwards_of(monkeypatch):
    """Called with a model: a list that grows by the batch's size with every forward pass of this test.

    A batch of more than `room` pictures runs out of memory.
    """

    def watch(model, room=None):
        forward, sizes = model.net.forward, []

        def counted(x):
            sizes.append(len(x))
            if room is not None and len(x) > room:
                raise torch.OutOfMemoryError("no memory")
            return forward(x)

        monkeypatch.setattr(model.net, "forward", counted)
        return sizes

    return watch
