"""Stages, blocks and sizes of every network, and how a module's output becomes maps."""

import itertools
from dataclasses import replace

import pytest
import torch
from torch import nn

import xai_core as xai
from xai_core.models.architectures import ARCHITECTURES
from xai_core.models.axes import possible_axes, square_grid, to_maps
from xai_core.models.layers import probe
from xai_core.models.locality import noise
from xai_core.types import Axes


def probe_architecture(key):
    """Probed on the meta device: the same names and shapes, without any arithmetic."""
    kind = ARCHITECTURES[key]
    with torch.device("meta"):
        net = kind.build(10).eval()
        return net, probe(net, torch.zeros(2, 3, *kind.preprocessing.size))


def named(pattern, numbers):
    return tuple(pattern.format(n) for n in numbers)


FOUR = [(56, 56), (28, 28), (14, 14), (7, 7)]
FIVE = [(112, 112), *FOUR]
LAYER_1_TO_4 = named("layer{}", (1, 2, 3, 4))
ENCODER = "encoder.layers.encoder_layer_{}.ln_1"

# key -> names of the stages, their sizes, their channels, first block, last block, number of blocks
EXPECTED = {
    "efficientnet_lite0": (
        named("_blocks.{}", (0, 2, 4, 10, 15)),
        FIVE,
        (16, 24, 40, 112, 320),
        "_blocks.0",
        "_blocks.15",
        16,
    ),
    "resnet20_cifar": (
        named("layer{}", (1, 2, 3)),
        [(32, 32), (16, 16), (8, 8)],
        (16, 32, 64),
        "layer1.0",
        "layer3.2",
        9,
    ),
    "small_resnet": (
        named("stages.{}", (0, 1, 2)),
        [(32, 32), (16, 16), (8, 8)],
        (16, 48, 96),
        "stages.0.0",
        "stages.2.0",
        3,
    ),
    "resnet18_cifar": (
        named("stages.{}", (0, 1, 2, 3)),
        [(32, 32), (16, 16), (8, 8), (4, 4)],
        (64, 128, 256, 512),
        "stages.0.0",
        "stages.3.1",
        8,
    ),
    "resnet18": (LAYER_1_TO_4, FOUR, (64, 128, 256, 512), "layer1.0", "layer4.1", 8),
    "resnet34": (LAYER_1_TO_4, FOUR, (64, 128, 256, 512), "layer1.0", "layer4.2", 16),
    "resnet50": (LAYER_1_TO_4, FOUR, (256, 512, 1024, 2048), "layer1.0", "layer4.2", 16),
    "resnet101": (LAYER_1_TO_4, FOUR, (256, 512, 1024, 2048), "layer1.0", "layer4.2", 33),
    "vgg16": (
        named("features.{}", (3, 8, 15, 22, 29)),
        [(224, 224), (112, 112), *FOUR[:3]],
        (64, 128, 256, 512, 512),
        "features.1",
        "features.29",
        13,
    ),
    "densenet121": (
        named("features.denseblock{}", (1, 2, 3, 4)),
        FOUR,
        (256, 512, 1024, 1024),
        "features.denseblock1.denselayer1",
        "features.denseblock4.denselayer16",
        58,
    ),
    "mobilenet_v3_large": (
        named("features.{}", (1, 3, 6, 12, 16)),
        FIVE,
        (16, 24, 40, 112, 960),
        "features.1",
        "features.16",
        16,
    ),
    "efficientnet_b0": (
        named("features.{}", ("1.0", "2.1", "3.1", "5.2", "8")),
        FIVE,
        (16, 24, 40, 112, 1280),
        "features.1.0",
        "features.8",
        17,
    ),
    "convnext_tiny": (
        named("features.{}", (1, 3, 5, 7)),
        FOUR,
        (96, 192, 384, 768),
        "features.1.0",
        "features.7.2",
        18,
    ),
    "vit_b_16": (named(ENCODER, (2, 5, 8, 11)), [(14, 14)] * 4, (768,) * 4, ENCODER.format(0), ENCODER.format(11), 12),
    "swin_t": (
        named("features.{}.norm2", ("1.1", "3.1", "5.5", "7.1")),
        FOUR,
        (96, 192, 384, 768),
        "features.1.0.norm2",
        "features.7.1.norm2",
        12,
    ),
}


