"""Choices that several questions have in common, and what they are called in addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from xai_core.questions.question import Choice, Pairs, listed_texts, sized
from xai_core.types.heatmaps import GIVEN

if TYPE_CHECKING:
    from xai_core.types import Classifier


def _place(text: str) -> str:
    if not text.strip():
        raise ValueError("it is empty: the folder where the command was started is called .")
    return text


def _target_pairs(chosen: Mapping[str, Any], model: Classifier) -> Pairs:
    value = chosen["target"]
    if value in TARGET.options:
        return [("target", TARGET.name_of(value))]
    return [("target", TARGET.other), ("class", value)]


TARGET = Choice(
    key="target",
    title="Map for",
    default="label",
    options={"label": "Label", "prediction": "Prediction"},
    other="A class",
    help="The class whose evidence is shown. For a label that the model does not know, the prediction is explained. Of "
    "several labels of a picture the likeliest is taken; of independent labels, Prediction means the likeliest of all.",
    address="target",
    about="the class that the maps explain; for a label that the model does not know, the prediction; of "
    "several labels of a picture the likeliest is taken (default: label)",
    metavar="label|prediction|CLASS",
    parse=str,
    pairs=_target_pairs,
)


def _method_pairs(chosen: Mapping[str, Any], model: Classifier) -> Pairs:
    """The method, where it is not the page's own choice."""
    from xai_core.methods.registry import DEFAULT, get_method

    key = chosen["method"]
    if chosen.get("maps"):
        return [("method", GIVEN)]
    return [("method", get_method(key).title)] if key != DEFAULT else []


METHOD = Choice(
    key="method",
    title="Method",
    help="Methods ask different questions of a model; where they agree, their answer rests on more than one of them.",
    address="method",
    about="the method that makes the maps, by its key; a key that does not exist is answered with those that do "
    "(default: that of the page)",
    metavar="KEY",
    parse=str,
    pairs=_method_pairs,
)


def _settings_pairs(chosen: Mapping[str, Any], model: Classifier) -> Pairs:
    """The method's settings that differ from its defaults, each by its own parameter."""
    from xai_core.methods.registry import get_method

    if chosen.get("maps"):
        return []
    method = get_method(chosen["method"])
    pairs = []
    for key, value in chosen["set"].items():
        setting = method.setting(key)
        pairs.append((setting.address or f"{method.key}-{key}", setting.name_of(value)))
    return pairs


SETTINGS = Choice(
    key="set",
    title="Settings",
    default=(),
    address="set",
    about="a setting of the method; may be given several times",
    metavar="NAME=VALUE",
    parse=str,
    repeated=True,
    pairs=_settings_pairs,
)


MAPS = Choice(
    key="maps",
    title=GIVEN,
    about="maps that were made elsewhere, in place of a method: a folder with a map for each picture, named as the "
    "picture is (NPY, NPZ, grey PNG), or an NPY or NPZ file with all of them, of any resolution, signed or not",
    metavar="FOLDER_OR_FILE",
    parse=_place,
)


def _layers_pairs(chosen: Mapping[str, Any], model: Classifier) -> Pairs:
    value = chosen["layers"]
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


def _layer_pairs(chosen: Mapping[str, Any], model: Classifier) -> Pairs:
    """One layer, where it is not the page's own choice, the last stage."""
    value = chosen["layer"]
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

UNTRAINED_DRAWS = 5  # of random weights: what they say differs from draw to draw, and by how much has to be known
UNTRAINED = Choice(
    key="untrained",
    title="Compare with random weights",
    default=False,
    help="Maps of the same architecture with random weights, five times, on the same pictures: what architecture and "
    "pictures alone give. It takes about five times as long as the maps.",
    address="random-weights",
    about="compare with five networks of the same architecture with random weights",
    pairs=lambda chosen, model: [("random-weights", "true")] if chosen["untrained"] else [],
)

DELETION = Choice(
    key="deletion",
    title="Deletion by layer",
    default=False,
    help="Hides patches in the order of each layer's map and in random order, on 16 pictures at most: does the class "
    "lose more where the map is high? Each picture takes some thirty forward passes.",
    address="deletion",
    about="hide patches in the order of each layer's map and in random order, on 16 pictures",
    pairs=lambda chosen, model: [("deletion", "true")] if chosen["deletion"] else [],
)

# What stands in for what is hidden, wherever something is.
Fill = Literal["blur", "mean", "noise"]
FILLS: dict[Fill, str] = {"blur": "Blur", "mean": "Mean colour", "noise": "Noise"}
