"""Maps that were made elsewhere, in a study: opened beside its pictures, and found again in its folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from xai_core.batch.made_by import MAPS
from xai_core.batch.map_index import MapIndex
from xai_core.batch.opening import Opened
from xai_core.errors import MethodError, RecordError
from xai_core.inference.map_sets import GivenMaps
from xai_core.methods.given import given_method
from xai_core.regular import named_path
from xai_core.types import FloatArray
from xai_core.types.heatmaps import GIVEN

if TYPE_CHECKING:
    from xai_core.batch.store import StudyFolder


def with_given(opened: Opened) -> Opened:
    """The request with maps that were made elsewhere in a method's place, where it names any.

    Raises
    ------
    DataError, MethodError
        If they cannot be read, or what else is asked for takes a method of ours.
    """
    choices = opened.request.choices
    place = choices.get(MAPS)
    if not place:
        return opened
    for name, why in (
        ("method", "they take the place of a method"),
        ("set", "they have no settings"),
        ("untrained", "they cannot be made again with random weights"),
    ):
        if choices.get(name):
            raise MethodError(f"The maps in {place} were made elsewhere: {why}, so leave out --{name}.")
    path = named_path(place).absolute()
    found = GivenMaps.open(path, [item.name for item in opened.data.items], title=GIVEN)
    method = given_method(found, opened.model)
    return replace(opened, request=replace(opened.request, choices={**choices, MAPS: str(path)}), method=method)


def said_of_maps(opened: Opened) -> dict[str, Any]:
    """What a study's head says of maps that were made elsewhere: empty where it makes its own."""
    method = opened.method
    if method is None or method.repeatable:
        return {}
    return {MAPS: {"title": method.title, "unit": method.unit, "signed": method.signed, "stamp": method.key}}


@dataclass(frozen=True, eq=False)
class StudyMaps:
    """Maps that a study's folder holds, found by their pictures' names.

    Attributes
    ----------
    study : StudyFolder
    title, stamp : str
        What they are called, and what changes with them.
    signed : bool
        Whether any value is below zero.
    shapes : Mapping of str to tuple of int
        (h, w) by name of the maps.
    """

    study: StudyFolder
    title: str
    stamp: str
    signed: bool
    shapes: Mapping[str, tuple[int, int] | None] = field(default_factory=dict)

    def of(self, pictures: Sequence[str], size: tuple[int, int]) -> dict[str, FloatArray]:
        """The maps of some pictures: name of the maps -> float32 (n, h, w).

        Raises
        ------
        MethodError
            If it holds none of one of them.
        """
        places: dict[str, tuple[int, int]] = {}
        for number in range(int(self.study.head["parts"])):
            try:
                places |= {name: (number, row) for row, name in enumerate(self.study.about(number)["names"])}
            except Exception:  # absent, or damaged in one of a dozen ways
                continue
        if unknown := [name for name in pictures if name not in places]:
            raise MethodError(f"{unknown[0]}: the study {self.study.folder.name} holds no map of this picture.")
        one = self.study
        index = MapIndex(one.head, one.identity, one.about, one.array)
        found = index.gathered([places[name] for name in pictures], [f"map/{name}" for name in self.shapes])
        if found is None:
            raise MethodError(f"The maps in {self.study.folder.name} were damaged or taken away.")
        return {name: found[f"map/{name}"] for name in self.shapes}


def maps_of_study(study: StudyFolder) -> StudyMaps | None:
    """The maps made elsewhere that a study was about; None of one that made its own, or is damaged.

    Parameters
    ----------
    study : StudyFolder
    """
    said = study.head.get(MAPS)
    if not isinstance(said, dict) or not study.complete or not study.head["layers"]:
        return None
    try:
        shapes: dict[str, tuple[int, int] | None] = {}
        (number,) = [one for one in range(int(study.head["parts"])) if study.about(one)["ids"]][:1]
        for name in study.head["layers"]:
            high, wide = study.array(number, f"map/{name}").shape[1:]
            shapes[name] = (int(high), int(wide))
        stamp = str(said["stamp"]).removeprefix("given_")
        return StudyMaps(study, str(said["title"]), stamp, bool(said["signed"]), shapes)
    except (RecordError, KeyError, ValueError, OSError, EOFError):
        return None
