"""Discovery in the queue of what takes many forward passes."""

from __future__ import annotations

import xai_core as xai
from app import cache
from app.discovery.sidebar import DiscoveryChoice
from app.jobs import right
from app.jobs.queue import shared
from xai_core.questions.discovery.findings import SEED, Views, typical_places


@shared(16, right.discovered, long=True)
def _discovered(
    model_id: str,
    names: tuple[str, ...],
    data_id: str,
    layer: str,
    asked: tuple[str, ...],
    _model: xai.Classifier,
    _data: xai.Dataset,
) -> xai.Discovery:
    return xai.discover(_model, _data, label=asked or None, layer=layer, seed=SEED)


def discovered(chosen: DiscoveryChoice) -> xai.Discovery:
    """What was discovered; it waits for its turn.

    Parameters
    ----------
    chosen : DiscoveryChoice
    """
    model, data = chosen.model, chosen.data
    data_id = cache.stamps.data_stamp(model, data)
    return _discovered(model.id, tuple(model.class_names), data_id, chosen.layer, chosen.asked, model, data)


def views_of(chosen: DiscoveryChoice, found: xai.Discovery) -> Views:
    """The typical pictures as the model sees them; those that cannot be read any more are missing."""
    read = {place: cache.data.picture(chosen.data, place, chosen.model) for place in typical_places(found)}
    return {place: one.pixels for place, one in read.items() if isinstance(one, xai.Sample)}
