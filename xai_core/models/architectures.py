"""The architectures that a checkpoint may have: how to build each and what its input should be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xai_core.errors import ModelError
from xai_core.types import Preprocessing

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Architecture:
    """A network without weights.

    Attributes
    ----------
    key, title : str
        For code and for people.
    build : callable
        Number of classes -> network.
    preprocessing : Preprocessing
        Its usual input.
    """

    key: str
    title: str
    build: Callable[[int], nn.Module]
    preprocessing: Preprocessing


Build = Callable[[int], "nn.Module"]
ARCHITECTURES: dict[str, Architecture] = {}


def register(key: str, title: str, preprocessing: Preprocessing) -> Callable[[Build], Build]:
    """Decorator: adds a function (number of classes -> network) to the architectures."""

    def add(build: Build) -> Build:
        ARCHITECTURES[key] = Architecture(key, title, build, preprocessing)
        return build

    return add


def architecture(key: str) -> Architecture:
    """The architecture of that key.

    Parameters
    ----------
    key : str
        Of one of `ARCHITECTURES`.

    Returns
    -------
    Architecture

    Raises
    ------
    ModelError
        If there is none; the message lists all.
    """
    if key not in ARCHITECTURES:
        raise ModelError(f"Unknown architecture {key!r}. Choose one of: {', '.join(ARCHITECTURES)}.")
    return ARCHITECTURES[key]


@register(
    "efficientnet_lite0",
    "EfficientNet-Lite0",
    Preprocessing(256, 224, mean=(0.498,) * 3, std=(0.502,) * 3, interpolation="bicubic"),
)
def _efficientnet_lite0(num_classes: int) -> nn.Module:
    from efficientnet_lite_pytorch import EfficientNet

    return EfficientNet.from_name("efficientnet-lite0", num_classes=num_classes)


@register("resnet20_cifar", "ResNet-20 for CIFAR", Preprocessing(32, 32))
def _resnet20_cifar(num_classes: int) -> nn.Module:
    from xai_core.models.cifar_resnet import CifarResNet

    return CifarResNet(blocks_per_stage=3, num_classes=num_classes)


@register("small_resnet", "Small ResNet for 64 x 64", Preprocessing(64, 64, mean=(0.5,) * 3, std=(0.25,) * 3))
def _small_resnet(num_classes: int) -> nn.Module:
    from xai_core.models.small_resnet import SmallResNet

    return SmallResNet(num_classes, widths=(16, 48, 96), blocks=1, stem_stride=2)


@register(
    "resnet18_cifar",
    "ResNet-18 for CIFAR",
    Preprocessing(32, 32, mean=(0.4914, 0.4822, 0.4465), std=(0.2470, 0.2435, 0.2616)),
)
def _resnet18_cifar(num_classes: int) -> nn.Module:
    from xai_core.models.small_resnet import SmallResNet

    return SmallResNet(num_classes, widths=(64, 128, 256, 512), blocks=2, stem_stride=1)


def _register_torchvision(key: str, title: str, resize: int, interpolation: str) -> None:
    def build(num_classes: int) -> nn.Module:
        from xai_core._torchvision import torchvision

        return torchvision().models.get_model(key, weights=None, num_classes=num_classes)

    register(key, title, Preprocessing(resize, 224, interpolation=interpolation))(build)  # type: ignore[arg-type]


for _row in (
    ("resnet18", "ResNet-18", 256, "bilinear"),
    ("resnet34", "ResNet-34", 256, "bilinear"),
    ("resnet50", "ResNet-50", 256, "bilinear"),
    ("resnet101", "ResNet-101", 256, "bilinear"),
    ("vgg16", "VGG-16", 256, "bilinear"),
    ("densenet121", "DenseNet-121", 256, "bilinear"),
    ("mobilenet_v3_large", "MobileNet-V3-Large", 232, "bilinear"),
    ("efficientnet_b0", "EfficientNet-B0", 256, "bicubic"),
    ("convnext_tiny", "ConvNeXt-Tiny", 236, "bilinear"),
    ("vit_b_16", "ViT-B/16", 256, "bilinear"),
    ("swin_t", "Swin-T", 232, "bicubic"),
):
    _register_torchvision(*_row)
