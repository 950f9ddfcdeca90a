"""Files that are whole or as they were before, whatever happens in between."""

from __future__ import annotations

import contextlib
import errno
import glob
import itertools
import os
import re
from pathlib import Path

from xai_core.errors import RecordError, refusal

_NUMBER = itertools.count()
_DRAFT = re.compile(r"\.(\d+)-\d+\.draft")  # after the name of the file: the process that writes it, and which of its


def write_whole(path: Path, content: bytes, *, new: bool = False) -> None:
    """Write a file so that it is whole or as it was before, even if the machine stops, and whoever else writes it.

    Parameters
    ----------
    path : pathlib.Path
        Where it is to be.
    content : bytes
        All of it.
    new : bool
        Whether it must not be there yet; of several who write it at the same time, one does.

    Raises
    ------
    RecordError
        If it cannot be written; a full disk is called that.
    FileExistsError
        If it was to be new and is there.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}-{next(_NUMBER)}.draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _clear_away(path)
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        put = not new or _is_claimed(draft, path)
        if put:
            draft.replace(path)
        draft.unlink(missing_ok=True)  # it is still there where both names are of one file
    except BaseException as error:  # Ctrl-C, too, leaves no draft behind
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise RecordError(f"{path.name} could not be written to {path.parent}: {refusal(error)}.") from error
    if not put:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))


def _is_claimed(draft: Path, path: Path) -> bool:
    """Whether a name was free and is now that of a draft, as it is of nobody else's."""
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without links
        try:
            with path.open("xb"):
                return True
        except FileExistsError:
            return False
    return True


def _clear_away(path: Path) -> None:
    """Remove drafts of a file whose processes have ended: each process, and each thread in it, has its own."""
    import psutil

    for left in path.parent.glob(f".{glob.escape(path.name)}*.draft"):
        found = _DRAFT.fullmatch(left.name.removeprefix(f".{path.name}"))
        whole = left.name == f".{path.name}.draft"  # as versions before called it
        if whole or (found and int(found[1]) != os.getpid() and not psutil.pid_exists(int(found[1]))):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)