def test_every_architecture_has_an_expectation():
    assert set(EXPECTED) == {key for key, kind in ARCHITECTURES.items() if kind.common}


@pytest.mark.parametrize("key", EXPECTED)
def test_stages_and_blocks_of_each_architecture(key):
    names, sizes, channels, first, last, count = EXPECTED[key]
    net, found = probe_architecture(key)
    by_name = {layer.name: layer for layer in found.layers}
    stages, blocks = found.groups["stages"], found.groups["blocks"]
    assert stages == names
    assert [by_name[name].size for name in stages] == sizes
    assert tuple(by_name[name].channels for name in stages) == channels
    assert (blocks[0], blocks[-1], len(blocks), len(set(blocks))) == (first, last, count, count)
    order = {name: index for index, name in enumerate(by_name)}
    assert len(order) == len(found.layers)
    for group in (stages, blocks):
        assert [order[name] for name in group] == sorted(order[name] for name in group)
    order = {"swin_t": "NHWC", "vit_b_16": "NTC"}.get(key, "NCHW")
    assert {by_name[name].axes.order for name in stages} == {order}
    assert not any(module._forward_hooks for module in net.modules())


def test_all_layers_of_resnet20_have_their_size_and_come_in_the_order_of_running():
    _, found = probe_architecture("resnet20_cifar")
    inner = ("conv1", "bn1", "conv2", "bn2")
    expected = [("conv1", 16, 32), ("bn1", 16, 32)]
    for stage, channels, side in ((1, 16, 32), (2, 32, 16), (3, 64, 8)):
        for block in range(3):
            expected += [(f"layer{stage}.{block}.{part}", channels, side) for part in inner]
            expected.append((f"layer{stage}.{block}", channels, side))
        expected.append((f"layer{stage}", channels, side))
    assert [(layer.name, layer.channels, layer.size) for layer in found.layers] == [
        (name, channels, (side, side)) for name, channels, side in expected
    ]
    assert all(layer.title == layer.name for layer in found.layers)


def test_the_layers_and_channels_of_swin_are_not_mixed_up():
    _, found = probe_architecture("swin_t")
    by_name = {layer.name: (layer.size, layer.channels) for layer in found.layers}
    assert by_name["features.0.0"] == ((56, 56), 96)  # a convolution: channels first
    assert by_name["features.0.2"] == ((56, 56), 96)  # behind the permutation: channels last
    assert by_name["features.1.0.mlp.0"] == ((56, 56), 384)
    assert by_name["features.2"] == ((28, 28), 192)
    assert by_name["norm"] == ((7, 7), 768)


# networks of one's own


def conv(inputs, outputs, stride=1):
    return nn.Conv2d(inputs, outputs, 3, stride, 1)


def probe_net(net, size=16):
    return probe(net.eval().requires_grad_(False), noise((2, 3, size, size), seed=0))


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        self.conv = conv(inputs, outputs, stride)

    def forward(self, x):
        return self.conv(x).relu()


