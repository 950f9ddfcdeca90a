"""Simple attributes of pictures that should not matter, and whether the probability of the class follows them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from xai_core.discovery.pictures import Pictures
from xai_core.types import FloatArray

FEWEST = 10  # pictures below which no correlation is computed
RIM = 8  # the border is one part in so many of a side
CORNER = 4  # a corner is one part in so many of a side


def attributes_of(pictures: Pictures) -> pd.DataFrame:
    """A row a picture: brightness, contrast, saturation, sharpness, border, corners, and the picture's own size.

    Parameters
    ----------
    pictures : Pictures

    Returns
    -------
    DataFrame
        Grey levels from 0 to 255, but for saturation in [0, 1], and width, height in pixels.
    """
    values = pictures.thumbs.astype(np.float32)
    grey = values.mean(axis=3)
    high, wide = grey.shape[1:]
    rim, corner = max(1, high // RIM), max(1, high // CORNER)
    inner = np.zeros((high, wide), bool)
    inner[rim : high - rim, rim : wide - rim] = True
    largest = values.max(axis=3)
    saturation = (largest - values.min(axis=3)) / np.maximum(largest, 1)
    edges = np.abs(np.diff(grey, axis=1)).mean(axis=(1, 2)) + np.abs(np.diff(grey, axis=2)).mean(axis=(1, 2))
    return pd.DataFrame(
        {
            "brightness": grey.mean(axis=(1, 2)),
            "contrast": grey.std(axis=(1, 2)),
            "saturation": saturation.mean(axis=(1, 2)),
            "sharpness": edges,
            "red": values[..., 0].mean(axis=(1, 2)) - grey.mean(axis=(1, 2)),
            "green": values[..., 1].mean(axis=(1, 2)) - grey.mean(axis=(1, 2)),
            "blue": values[..., 2].mean(axis=(1, 2)) - grey.mean(axis=(1, 2)),
            "brightness of the border": grey[:, ~inner].mean(axis=1),
            "upper left corner": grey[:, :corner, :corner].mean(axis=(1, 2)),
            "upper right corner": grey[:, :corner, -corner:].mean(axis=(1, 2)),
            "lower left corner": grey[:, -corner:, :corner].mean(axis=(1, 2)),
            "lower right corner": grey[:, -corner:, -corner:].mean(axis=(1, 2)),
            "height": pictures.sizes[:, 0].astype(float),
            "width": pictures.sizes[:, 1].astype(float),
        }
    )


def followed(attributes: pd.DataFrame, score: FloatArray) -> pd.DataFrame:
    """Spearman's correlation of a score with each attribute.

    Parameters
    ----------
    attributes : DataFrame
        n rows.
    score : ndarray
        float (n,).

    Returns
    -------
    DataFrame
        attribute, rho, n, p; attributes that never vary are left out.
    """
    rows = []
    for name in attributes:
        values = attributes[name].to_numpy(float)
        if len(values) >= FEWEST and np.ptp(values) > 0 and np.ptp(score) > 0:
            found = stats.spearmanr(values, score)
            rows.append({"attribute": name, "rho": float(found.statistic), "n": len(values), "p": float(found.pvalue)})
    return pd.DataFrame(rows, columns=["attribute", "rho", "n", "p"])
