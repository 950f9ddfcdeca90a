"""The address with which the dashboard opens a study's choices: the pages' own parameters and texts of options."""

from __future__ import annotations

from urllib.parse import urlencode

from xai_core.batch.opening import Opened, is_record
from xai_core.data import list_datasets
from xai_core.models import ARCHITECTURES, list_models

PAGES = {"layers": "/layer_explorer", "foreground": "/foreground", "misclassified": "/misclassifications"}
# Texts of options, as app/ has them; a test opens the pages with them.
LAYERS = {"stages": "Stages", "blocks": "Blocks"}
TARGETS = {"label": "Label", "prediction": "Prediction"}
MEASURES = {
    "share": "Share above threshold",
    "gini": "Gini concentration",
    "energy_inside": "Energy inside the object",
    "mean": "Mean activation",
    "energy": "Share of energy",
    "rank": "Rank accuracy",
    "auc": "AUC",
}
FILLS = {"blur": "Blur", "mean": "Mean colour", "noise": "Noise"}
Pairs = list[tuple[str, str]]


def page_address(opened: Opened) -> str:
    """Path and query string of the page, to be put behind the dashboard's own address."""
    kind = opened.request.kind
    pairs = _data(opened) + _model(opened)
    if kind != "misclassified":
        pairs += _target(opened)
    if kind == "layers":
        pairs += _layers(opened)
    if kind == "foreground":
        choices = opened.request.choices
        pairs += _layer(opened)
        pairs += [("fg-measure", MEASURES[choices["measure"]]), ("fg-fill", FILLS[choices["fill"]])]
    return f"{PAGES[kind]}?{urlencode(pairs)}"


def _data(opened: Opened) -> Pairs:
    request = opened.request
    info = next((info for info in list_datasets() if info.key == request.data), None)
    pairs = [("data", info.title)] if info else [("data", "Folder"), ("path", request.data)]
    if info and info.splits:
        pairs.append(("part", request.split or info.splits[0]))
    elif request.split and not is_record(request.data):
        pairs.append(("split", request.split))
    if request.others != "background":
        pairs.append(("others", request.others))
    if len(opened.labels) > 1:
        pairs += [("labels", label) for label in request.labels]
    if opened.there > 1:
        pairs.append(("n", str(len(opened.data))))
    return pairs


def _model(opened: Opened) -> Pairs:
    from pathlib import Path

    from xai_core.models.checkpoints import describe

    request = opened.request
    info = next((info for info in list_models() if info.key == request.model), None)
    if info:
        return [("model", info.title)]
    said = describe(Path(request.model))
    key = request.architecture or (said.architecture if said else "")
    pairs = [("model", "Checkpoint"), ("weights", request.model), ("arch", ARCHITECTURES[key].title)]
    if request.classes:
        classes = request.classes if isinstance(request.classes, str) else "\n".join(request.classes)
        pairs.append(("classes", classes))
    return pairs


def _target(opened: Opened) -> Pairs:
    target = opened.request.choices["target"]
    if target in TARGETS:
        return [("target", TARGETS[target])]
    return [("target", "A class"), ("class", target)]


def _layers(opened: Opened) -> Pairs:
    choices = opened.request.choices
    asked = choices["layers"]
    if isinstance(asked, str):
        pairs = [("layers", LAYERS[asked])]
    else:
        chosen = opened.model.select(list(asked))
        texts = [f"{layer.name}  ({layer.size[0]} × {layer.size[1]})" for layer in chosen]
        pairs = [("layers", "Choice"), *(("pick", text) for text in texts)]
    pairs.append(("measure", MEASURES[choices["measure"]]))
    if choices["measure"] == "share":
        pairs.append(("t", f"{choices['threshold']:g}"))
    return pairs


def _layer(opened: Opened) -> Pairs:
    """One layer, where it is not the page's own choice, the last stage."""
    asked, model = opened.request.choices["layer"], opened.model
    if not asked:
        return []
    (layer,) = model.select([asked])
    titles = {stage.name: stage.title for stage in model.select("stages")}
    return [("layer", f"{titles.get(asked, asked)} ({layer.size[0]} × {layer.size[1]})")]
