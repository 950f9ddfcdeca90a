"""The architectures that a checkpoint may have: how to build each and what its input should be."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from xai_core.errors import ModelError
from xai_core.models import timm_networks, torchvision_models
from xai_core.models.kinds import Architecture
from xai_core.models.spelling import similar
from xai_core.types import Preprocessing

if TYPE_CHECKING:
    from torch import nn


__all__ = ["ARCHITECTURES", "Architecture", "architecture", "register"]
Build = Callable[[int], "nn.Module"]
ARCHITECTURES: dict[str, Architecture] = {}


def register(
    key: str,
    title: str,
    preprocessing: Preprocessing,
    *,
    tensors: int | None = None,
    common: bool = True,
    assumed: tuple[str, ...] = (),
) -> Callable[[Build], Build]:
    """Decorator: adds a function (number of classes -> network) to the architectures."""

    def add(build: Build) -> Build:
        ARCHITECTURES[key] = Architecture(key, title, build, preprocessing, tensors, common, assumed=assumed)
        return build

    return add


def architecture(key: str) -> Architecture:
    """The architecture of that key.

    Parameters
    ----------
    key : str
        Of one of `ARCHITECTURES`, or "timm:" and a name of timm's.

    Returns
    -------
    Architecture

    Raises
    ------
    ModelError
        If there is none; the message names those with a similar key, or the best known.
    """
    if key.startswith(timm_networks.SCHEME):
        return timm_networks.architecture_of(key)
    if key not in ARCHITECTURES:
        some = ", ".join(similar(key, ARCHITECTURES) or [one.key for one in ARCHITECTURES.values() if one.common])
        raise ModelError(
            f"Unknown architecture {key!r}. Choose one of: {some}, or any other of the {len(ARCHITECTURES)} in "
            "xai_core.models.ARCHITECTURES."
        )
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


def _register_torchvision(row: torchvision_models.Row) -> None:
    @register(row.key, row.title, row.preprocessing, tensors=row.tensors, common=row.common, assumed=row.assumed)
    def build(num_classes: int) -> nn.Module:
        return torchvision_models.build(row.key, num_classes)


for _row in torchvision_models.rows().values():
    _register_torchvision(_row)