def test_unknown_stages_are_the_last_layer_at_each_resolution_not_the_pooled_copy():
    net = nn.Sequential(
        conv(3, 4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        conv(4, 6),
        nn.BatchNorm2d(6),
        nn.AvgPool2d(2),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(24, 2),
    )
    found = probe_net(net)
    assert found.groups["stages"] == ("1", "4")  # 4 x 4 and 2 x 2 exist as pooled copies only
    assert found.groups["blocks"] == ("0", "3")  # no composite kind: the convolutions
    sizes = {layer.name: layer.size for layer in found.layers}
    assert sizes == {"0": (16, 16), "1": (16, 16), "2": (8, 8), "3": (8, 8), "4": (8, 8), "5": (4, 4), "6": (2, 2)}


def test_a_container_that_ends_in_pooling_is_no_stage_either():
    net = nn.Sequential(
        nn.Sequential(conv(3, 4), nn.ReLU(), nn.MaxPool2d(2)),
        nn.Sequential(conv(4, 6), nn.MaxPool2d(2)),
        nn.Flatten(),
        nn.Linear(96, 2),
    )
    assert probe_net(net).groups["stages"] == ("0.1", "1.0")


def test_unknown_blocks_are_the_repeated_composite_modules():
    torch.manual_seed(0)  # of one in 300 such networks a layer is dead and has no map

    class Stem(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = conv(3, 4)

        def forward(self, x):
            return self.conv(x)

    net = nn.Sequential(
        Stem(), Block(4, 4), Block(4, 6, 2), conv(6, 6), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 2)
    )
    found = probe_net(net)
    assert found.groups == {"stages": ("1", "3"), "blocks": ("1", "2")}


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = conv(channels, channels)

    def forward(self, x):
        return x + self.conv(x).relu()


class Stage(nn.Module):
    """Two blocks in a row; with `adds`, something of its own behind them."""

    def __init__(self, adds):
        super().__init__()
        self.adds, self.first, self.second = adds, Residual(3), Residual(3)

    def forward(self, x):
        y = self.second(self.first(x))
        return x + y if self.adds else y


def test_of_nested_blocks_the_outermost_count():
    names = [f"{i}" for i in range(11)]  # "1" is no parent of "10"
    net = nn.Sequential(*(Stage(adds=True) for _ in names), nn.Flatten(), nn.Linear(768, 2))
    assert probe_net(net).groups["blocks"] == tuple(names)


def test_stages_that_only_run_blocks_are_opened():
    net = nn.Sequential(Stage(adds=False), Stage(adds=False), nn.Flatten(), nn.Linear(768, 2))
    assert probe_net(net).groups["blocks"] == ("0.first", "0.second", "1.first", "1.second")


def test_a_module_that_runs_twice_is_not_offered():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.twice, self.last = conv(3, 4), conv(4, 4), conv(4, 4)
            self.never = conv(3, 4)
            self.head = nn.Linear(4, 2)

        def forward(self, x):
            return self.head(self.last(self.twice(self.twice(self.first(x)))).mean((2, 3)))

    found = probe_net(Net())
    assert [layer.name for layer in found.layers] == ["first", "last"]
    assert found.groups == {"stages": ("last",), "blocks": ("first", "last")}


def test_modules_that_pass_their_input_on_are_not_offered():
    net = nn.Sequential(conv(3, 4), nn.Identity(), nn.Dropout(), nn.Dropout2d(), nn.Flatten(), nn.Linear(1024, 2))
    assert [layer.name for layer in probe_net(net).layers] == ["0"]


def test_layers_come_in_the_order_in_which_they_run_not_in_which_they_are_declared():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.head, self.late, self.early = nn.Linear(4, 2), conv(4, 4, 2), conv(3, 4)

        def forward(self, x):
            return self.head(self.late(self.early(x)).mean((2, 3)))

    found = probe_net(Net())
    assert [layer.name for layer in found.layers] == ["early", "late"]
    assert found.groups == {"stages": ("early", "late"), "blocks": ("early", "late")}


def test_maps_of_a_single_row_and_outputs_without_a_place_are_not_offered():
    class Pair(nn.Module):
        def forward(self, x):
            return x, x

    class First(nn.Module):
        def forward(self, pair):
            return pair[0]

    net = nn.Sequential(
        Pair(), First(), nn.Conv2d(3, 4, (16, 1)), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2)
    )
    assert [(layer.name, layer.size) for layer in probe_net(net).layers] == [("1", (16, 16))]


