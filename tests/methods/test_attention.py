"""LeGrad and attention rollout on transformers of three libraries: against torchcam, and written out."""

import numpy as np
import pytest
import torch
from torch import nn
from torchcam.methods import LeGrad

import xai_core as xai
from tests.support.cams import assert_close, seeded
from tests.support.nets import hooks
from xai_core._torchvision import torchvision

SIDE, GRID = 32, 4


def torchvisions():
    net = torchvision().models.VisionTransformer(
        SIDE, SIDE // GRID, num_layers=4, num_heads=2, hidden_dim=16, mlp_dim=32, num_classes=5
    )
    nn.init.normal_(net.heads.head.weight)  # it starts at zero
    return net


def timms():
    torchvision()
    import timm

    return timm.create_model(
        "vit_tiny_patch16_224",
        img_size=SIDE,
        patch_size=SIDE // GRID,
        depth=4,
        embed_dim=16,
        num_heads=2,
        num_classes=5,
    )


def hugging_faces():
    torchvision()
    from transformers import ViTConfig, ViTForImageClassification

    return ViTForImageClassification(
        ViTConfig(
            hidden_size=16,
            num_hidden_layers=4,
            num_attention_heads=2,
            intermediate_size=32,
            image_size=SIDE,
            patch_size=SIDE // GRID,
            num_labels=5,
        )
    )


@pytest.fixture(scope="module", params=[torchvisions, timms, hugging_faces])
def model(request):
    torch.manual_seed(0)
    return xai.load_model(request.param(), input_size=SIDE, device="cpu")


@pytest.fixture(scope="module")
def inputs():
    return torch.randn(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))


def plain_attention(tokens, weights, biases, heads):
    """softmax(Q K' / root of d) of tokens (T, C), one head at a time: float64 (heads, T, T)."""
    (wq, wk), (bq, bk) = weights, biases
    q, k = tokens @ wq.T + bq, tokens @ wk.T + bk
    size, found = q.shape[1] // heads, []
    for head in range(heads):
        part = slice(head * size, (head + 1) * size)
        found.append(torch.softmax(q[:, part] @ k[:, part].T / size**0.5, 1))
    return torch.stack(found).double().numpy()


def projections(module):
    """Weights and biases of queries and keys, however the library keeps them."""
    if isinstance(module, nn.MultiheadAttention):
        return module.in_proj_weight.chunk(3)[:2], module.in_proj_bias.chunk(3)[:2]
    if hasattr(module, "qkv"):
        return module.qkv.weight.chunk(3)[:2], module.qkv.bias.chunk(3)[:2]
    return (module.q_proj.weight, module.k_proj.weight), (module.q_proj.bias, module.k_proj.bias)


def attention_written_out(model, inputs):
    """Of each block, for the first picture: float64 (heads, T, T)."""
    seen, handles = {}, []
    for name in model.attention:

        def keep(_module, args, kwargs, name=name):
            seen[name] = args[0] if args else kwargs["hidden_states"]

        handles.append(model.net.get_submodule(name).register_forward_pre_hook(keep, with_kwargs=True))
    with model.lock, torch.no_grad():
        model.scores(inputs)
    for handle in handles:
        handle.remove()
    return {
        name: plain_attention(tokens[0], *projections(model.net.get_submodule(name)), 2)
        for name, tokens in seen.items()
    }


def test_rollout_is_the_product_written_out(model, inputs):
    found = xai.explain(model, inputs, method="attention_rollout", layers="blocks", targets=1)
    rolled = np.eye(1 + GRID * GRID)
    written_out = list(attention_written_out(model, inputs).values())
    assert len(found) >= 3  # behind the last block the picture's tokens have no influence, so some offer one fewer
    for (name, maps), matrices in zip(found.items(), written_out, strict=False):
        rolled = (0.5 * matrices.mean(0) + 0.5 * np.eye(len(rolled))) @ rolled
        np.testing.assert_allclose(maps[0], rolled[0, 1:].reshape(GRID, GRID), rtol=1e-4, err_msg=name)
        assert maps[0].sum() + rolled[0, 0] == pytest.approx(1, abs=1e-5)


