"""The folders that may be read: XAI_DATA_ROOTS, where whoever runs the program has set it.

It stands in the environment and is no argument, since trainings and studies run in processes of their own and must
keep to it as well, and since a reader that forgot an argument would read everything.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from xai_core import regular
from xai_core.errors import NO_PATH

VARIABLE = "XAI_DATA_ROOTS"
LEADS_OUT = "it leads out of the folders that may be opened here"
_DESCRIPTORS = Path("/proc/self/fd")
# What a system shows of itself as if it were files. Memory that is used as a disk is none of it.
SYSTEM, _DISKS = tuple(map(Path, ("/proc", "/sys", "/dev"))), (Path("/dev/shm"),)


@dataclass
class Reading:
    """A folder that is being read, and what in it was passed over since it leads out of all roots."""

    roots: tuple[Path, ...]
    left_out: list[Path] = field(default_factory=list)
    _parents: dict[Path, Path] = field(default_factory=dict)

    def leads_out(self, path: Path) -> bool:
        """Whether a path ends outside once links and `..` are followed; it is then noted as passed over."""
        parent, name = path.parent, path.name
        if parent not in self._parents:
            self._parents[parent] = Path(os.path.realpath(parent))
        real = self._parents[parent] / name
        if name == ".." or real.is_symlink():
            real = Path(os.path.realpath(real))
        if is_within(real, self.roots):
            return False
        self.left_out.append(path)
        return True


_reading: ContextVar[Reading | None] = ContextVar("reading", default=None)


def roots() -> tuple[Path, ...] | None:
    """The folders that may be read, links followed; None where nobody has set any, and everything may be."""
    said = os.environ.get(VARIABLE)
    if said is None:
        return None
    parts = (part.strip() for part in said.split(os.pathsep))
    return tuple(dict.fromkeys(Path(os.path.realpath(Path(part).expanduser())) for part in parts if part))


def is_within(real: Path, folders: tuple[Path, ...]) -> bool:
    """Whether a path without links is one of the folders or lies below one."""
    return any(real.is_relative_to(folder) for folder in folders)


def is_of_system(real: Path) -> bool:
    """Whether a path without links is of what a system shows of itself, where nobody's pictures lie."""
    return is_within(real, SYSTEM) and not is_within(real, _DISKS)


def is_outside(path: str | Path) -> bool:
    """Whether a path, links and `..` followed, may not be read; what can be no path may not.

    Parameters
    ----------
    path : str or pathlib.Path

    Returns
    -------
    bool
    """
    allowed = roots()
    if allowed is None:
        return False
    try:
        real = Path(os.path.realpath(Path(path).expanduser()))
    except NO_PATH:
        return True
    return not is_within(real, allowed)


def refusal(asked: str | Path) -> str:
    """The sentence for a path outside: the same whether or not there is anything."""
    named = ", ".join(map(str, roots() or ())) or "none"
    return f"{str(asked)!r} lies outside the folders that may be opened here: {named}."


@contextmanager
def confined() -> Iterator[Reading | None]:
    """Within the block, what leads out of the roots is neither listed nor read; nothing changes without roots."""
    allowed = roots()
    token = _reading.set(Reading(allowed) if allowed is not None else None)
    try:
        yield _reading.get()
    finally:
        _reading.reset(token)


def leads_out(path: Path) -> bool:
    """Whether a path must be passed over, in a block of `confined`."""
    here = _reading.get()
    return here is not None and here.leads_out(path)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file to read; in a block of `confined`, what was opened is checked, so that no swapped link helps.

    Parameters
    ----------
    path : pathlib.Path

    Raises
    ------
    OSError
        If it cannot be read, or leads out.
    """
    here = _reading.get()
    with regular.opened(path) as file:
        if here is not None:
            if _DESCRIPTORS.is_dir():
                real = (_DESCRIPTORS / str(file.fileno())).readlink()
            else:  # without /proc, what the path means now is compared with what was opened
                real = Path(os.path.realpath(path))
                if not os.path.samestat(real.stat(), os.fstat(file.fileno())):
                    raise PermissionError(errno.EACCES, LEADS_OUT)
            if not is_within(real, here.roots):
                raise PermissionError(errno.EACCES, LEADS_OUT)
        yield file


def read_bytes(path: Path) -> bytes:
    """A file's content, checked as `opened` does.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    bytes

    Raises
    ------
    OSError
        If it cannot be read, or leads out.
    """
    with opened(path) as file:
        return file.read()
