"""A request with all that is opened for it, in the process that hands parts out and in those that compute them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import xai_core
from xai_core import plugins
from xai_core.batch.given import said_of_maps
from xai_core.batch.head import FORMAT, PLUGINS, VERSION, plain
from xai_core.batch.maps import with_method
from xai_core.batch.opening import Opened, data_stamp, open_request
from xai_core.batch.request import Request
from xai_core.batch.study import Study
from xai_core.questions.question import Question


@dataclass(frozen=True, eq=False)
class Prepared:
    """Everything that a part is computed from.

    Attributes
    ----------
    question : Question
    opened : Opened
        Pictures and model.
    work : Study
        Its stages and its results.
    head : dict of str to object
        All that makes one study another, as `study.json` holds it.
    """

    question: Question
    opened: Opened
    work: Study
    head: dict[str, Any]


def prepared(question: Question, request: Request) -> Prepared:
    """Open what a request names.

    Parameters
    ----------
    question : Question
        What is asked.
    request : Request

    Returns
    -------
    Prepared

    Raises
    ------
    DataError, ModelError, LayerError, MethodError, TargetError, DownloadError
        If the arguments cannot be used.
    """
    opened = open_request(request)
    if question.taking_turns:
        opened = replace(opened, data=opened.data.taking_turns())  # as the page has them
    opened = with_method(question, opened)
    work = question.load_study()(opened)
    return Prepared(question, opened, work, _head(opened, work))


def _head(opened: Opened, work: Study) -> dict[str, Any]:
    """All that makes one study another."""
    model, total = opened.model, len(opened.data)
    head = {
        "format": FORMAT,
        "version": VERSION,
        "kind": opened.request.kind,
        "xai_core": xai_core.__version__,
        "request": opened.request.plain(),
        "data": plain(opened.data.code),
        "model": plain(model.code),
        "model_id": model.id,
        "device": model.device.type,
        "class_names": list(model.class_names),
        "pictures": total,
        "stamp": data_stamp(opened.data),
        "layers": list(work.layers),
        "input_size": list(model.preprocessing.size),
        "batch": work.batch,
        "parts": -(-min(total, opened.request.choices.get("sample", total)) // work.batch),
        **said_of_maps(opened),
        **({PLUGINS: plug_ins} if (plug_ins := plugins.code_version()) else {}),
    }
    return dict(json.loads(json.dumps(head)))  # as it will be read again: lists for tuples
