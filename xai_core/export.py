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

    Parameters
    ----------
    heatmaps : Heatmaps
        Of N pictures.
    samples : sequence of Sample
        The N pictures.

    Returns
    -------
    bytes
        The file.

    Examples
    --------
    >>> import io
    >>> import numpy as np
    >>> import xai_core as xai
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")[:2]
    >>> content = xai.to_npz(xai.saliency(model, digits), digits)
    >>> np.load(io.BytesIO(content))["map/input"].shape
    (2, 64, 64)
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
    """Arrays as an NPZ file; text is an array of fixed width, so that nothing has to be unpickled.

    Parameters
    ----------
    arrays : Mapping of str to ndarray
        Name -> array.

    Returns
    -------
    bytes
        The file.

    Examples
    --------
    >>> import io
    >>> import numpy as np
    >>> import xai_core as xai
    >>> content = xai.arrays_to_npz({"depth": np.arange(3)})
    >>> np.load(io.BytesIO(content))["depth"].tolist()
    [0, 1, 2]
    """
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()
