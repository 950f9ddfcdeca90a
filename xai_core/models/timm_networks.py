"""timm's networks: an architecture by its name, and the preprocessing of a pretrained configuration."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from xai_core.errors import ModelError, install
from xai_core.models.kinds import Architecture
from xai_core.models.spelling import similar
from xai_core.types import Preprocessing

if TYPE_CHECKING:
    from torch import nn

SCHEME = "timm:"
_FITS = {"center": "crop", "squash": "stretch", "border": "pad"}
_SOME = 5  # names that a message offers


def timm_package() -> ModuleType:
    """The package, imported so that it finds torchvision.

    Raises
    ------
    ModelError
        If it is not installed.
    """
    from xai_core._torchvision import torchvision

    torchvision()  # before timm imports it
    try:
        import timm
    except ModuleNotFoundError as error:
        raise ModelError(f"timm's models need the package timm: {install('xai-core[timm]')}.") from error
    return timm


def known(name: str) -> str:
    """A name of timm's, with or without the tag of its weights.

    Raises
    ------
    ModelError
        If there is no such model; the message names similar ones.
    """
    timm = timm_package()
    plain = name.partition(".")[0]
    if not timm.is_model(plain):
        close = similar(plain, timm.list_models(), _SOME)
        meant = f" Did you mean {' or '.join(SCHEME + one for one in close)}?" if close else ""
        raise ModelError(f"timm has no model {plain!r}.{meant} timm.list_models() lists all.")
    return name


def preprocessing_of(config: Mapping[str, Any]) -> Preprocessing:
    """The preprocessing with which timm evaluates a pretrained network.

    Parameters
    ----------
    config : Mapping
        Its `pretrained_cfg`.

    Returns
    -------
    Preprocessing

    Raises
    ------
    ModelError
        If it is none of pictures that this library can prepare.
    """
    from timm.data.config import resolve_data_config

    found = resolve_data_config({}, pretrained_cfg=dict(config))
    channels, *size = found["input_size"]
    settings: dict[str, Any] = {
        "resize": tuple(math.floor(side / found["crop_pct"]) for side in size),
        "crop": tuple(size),
        "mean": tuple(found["mean"]),
        "std": tuple(found["std"]),
        "interpolation": "bicubic" if found["interpolation"] == "random" else found["interpolation"],
        "fit": _FITS.get(found["crop_mode"], "crop"),
    }
    if channels != 3:
        settings |= {"channels": {1: "L"}.get(channels, "?" * channels)}
    try:
        return Preprocessing(**settings)
    except ValueError as error:
        raise ModelError(f"timm's preprocessing of this model is none that is known here: {error}") from error


@lru_cache(maxsize=64)
def architecture_of(key: str) -> Architecture:
    """One of timm's networks without weights, as an architecture for checkpoints.

    Parameters
    ----------
    key : str
        "timm:" and a name of timm's.

    Returns
    -------
    Architecture

    Raises
    ------
    ModelError
        If timm is not installed or has no such model.
    """
    timm = timm_package()
    name = known(key.removeprefix(SCHEME))
    config = timm.get_pretrained_cfg(name)

    def build(num_classes: int) -> nn.Module:
        return timm.create_model(name, pretrained=False, num_classes=num_classes)

    preprocessing = preprocessing_of(config.to_dict() if config else {})
    classifier = config.classifier if config else None
    first = classifier if isinstance(classifier, str) else (classifier or ("",))[0]
    head = f"{first}.weight" if first else ""
    return Architecture(key, f"{name} of timm", build, preprocessing, common=False, head=head)
