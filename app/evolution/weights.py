"""What a run kept to look at it: its pictures, and the models of its epochs."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

import xai_core as xai
from app import cache, controls
from app.evolution.runs import OpenedRun
from xai_core.questions.evolution.question import EVOLUTION
from xai_core.types import Method


@dataclass(frozen=True)
class Source:
    """What makes the maps of all epochs: a method, at a layer where it gives one for each."""

    method: Method
    layer: str | None
    words: str

    @property
    def layers(self) -> list[str]:
        """The layer, as functions take them."""
        return [self.layer] if self.layer else []


def choose_source(model: xai.Classifier, section: str) -> Source:
    """The method and the layer of a section of the page; both have their own keys there.

    Raises
    ------
    ModelError
        If no method explains such a model.
    """
    with st.popover("Method and layer", icon=":material/tune:"):
        method = controls.choose_method(EVOLUTION, model, f"{section}-method")
        if method is None:
            raise xai.ModelError(f"No method that needs a few passes of the network explains {model.title}.")
        if not method.at_layers:
            return Source(method, None, method.title)
        layer = choose_layer(model, f"{section}-layer")
    title = next(one.title for one in model.select("stages") if one.name == layer)
    return Source(method, layer, f"{method.title} at {title}")


def choose_layer(model: xai.Classifier, key: str) -> str:
    """A stage of the model; the last by default."""
    stages = model.select("stages")
    titles = {layer.name: f"{layer.title} ({layer.size[0]} × {layer.size[1]})" for layer in stages}
    return str(
        st.segmented_control(
            "Layer", list(titles), format_func=titles.__getitem__, default=stages[-1].name, required=True, key=key
        )
    )


def last_model(run: xai.TrainingRun) -> xai.Classifier:
    """The model after the last epoch whose weights can be used; its layers stand for those of all epochs.

    Raises
    ------
    XaiError
        If none can be used.
    """
    for path in reversed(list(run.checkpoints.values())[1:]):
        try:
            return cache.models.checkpoint(path)
        except xai.XaiError:
            continue
    return cache.models.checkpoint(next(iter(run.checkpoints.values())))


def show_problems(problems: list[str]) -> None:
    """Epochs whose weights cannot be used."""
    for problem in problems:
        st.caption(f":material/warning: {controls.plain(problem)}")


def read_picture(shown: OpenedRun, index: int) -> xai.Sample | str:
    """A picture of the run, or why it cannot be shown."""
    try:
        return cache.runs.run_pictures(shown.id, shown.run)[index]
    except xai.XaiError as error:
        return str(error)
