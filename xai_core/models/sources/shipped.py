"""The models that the recorded trainings of `xai_core.shipped` ended in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from xai_core.errors import ModelError
from xai_core.models.kinds import Network
from xai_core.models.registry import register_model
from xai_core.models.sources.checkpoint import open_checkpoint
from xai_core.shipped import RUNS

if TYPE_CHECKING:
    from xai_core.download import Progress

_CLASSES = 10  # digits


def _open(key: str, title: str, folder: Path, progress: Progress | None) -> Network:
    weights = max((folder / "checkpoints").glob("*.safetensors"), default=None)
    if weights is None:
        raise ModelError(
            f"The weights of {title} are not where they should be, in {folder}. Install the project again."
        )
    return replace(open_checkpoint(weights, None, None), key=key, title=title)


def _register(key: str, title: str, folder: Path) -> None:
    @register_model(key, title, classes=_CLASSES, order=10)
    def load(progress: Progress | None) -> Network:
        return _open(key, title, RUNS[key][1], progress)


for _key, (_title, _folder) in RUNS.items():
    _register(_key, _title, _folder)
