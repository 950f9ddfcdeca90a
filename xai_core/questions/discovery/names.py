"""Names that people give to groups of pictures; they stay with the study, in a file of its folder."""

from __future__ import annotations

import json
from collections.abc import Mapping

from xai_core import bounded_json, regular
from xai_core.batch.store import StudyFolder
from xai_core.errors import DataError, RecordError
from xai_core.records.files import write_whole

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
        found = bounded_json.loads(regular.read_bytes(study.folder / FILE, LARGEST))
    except (OSError, ValueError):
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
    if not study.folder.is_dir():  # it would be made
        raise DataError(f"The names cannot be kept: the folder {study.folder} is not there any more.")
    content = json.dumps({"study": study.identity, "names": kept}, ensure_ascii=False)
    try:
        write_whole(study.folder / FILE, content.encode())
    except RecordError as error:
        raise DataError(f"The names cannot be kept. {error}") from error
