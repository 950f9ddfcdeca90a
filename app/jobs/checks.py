"""The checks of a map, which take many passes: run when asked, shared by the sessions that ask the same."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

import xai_core as xai
from app.cache.batches import Progress
from app.jobs import right
from app.jobs.queue import say_news, stored
from xai_core.checks.map_trust import MapTrust, trust_map
from xai_core.types import Method


@dataclass(eq=False)
class TrustRun:
    """The checks of one map, once they ran; sessions that ask for the same share them."""

    result: MapTrust | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def compute(
        self,
        model: xai.Classifier,
        sample: xai.Sample,
        method: Method,
        target: int,
        layer: str | None,
        others: Sequence[xai.Sample],
        progress: Progress,
    ) -> None:
        """Run them, unless another session just did."""
        with self._lock:
            if self.result is None:
                self.result = stored(
                    "trust",
                    (
                        *(model.id, sample.id, method.key, target, model.class_names[target], layer),
                        *(one.id for one in others),
                    ),
                    lambda: trust_map(
                        model, sample, method=method, target=target, layer=layer, others=others, progress=progress
                    ),
                    MapTrust,
                    lambda found: right.trust(found, method.key, target),
                )
        say_news()


@st.cache_resource(max_entries=256, show_spinner=False)
def trust_run(
    model_id: str, picture: str, method: str, target: int, name: str, layer: str | None, others: tuple[str, ...]
) -> TrustRun:
    """The checks of a map, run or not; `name`: the class's, which the reasons say; `others`: ids of other pictures."""
    return TrustRun()
