"""Lines of Python that begin every report's own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xai_core.methods.registry import get_method
from xai_core.types import Classifier, Heatmaps, IntArray


def opening(model: Classifier, data: str, *, masks: bool = False) -> str:
    """The model and the pictures as the network sees them; `masks`: only those with a mask that can be used."""
    read = "samples = [model.preprocessing.prepare(sample) for sample in data.read()[0]]\n"
    usable = "samples = [sample for sample in samples if not studies.mask_problem(sample.mask)]\n" if masks else ""
    extra = "from xai_core import studies\n" if masks else ""
    return f"import xai_core as xai\n{extra}\nmodel = {model.code}\ndata = {data}\n{read}{usable}"


def maps_text(heatmaps: Heatmaps, layers: Sequence[str], targets: str) -> str:
    """The call that gives the maps again; `targets` is an expression."""
    if not heatmaps.key:  # they were made elsewhere; the report's archive holds them
        return f'xai.given_maps("arrays.npz", model, samples, targets={targets})'
    settings = "".join(f"{name}={value!r}, " for name, value in heatmaps.settings.items())
    where = f"layers={list(layers)!r}, " if get_method(heatmaps.key).at_layers else ""
    return f"xai.explain(model, samples, method={heatmaps.key!r}, {settings}{where}targets={targets})"


def targets_text(targets: Sequence[int] | IntArray) -> str:
    """The class of each map; one number where it is the same for all."""
    known = [int(index) for index in targets]
    return f"[{known[0]}] * len(samples)" if len(set(known)) == 1 else repr(np.array(known).tolist())
