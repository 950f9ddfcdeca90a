"""How often Foreground vs Background's maps get a verdict where the truth is planted: `make truth`.

Pictures are made up: objects are ellipses that lie about the middle, as photographers put them, and maps either never
saw a mask or follow their own to a part. At most 5 % of the first may get a verdict, at least 90 % of the second the
right one from 64 pictures on. The table goes to docs/foreground-truth.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter, zoom

from xai_core import studies
from xai_core.types import Heatmaps, Predictions

TABLE = Path(__file__).parent.parent / "docs" / "foreground-truth.md"
SIDE, CELLS = 56, 7  # pixels of a picture, cells of a map
NUMBERS = (8, 32, 64, 128)
REPEATS = 100
MEASURE = "energy"
HEAD = """# Planted truths: where maps lie

Objects are ellipses about the middle of made-up pictures. *On* and *off* are the shares of repetitions in which the
maps were said to lie on the object, or off it, by the share of energy against other pictures' masks. Written by
`make truth`.

| maps | truth | n | on | off |
|---|---|---|---|---|
"""
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


def outcome(maps: np.ndarray, own: list[np.ndarray]) -> str:
    """What is said of the maps."""
    n = len(own)
    said = Predictions(np.zeros(n, int), np.ones((n, 1), np.float32))
    heatmaps = Heatmaps({"l": maps.astype(np.float32)}, np.zeros(n, int), said, (SIDE, SIDE), "", "")
    table = studies.foreground_background(heatmaps, own)
    return studies.foreground_verdict(table, MEASURE, studies.measure_tests(table, MEASURE)).outcome


def main(repeats: int = REPEATS) -> int:
    """Write the table; the exit status is 1 where a share is not as it should be."""
    lines, wrong = [], 0
    for title, truth, make in KINDS:
        for n in NUMBERS:
            rng = np.random.default_rng((n, len(title)))
            found = [outcome(make(rng, own), own) for own in (masks(rng, n) for _ in range(repeats))]
            on, off = (np.mean([one == which for one in found]) for which in ("more", "less"))
            line = f"| {title} | {truth} | {n} | {100 * on:.1f} % | {100 * off:.1f} % |"
            slack = 2 * np.sqrt(0.05 * 0.95 / repeats)  # of a share that is 5 %
            bad = on + off > 0.05 + slack if truth == "nothing" else n >= 64 and {"on": on, "off": off}[truth] < 0.9
            wrong += bad
            lines.append(line)
            print(line, "LOOK" if bad else "", flush=True)
    if repeats >= REPEATS:
        TABLE.write_text(HEAD + "\n".join(lines) + f"\n\n{repeats} repetitions each.\n", encoding="utf-8")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
