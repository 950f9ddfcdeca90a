"""What methods that ask the network hundreds of times a picture share: maps from estimates, and common settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_core.types import Classifier, Estimate, Heatmaps, Setting

if TYPE_CHECKING:
    from xai_core.inference.batches import Pictures, Progress, Targets
    from xai_core.inference.masked import Drawn

UNIT, LOG_ODDS = "probability", "log-odds"
COLOURS = {(0, 0, 0): "Black", (127, 127, 127): "Grey", (255, 255, 255): "White"}
HIDE = Setting(
    "hide",
    "Hidden parts become",
    (127, 127, 127),
    tuple(COLOURS),
    COLOURS,
    help="Another colour may give another map: then it shows what the colour does, too.",
)
PRECISION = Setting(
    "precision",
    "Precision",
    "auto",
    ("auto", "float32", "bfloat16"),
    {"auto": "The faster one"},
    help="Of the forward passes. The faster one is measured once for a model; bfloat16 is taken only where it agrees "
    "with float32. With float32 by name the network is asked exactly as it is.",
)
SEED = Setting("seed", "Seed", 0, low=0, high=9999, step=1, help="Another shows chance at work.")


def as_estimate(
    drawn: Drawn,
    place: str,
    maps: np.ndarray,
    *,
    view: Any,
    stability: np.ndarray | None = None,
    quality: Mapping[str, np.ndarray] | None = None,
    segments: np.ndarray | None = None,
) -> Estimate:
    """Maps (T, H, W) of one picture, from as many perturbations as were asked about."""
    count = len(drawn.targets)
    return Estimate(
        heatmaps=Heatmaps(
            {place: maps.astype(np.float32)},
            drawn.targets,
            drawn.prediction.take([0] * count),
            (maps.shape[1], maps.shape[2]),
            "",
            UNIT,
            view=view,
            segments=None if segments is None else np.stack([segments] * count),
        ),
        done=drawn.done,
        planned=drawn.planned,
        seconds=drawn.seconds,
        note=drawn.precision,
        stability=np.full(count, np.nan) if stability is None else stability,
        quality=dict(quality or {}),
    )


def each_picture(
    model: Classifier,
    images: Pictures,
    grow: Callable[..., Iterator[Estimate]],
    *,
    targets: Targets = None,
    progress: Progress | None = None,
    **settings: Any,
) -> Heatmaps:
    """The last estimate of each of N pictures, for one class each."""
    from xai_core.inference.batches import Batches, resolve_targets

    batches = Batches(model, images, 1)
    wanted = resolve_targets(model, targets, len(batches))
    parts = []
    for turn, image in enumerate(batches.pictures):
        target = None if wanted[turn] < 0 else int(wanted[turn])
        *_, last = grow(model, image, targets=[target], every=10**9, **settings)
        parts.append(last.heatmaps)
        if progress:
            progress(turn + 1, len(batches))
    return Heatmaps.concatenate(parts)
