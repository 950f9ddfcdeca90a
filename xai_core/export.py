"""Files to take away that hold the numbers themselves."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import numpy as np

from xai_core.types import Heatmaps, Sample


def to_npz(heatmaps: Heatmaps, samples: Sequence[Sample]) -> bytes:
    """Raw maps as an NPZ file (read it with `numpy.load`).

    It holds `map/<layer>` float32 (N, h, w) for each layer, `targets` and `predictions` int64 (N,),
    `confidences` float32 (N,), `samples` and `names` text (N,), `method` and `unit`.
    """
    arrays: dict[str, np.ndarray] = {f"map/{layer}": raw for layer, raw in heatmaps.items()}
    arrays |= {
        "targets": heatmaps.targets,
        "predictions": heatmaps.predictions.classes,
        "confidences": heatmaps.predictions.confidences,
        "samples": np.array([sample.id for sample in samples]),
        "names": np.array([sample.name for sample in samples]),
        "method": np.array(heatmaps.method),
        "unit": np.array(heatmaps.unit),
    }
    return arrays_to_npz(arrays)


def arrays_to_npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Arrays as an NPZ file; text is an array of fixed width, so that nothing has to be unpickled."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()
