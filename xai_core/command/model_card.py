"""What finished studies found of a model, as a section of its model card: Markdown, as Hugging Face's cards have it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xai_core.batch.store import StudyFolder
from xai_core.batch.summary import says_all
from xai_core.errors import DataError, RecordError
from xai_core.questions import get_question
from xai_core.types.counts import number_of, part_of

TITLE = "What the model looks at, and whether that is evidence"
_ACTIVE = re.compile(r"([\\`*_\[\]<>#|$~&@!]|:(?=//))")
_ADDRESS = re.compile(r"https?://[^\s<>]+")
_AT_BEGINNING = re.compile(r"^(\d*)([-+=.)])")  # of a line, where it makes a list or a heading


def model_card(folders: Sequence[str | Path]) -> str:
    """A section of a model card from the folders of studies of one model.

    Parameters
    ----------
    folders : Sequence of str or pathlib.Path
        Of complete studies.

    Returns
    -------
    str
        Markdown: of each study its question, answer, pictures, caveats, known limitations with sources, and settings.

    Raises
    ------
    DataError
        If there is no folder, one is no complete study, or they are of several models.
    """
    studies = [_opened(Path(folder)) for folder in folders]
    if not studies:
        raise DataError("A model card needs a study: name the folder of one.")
    if len({study.model_id for study in studies}) > 1:
        raise DataError("These studies are of several models, and a model card is of one.")
    versions = sorted({str(study.head.get("xai_core", "")) for study in studies} - {""})
    made = f"xai-core {_plain(', '.join(versions))}" if versions else "xai-core"
    parts = [
        f"## {TITLE}",
        f"From {number_of(len(studies), 'study', 'studies')} with {made}. The answers are about the pictures that are "
        f"named, and about a network with the content id `{_code(studies[0].model_id)}`.",
        *(_section(study) for study in studies),
    ]
    return "\n\n".join(parts) + "\n"


def _opened(folder: Path) -> StudyFolder:
    try:
        study = StudyFolder.open(folder)
    except RecordError as error:
        raise DataError(str(error)) from error
    if study.summary is None:
        raise DataError(f"The study in {folder} is not complete, so that it has no answer yet.")
    if not says_all(study.summary) or not all(isinstance(study.request.get(name), str) for name in ("data", "model")):
        raise DataError(f"The study in {folder} is damaged: it does not say all that a finished one says.")
    return study


def _section(study: StudyFolder) -> str:
    said: Mapping[str, Any] = study.summary or {}
    counts = said["counts"]
    question = get_question(study.kind)
    pictures = part_of(counts["pictures"] - counts["left out"], counts["pictures"], "picture")
    lines = [
        f"### {_plain(question.title)}: {_plain(said['headline'])}",
        "",
        *([_plain(said["in_plain_words"]), ""] if said.get("in_plain_words") else []),
        _plain(said["sentence"]),
        "",
        f"- Question: {_plain(question.question)}",
        f"- Pictures: {pictures} of {_plain(Path(str(study.request['data'])).name)}.",
        *(f"- Caution: {_plain(one)}" for one in said["caveats"]),
        *(f"- {_plain(one)}" for one in said["findings"]),
        *(f"- About the model: {_plain(one)}" for one in said.get("model_notes", ())),
    ]
    if said.get("limits"):
        lines += ["", "<details><summary>Known limitations, with sources</summary>", ""]
        lines += [_limitation(one) for one in said["limits"]]
        lines += ["", "</details>"]
    chosen = "; ".join(f"{key} = `{_code(value)}`" for key, value in _stated(study.request))
    return "\n".join([*lines, "", f"Settings: {chosen}. Study `{_code(said['study'])}`."])


def _limitation(limit: Mapping[str, Any]) -> str:
    sources = " ".join(f"<{one}>" for one in limit["sources"] if _ADDRESS.fullmatch(one))
    return f"- {_plain(limit['title'])}: {_plain(limit['sentence'])} {sources}".rstrip()


def _stated(request: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What was chosen; not where files lie on somebody's disk, which is nobody's business."""
    shown = {key: Path(str(value)).name if key in ("data", "model") else value for key, value in request.items()}
    return [(key.replace("_", "-"), value) for key, value in shown.items() if value not in (None, "", [], {}, ())]


def _code(text: object) -> str:
    """Text between backticks, which end at the next one."""
    return " ".join(str(text).replace("`", "'").split())


def _plain(text: str) -> str:
    """Text in one line with nothing that Markdown or HTML would act on: names are anybody's."""
    return _AT_BEGINNING.sub(r"\1\\\2", _ACTIVE.sub(r"\\\1", " ".join(str(text).split())))
