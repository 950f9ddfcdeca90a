"""Imports torchvision, also where its compiled extension does not fit the build of torch.

torchvision from PyPI is linked to CUDA. Beside a CPU build of torch its extension does not load, and importing
it fails since two operators that it decorates are unknown. Declaring their schemas is enough for models,
transforms and data sets, none of which calls them.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_declared: list[object] = []  # keeps the library alive: its declarations end with it


def extension_loads() -> bool:
    """Whether the compiled part of torchvision fits the build of torch."""
    import torch

    spec = importlib.util.find_spec("torchvision")
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        raise ModuleNotFoundError("torchvision is not installed: pip install -r requirements.txt")
    for library in sorted(Path(next(iter(folders))).glob("_C*.so")) + sorted(Path(next(iter(folders))).glob("_C*.pyd")):
        try:
            torch.ops.load_library(str(library))
        except OSError:
            return False
    return hasattr(torch.ops.torchvision, "nms")


@cache
def torchvision() -> ModuleType:
    """The torchvision package, with `torchvision.models` imported."""
    import torch

    if not extension_loads():
        library = torch.library.Library("torchvision", "FRAGMENT")
        for operator in ("nms", "qnms"):
            library.define(operator + _SCHEMA)
        _declared.append(library)
    import torchvision.models

    return torchvision