def test_a_network_of_its_own_with_tokens_offers_them_as_maps():
    class Tokens(nn.Module):
        def __init__(self, front):
            super().__init__()
            self.front, self.patch, self.norm = front, nn.Conv2d(3, 5, 4, 4), nn.LayerNorm(5)
            self.head = nn.Linear(5, 2)

        def forward(self, x):
            tokens = self.patch(x).flatten(2).transpose(1, 2)
            tokens = torch.cat([tokens.new_zeros(len(x), self.front, 5), tokens], 1)
            return self.head(self.norm(tokens).mean(1))

    # With seed 590 five channels look like a class token and 2 x 2 places, by chance.
    for seed, front in itertools.product((0, 590), (0, 1, 5)):
        torch.manual_seed(seed)
        layers = probe_net(Tokens(front)).layers
        assert [(layer.name, layer.size, layer.channels) for layer in layers] == [
            ("patch", (4, 4), 5),
            ("norm", (4, 4), 5),
        ]


def test_hooks_are_removed_also_when_the_network_fails():
    class Fails(nn.Module):
        def forward(self, x):
            raise RuntimeError("no")

    net = nn.Sequential(conv(3, 4), Fails())
    with pytest.raises(RuntimeError, match=r"^no$"):
        probe_net(net)
    assert not any(module._forward_hooks for module in net.modules())


# outputs as maps


@pytest.mark.parametrize(
    ("tokens", "grids"),
    [
        (196, [(0, (14, 14))]),
        (197, [(1, (14, 14))]),
        (201, [(5, (14, 14))]),
        (50, [(1, (7, 7))]),
        (4, [(0, (2, 2))]),
        (12, [(3, (3, 3)), (8, (2, 2))]),
        (204, [(8, (14, 14))]),
        (205, []),
        (224, []),
        (3, []),
        (1, []),
        (0, []),
    ],
)
def test_the_grids_that_a_sequence_of_tokens_can_be(tokens, grids):
    """At most eight tokens stand before a grid of at least 2 x 2 with the picture's proportions."""
    assert square_grid(tokens) == grids


def test_grids_have_the_proportions_of_the_picture():
    assert square_grid(14 * 16 + 1, (224, 256)) == [(1, (14, 16))]
    assert square_grid(14 * 7, (224, 112)) == [(0, (14, 7))]


def test_channels_first_outputs_are_maps_as_they_are():
    output = torch.arange(24.0).reshape(1, 2, 3, 4)
    assert to_maps(output, Axes("NCHW"), (3, 4)) is output


def test_channels_last_outputs_are_turned_round():
    output = torch.tensor([[[[1.0, 10], [2, 20], [3, 30]], [[4, 40], [5, 50], [6, 60]]]])  # (1, 2, 3, 2)
    maps = to_maps(output, Axes("NHWC"), (2, 3))
    assert maps.tolist() == [[[[1, 2, 3], [4, 5, 6]], [[10, 20, 30], [40, 50, 60]]]]
    assert maps.data_ptr() == output.data_ptr()


def test_tokens_become_maps_row_by_row_without_the_class_token():
    patches = [[1.0, 10], [2, 20], [3, 30], [4, 40]]
    expected = [[[[1, 2], [3, 4]], [[10, 20], [30, 40]]]]
    for front in (0, 1, 4):
        output = torch.tensor([[[-9.0, -9]] * front + patches])
        assert to_maps(output, Axes("NTC", front), (2, 2)).tolist() == expected
        assert to_maps(output.transpose(1, 2), Axes("NCT", front), (2, 2)).tolist() == expected
        assert to_maps(output.transpose(0, 1), Axes("TNC", front), (2, 2)).tolist() == expected


def test_tokens_behind_the_pictures_are_left_out():
    output = torch.arange(10.0).reshape(1, 5, 2)
    assert to_maps(output, Axes("NTC"), (2, 2)).shape == (1, 2, 2, 2)
    assert float(to_maps(output, Axes("NTC"), (2, 2)).max()) == 7


