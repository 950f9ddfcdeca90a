"""The networks of the zoo: how to build each with seeded weights, and what is known of its layers beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Entry:
    """A network of the zoo.

    Attributes
    ----------
    name : str
        As its library calls it.
    library : str
        Where it is from.
    build : callable
        Makes it, with weights drawn from torch's generator.
    size : int
        Pixels of a side of its input.
    axes : str
        Of its last stage, by its library's documentation: NCHW, NHWC, or NTC with the number of tokens in front.
    """

    name: str
    library: str
    build: Callable[[], nn.Module]
    size: int
    axes: str

    def plain(self) -> Entry:
        """What another process can be told of it."""
        return replace(self, build=type(None))


_TORCHVISION = {
    "alexnet": 224,
    "convnext_tiny": 96,
    "densenet121": 96,
    "efficientnet_b0": 96,
    "efficientnet_v2_s": 96,
    "googlenet": 96,
    "inception_v3": 139,
    "maxvit_t": 224,
    "mnasnet0_5": 96,
    "mobilenet_v2": 96,
    "mobilenet_v3_small": 96,
    "regnet_x_400mf": 96,
    "regnet_y_400mf": 96,
    "resnet18": 96,
    "resnet50": 96,
    "resnext50_32x4d": 96,
    "shufflenet_v2_x0_5": 96,
    "squeezenet1_1": 96,
    "swin_t": 224,
    "swin_v2_t": 256,
    "vgg11_bn": 96,
    "vgg19": 96,
    "vit_b_32": 224,
    "wide_resnet50_2": 96,
}
_TORCHVISION_AXES = {"swin_t": "NHWC", "swin_v2_t": "NHWC", "vit_b_32": "NTC+1"}

# Name -> (pixels of a side, axes of its stages)
_TIMM = {
    "vit_tiny_patch16_224": (224, "NTC+1"),
    "vit_small_patch14_reg4_dinov2": (98, "NTC+5"),
    "vit_base_patch32_clip_224": (224, "NTC+1"),
    "deit_tiny_distilled_patch16_224": (224, "NTC+2"),
    "deit3_small_patch16_224": (224, "NTC+1"),
    "beit_base_patch16_224": (224, "NTC+1"),
    "eva02_tiny_patch14_224": (224, "NTC+1"),
    "cait_xxs24_224": (224, "NTC"),
    "xcit_nano_12_p16_224": (224, "NTC"),
    "swin_tiny_patch4_window7_224": (224, "NHWC"),
    "swinv2_tiny_window8_256": (256, "NHWC"),
    "swinv2_cr_tiny_ns_224": (224, "NCHW"),
    "convnext_atto": (96, "NCHW"),
    "convnextv2_atto": (96, "NCHW"),
    "maxvit_rmlp_pico_rw_256": (256, "NCHW"),
    "coatnet_pico_rw_224": (224, "NCHW"),
    "mobilevit_xxs": (256, "NCHW"),
    "mobilevitv2_050": (256, "NCHW"),
    "pit_ti_224": (224, "NTC+1"),
    "pit_ti_distilled_224": (224, "NTC+2"),
    "mixer_s32_224": (224, "NTC"),
    "resmlp_12_224": (224, "NTC"),
    "gmlp_ti16_224": (224, "NTC"),
    "convmixer_768_32": (224, "NCHW"),
    "poolformer_s12": (224, "NCHW"),
    "pvt_v2_b0": (224, "NCHW"),
    "twins_svt_small": (224, "NTC"),
    "davit_tiny": (224, "NCHW"),
    "focalnet_tiny_srf": (224, "NCHW"),
    "hiera_tiny_224": (224, "NTC"),
    "levit_128s": (224, "NTC"),
    "efficientformer_l1": (224, "NTC"),
    "tiny_vit_5m_224": (224, "NCHW"),
    "edgenext_xx_small": (256, "NCHW"),
    "fastvit_t8": (256, "NCHW"),
    "efficientvit_b0": (224, "NCHW"),
    "resnet26d": (96, "NCHW"),
    "seresnext26d_32x4d": (96, "NCHW"),
    "ghostnet_050": (96, "NCHW"),
    "hrnet_w18_small": (96, "NCHW"),
    "dla34": (96, "NCHW"),
    "regnety_002": (96, "NCHW"),
    "rexnet_100": (96, "NCHW"),
    "repvgg_a0": (96, "NCHW"),
    "mobilenetv4_conv_small": (96, "NCHW"),
    "mobilenetv3_small_050": (96, "NCHW"),
    "efficientnet_b0": (96, "NCHW"),
    "nf_resnet26": (96, "NCHW"),
}

_SMALL_TOKENS = {"hidden_size": 48, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 96}
# Class of the model, its configuration's class, its settings, pixels of a side, axes of its stages
_HUGGING_FACE = (
    ("ViTForImageClassification", "ViTConfig", _SMALL_TOKENS | {"image_size": 96}, 96, "NTC+1"),
    ("DeiTForImageClassification", "DeiTConfig", _SMALL_TOKENS | {"image_size": 96}, 96, "NTC+2"),
    ("DeiTForImageClassificationWithTeacher", "DeiTConfig", _SMALL_TOKENS | {"image_size": 96}, 96, "NTC+2"),
    ("BeitForImageClassification", "BeitConfig", _SMALL_TOKENS | {"image_size": 96}, 96, "NTC+1"),
    ("Data2VecVisionForImageClassification", "Data2VecVisionConfig", _SMALL_TOKENS | {"image_size": 96}, 96, "NTC+1"),
    ("Dinov2ForImageClassification", "Dinov2Config", _SMALL_TOKENS | {"image_size": 98, "patch_size": 14}, 98, "NTC+1"),
    (
        "Dinov2WithRegistersForImageClassification",
        "Dinov2WithRegistersConfig",
        _SMALL_TOKENS | {"image_size": 98, "patch_size": 14},
        98,
        "NTC+5",
    ),
    ("ViTMSNForImageClassification", "ViTMSNConfig", _SMALL_TOKENS | {"image_size": 96}, 96, "NTC+1"),
    (
        "SwinForImageClassification",
        "SwinConfig",
        {"image_size": 112, "embed_dim": 24, "depths": [2, 2, 2], "num_heads": [2, 4, 8], "window_size": 7},
        112,
        "NTC",
    ),
    (
        "Swinv2ForImageClassification",
        "Swinv2Config",
        {"image_size": 112, "embed_dim": 24, "depths": [2, 2, 2], "num_heads": [2, 4, 8], "window_size": 7},
        112,
        "NTC",
    ),
    (
        "ConvNextForImageClassification",
        "ConvNextConfig",
        {"hidden_sizes": [16, 32, 64, 96], "depths": [2, 2, 2, 2]},
        96,
        "NCHW",
    ),
    (
        "ConvNextV2ForImageClassification",
        "ConvNextV2Config",
        {"hidden_sizes": [16, 32, 64, 96], "depths": [2, 2, 2, 2]},
        96,
        "NCHW",
    ),
    (
        "MobileViTForImageClassification",
        "MobileViTConfig",
        {"image_size": 128, "hidden_sizes": [48, 64, 80]},
        128,
        "NCHW",
    ),
    ("MobileNetV2ForImageClassification", "MobileNetV2Config", {"image_size": 96}, 96, "NCHW"),
    (
        "ResNetForImageClassification",
        "ResNetConfig",
        {"embedding_size": 16, "hidden_sizes": [16, 32, 48, 64], "depths": [2, 2, 2, 2]},
        96,
        "NCHW",
    ),
    (
        "RegNetForImageClassification",
        "RegNetConfig",
        {"embedding_size": 16, "hidden_sizes": [16, 32, 48, 64], "depths": [2, 2, 2, 2], "groups_width": 8},
        96,
        "NCHW",
    ),
    ("LevitForImageClassification", "LevitConfig", {}, 224, "NTC"),
    ("PvtV2ForImageClassification", "PvtV2Config", {"image_size": 96}, 96, "NCHW"),
    ("SegformerForImageClassification", "SegformerConfig", {}, 96, "NCHW"),
    ("PoolFormerForImageClassification", "PoolFormerConfig", {}, 96, "NCHW"),
    (
        "FocalNetForImageClassification",
        "FocalNetConfig",
        {"image_size": 96, "embed_dim": 24, "depths": [2, 2, 2, 2]},
        96,
        "NTC",
    ),
    (
        "EfficientNetForImageClassification",
        "EfficientNetConfig",
        {"image_size": 96, "width_coefficient": 0.5, "depth_coefficient": 0.5, "hidden_dim": 640},
        96,
        "NCHW",
    ),
    (
        "HieraForImageClassification",
        "HieraConfig",
        {"image_size": [224, 224], "embed_dim": 24, "depths": [1, 2, 2, 1], "num_heads": [1, 2, 4, 8]},
        224,
        "NTC",
    ),
    ("SwiftFormerForImageClassification", "SwiftFormerConfig", {}, 96, "NCHW"),
    (
        "BitForImageClassification",
        "BitConfig",
        {"hidden_sizes": [32, 64, 96, 128], "depths": [1, 1, 1, 1], "embedding_size": 16, "num_groups": 8},
        96,
        "NCHW",
    ),
)


def _torchvision(name: str) -> Callable[[], nn.Module]:
    def build() -> nn.Module:
        from xai_core._torchvision import torchvision

        more = {"init_weights": True, "aux_logits": False} if name in ("googlenet", "inception_v3") else {}
        return torchvision().models.get_model(name, weights=None, num_classes=10, **more)

    return build


def _timm(name: str, size: int) -> Callable[[], nn.Module]:
    def build() -> nn.Module:
        from xai_core._torchvision import torchvision

        torchvision()
        import timm

        native = timm.models.get_pretrained_cfg(name)
        sized = (
            {} if native is None or native.input_size[1] == size or not native.fixed_input_size else {"img_size": size}
        )
        return timm.create_model(name, pretrained=False, num_classes=10, **sized)

    return build


def _hugging_face(model: str, config: str, settings: dict[str, object]) -> Callable[[], nn.Module]:
    def build() -> nn.Module:
        from xai_core._torchvision import torchvision

        torchvision()
        import transformers

        return getattr(transformers, model)(getattr(transformers, config)(num_labels=10, **settings))

    return build


def entries() -> Iterator[Entry]:
    """All networks of the zoo."""
    for name, size in _TORCHVISION.items():
        yield Entry(name, "torchvision", _torchvision(name), size, _TORCHVISION_AXES.get(name, "NCHW"))
    for name, (size, axes) in _TIMM.items():
        yield Entry(name, "timm", _timm(name, size), size, axes)
    for model, config, settings, size, axes in _HUGGING_FACE:
        yield Entry(
            model.removesuffix("ForImageClassification"),
            "Hugging Face",
            _hugging_face(model, config, settings),
            size,
            axes,
        )
