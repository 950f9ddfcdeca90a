"""The address with which the dashboard opens a study's choices: the pages' own parameters and texts of options."""

from __future__ import annotations

from urllib.parse import urlencode

from xai_core.batch.opening import Opened, is_record
from xai_core.data import NO_CLASS, data_options, label_address, list_datasets, option_address
from xai_core.models import ARCHITECTURES, list_models, match_labels
from xai_core.questions.question import Pairs, Question
from xai_core.remote import here
from xai_core.types.model_settings import MODEL_SETTINGS


def page_address(question: Question, opened: Opened) -> str:
    """Path and query string of the page, to be put behind the dashboard's own address."""
    pairs = _data(opened) + _model(opened)
    for choice in question.choices:
        pairs += choice.in_address(opened.request.choices, opened.model)
    return f"/{question.page}?{urlencode(pairs)}"


def _data(opened: Opened) -> Pairs:
    request = opened.request
    info = next((info for info in list_datasets() if info.key == request.data), None)
    pairs = [("data", info.title)] if info else [("data", "Folder"), ("path", here(request.data))]
    if info and info.splits:
        pairs.append(("part", request.split or info.splits[0]))
    elif request.split and not is_record(request.data):
        pairs.append(("split", request.split))
    pairs += [
        (option_address(option), option.name_of(request.options[option.key]))
        for option in data_options()
        if option.key in request.options
    ]
    for match in match_labels(opened.model, opened.data):
        if match.stated:
            stands_for = NO_CLASS if match.index is None else opened.model.class_names[match.index]
            pairs.append((label_address(match.label), stands_for))
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
    stated = [
        (one.address, one.in_address(request.stated[one.key])) for one in MODEL_SETTINGS if one.key in request.stated
    ]
    if info:
        return [("model", info.title), *stated]
    model = here(request.model)
    said = describe(Path(model))
    key = request.architecture or (said.architecture if said else "")
    pairs = [("model", "Checkpoint"), ("weights", model)]
    if key:  # one of timm's has no title here
        pairs.append(("arch", ARCHITECTURES[key].title if key in ARCHITECTURES else key))
    if request.classes:
        classes = request.classes if isinstance(request.classes, str) else "\n".join(request.classes)
        pairs.append(("classes", classes))
    return pairs + stated
