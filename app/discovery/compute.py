"""Discovery in the queue of what takes many forward passes."""

from __future__ import annotations

from typing import Any

import xai_core as xai
from app import cache
from app.discovery.sidebar import DiscoveryChoice
from app.jobs import right
from app.jobs.queue import shared
from xai_core.questions.discovery.findings import SEED, Views, typical_places
from xai_core.questions.discovery.stored import from_study, other_split


@shared(16, right.discovered, long=True)
def _discovered(
    model_id: str,
    names: tuple[str, ...],
    data_id: str,
    method: str,
    layer: str,
    asked: tuple[str, ...],
    against: str,
    _model: xai.Classifier,
    _data: xai.Dataset,
    _study: Any,
) -> xai.Discovery:
    kept = from_study(_study, _model, _data, asked, method, layer, against)
    if kept is not None:
        return kept
    split = other_split(_data, against)
    return xai.discover(_model, _data, label=asked or None, method=method, layer=layer, against=split, seed=SEED)


def discovered(chosen: DiscoveryChoice) -> xai.Discovery:
    """What was discovered; it waits for its turn.

    Parameters
    ----------
    chosen : DiscoveryChoice
    """
    model, data, study = chosen.model, chosen.data, cache.study_folders.opened_study()
    data_id = cache.stamps.data_stamp(model, data)
    method, names = chosen.method.key, tuple(model.class_names)
    return _discovered(model.id, names, data_id, method, chosen.layer, chosen.asked, chosen.against, model, data, study)


def views_of(chosen: DiscoveryChoice, found: xai.Discovery) -> Views:
    """The typical pictures as the model sees them; those that cannot be read any more are missing."""
    read = {place: cache.data.picture(chosen.data, place, chosen.model) for place in typical_places(found)}
    return {place: one.pixels for place, one in read.items() if isinstance(one, xai.Sample)}
