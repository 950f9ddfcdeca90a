"""Makes the two included runs: one honest, one whose training backgrounds give the class away."""

from __future__ import annotations

import shutil
from pathlib import Path

from xai_core.data.textured_digits import STRENGTH
from xai_core.shipped import RUNS
from xai_core.training.loop import train
from xai_core.training.settings import PRESETS


def make(out: str | Path, epochs: int = 24, redraws: int = 3) -> None:
    """Train both and keep their records in `out`, with the weights after epochs 1, 2, 4, 8, ... and the last."""
    for key, (title, _) in RUNS.items():
        settings = PRESETS["digits"].settings(
            name=title,
            shortcut=STRENGTH if key == "digits_shortcut" else 0.0,
            epochs=epochs,
            redraws=redraws,
            checkpoint_every=0,
        )
        folder = Path(out) / key
        train(settings, folder)
        shutil.rmtree(folder / "state")  # only for going on
