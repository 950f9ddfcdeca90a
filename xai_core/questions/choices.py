"""Choices that several questions have in common, and what they are called in addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from xai_core.questions.question import Choice, Pairs, listed_texts, sized

if TYPE_CHECKING:
    from xai_core.types import Classifier


def _target_pairs(value: str, model: Classifier) -> Pairs:
    if value in TARGET.options:
        return [("target", TARGET.name_of(value))]
    return [("target", TARGET.other), ("class", value)]


TARGET = Choice(
    key="target",
    title="Map for",
    default="label",
    options={"label": "Label", "prediction": "Prediction"},
    other="A class",
    help="The class whose evidence is shown. A label that the model does not know gives way to the prediction.",
    address="target",
    about="the class that the maps explain; a label that the model does not know gives way to the prediction "
    "(default: label)",
    metavar="label|prediction|CLASS",
    parse=str,
    pairs=_target_pairs,
)


def _layers_pairs(value: str | tuple[str, ...], model: Classifier) -> Pairs:
    if isinstance(value, str):
        return [("layers", LAYERS.name_of(value))]
    return [("layers", LAYERS.other), *(("pick", text) for text in sized(value, model, "  "))]


def _layers(text: str) -> str | tuple[str, ...]:
    return text if text in LAYERS.options else listed_texts(text)


LAYERS = Choice(
    key="layers",
    title="Layers",
    default="stages",
    options={"stages": "Stages", "blocks": "Blocks"},
    other="Choice",
    address="layers",
    metavar="stages|blocks|NAME,NAME",
    parse=_layers,
    pairs=_layers_pairs,
)


def _layer_pairs(value: str | None, model: Classifier) -> Pairs:
    """One layer, where it is not the page's own choice, the last stage."""
    if not value:
        return []
    (layer,) = model.select([value])
    titles = {stage.name: stage.title for stage in model.select("stages")}
    return [("layer", f"{titles.get(value, value)} ({layer.size[0]} × {layer.size[1]})")]


LAYER = Choice(
    key="layer",
    title="Layer",
    address="layer",
    about="default: the last stage",
    metavar="NAME",
    parse=str,
    pairs=_layer_pairs,
)

# What stands in for what is hidden, wherever something is.
Fill = Literal["blur", "mean", "noise"]
FILLS: dict[Fill, str] = {"blur": "Blur", "mean": "Mean colour", "noise": "Noise"}
