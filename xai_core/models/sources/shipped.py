"""The models of `xai_core.shipped`: those that its recorded trainings ended in, and weights alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from xai_core.errors import ModelError
from xai_core.models.kinds import Network
from xai_core.models.registry import register_model
from xai_core.models.sources.checkpoint import open_checkpoint
from xai_core.shipped import RUNS, WEIGHTS

if TYPE_CHECKING:
    from xai_core.download import Progress

_CLASSES = 10  # digits


def _open(key: str, title: str, weights: Path | None, place: Path) -> Network:
    if weights is None or not weights.is_file():
        raise ModelError(f"The weights of {title} are not where they should be, in {place}. Install the project again.")
    return replace(open_checkpoint(weights, None, None), key=key, title=title)


def _register_run(key: str, title: str) -> None:
    @register_model(key, title, classes=_CLASSES, order=10)
    def load(progress: Progress | None) -> Network:
        folder = RUNS[key][1]
        return _open(key, title, max((folder / "checkpoints").glob("*.safetensors"), default=None), folder)


def _register_weights(key: str, title: str) -> None:
    @register_model(key, title, classes=_CLASSES, order=25, common=False)
    def load(progress: Progress | None) -> Network:
        weights = WEIGHTS[key][1]
        return _open(key, title, weights, weights.parent)


for _key, (_title, _) in RUNS.items():
    _register_run(_key, _title)
for _key, (_title, _) in WEIGHTS.items():
    _register_weights(_key, _title)
