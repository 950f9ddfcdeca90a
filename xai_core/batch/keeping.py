"""Who is told as a study's files are finished, to keep them elsewhere, too."""

from __future__ import annotations

from typing import Protocol

from xai_core.batch.store import StudyFolder


class Keeper(Protocol):
    """Keeps a study elsewhere.

    What cannot be kept is raised as a StudyWriteError, and another one's work there as a StudyConflict.
    """

    def begun(self, study: StudyFolder) -> None:
        """`study.json` is in the folder; the parts that are no longer in it belong to another study."""
        ...

    def made(self, study: StudyFolder, number: int) -> None:
        """A part is in the folder."""
        ...

    def finished(self, study: StudyFolder) -> None:
        """All results are in the folder."""
        ...


class InTheFolder:
    """Nobody: a study is in its folder."""

    def begun(self, study: StudyFolder) -> None:
        """As `Keeper.begun`."""

    def made(self, study: StudyFolder, number: int) -> None:
        """As `Keeper.made`."""

    def finished(self, study: StudyFolder) -> None:
        """As `Keeper.finished`."""


IN_THE_FOLDER = InTheFolder()
