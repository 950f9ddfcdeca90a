"""Plug-ins: what packages that are installed beside this one add, and files that whoever starts a program names.

A package names its module or object in its own ``pyproject.toml``, under one of GROUPS::

    [project.entry-points."xai_core.methods"]
    my_method = "my_package.my_method"

A file or a folder with an ``__init__.py`` is named in XAI_PLUGINS, as the option ``--plugin`` does: what it registers
when it is imported is there, of whatever group.

A plug-in that cannot be loaded costs itself alone: `problems` has a message, which pages and commands show.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

from xai_core.errors import DataError, XaiError
from xai_core.quotas import PLUGIN_SECONDS
from xai_core.regular import named_path

GROUPS = ("xai_core.methods", "xai_core.models", "xai_core.data")
VARIABLE = "XAI_PLUGINS"  # whole paths, with what separates those of PATH between them
_STATED = "stated"  # in the place of a group
_problems: dict[tuple[str, str], str] = {}
_loaded: set[str] = set()
_heard: set[str] = set()  # modules that registered something
_lock = threading.RLock()  # held by who loads
_notes = threading.Lock()  # for what plug-ins leave meanwhile, in whichever thread they are imported
_here = threading.local()


class PluginError(XaiError):
    """A file that is no plug-in."""


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
    if getattr(_here, "loads", False):
        return  # a plug-in that asks while it is imported gets what is there
    with _lock:
        if group in _loaded:
            return
        _loaded.add(group)
        for found in sorted(entry_points(group=group), key=lambda one: one.name):
            _attempt(group, found.name, partial(_accept, found, accept), _package(found))
        if _STATED not in _loaded:
            _loaded.add(_STATED)
            for place in stated():
                _attempt(_STATED, place.name, partial(_import, place))


def _accept(found: EntryPoint, accept: Callable[[object], None] | None) -> None:
    thing = found.load()
    if accept is not None:
        accept(thing)


def _attempt(group: str, name: str, loading: Callable[[], None], package: str = "") -> None:
    """Load a plug-in, or keep why not.

    Whoever is not in the main thread serves others, who wait: that goes on when it takes too long, and the plug-in is
    there as soon as it is imported.
    """

    def attempt() -> None:
        _here.loads = True
        try:
            loading()
        except (Exception, SystemExit) as error:  # somebody else's code: whatever it raises, the rest works
            note(group, name, error, package)
        else:
            with _notes:
                _problems.pop((group, name), None)
        finally:
            _here.loads = False

    if threading.current_thread() is threading.main_thread():
        attempt()
        return
    thread = threading.Thread(target=attempt, name=f"plug-in {name}", daemon=True)
    thread.start()
    thread.join(PLUGIN_SECONDS.value)
    if thread.is_alive():
        bound = f"{PLUGIN_SECONDS.value:,} s ({PLUGIN_SECONDS.variable})"
        note(group, name, PluginError(f"it is still being imported after {bound}."), package)


def stated() -> tuple[Path, ...]:
    """The files and folders that XAI_PLUGINS names."""
    return tuple(Path(one) for one in os.environ.get(VARIABLE, "").split(os.pathsep) if one.strip())


def names() -> tuple[str, ...]:
    """What the plug-ins are called that are there, usable or not."""
    return (*_packages(), *(place.name for place in stated()))


def _packages() -> list[str]:
    return sorted({found.module.partition(".")[0] for group in GROUPS for found in entry_points(group=group)})


def state(place: str | Path) -> None:
    """Name a file or folder as a plug-in, for this process and those that it starts.

    Parameters
    ----------
    place : str or pathlib.Path
        A Python file, or a folder with an ``__init__.py``.

    Raises
    ------
    PluginError
        If there is none.
    """
    if not str(place).strip():
        raise PluginError("The name of a plug-in is empty: the folder where the command was started is called .")
    try:
        path = named_path(place).absolute()
    except DataError as error:
        raise PluginError(str(error)) from error
    if not (path.is_file() and path.suffix == ".py") and not (path / "__init__.py").is_file():
        raise PluginError(f"{path} is no plug-in: neither a Python file nor a folder with an __init__.py.")
    if os.pathsep in str(path) or not path.stem.isidentifier():
        raise PluginError(
            f"{path.name} cannot be imported under its name. Rename it, to letters, digits and _, as in my_network.py."
        )
    with _lock:
        os.environ[VARIABLE] = os.pathsep.join(str(one) for one in dict.fromkeys([*stated(), path]))


def heard(module: str) -> None:
    """Keep that a module registered something.

    Parameters
    ----------
    module : str
        Its name.
    """
    with _notes:
        _heard.add(module)


def _import(place: Path) -> None:
    """Import what was stated, by its own name, so that other processes can, too."""
    if (folder := str(place.parent)) not in sys.path:  # behind all others: nothing that is installed is replaced
        sys.path.append(folder)
    module = import_module(place.stem)
    found = module.__file__ or ""
    if Path(found).resolve() != (place / "__init__.py" if place.is_dir() else place).resolve():
        raise PluginError(f"another module is called {place.stem!r}, {found or 'built into Python'}. Rename the file.")
    if not any(name.partition(".")[0] == place.stem for name in _heard):
        raise PluginError(
            "it registers nothing. Put @xai.register, @xai.register_model or @xai.register_dataset before a function."
        )


def code_version() -> str:
    """Changes with the code of plug-ins: 16 hex digits; empty where there are none.

    What they compute is kept on disk and in studies, so this is part of the names under which it is found again.
    """
    digest, some = hashlib.sha256(), False
    for path in _sources():
        some = True
        with contextlib.suppress(OSError):  # what cannot be read cannot be imported
            digest.update(f"{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16] if some else ""


def _sources() -> Iterator[Path]:
    """The Python files of all plug-ins: of packages all, of a file those beside it, which it may import."""
    for name in _packages():
        spec = find_spec(name)
        for folder in spec.submodule_search_locations or () if spec is not None else ():
            yield from sorted(Path(folder).rglob("*.py"))
        if spec is not None and spec.submodule_search_locations is None and spec.origin:
            yield Path(spec.origin)
    for place in stated():
        yield from sorted(place.rglob("*.py") if place.is_dir() else place.parent.glob("*.py"))


def note(group: str, name: str, error: BaseException, package: str = "") -> None:
    """Keep what is wrong with a plug-in, for `problems`.

    Parameters
    ----------
    group : str
        One of GROUPS.
    name : str
        Of the entry point, or of what it registered.
    error : BaseException
        What it raised.
    package : str
        " of PACKAGE VERSION", where that is known.
    """
    said = str(error) if isinstance(error, PluginError) else f"{type(error).__name__}: {error}"
    sentence = f"The plug-in {name!r}{package} cannot be used: {said}"
    with _notes:
        _problems[group, name] = " ".join(sentence.split())


def _package(found: EntryPoint) -> str:
    return f" of {found.dist.name} {found.dist.version}" if found.dist is not None else ""


def looked_for() -> bool:
    """Whether the plug-ins of every group were looked for already."""
    with _lock:
        return _loaded >= set(GROUPS)


def problems() -> tuple[str, ...]:
    """What is wrong with plug-ins that were looked for so far, a sentence each."""
    with _notes:
        return tuple(_problems.values())


def forget() -> None:
    """Look for plug-ins anew the next time, as after one was installed."""
    with _lock, _notes:
        _loaded.clear()
        _problems.clear()
