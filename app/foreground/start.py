"""When the page begins to compute: past a few seconds, only once somebody pressed *Run*."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st

import xai_core as xai
from app import cache, controls, kept, state
from app.cache.batches import BATCH
from app.foreground.choose import MOST, Choice
from app.foreground.maps import wanted
from xai_core.types.counts import number_of

LONG_S = 5.0  # what takes longer waits for Run
_CHANGED = 2  # pictures whose interventions are timed
_RUN = "computations that were asked for"  # session key


@dataclass
class Pace:
    """Seconds for a picture, the most that were measured; what was known already took none.

    Attributes
    ----------
    read, predict, change, explain, look_through : float
        To read one, to say its class, to change it in all ways, to draw its map, to draw those of all stages.
    """

    read: float = 0.0
    predict: float = 0.0
    change: float = 0.0
    explain: float = 0.0
    look_through: float = 0.0

    @property
    def whole(self) -> float:
        return self.read + self.predict + self.change + self.explain + self.look_through


def may_begin(chosen: Choice) -> bool:
    """Whether what was chosen may be computed now; else how long it takes is said, beside *Run*.

    What comes with the dashboard, a study's results and what a link asks for begin by themselves.
    """
    asked, me = kept.of_visitor(_RUN), _identity(chosen)
    if state.arrived_by_link() or _comes_along(chosen) or cache.study_folders.opened_study() is not None:
        asked[me] = True
    if asked.get(me):
        return True
    count = len(chosen.data)
    if chosen.source.method.draws_samples:
        took = (
            f"{chosen.source.method.title} draws samples for each of {number_of(count, 'picture')}, which takes long."
        )
    else:
        seconds = count * _measure(chosen).whole
        if seconds <= LONG_S:
            return True
        took = f"The answer for {number_of(count, 'picture')} takes about {seconds:,.0f} s."
    st.info(controls.plain(took), icon=":material/hourglass_empty:")
    st.button(
        "Run",
        on_click=asked.__setitem__,
        args=(me, True),
        type="primary",
        icon=":material/play_arrow:",
        key="run-foreground",
    )
    return False


@contextmanager
def stoppable(chosen: Choice) -> Iterator[None]:
    """A way out of what *Run* began, until it is done."""
    asked, me = kept.of_visitor(_RUN), _identity(chosen)
    place = st.empty()
    if asked.get(me) and not _comes_along(chosen):
        place.button("Stop", on_click=asked.pop, args=(me, None), icon=":material/stop:", key="stop-foreground")
    try:
        yield
    finally:
        place.empty()


def _identity(chosen: Choice) -> tuple[object, ...]:
    """What is computed."""
    return (*_of_model(chosen), chosen.target, tuple((item.name, item.stamp) for item in chosen.data.items))


def _of_model(chosen: Choice) -> tuple[object, ...]:
    """What the pace depends on."""
    source = chosen.source
    return chosen.model.id, source.method.key, cache.maps.in_order(source.settings), chosen.layer, chosen.data.key


def _comes_along(chosen: Choice) -> bool:
    """Whether no more pictures of a package's own data set are shown than the page begins with."""
    ours = {info.key for info in xai.list_datasets() if not info.download_mb}
    return st.session_state.get("data") in ours and len(chosen.data) <= MOST


@st.cache_resource(show_spinner=False)
def _paces() -> dict[tuple[object, ...], Pace]:
    """Of all sessions."""
    return {}


def _measure(chosen: Choice) -> Pace:
    """The pace, once the first pictures were looked at; their maps are kept, and are those that the page shows."""
    pace = _paces().setdefault(_of_model(chosen), Pace())
    model, source = chosen.model, chosen.source
    first = chosen.data.take(range(min(BATCH if source.method.cost == "pass" else 1, len(chosen.data))))
    with _timed(pace, "read", len(first)):
        samples, _ = cache.data.pictures(first, model, _say_nothing)
    if not samples:
        return pace
    wanted(model, samples[:1], chosen.target)  # what a network does once is not timed
    with _timed(pace, "predict", len(samples)):
        targets, _ = wanted(model, samples, chosen.target)
    some = samples[:_CHANGED]
    if not pace.change:
        with _timed(pace, "change", len(some)):
            xai.intervention(model, some, targets=targets[: len(some)])
    stages = model.select("stages") if source.method.at_layers else ()
    asked = [("explain", model.select([chosen.layer]) if chosen.layer else ())]
    for what, layers in [*asked, ("look_through", stages)] if stages else asked:
        with _timed(pace, what, len(samples)):
            cache.maps.heatmaps(
                model, samples, layers, targets, _say_nothing, method=source.method, settings=source.settings
            )
    return pace


@contextmanager
def _timed(pace: Pace, what: str, pictures: int) -> Iterator[None]:
    """Take the time of a part, which other sessions may have taken, too."""
    began = time.perf_counter()
    yield
    took = (time.perf_counter() - began) / max(1, pictures)
    setattr(pace, what, max(getattr(pace, what), took))


def _say_nothing(done: int, total: int) -> None:
    """So few pictures need no bar."""