def test_rollout_is_blind_to_the_class_and_legrad_is_not(model, inputs):
    for key, blind in (("attention_rollout", True), ("legrad", False)):
        one, other = (xai.explain(model, inputs, method=key, layers="blocks", targets=t) for t in (0, 3))
        same = [np.allclose(one[name], other[name], rtol=1e-5, atol=0) for name in one]
        assert all(same) == blind


def test_reading_leaves_the_network_as_it_was(model, inputs):
    before = xai.predict(model, inputs).probabilities
    forms = [
        (getattr(module, "fused_attn", None), getattr(getattr(module, "config", None), "_attn_implementation", None))
        for module in model.net.modules()
    ]
    read = xai.explain(model, inputs, method="legrad", layers="blocks", targets=1).predictions.probabilities
    np.testing.assert_allclose(read, before, atol=1e-6)
    assert hooks(model.net) == 0
    assert forms == [
        (getattr(module, "fused_attn", None), getattr(getattr(module, "config", None), "_attn_implementation", None))
        for module in model.net.modules()
    ]
    np.testing.assert_array_equal(xai.predict(model, inputs).probabilities, before)


def test_legrad_is_torchcams_at_the_last_block(inputs):
    torch.manual_seed(0)
    model = xai.load_model(torchvisions(), input_size=SIDE, device="cpu")
    net, last = model.net, model.select("blocks")[-1].name  # the norm before the last block's attention
    block = last.rpartition(".")[0]
    found = xai.explain(model, inputs, method="legrad", layers=last, targets=[3, 4])
    with LeGrad(net, block, score_projection=lambda tokens: net.heads(net.encoder.ln(tokens)[:, 0])) as cam:
        net(inputs.clone().requires_grad_())
        (theirs,) = cam([3, 4], normalized=False)
    assert_close(found[last], theirs.detach())


def test_legrad_is_what_a_change_of_attention_does_to_the_score(inputs):
    """Differences in place of derivatives, at the second block of four."""
    torch.manual_seed(0)
    net = timms().double()
    model = xai.load_model(net, input_size=SIDE, device="cpu")
    name = model.select("blocks")[1].name
    one = inputs[:1].double()
    found = xai.explain(model, one, method="legrad", layers=name, targets=2)[name][0]
    attention = net.get_submodule(model.attention[1])
    attention.fused_attn = False
    tokens, heads, step = 1 + GRID * GRID, 2, 1e-4

    def score(change):
        handle = attention.attn_drop.register_forward_hook(lambda _m, _i, output: output + change)
        with torch.no_grad():
            value = float(net(one)[0, 2])
        handle.remove()
        return value

    expected = np.zeros(tokens)
    for key in (1, 6, 16):
        gains = []
        for head in range(heads):
            for query in range(tokens):
                change = torch.zeros(1, heads, tokens, tokens, dtype=torch.float64)
                change[0, head, query, key] = step
                gains.append((score(change) - score(-change)) / (2 * step))
        expected[key] = np.maximum(gains, 0).mean()
        assert found.ravel()[key - 1] == pytest.approx(expected[key], rel=1e-4)


def test_a_network_without_readable_attention_is_a_sentence():
    with pytest.raises(xai.XaiError, match=r"LeGrad cannot explain .* whose attention over all tokens can be read"):
        xai.explain(seeded("resnet20_cifar", 32), torch.zeros(1, 3, 32, 32), method="legrad")


def test_a_layer_without_attention_is_a_sentence(inputs):
    torch.manual_seed(0)
    model = xai.load_model(timms(), input_size=SIDE, device="cpu")
    outside = next(layer.name for layer in model.layers if "blocks" not in layer.name)
    with pytest.raises(xai.LayerError, match=r"has no attention inside\. Choose blocks, such as blocks\.2, blocks\.3"):
        xai.explain(model, inputs, method="legrad", layers=outside)
