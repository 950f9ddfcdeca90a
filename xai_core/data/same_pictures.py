"""The same picture in several class folders, under the same name and with the same content: several, or one."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from xai_core.data import roots
from xai_core.data.folders import readable
from xai_core.data.items import Item
from xai_core.types import Sample, Setting

Same = Literal["apart", "together"]
SAME = Setting(
    key="same",
    title="The same picture in several folders",
    default="apart",
    choices=get_args(Same),
    titles={"apart": "Several pictures", "together": "One with several labels"},
    help="Whether a picture that lies in several class folders, with the same name and content, is one that has "
    "several labels.",
    address="same",
)


class Placed(NamedTuple):
    """A picture and its file."""

    item: Item
    path: Path


@lru_cache(maxsize=1 << 16)
def _content(path: Path, _stamp: str) -> str:
    try:
        return hashlib.sha256(roots.read_bytes(path)).hexdigest()
    except OSError:  # it is said when it is read
        return readable(str(path))


def _read_labels(item: Item, labels: tuple[str, ...], annotated: tuple[str, ...]) -> Sample:
    return replace(item.read(), labels=labels, annotated=annotated)


def several_labels(placed: Sequence[Placed]) -> list[Item]:
    """Each picture once, with all its labels: it is the same where name and content are.

    Parameters
    ----------
    placed : Sequence of Placed
        Pictures in class folders.

    Returns
    -------
    list of Item
    """
    alike: dict[tuple[str, int], list[Placed]] = defaultdict(list)
    for one in placed:
        alike[one.item.name.split("/", 1)[-1], one.path.stat().st_size].append(one)
    same: dict[tuple[str, str], list[Item]] = defaultdict(list)  # only what is alike by name and size is read
    for (name, _), group in alike.items():
        for one in group if len(group) > 1 else ():
            same[name, _content(one.path, one.item.stamp)].append(one.item)
    repeated = [group for group in same.values() if len(group) > 1]
    annotated = tuple(dict.fromkeys(str(one.item.label) for one in placed))
    labels = {id(group[0]): tuple(dict.fromkeys(str(item.label) for item in group)) for group in repeated}
    others = {id(item) for group in repeated for item in group[1:]}
    found = []
    for item, _ in placed:
        if id(item) not in others:
            own = labels.get(id(item), (str(item.label),))
            read = partial(_read_labels, item, own, annotated)
            found.append(replace(item, read=read, labels=own, annotated=annotated))
    return found
