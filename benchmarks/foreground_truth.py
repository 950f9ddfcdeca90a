"""Made-up objects and maps for Foreground vs Background, whose truth is known; `truth.py` counts what is said of them.

Objects are ellipses that lie about the middle, as photographers put them, and maps either never saw a mask or follow
their own to a part.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter, zoom

from xai_core import studies
from xai_core.questions.choices import UNTRAINED_DRAWS
from xai_core.types import Heatmaps, Predictions

SIDE, CELLS = 28, 7  # pixels of a picture, cells of a map
MEASURE = "energy"
Rng = np.random.Generator


def masks(rng: Rng, n: int) -> list[np.ndarray]:
    """uint8 (SIDE, SIDE), ellipses whose middles scatter about the picture's."""
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    found = []
    for _ in range(n):
        high, wide = rng.uniform(0.15, 0.35, 2)
        top, left = 0.5 + rng.normal(0, 0.1, 2)
        found.append((((y - top) / high) ** 2 + ((x - left) / wide) ** 2 <= 1).astype(np.uint8))
    return found


def noise(rng: Rng, own: list[np.ndarray]) -> np.ndarray:
    """Smoothed noise, another for each picture."""
    return np.stack([gaussian_filter(rng.normal(size=(CELLS, CELLS)), 1) for _ in own])


def blob(rng: Rng, own: list[np.ndarray]) -> np.ndarray:
    """A blob in the middle with a little noise."""
    y, x = np.mgrid[:CELLS, :CELLS] - CELLS // 2
    return np.exp(-(y**2 + x**2) / 6) + 0.1 * np.abs(noise(rng, own))


def others(rng: Rng, own: list[np.ndarray]) -> np.ndarray:
    """Maps that follow the mask of another picture."""
    return following(rng, own[1:] + own[:1])


def following(rng: Rng, own: list[np.ndarray]) -> np.ndarray:
    """Maps that follow their own mask to a part, beside a blob and noise."""
    return blob(rng, own) + 0.5 * np.stack([zoom(mask.astype(float), CELLS / SIDE, order=1) for mask in own])


def avoiding(rng: Rng, own: list[np.ndarray]) -> np.ndarray:
    """Maps that avoid their own mask."""
    return np.clip(1.5 + noise(rng, own) - following(rng, own), 0, None)


KINDS: tuple[tuple[str, str, Callable[[Rng, list[np.ndarray]], np.ndarray]], ...] = (
    ("smoothed noise", "nothing", noise),
    ("a blob in the middle", "nothing", blob),
    ("another picture's maps", "nothing", others),
    ("half of the map follows the object", "on", following),
    ("the map avoids the object", "off", avoiding),
)


def table_of(maps: np.ndarray, own: list[np.ndarray]) -> pd.DataFrame:
    """The maps on their own masks and on those of others."""
    n = len(own)
    said = Predictions(np.zeros(n, int), np.ones((n, 1), np.float32))
    heatmaps = Heatmaps({"l": maps.astype(np.float32)}, np.zeros(n, int), said, (SIDE, SIDE), "", "")
    return studies.foreground_background(heatmaps, own)


def answer(rng: Rng, maps: np.ndarray, own: list[np.ndarray]) -> str:
    """What is said of the maps where those of random weights are blobs in the middle."""
    table = table_of(maps, own)
    verdict = studies.foreground_verdict(table, MEASURE, studies.measure_tests(table, MEASURE))
    if verdict.outcome not in ("more", "less"):
        return "unknown"  # random weights can only take an answer away
    draws = [studies.beyond_others(table_of(blob(rng, own), own)) for _ in range(UNTRAINED_DRAWS)]
    return studies.conclude(verdict, untrained=studies.untrained_maps(table, MEASURE, draws)).answer
