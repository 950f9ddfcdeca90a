"""The 1,000 ImageNet-1k classes in the order of the models' outputs, and names mapped to them.

`imagenet_synsets.tsv` holds one class a line: WordNet id, torchvision's name, WordNet's synonyms.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def _rows() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    text = (files(__package__) / "imagenet_synsets.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t")
    return tuple((row["wnid"], row["name"], tuple(row["synonyms"].split(", "))) for row in rows)


@cache
def class_names() -> tuple[str, ...]:
    """The 1,000 names, in output order."""
    return tuple(name for _, name, _ in _rows())


@cache
def wnids() -> tuple[str, ...]:
    """The 1,000 WordNet ids, in output order."""
    return tuple(wnid for wnid, _, _ in _rows())


@cache
def synonyms() -> Mapping[str, tuple[str, ...]]:
    """WordNet id -> synonyms."""
    return {wnid: names for wnid, _, names in _rows()}


def simplify(name: str) -> str:
    """A name as it is compared: lower case, one blank for every run of other characters."""
    return re.sub(r"[^0-9a-z]+", " ", name.lower()).strip()
