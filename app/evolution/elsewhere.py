"""Where the other pages find the pictures of a run and the model that it ended with."""

from __future__ import annotations

import xai_core as xai
from app import by_hand, state
from app.evolution.runs import OpenedRun
from xai_core.models import ARCHITECTURES
from xai_core.shipped import RUNS


def elsewhere(shown: OpenedRun) -> state.Address | None:
    """Where the other pages find the pictures of this run and the model that it ended with; None where it cannot."""
    run = shown.run
    if run.folder is None or not run.checkpoints:
        return None
    key = next((key for key, (_, folder) in RUNS.items() if folder == run.folder), None)
    address: state.Address = {"model": by_hand.titles("model")[key]} if key else checkpoint_address(run)
    found = by_hand.titles("data").get(run.source.data or "")
    if found is not None:
        return address | {"data": found, "part": run.source.split or "test"}
    return address | {"data": by_hand.FOLDER, "path": str(run.folder)}


def checkpoint_address(run: xai.TrainingRun) -> state.Address:
    """The last weights, as the sidebar's Checkpoint takes them."""
    from xai_core.models.checkpoints import describe  # it needs torch, which this page else does without

    path = list(run.checkpoints.values())[-1]
    said = describe(path)
    kinds = {key: kind.title for key, kind in ARCHITECTURES.items()}
    arch = {"arch": kinds[said.architecture]} if said and said.architecture in kinds else {}
    return {"model": by_hand.CHECKPOINT, "weights": str(path), **arch, "classes": "\n".join(run.class_names)}
