"""What `summary.json` holds, field by field, and the JSON schema of it: for programs that read studies."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from xai_core.result_types import fits
from xai_core.studies import Tone

SCHEMA = "https://json-schema.org/draft/2020-12/schema"
# What studies leave unsaid that are older than these.
_LATER: Mapping[str, Any] = {"rules": 1, "in_plain_words": "", "limits": [], "model_notes": [], "data_notes": []}
_COUNTED = {"pictures", "left out"}  # by every study, whatever else it counts
_PLAIN: Mapping[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


@dataclass(frozen=True)
class LeftOut:
    """A picture that is not in the table."""

    picture: Annotated[str, "Its name."]
    reason: Annotated[str, "Why, in a sentence."]


@dataclass(frozen=True)
class PassedOver:
    """A file that is no picture of the data set."""

    file: Annotated[str, "Its name."]
    reason: Annotated[str, "Why, in a sentence."]


@dataclass(frozen=True)
class Limitation:
    """One thing that an answer of this kind cannot show."""

    title: Annotated[str, "In a few words."]
    sentence: Annotated[str, "Why."]
    sources: Annotated[list[str], "Addresses of where it is explained."]


@dataclass(frozen=True)
class Summary:
    """What a finished study says. The file adds `study`, the content id of all that makes it this study."""

    kind: Annotated[str, "The question: layers, foreground, misclassified, methods, discover, or one of a plug-in."]
    rules: Annotated[int, "Which edition of the rules turned numbers into the headline; see docs/verdicts.md."]
    headline: Annotated[str, "The answer in a few words."]
    sentence: Annotated[str, "The answer with its numbers."]
    in_plain_words: Annotated[str, "The answer for a student, without the name of any test; empty where there is none."]
    tone: Annotated[Tone, "How the answer came out, as the page colours it."]
    caveats: Annotated[list[str], "What speaks against taking it as it stands."]
    limits: Annotated[list[Limitation], "What answers of this kind cannot show, with sources."]
    findings: Annotated[list[str], "What else was found, a sentence each."]
    numbers: Annotated[dict[str, float | None], "Every number of the report by its name; null where it is not defined."]
    model_notes: Annotated[list[str], "What was found out or assumed about the model."]
    data_notes: Annotated[list[str], "What was decided about the files."]
    counts: Annotated[dict[str, int], "How many pictures there are, were left out, and what else was counted."]
    left_out: Annotated[list[LeftOut], "Pictures that are not in the table."]
    skipped: Annotated[list[PassedOver], "Files that were passed over."]
    seconds: Annotated[float, "Time of computing, in seconds, of all who worked on it."]
    address: Annotated[str, "Path and query of the page that shows the same."]

    def plain(self) -> dict[str, Any]:
        """As JSON holds it."""
        return dataclasses.asdict(self)


def says_all(found: Mapping[str, Any]) -> bool:
    """Whether an object of JSON is what a finished study says, of this version or an older one.

    Parameters
    ----------
    found : Mapping of str to object

    Returns
    -------
    bool
    """
    return _holds({**_LATER, **found}, Summary) and found["counts"].keys() >= _COUNTED


def _holds(value: Any, kind: Any) -> bool:
    if dataclasses.is_dataclass(kind):
        fields = typing.get_type_hints(kind)
        return isinstance(value, Mapping) and all(n in value and _holds(value[n], one) for n, one in fields.items())
    if typing.get_origin(kind) is list:
        return isinstance(value, list) and all(_holds(one, typing.get_args(kind)[0]) for one in value)
    return fits(value, kind)


def summary_schema() -> dict[str, Any]:
    """The JSON schema of `summary.json`.

    Returns
    -------
    dict of str to object
        As docs/summary.schema.json holds it.

    Examples
    --------
    >>> from xai_core.batch.summary import summary_schema
    >>> summary_schema()["properties"]["headline"]
    {'type': 'string', 'description': 'The answer in a few words.'}
    """
    schema = _object(Summary)
    schema["properties"]["study"] = {"type": "string", "description": "The content id of all that makes it this study."}
    schema["required"].append("study")
    return {"$schema": SCHEMA, "title": "summary.json of a study", **schema}


def _object(kind: type) -> dict[str, Any]:
    """Of a record: each field is there, and others may come with later versions."""
    fields = typing.get_type_hints(kind, include_extras=True)
    described = {
        name: _typed(typing.get_args(hint)[0]) | {"description": hint.__metadata__[0]} for name, hint in fields.items()
    }
    return {"type": "object", "properties": described, "required": list(described)}


def _typed(hint: Any) -> dict[str, Any]:
    """The schema of a type."""
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if dataclasses.is_dataclass(hint):
        return _object(typing.cast(type, hint))
    kind, inner = typing.get_origin(hint), typing.get_args(hint)
    if kind is Literal:
        return {"enum": list(inner)}
    if kind is types.UnionType:
        return {"type": [_PLAIN[one] for one in inner]}
    if kind is list:
        return {"type": "array", "items": _typed(inner[0])}
    return {"type": "object", "additionalProperties": _typed(inner[1])}
