"""Makes what is included: an honest run, one whose training backgrounds give the class away, and what lies between."""

from __future__ import annotations

import shutil
from pathlib import Path

from xai_core.shipped import DIAL, RUNS, WEIGHTS
from xai_core.training.loop import train
from xai_core.training.settings import PRESETS


def make(out: str | Path, epochs: int = 24, redraws: int = 3) -> None:
    """Train all and keep in `out` the two records, with the weights after epochs 1, 2, 4, 8, ... and the last.

    Of those between, which lie in `out/dial`, the last weights alone are kept.
    """
    for share, key in DIAL.items():
        title = (RUNS | WEIGHTS)[key][0]
        settings = PRESETS["digits"].settings(
            name=title, shortcut=share, epochs=epochs, redraws=redraws, checkpoint_every=0
        )
        folder = Path(out) / key
        train(settings, folder)
        shutil.rmtree(folder / "state")  # only for going on
        if key in WEIGHTS:
            kept = Path(out) / "dial" / f"{key}.safetensors"
            kept.parent.mkdir(exist_ok=True)
            max((folder / "checkpoints").glob("*.safetensors")).replace(kept)
            shutil.rmtree(folder)
