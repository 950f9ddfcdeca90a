"""Titles that addresses had before, so that old links still open."""

from __future__ import annotations

import re
from collections.abc import Mapping

# What an address said -> what it says now.
FORMER = {
    "Photos that come along": "Sample photos",
    "Textured digits, background gives the class away": "Textured digits (shortcut)",
    "Textured digits, background tied to the class": "Textured digits (shortcut)",
    "Textured digits, honest": "Digits (honest)",
    "Textured digits, with a shortcut": "Digits (shortcut)",
}
# The same for titles with numbers in them.
_NUMBERED = (
    (re.compile(r"on a common (\d+ × \d+) grid"), r"averaged to the same size, \1"),
    (re.compile(r"from (\d+%) on"), r"at \1"),
)


def renamed(address: Mapping[str, str | list[str]]) -> dict[str, list[str]]:
    """An address with the titles of today, its values in lists."""
    lists = {key: [said] if isinstance(said, str) else said for key, said in address.items()}
    return {key: [_of_today(value) for value in values] for key, values in lists.items()}


def _of_today(value: str) -> str:
    for former, now in _NUMBERED:
        if found := former.fullmatch(value):
            return found.expand(now)
    return FORMER.get(value, value)
