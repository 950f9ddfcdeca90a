"""What makes one study another: the record at its head, and what two of them differ in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from xai_core import bounded_json, regular
from xai_core.batch.made_with import MADE_WITH
from xai_core.errors import RecordError
from xai_core.methods.registry import DEFAULT
from xai_core.records.store import MAX_HEAD

FORMAT, VERSION = "xai-core study", 1
STUDY = "study.json"
PLUGINS = "plug_ins"  # in a study's head where there are any
PARTS_AT_MOST = 100_000  # whose numbers have five digits
_MAX_PICTURES = 20_000_000  # of a data set: each has a name, which a list in memory holds
_MAX_SIDE = 10_000  # pixels of a network's input
# Choices that studies leave unsaid that are older than these: of a method, independent labels, maps made elsewhere.
_LATER: dict[str, Any] = {
    "method": DEFAULT,
    "set": {},
    "threshold": 0.5,
    "label_threshold": None,
    "untrained": False,
    "deletion": False,
    "maps": None,
    "against": "",
}


def plain(text: str) -> str:
    """Text that any program can read: file systems allow names that are no text."""
    return text.encode("utf-8", "replace").decode()


def to_json(content: Any) -> bytes:
    """JSON without NaN."""
    return json.dumps(content, indent=1, allow_nan=False, default=str).encode()


def plain_values(content: Mapping[str, Any]) -> dict[str, Any]:
    """As it is read again from JSON: lists for tuples."""
    return dict(json.loads(json.dumps(content)))


def identity(head: Mapping[str, Any]) -> str:
    """16 hex digits that stand for a study: of all that `study.json` holds but what it is made with."""
    return hashlib.sha256(json.dumps(_asked(head), sort_keys=True).encode()).hexdigest()[:16]


def is_same(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether two heads are of one study, whatever it is made with; the one before `as_asked_now`."""
    return _asked(before) == _asked(now)


def begun_with(folder: Path, now: Mapping[str, Any]) -> dict[str, Any]:
    """What the study of a folder was begun with; nothing where there is no such study, or it does not say.

    Parameters
    ----------
    folder : pathlib.Path
    now : Mapping of str to object
        The head of the study that is asked for.
    """
    try:
        there = read_head(folder).head
    except RecordError:
        return {}
    said = there.get(MADE_WITH)
    return dict(said) if isinstance(said, dict) and is_same(as_asked_now(there, now), now) else {}


def _asked(head: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in head.items() if key != MADE_WITH}


def as_asked_now(head: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """A study's head with what it leaves unsaid for its age, as far as the one that is asked for says it."""
    unsaid = {name: value for name, value in _LATER.items() if name in now["request"]}
    return {**head, "request": {**unsaid, **head["request"]}}


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What a folder's study and the one that is asked for differ in, in words; both `as_asked_now`."""
    if before["kind"] != now["kind"]:
        return [f"it is a study of the kind {before['kind']!r}, not {now['kind']!r}"]
    old, new = before["request"], now["request"]
    found = [
        f"its --{name} is {old.get(name)!r}, not {new.get(name)!r}"
        for name in {**old, **new}
        if old.get(name) != new.get(name)
    ]
    if found:
        return found
    words = {
        "model_id": "the model's weights or preprocessing have changed since",
        "stamp": "the pictures have changed since (one came, went, was renamed, or its file changed)",
        "class_names": "the model's class names have changed since",
        "xai_core": f"it was made by xai_core {before.get('xai_core')!r}, this is {now['xai_core']!r}",
        PLUGINS: "the code of plug-ins has changed since, or others are there",
        "maps": "the maps have changed since",
        "batch": f"its parts have up to {before.get('batch') or 0:,} pictures each, and those of this version "
        f"{now['batch']:,}",
        "device": f"it ran on {before.get('device')!r}, this would run on {now['device']!r}",
    }
    found = [said for key, said in words.items() if before.get(key) != now.get(key)]
    return found or [f"its {key} is another" for key in _asked(now) if before.get(key) != now[key]]


class Head(NamedTuple):
    """The absolute folder of a study, and what its `study.json` holds."""

    folder: Path
    head: dict[str, Any]


def read_head(path: str | Path) -> Head:
    """The absolute folder of a study, and its head.

    Parameters
    ----------
    path : str or pathlib.Path
        Folder of a study.

    Returns
    -------
    Head

    Raises
    ------
    RecordError
        If there is none, or it is damaged.
    """
    folder = Path(path)
    place = folder / STUDY
    try:
        folder = folder.expanduser().absolute()
        place = folder / STUDY
        if place.stat().st_size > MAX_HEAD:
            raise RecordError(f"{place} has more than {MAX_HEAD >> 20} MB; it is no study.")
        head = bounded_json.loads(regular.read_bytes(place, MAX_HEAD))
    except RecordError:
        raise
    except ValueError as error:
        raise RecordError(f"{place} is damaged or cut off, so the study cannot be opened.") from error
    except (OSError, RuntimeError) as error:
        raise RecordError(f"{folder} holds no study: it has no {STUDY} that can be read.") from error
    _check(place, head)
    return Head(folder, head)


def _check(place: Path, head: Any) -> None:
    """What a study's folder rests on is there and of its kind."""
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise RecordError(f"{place} is JSON of another kind, not a study.")
    if head.get("version") != VERSION:
        raise RecordError(f"{place} has the version {head.get('version')!r}; this program reads {VERSION}.")
    kinds = {
        "kind": str,
        "request": dict,
        "model_id": str,
        "parts": int,
        "pictures": int,
        "layers": list,
        "input_size": list,
        "stamp": str,
    }
    wrong = [key for key, kind in kinds.items() if not isinstance(head.get(key), kind)]
    # Parts are looked for one by one; the rest is used as it is.
    wrong += ["parts"] * (not wrong and head["parts"] not in range(PARTS_AT_MOST))
    wrong += ["pictures"] * (not wrong and head["pictures"] not in range(_MAX_PICTURES + 1))
    wrong += ["request"] * (not wrong and not isinstance(head["request"].get("set", {}), dict))
    wrong += ["layers"] * (not wrong and not all(isinstance(name, str) for name in head["layers"]))
    wrong += ["input_size"] * (not wrong and [type(size) for size in head["input_size"]] != [int, int])
    wrong += ["input_size"] * (not wrong and not all(0 < size <= _MAX_SIDE for size in head["input_size"]))
    if wrong:
        raise RecordError(f"{place} is damaged: its {wrong[0]!r} is not what it should be.")
