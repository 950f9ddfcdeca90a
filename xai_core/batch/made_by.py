"""What made the maps of a study, in the words that its maps carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from xai_core.methods.registry import DEFAULT, get_method

MAPS = "maps"  # what a study's head says of maps that were made elsewhere; also the key of the choice


class MadeBy(NamedTuple):
    """Title and unit of the method, and its key; an empty one where no method of ours can make the maps again."""

    title: str
    unit: str
    key: str


def made_by(head: Mapping[str, Any]) -> MadeBy:
    """What made the maps of a study.

    Parameters
    ----------
    head : Mapping of str to object
        All of `study.json`.
    """
    said = head.get(MAPS)
    if isinstance(said, dict):
        return MadeBy(str(said.get("title")), str(said.get("unit")), "")
    request = head["request"]
    known = get_method(str(request.get("method", DEFAULT)))
    return MadeBy(known.title, known.unit_with(request.get("set", {})), known.key)
