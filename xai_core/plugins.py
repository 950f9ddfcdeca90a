"""Plug-ins: what packages that are installed beside this one add, found by their entry points.

A package names its module or object in its own ``pyproject.toml``, under one of GROUPS::

    [project.entry-points."xai_core.methods"]
    my_method = "my_package.my_method"

A plug-in that cannot be loaded costs itself alone: `problems` has a message, which pages and commands show.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points

GROUPS = ("xai_core.methods", "xai_core.models", "xai_core.data")
_problems: dict[tuple[str, str], str] = {}
_loaded: set[str] = set()
_lock = threading.RLock()


def load(group: str, accept: Callable[[object], None] | None = None) -> None:
    """Load the plug-ins of a group, once in a process.

    Parameters
    ----------
    group : str
        One of GROUPS.
    accept : callable, optional
        Called with what each entry point names; what it raises is that plug-in's problem. Without it, importing the
        module is enough, since a decorator registers what is in it.
    """
    with _lock:
        if group in _loaded:
            return
        _loaded.add(group)
        for found in sorted(entry_points(group=group), key=lambda one: one.name):
            try:
                thing = found.load()
                if accept is not None:
                    accept(thing)
            except Exception as error:  # it is somebody else's code: whatever it raises, everything else works
                note(group, found.name, error, _package(found))


def note(group: str, name: str, error: Exception, package: str = "") -> None:
    """Keep what is wrong with a plug-in, for `problems`.

    Parameters
    ----------
    group : str
        One of GROUPS.
    name : str
        Of the entry point, or of what it registered.
    error : Exception
        What it raised.
    package : str
        " of PACKAGE VERSION", where that is known.
    """
    sentence = f"The plug-in {name!r}{package} cannot be used: {type(error).__name__}: {error}"
    with _lock:
        _problems[group, name] = " ".join(sentence.split())


def _package(found: EntryPoint) -> str:
    return f" of {found.dist.name} {found.dist.version}" if found.dist is not None else ""


def looked_for() -> bool:
    """Whether the plug-ins of every group were looked for already."""
    with _lock:
        return _loaded >= set(GROUPS)


def problems() -> tuple[str, ...]:
    """What is wrong with plug-ins that were looked for so far, a sentence each."""
    with _lock:
        return tuple(_problems.values())


def forget() -> None:
    """Look for plug-ins anew the next time, as after one was installed."""
    with _lock:
        _loaded.clear()
        _problems.clear()
