"""Heatmaps whose measures are known."""

import numpy as np

import xai_core as xai

SIZES = {"a": 56, "b": 28, "c": 14, "d": 7}


def as_heatmaps(maps, input_size=(224, 224)):
    maps = {layer: np.asarray(values, np.float32) for layer, values in maps.items()}
    n = len(next(iter(maps.values())))
    predictions = xai.Predictions(np.zeros(n, np.int64), np.ones((n, 2), np.float32))
    return xai.Heatmaps(maps, np.zeros(n, np.int64), predictions, input_size, "Grad-CAM", "logit")


def same_field(n=40, seed=0):
    """The same random field at every layer, only pooled: whatever differs between layers is resolution."""
    fine = np.random.default_rng(seed).normal(size=(n, 56, 56)).astype(np.float32)
    return as_heatmaps({name: xai.pool(fine, (size, size)) for name, size in SIZES.items()})


def blobs(widths, n=12, size=14, seed=0):
    """Gaussian blobs of a given width for each layer, all at one resolution."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:size, 0:size]
    maps = {}
    for index, width in enumerate(widths):
        centre = rng.uniform(4, 10, (n, 2, 1, 1))
        wide = width * rng.uniform(0.9, 1.1, (n, 1, 1))
        squared = (y - centre[:, 0]) ** 2 + (x - centre[:, 1]) ** 2
        maps[f"l{index}"] = np.exp(-squared / (2 * wide**2)).astype(np.float32)
    return as_heatmaps(maps)
