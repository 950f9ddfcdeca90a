"""The studies of a grid, whatever is in their folders: done, running, not done, or none of this grid."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from xai_core.batch.grid_folder import GridCell, GridFolder
from xai_core.batch.head import STUDY
from xai_core.batch.progress import how_far
from xai_core.batch.store import StudyFolder
from xai_core.batch.summary import says_all
from xai_core.errors import RecordError, XaiError
from xai_core.questions import get_question
from xai_core.types.model_settings import MODEL_SETTINGS

# What studies of a grid may differ in: the model with all that is said of it, and the method with its settings.
_VARY = {"model", "architecture", "classes", "device", "method", "set", *(one.key for one in MODEL_SETTINGS)}


@dataclass(frozen=True)
class GridStudy:
    """A cell of a grid, and what is in its folder.

    Attributes
    ----------
    cell : GridCell
    study : StudyFolder, optional
        None where none can be opened.
    problem : str
        Why there is no answer, where there will be none.
    """

    cell: GridCell
    study: StudyFolder | None
    problem: str = ""

    @property
    def name(self) -> str:
        """Model and method."""
        return self.cell.model if self.cell.method is None else f"{self.cell.model}, {self.cell.method}"

    @property
    def summary(self) -> dict[str, Any] | None:
        """What the study found; None until it is complete."""
        return None if self.study is None or self.problem else self.study.summary

    @property
    def cannot_tell(self) -> bool:
        """Whether its answer is that nothing can be told: its maps show nothing, or its pictures are too few."""
        return self.summary is not None and self.summary["tone"] == "unknown"

    @property
    def mixed(self) -> bool:
        """Whether its pieces of evidence contradict each other, so that one test alone is no answer."""
        return self.summary is not None and str(self.summary.get("headline", "")).startswith("Mixed")

    @property
    def ended(self) -> bool:
        """Whether there is an answer, or will be none."""
        return bool(self.problem) or self.summary is not None

    @property
    def state(self) -> str:
        """In words: what it answers, how far it is, why it cannot be done, or that it has not begun."""
        if self.summary is not None:
            return str(self.summary["headline"])
        if self.problem:
            return f"Not done: {self.problem}"
        far = how_far(self.study) if self.study is not None else None
        return far.sentence if far else "Not begun."


def studies_of(grid: GridFolder, opened: Callable[[str], StudyFolder]) -> list[GridStudy]:
    """All cells of a grid with what is in their folders.

    Parameters
    ----------
    grid : GridFolder
    opened : callable
        Opens a study by its folder, as `StudyFolder.open` does, or raises XaiError.

    Raises
    ------
    DataError
        If the question is not known here.
    RecordError
        If these are not studies of one question, with the same choices, on the same pictures.
    """
    found = [_study(grid, cell, opened) for cell in grid.cells]
    _check_alike(grid, found)
    return found


def _study(grid: GridFolder, cell: GridCell, opened: Callable[[str], StudyFolder]) -> GridStudy:
    place, problem = grid.folder / cell.name, grid.problems.get(cell.name, "")
    try:
        study = opened(str(place))
    except XaiError as error:
        begun = place.is_symlink() or os.path.lexists(place / STUDY)  # without a look at what links lead to
        return GridStudy(cell, None, problem or (str(error) if begun else ""))
    if study.summary is not None:
        damaged = "" if says_all(study.summary) else f"{place} has a summary.json that is damaged."
        return GridStudy(cell, study, damaged)
    return GridStudy(cell, study, problem)


def _check_alike(grid: GridFolder, found: Sequence[GridStudy]) -> None:
    """One question, asked in the same way of the same pictures."""
    get_question(grid.kind)
    there = [(one.name, one.study) for one in found if one.study is not None]
    for name, study in there:
        if study.kind != grid.kind:
            raise RecordError(
                f"{grid.folder} was not opened: a grid asks one question, and {name} answers {study.kind!r}, not "
                f"{grid.kind!r}."
            )
        first_name, first = there[0]
        differing = _differing(first, study)
        if differing:
            raise RecordError(
                f"{grid.folder} was not opened: a grid asks one question of the same pictures, and {name} differs from "
                f"{first_name} in {differing}."
            )


def _differing(first: StudyFolder, other: StudyFolder) -> str:
    """What two studies differ in that all of a grid have in common; what older versions leave unsaid does not count."""
    one, two = first.request, other.request
    named = [f"--{key}" for key in (one.keys() & two.keys()) - _VARY if one[key] != two[key]]
    if named:
        return ", ".join(sorted(named))
    same = all(first.head[key] == other.head[key] for key in ("stamp", "pictures"))
    return "" if same else "its pictures: files have changed, or are others"
