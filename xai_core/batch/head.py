"""What makes one study another: the record at its head, and what two of them differ in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from xai_core.methods.registry import DEFAULT

FORMAT, VERSION = "xai-core study", 1
_MAPS: dict[str, Any] = {"method": DEFAULT, "set": {}}  # of studies that are older than the choice of a method


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
    """16 hex digits that stand for a study: of all that `study.json` holds."""
    return hashlib.sha256(json.dumps(head, sort_keys=True).encode()).hexdigest()[:16]


def as_asked_now(head: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """A study's head with what it leaves unsaid for its age, as far as the one that is asked for says it."""
    unsaid = {name: value for name, value in _MAPS.items() if name in now["request"]}
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
        "device": f"it ran on {before.get('device')!r}, this would run on {now['device']!r}",
    }
    found = [said for key, said in words.items() if before.get(key) != now[key]]
    return found or [f"its {key} is another" for key in now if before.get(key) != now[key]]
