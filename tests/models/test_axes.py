"""Maps of networks of one's own against Grad-CAM worked out by hand, and what is never offered as a map."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

import xai_core as xai


class Attention(nn.Module):
    """Single-head, so that its matrix (N, T, T) has three axes, as tokens do; with `matrix` a module gives it."""

    def __init__(self, width):
        super().__init__()
        self.qkv, self.matrix, self.out = nn.Linear(width, 3 * width), nn.Softmax(-1), nn.Linear(width, width)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, -1)
        return self.out(self.matrix(q @ k.transpose(1, 2) / q.shape[-1] ** 0.5) @ v)


class TokenBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm1, self.attention, self.norm2 = nn.LayerNorm(width), Attention(width), nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Tokens(nn.Module):
    """A transformer of 4 x 4 patches with some tokens in front, or behind, of which the first is read."""

    def __init__(self, front=1, behind=False, width=16, blocks=5):
        super().__init__()
        self.behind = behind
        self.patch = nn.Conv2d(3, width, 4, 4)
        self.more = nn.Parameter(torch.randn(1, front, width))
        self.blocks = nn.Sequential(*(TokenBlock(width) for _ in range(blocks)))
        self.head = nn.Linear(width, 3)

    def forward(self, x):
        patches, more = self.patch(x).flatten(2).transpose(1, 2), self.more.expand(len(x), -1, -1)
        x = self.blocks(torch.cat([patches, more] if self.behind else [more, patches], 1))
        return self.head(x[:, -1 if self.behind else 0])


class LastBlock(nn.Module):
    """(N, H, W, C) in and out."""

    def __init__(self, width):
        super().__init__()
        self.norm, self.mix = nn.LayerNorm(width), nn.Linear(width, width)
        self.across = nn.Conv2d(width, width, 3, padding=1, groups=width)

    def forward(self, x):
        x = x + F.gelu(self.mix(self.norm(x)))
        return x + self.across(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


class Last(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.b1, self.b2, self.head = nn.Conv2d(3, 12, 4, 4), LastBlock(12), LastBlock(12), nn.Linear(12, 3)

    def forward(self, x):
        x = self.b2(self.b1(self.stem(x).permute(0, 2, 3, 1)))
        return self.head(x.square().mean((1, 2)))


class Wrapper(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.inner = net

    def forward(self, x):
        return {"logits": self.inner(x)}


def seeded(make):
    torch.manual_seed(0)
    return make().eval()


def load(net, size=32, **settings):
    return xai.load_model(net, input_size=size, device="cpu", **settings)


def kept(net, name, x, target):
    """(activation, gradient) of one picture at a module."""
    found = {}
    handle = net.get_submodule(name).register_forward_hook(lambda _m, _i, output: found.update(at=output))
    answer = net(x)
    handle.remove()
    answer = answer["logits"] if isinstance(answer, dict) else answer
    (gradient,) = torch.autograd.grad(answer[0, target], found["at"])
    return found["at"][0].detach(), gradient[0]


def picture(height=32, width=32):
    return torch.randn(1, 3, height, width, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("front", [1, 2, 5])
@pytest.mark.parametrize("size", [(32, 32), (32, 48)])
def test_tokens_are_those_of_the_picture_whatever_stands_in_front(front, size):
    net = seeded(lambda: Tokens(front))
    model = load(net, size)
    blocks = [layer.name for layer in model.select("blocks")]
    assert blocks == [f"blocks.{i}" for i in range(4)]  # behind the last, only the tokens in front have a gradient
    high, wide = size[0] // 4, size[1] // 4
    x = picture(*size)
    maps = xai.grad_cam(model, x, layers=blocks, targets=1)
    for layer in model.select(blocks):
        activation, gradient = kept(net, layer.name, x, 1)
        expected = (activation[front:] * gradient[front:].mean(0)).sum(1).reshape(high, wide).numpy()
        np.testing.assert_allclose(maps[layer.name][0], expected, rtol=1e-4, atol=1e-6)
        assert (str(layer.axes), layer.size) == (f"NTC+{front}", (high, wide))
        assert np.abs(expected).max() > 0


def test_tokens_behind_the_pictures_are_not_taken_for_the_first():
    net = seeded(lambda: Tokens(1, behind=True))
    model = load(net)
    x = picture()
    layer = model.select("blocks")[0]
    activation, gradient = kept(net, layer.name, x, 0)
    expected = (activation[:64] * gradient[:64].mean(0)).sum(1).reshape(8, 8).numpy()
    np.testing.assert_allclose(xai.grad_cam(model, x, layers=layer.name, targets=0)[layer.name][0], expected, rtol=1e-4)


def test_an_input_of_another_size_has_the_grid_of_its_patches():
    net = seeded(lambda: Tokens(1))
    model = load(net)
    maps = xai.grad_cam(model, picture(32, 20), layers="blocks")
    assert {values.shape for values in maps.values()} == {(1, 8, 5)}


def test_channels_may_stand_last_in_a_network_of_ones_own():
    net = seeded(lambda: Wrapper(Last()))
    model = load(net)
    assert [layer.name for layer in model.select("stages")] == ["inner.b1", "inner.b2"]
    x = picture()
    for name in ("inner.b1", "inner.b2"):
        activation, gradient = kept(net, name, x, 2)
        expected = (activation * gradient.mean((0, 1))).sum(2).numpy()
        np.testing.assert_allclose(xai.grad_cam(model, x, layers=name, targets=2)[name][0], expected, rtol=1e-4)


def test_an_attention_matrix_is_never_a_map():
    model = load(seeded(lambda: Tokens(1, blocks=3)))
    assert not [layer.name for layer in model.layers if layer.name.endswith("matrix")]


class Shuffled(nn.Module):
    """Tokens of an 8 x 8 grid in the order of 2 x 2 windows: no map by rows."""

    def __init__(self):
        super().__init__()
        self.patch, self.mix, self.head = nn.Conv2d(3, 8, 4, 4), nn.Linear(8, 8), nn.Linear(8, 3)

    def forward(self, x):
        tokens = self.patch(x).unflatten(3, (4, 2)).unflatten(2, (4, 2))  # (N, C, 4, 2, 4, 2)
        tokens = tokens.permute(0, 3, 5, 2, 4, 1).flatten(1, 4)  # the place in a window first
        return self.head(self.mix(tokens).square().mean(1))


def test_tokens_in_another_order_than_the_picture_are_not_offered():
    model = load(seeded(Shuffled))
    assert [layer.name for layer in model.layers] == ["patch"]


def test_axes_can_be_stated():
    net = seeded(Shuffled)
    model = load(net, layers={"mix": "NTC 8x8"})
    assert [(layer.name, layer.size, str(layer.axes)) for layer in model.layers][-1] == ("mix", (8, 8), "NTC")
    assert model.id != load(net).id
    with pytest.raises(xai.LayerError, match=r"^The layer 'mix' of Shuffled gives no map with the axes NHWC\.$"):
        load(net, layers={"mix": "NHWC"})
    with pytest.raises(xai.LayerError, match=r"^'rows' says no axes\. Known are NCHW \(batch, channels"):
        load(net, layers={"mix": "rows"})


def test_a_branch_is_no_stage():
    class Branch(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem, self.inner, self.head = (
                nn.Conv2d(3, 4, 3, padding=1),
                nn.Conv2d(4, 4, 3, padding=1),
                nn.Linear(4, 2),
            )

        def forward(self, x):
            x = self.stem(x)
            return self.head((x + F.relu(self.inner(x))).mean((2, 3)))

    model = load(seeded(Branch))
    assert [layer.name for layer in model.select("stages")] == ["stem"]  # `inner` can be gone round
    assert [layer.name for layer in model.layers] == ["stem", "inner"]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_are_explained(dtype):
    net = seeded(Last)
    model = load(net.to(dtype))
    x = picture()
    stored = {torch.float64: torch.float64}.get(dtype, torch.float32)
    activation, gradient = kept(seeded(Last).to(dtype).to(stored), "b2", x.to(stored), 0)
    expected = (activation * gradient.mean((0, 1))).sum(2).float().numpy()
    found = xai.grad_cam(model, x, layers="b2", targets=0)["b2"]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[0], expected, rtol=1e-3, atol=1e-6)
    assert ("single precision" in " ".join(model.notes)) == (dtype != torch.float64)


def test_a_network_that_hooks_gradients_as_it_runs_is_explained():
    class Hooks(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.head = nn.Conv2d(3, 4, 3), nn.Linear(4, 2)

        def forward(self, x):
            maps = F.relu(self.conv(x))
            maps.register_hook(lambda gradient: None)
            return self.head(maps.mean((2, 3)))

    model = load(seeded(Hooks))
    assert np.abs(xai.grad_cam(model, picture(), layers="conv")["conv"]).max() > 0
    assert xai.predict(model, picture()).probabilities.sum() == pytest.approx(1)


def test_dropout_that_is_always_on_is_said():
    class Drops(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.head = nn.Conv2d(3, 32, 3), nn.Linear(32, 2)

        def forward(self, x):
            return self.head(F.dropout(F.relu(self.conv(x)).mean((2, 3)), 0.5))

    model = load(seeded(Drops))
    assert "draws random numbers at each call" in " ".join(model.notes)
    assert [layer.name for layer in model.layers] == ["conv"]
    assert "random" not in " ".join(load(seeded(Last)).notes)


@pytest.mark.parametrize("wrap", [nn.DataParallel, torch.optim.swa_utils.AveragedModel])
def test_what_only_trains_a_network_is_taken_off(wrap):
    model = load(wrap(seeded(Last)))
    assert (model.title, [layer.name for layer in model.select()]) == ("Last", ["b1", "b2"])


def test_weights_made_under_inference_mode_are_explained():
    with torch.inference_mode():
        net = seeded(Last)
    assert xai.grad_cam(load(net), picture())["b2"].shape == (1, 8, 8)
