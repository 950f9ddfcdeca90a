"""The one place where a path from the browser, typed or in the address, becomes a path on disk.

Where people log in, it takes a role to open more than recorded trainings: those made here and those that are included.
Where XAI_DATA_ROOTS is set, only these and what lies in one of its folders may be opened. Where it is not, everything
may be that the server's user can read, as long as the server answers on this computer alone.
"""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import streamlit as st

import xai_core as xai
from app import access
from xai_core import models, training
from xai_core.data import roots
from xai_core.errors import refusal
from xai_core.remote import REFUSAL, is_address
from xai_core.roles import Role, roles
from xai_core.shipped import RUNS

LONGEST, LONGEST_NAME = 4096, 255  # bytes, as Linux has it
MOST_NAMES = 100_000  # of files in the folder of a record or a study
_SHOWN = 80  # letters of a path that messages repeat
_OWN = "Opening a folder or file by its path"
_HERE = ("localhost", "127.", "::1")


def allowed(text: str) -> Path:
    """The place that a text from the browser names, whether or not anything is there.

    Returns
    -------
    With links and `..` followed where folders are restricted, else as it was written; `~` is the server's user.

    Raises
    ------
    XaiError
        If it may not be opened, or not by this visitor, in words that do not tell whether it is there; or if it can be
        no path.
    """
    text = text.strip()
    _check(text)
    try:
        path = Path(text).expanduser()
    except RuntimeError as error:
        raise xai.DataError("The home folder of this server's user is not known. Write the whole path.") from error
    try:
        real = Path(os.path.realpath(path))
    except OSError:  # a link that may not be followed, as the system has them
        real = roots.SYSTEM[0]
    if roots.is_of_system(real):
        raise xai.DataError(f"{text!r} was not opened: it belongs to the system, and no pictures or records lie there.")
    if not roots.is_within(real, _records()):
        access.require(Role.COMPUTE, _OWN)
    folders = roots.roots()
    if folders is None and _answers_here():
        return path
    if not roots.is_within(real, (*(folders or ()), *_records())):
        raise xai.DataError(_refusal(text, folders))
    return real


def model(text: str) -> str:
    """What a text from the browser names as a model: a path as `allowed` has it, or a name in a cache as it is.

    Raises
    ------
    XaiError
        As `allowed`; for a name, where the folders that may be opened do not hold the caches.
    """
    text = text.strip()
    _check(text)
    caches = models.caches_of(text)
    if not caches:
        return str(allowed(text))
    access.require(Role.COMPUTE, _OWN)
    folders = roots.roots()
    if folders is None and _answers_here():
        return text
    if all(roots.is_within(Path(os.path.realpath(cache)), folders or ()) for cache in caches):
        return text
    raise xai.DataError(
        f"{text!r} was not opened: models by name lie in caches of this server's user, and {roots.VARIABLE} does not "
        "hold them. Give a folder or file that may be opened."
    )


def check_links(folder: Path) -> None:
    """That no link in a record or a study leads out, since these are opened by the names of their files.

    Raises
    ------
    DataError
        Which names the first one.
    """
    folders = roots.roots()
    if folders is None:
        return
    there = (*folders, *_records())
    waiting, names = [str(folder)], 0
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    names += 1
                    if entry.is_symlink():
                        if not roots.is_within(Path(os.path.realpath(entry.path)), there):
                            raise xai.DataError(
                                f"{folder} was not opened: in it, {entry.name!r} is a link, and {roots.LEADS_OUT}."
                            )
                    elif entry.is_dir():
                        waiting.append(entry.path)
        except OSError as error:
            raise xai.DataError(f"{folder} was not opened: {refusal(error)}.") from error
        if names > MOST_NAMES or len(waiting[-1] if waiting else "") > LONGEST:
            raise xai.DataError(f"{folder} was not opened: it holds more or deeper folders than a record or study.")


def data(text: str) -> str:
    """What a training is to learn from: the key of a data set as it is, a folder as `allowed` has it.

    Raises
    ------
    XaiError
        As `allowed`.
    """
    text = text.strip()
    known = not text or any(info.key == text for info in xai.list_datasets())
    return text if known else str(allowed(text))


def _check(text: str) -> None:
    if is_address(text):
        raise xai.DataError(REFUSAL)
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
        raise xai.DataError("The path holds letters that cannot be seen, and no path here has those. Type it anew.")
    if len(text.encode()) > LONGEST or any(len(part.encode()) > LONGEST_NAME for part in text.split("/")):
        raise xai.DataError(
            f"The path {text[:_SHOWN]!r} … is too long: it may have {LONGEST:,} bytes, and {LONGEST_NAME} from one "
            "slash to the next."
        )
    first = text.split("/", 1)[0]
    if first.startswith("~") and first != "~":
        raise xai.DataError(f"{first!r} is somebody's home, and only your own, ~, can be written so. Write the path.")


def _answers_here() -> bool:
    """Whether the server was not told to answer on another address than this computer's own, or to ask for a log-in."""
    if roles() is not None:
        return False  # it is for others, who come by a proxy on this computer
    address = st.get_option("server.address")
    return address is None or str(address).startswith(_HERE)


def _records() -> tuple[Path, ...]:
    """Where recorded trainings lie that everybody may open."""
    places = (training.runs_folder(), *(place for _, place in RUNS.values()))
    return tuple(Path(os.path.realpath(place)) for place in places)


def _refusal(text: str, folders: tuple[Path, ...] | None) -> str:
    if folders is None:
        return (
            f"{text!r} was not opened: this server answers to other computers, and {roots.VARIABLE} does not say which "
            "folders they may open."
        )
    return roots.refusal(text)
