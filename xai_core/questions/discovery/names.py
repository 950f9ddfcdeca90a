"""Names that people give to groups of pictures; they stay with the study, in a file of its folder."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path

from xai_core import regular
from xai_core.batch.store import StudyFolder
from xai_core.errors import DataError

FILE = "names.json"
LONGEST, MOST, LARGEST = 80, 1000, 1 << 20  # letters of a name, names, bytes of the file


def read_names(study: StudyFolder) -> dict[str, str]:
    """The names that stand in a study's folder.

    Parameters
    ----------
    study : StudyFolder

    Returns
    -------
    dict of str to str
        A group's own name -> what it was called; empty where there are none, or the file is of another study.
    """
    try:
        found = json.loads(regular.read_bytes(study.folder / FILE, LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(found, dict) or found.get("study") != study.identity or not isinstance(found.get("names"), dict):
        return {}
    return {
        str(group): name.strip()[:LONGEST]
        for group, name in list(found["names"].items())[:MOST]
        if isinstance(name, str) and name.strip()
    }


def write_names(study: StudyFolder, names: Mapping[str, str]) -> None:
    """Let names stay with a study.

    Parameters
    ----------
    study : StudyFolder
    names : Mapping of str to str
        A group's own name -> what it is called; empty ones are left out.

    Raises
    ------
    DataError
        If the folder cannot be written.
    """
    kept = {group: name.strip()[:LONGEST] for group, name in list(names.items())[:MOST] if name.strip()}
    place = study.folder / FILE
    half = place.with_name(f".{FILE}.part")
    try:
        half.write_text(json.dumps({"study": study.identity, "names": kept}, ensure_ascii=False), encoding="utf-8")
        half.replace(place)
    except OSError as error:
        with contextlib.suppress(OSError):
            Path(half).unlink(missing_ok=True)
        raise DataError(f"The names cannot be kept in {study.folder}: {error.strerror or error}.") from error