def test_an_output_without_such_axes_is_a_sentence():
    with pytest.raises(xai.LayerError, match=r"^An output of shape \(1, 2, 3\) has not the axes NHWC\.$"):
        to_maps(torch.zeros(1, 2, 3), Axes("NHWC"), (1, 2))
    with pytest.raises(xai.LayerError, match=r"^An output of 5 tokens holds no grid of 3 x 2 behind 1 in front\.$"):
        to_maps(torch.zeros(1, 5, 3), Axes("NTC", 1), (3, 2))


def test_what_the_axes_of_an_output_may_be():
    assert possible_axes((2, 5, 1, 1), 2, (8, 8), []) == []
    assert possible_axes((4, 3, 8, 8), 2, (8, 8), []) == []  # four windows of two pictures
    assert possible_axes((2, 3, 8, 4), 2, (8, 8), []) == [(Axes("NCHW"), (8, 4)), (Axes("NHWC"), (3, 8))]
    assert possible_axes((2, 17, 6), 2, (8, 8), [(4, 4)])[0] == (Axes("NTC", 1), (4, 4))
    assert possible_axes((17, 2, 6), 2, (8, 8), [(4, 4)])[0] == (Axes("TNC", 1), (4, 4))


# choosing layers


@pytest.fixture(scope="module")
def resnet20():
    return xai.load_model(ARCHITECTURES["resnet20_cifar"].build(10), input_size=32, device="cpu")


def test_groups_are_titled_by_depth(resnet20):
    stages = resnet20.select()
    assert stages == resnet20.select("stages")
    assert [(s.name, s.title, s.size, s.channels) for s in stages] == [
        ("layer1", "stage 1", (32, 32), 16),
        ("layer2", "stage 2", (16, 16), 32),
        ("layer3", "stage 3", (8, 8), 64),
    ]
    blocks = resnet20.select("blocks")
    assert [block.title for block in blocks] == [f"block {i}" for i in range(1, 10)]
    assert blocks[4] == xai.Layer("layer2.1", "block 5", (16, 16), 32)


def test_one_name_chooses_one_layer(resnet20):
    layer = xai.Layer("layer2.1.conv2", "layer2.1.conv2", (16, 16), 32)
    assert resnet20.select("layer2.1.conv2") == resnet20.select(["layer2.1.conv2"]) == (layer,)


def test_names_are_sorted_by_depth_and_taken_once(resnet20):
    names = ["layer3", "conv1", "layer1.0", "layer3", "layer1.0.conv2", "conv1"]
    chosen = resnet20.select(names)
    assert [layer.name for layer in chosen] == ["conv1", "layer1.0.conv2", "layer1.0", "layer3"]
    assert [layer.title for layer in chosen] == [layer.name for layer in chosen]
    assert names[0] == "layer3"


def test_no_names_are_refused(resnet20):
    with pytest.raises(xai.LayerError, match=r"^No layer was chosen: choose at least one\.$"):
        resnet20.select([])


@pytest.mark.parametrize("layers", ["layer9", ["layer1", "layer9", "linear"], ("layer9",)])
def test_an_unknown_name_is_named_with_the_choices(resnet20, layers):
    message = (
        r"^CifarResNet has no layer 'layer9' that gives a map\. "
        r'Choose "stages", "blocks" or names such as .*, layer3\.2, layer3\.$'
    )
    with pytest.raises(xai.LayerError, match=message):
        resnet20.select(layers)


@pytest.mark.parametrize("name", ["linear", "", "stage", "layer1.1.relu"])
def test_modules_without_a_map_cannot_be_chosen(resnet20, name):
    with pytest.raises(xai.LayerError, match=rf"has no layer '{name}' that gives a map"):
        resnet20.select(name)


def test_a_model_without_layers_says_so_before_anything_else(resnet20):
    bare = replace(resnet20, layers=(), groups={"stages": (), "blocks": ()})
    with pytest.raises(xai.LayerError, match="has no layer with a spatial map"):
        bare.select("layer9")
