"""`xai doctor`: what is installed, whether it fits together, and the line that mends what does not."""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from xai_core.command.dashboard import configuration, home
from xai_core.errors import XaiError, install, say
from xai_core.quotas import DISK_FREE, nearest
from xai_core.types.exit_codes import ExitCode, listed_codes

FINE, NOTE, WRONG = "fine", "note", "wrong"
_MARKS = {FINE: "✓", NOTE: "·", WRONG: "✗"}
_PACKAGE = "xai-core"
_VISION_AHEAD = 15  # torchvision 0.15 is for torch 2.0
_LEAST_GB = 2.0  # of memory that a page with the included model and its maps takes, with room


@dataclass(frozen=True)
class Diagnosis:
    """One thing that was looked at.

    Attributes
    ----------
    name : str
        In a word or two.
    state : str
        FINE, NOTE (works, but worth knowing) or WRONG.
    said : str
        What is there.
    mend : str
        The command that mends it; empty where nothing is to be mended.
    """

    name: str
    state: str
    said: str
    mend: str = ""


def add_options(commands: Any) -> None:
    """The command, added to a parser's."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "doctor",
        help="what is installed, and whether it fits together",
        description="What is installed, whether it fits together, and the command that mends what does not.",
        epilog=listed_codes("xai doctor"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="for programs: a list of objects")


def run(given: dict[str, Any]) -> int:
    """Look at everything and say it; the exit code."""
    found = list(diagnoses())
    if given["json"]:
        print(json.dumps([asdict(one) for one in found], indent=2))
    else:
        width = max(len(one.name) for one in found)
        for one in found:
            say(f"{_MARKS[one.state]} {one.name:<{width}}  {one.said}")
            if one.mend:
                say(f"  {'':<{width}}  → {one.mend}")
    return ExitCode.FAILED if any(one.state == WRONG for one in found) else ExitCode.DONE


def diagnoses() -> Iterator[Diagnosis]:
    """Everything that is looked at, one after another; what cannot be looked at is wrong, with the error."""
    for name, look in _LOOKS.items():
        try:
            yield from look()
        except Exception as error:
            yield Diagnosis(name, WRONG, f"{type(error).__name__}: {error}")


def _python() -> Iterator[Diagnosis]:
    state = FINE if sys.version_info >= (3, 11) else WRONG
    said = f"{platform.python_version()} in {sys.prefix}, on {platform.system()} {platform.machine()}"
    yield Diagnosis("Python", state, said, "" if state == FINE else "Install Python 3.11 or newer.")
    yield Diagnosis(_PACKAGE, FINE, f"{importlib.metadata.version(_PACKAGE)} in {Path(__file__).parents[1]}")


def _requirements() -> dict[str, list[Any]]:
    """Extra, or nothing -> what the package says that it needs for it."""
    from packaging.requirements import Requirement

    needed = defaultdict(list)
    for text in importlib.metadata.requires(_PACKAGE) or ():
        one = Requirement(text)
        extras = importlib.metadata.metadata(_PACKAGE).get_all("Provides-Extra") or []
        if one.marker is None or one.marker.evaluate({"extra": ""}):
            needed[""].append(one)
        else:
            for extra in extras:
                if one.marker.evaluate({"extra": extra}):
                    needed[extra].append(one)
    return needed


def _plain(version: str) -> str:
    """Without the name of a build."""
    return version.split("+")[0]


def _misfit(requirement: Any) -> str:
    """What is wrong with an installed package, or nothing."""
    try:
        version = importlib.metadata.version(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        return f"{requirement.name} is missing"
    fits = requirement.specifier.contains(_plain(version), prereleases=True)
    return "" if fits else f"{requirement.name} {version} is not {requirement.specifier}"


def _packages() -> Iterator[Diagnosis]:
    needed = _requirements()
    base = needed.pop("", [])
    wrong = {one: said for one in base if (said := _misfit(one))}
    said = "; ".join(wrong.values()) or f"all {len(base)} that are needed are there, in versions that fit"
    yield Diagnosis(
        "Packages",
        WRONG if wrong else FINE,
        said,
        install(*(f"{one.name}{one.specifier}" for one in wrong)) if wrong else "",
    )
    for extra, wants in sorted(needed.items()):
        missing = [one for one in wants if one.name != _PACKAGE and _misfit(one)]
        if extra not in _FOR_DEVELOPERS:
            names = ", ".join(one.name for one in missing or wants)
            yield Diagnosis(
                f"Extra {extra}",
                NOTE if missing else FINE,
                f"{names}: not installed" if missing else f"{names}: installed",
                install(f"{_PACKAGE}[{extra}]") if missing else "",
            )


_FOR_DEVELOPERS = ("test", "bench", "docs")


def _torch() -> Iterator[Diagnosis]:
    import torch

    from xai_core._torchvision import extension_loads
    from xai_core.models.prepare import best_device

    device = best_device()
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or platform.machine()
    threads = f"{torch.get_num_threads()} threads" if device.type == "cpu" else f"CUDA {torch.version.cuda}"
    yield Diagnosis("Device", FINE, f"{device} ({name}), {threads}")
    vision = importlib.metadata.version("torchvision")
    if wanted := _torch_of_torchvision():
        yield Diagnosis(
            "torch, torchvision",
            WRONG,
            f"torchvision {vision} is made for torch {wanted}, and here is torch {torch.__version__}.",
            install(f"torchvision=={vision_for(torch.__version__)}"),
        )
    elif extension_loads():
        yield Diagnosis("torch, torchvision", FINE, f"{torch.__version__} and {vision} fit together")
    else:
        yield Diagnosis(
            "torch, torchvision",
            NOTE,
            f"torchvision {vision} was built for another build of torch than {torch.__version__}. It works here; "
            "`import torchvision` in a script of your own may fail.",
            install("--force-reinstall", f"torch=={_plain(torch.__version__)}", f"torchvision=={_plain(vision)}"),
        )


def _torch_of_torchvision() -> str:
    """The torch that the installed torchvision says it is made for, where another one is there; else nothing."""
    from packaging.requirements import Requirement

    wants = [Requirement(text) for text in importlib.metadata.requires("torchvision") or ()]
    misfits = [one for one in wants if one.name == "torch" and _misfit(one)]
    return str(misfits[0].specifier).removeprefix("==") if misfits else ""


def vision_for(torch_version: str) -> str:
    """The torchvision of a version of torch: they have counted up together since torch 2.0 and torchvision 0.15.

    Parameters
    ----------
    torch_version : str
        Such as "2.13.0+cpu".

    Returns
    -------
    str
        With a star for whatever was mended since.

    Examples
    --------
    >>> from xai_core.command.doctor import vision_for
    >>> vision_for("2.13.0+cpu")
    '0.28.*'
    """
    return f"0.{int(torch_version.split('.')[1]) + _VISION_AHEAD}.*"


def _memory() -> Iterator[Diagnosis]:
    import psutil

    free, total = (size / 2**30 for size in (psutil.virtual_memory().available, psutil.virtual_memory().total))
    low = free < _LEAST_GB
    yield Diagnosis(
        "Memory",
        NOTE if low else FINE,
        f"{free:.1f} of {total:.1f} GiB are free" + (f"; a page may take {_LEAST_GB:g}" if low else ""),
    )


def _disk() -> Iterator[Diagnosis]:
    from xai_core.training.jobs.files import runs_folder

    places = {"Trainings": runs_folder(), "Results kept": os.environ.get("XAI_CACHE_DIR")}
    for name, place in places.items():
        if place is None:
            yield Diagnosis(name, NOTE, "in memory only; set XAI_CACHE_DIR to a folder to keep results on disk")
            continue
        folder = Path(place).expanduser().absolute()
        there = nearest(folder)
        free = shutil.disk_usage(there).free / 1_000_000
        writable, room = os.access(there, os.W_OK), free > DISK_FREE.value
        said = f"{folder}, {free:,.0f} MB free" + ("" if writable else ", which cannot be written to")
        yield Diagnosis(name, FINE if writable and room else WRONG, said)


def _models() -> Iterator[Diagnosis]:
    from xai_core.models import list_models

    there = [info.title for info in list_models() if info.on_disk]
    yield Diagnosis("Models on disk", FINE if there else WRONG, ", ".join(there))


def _dashboard() -> Iterator[Diagnosis]:
    needed = (home() / "app" / "main.py", home() / "app" / "icon.png", configuration())
    missing = [path.name for path in needed if not path.is_file()]
    said = f"{', '.join(missing)} missing in {home()}" if missing else f"its pages lie in {home()}"
    mend = install("--force-reinstall", "--no-deps", _PACKAGE) if missing else ""
    yield Diagnosis("Dashboard", WRONG if missing else FINE, said, mend)


def _login() -> Iterator[Diagnosis]:
    from xai_core.roles import VARIABLE, Role, roles

    try:
        known = roles()
    except XaiError as error:
        yield Diagnosis("Log-in", WRONG, str(error))
        return
    if known is None:
        yield Diagnosis(
            "Log-in", NOTE, f"off: whoever can open a page may do everything; set {VARIABLE} to a file of roles"
        )
        return
    given = ", ".join(role.key for role in Role if role in known.rules)
    yield Diagnosis("Log-in", FINE, f"roles {given}, from {os.environ[VARIABLE]}; a log-in holds for {known.hours:g} h")
    if not importlib.util.find_spec("authlib"):
        yield Diagnosis(
            "Log-in", WRONG, "Authlib is missing, without which nobody can log in", install(f"{_PACKAGE}[login]")
        )


def _plugins() -> Iterator[Diagnosis]:
    from xai_core import plugins

    for problem in plugins.problems():
        yield Diagnosis("Plug-ins", WRONG, problem)
    if there := plugins.names():
        yield Diagnosis("Plug-ins", FINE, f"looked for: {', '.join(there)}")


_LOOKS: dict[str, Callable[[], Iterator[Diagnosis]]] = {
    "Python": _python,
    "Packages": _packages,
    "torch": _torch,
    "Memory": _memory,
    "Disk": _disk,
    "Models": _models,
    "Dashboard": _dashboard,
    "Log-in": _login,
    "Plug-ins": _plugins,
}
