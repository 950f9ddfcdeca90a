"""Writing a study's files, whole or not at all."""

from __future__ import annotations

from pathlib import Path

from xai_core.errors import RecordError
from xai_core.records.files import write_whole


class StudyWriteError(RecordError):
    """A study's file that cannot be written."""


def write_file(path: Path, content: bytes) -> None:
    """Write a file so that it is whole or as it was before.

    Parameters
    ----------
    path : pathlib.Path
        Where it is to be.
    content : bytes
        All of it.

    Raises
    ------
    StudyWriteError
        If it cannot be written; a full disk is called that.
    """
    try:
        write_whole(path, content)
    except RecordError as error:
        raise StudyWriteError(str(error)) from error
