"""Files that are whole or as they were before, whatever happens in between."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from xai_core.errors import RecordError, refusal


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is whole or as it was before, even if the machine stops.

    Parameters
    ----------
    path : pathlib.Path
        Where it is to be.
    content : bytes
        All of it.

    Raises
    ------
    RecordError
        If it cannot be written; a full disk is called that.
    """
    draft = path.with_name(f".{path.name}.draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise RecordError(f"{path.name} could not be written to {path.parent}: {refusal(error)}.") from error
