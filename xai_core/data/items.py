"""A picture of a data set that has not been read yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from xai_core.types import Sample


@dataclass(frozen=True)
class Item:
    """A picture that has not been read yet.

    Attributes
    ----------
    name : str
        What a person calls it, unique in its data set.
    label : str or None
        Its class in words.
    read : callable
        Gives the Sample; raises PictureError.
    stamp : str
        Changes when the content does, for caches.
    labels : tuple of str, optional
        All its labels, where the data give several a picture; see `Sample`.
    annotated : tuple of str
        The labels that such data say of each picture whether it has them.
    group : str, optional
        What it belongs to with others, such as a patient or a film; see `Sample`.
    wnid : str, optional
        The WordNet id of its class, where that is known before it is read.
    label_map : Mapping of str to str, optional
        What its labels were said to stand for; see `Sample`.
    """

    name: str
    label: str | None
    read: Callable[[], Sample]
    stamp: str = ""
    labels: tuple[str, ...] | None = None
    annotated: tuple[str, ...] = ()
    group: str | None = None
    wnid: str | None = None
    label_map: Mapping[str, str] | None = None

    @property
    def every_label(self) -> tuple[str, ...]:
        """Its labels, however many there are."""
        return self.labels if self.labels is not None else () if self.label is None else (self.label,)

    @property
    def truth(self) -> str:
        """What is said of its labels and group, as one text: part of the keys under which results are kept."""
        said = str(self.label) if self.labels is None else f"{self.label}\0{self.labels!r}\0{self.annotated!r}"
        said += "" if self.group is None else f"\0group {self.group}"
        return f"{said}\0stands for {sorted(self.label_map.items())!r}" if self.label_map else said


def _read_mapped(item: Item, label_map: Mapping[str, str]) -> Sample:
    return replace(item.read(), label_map=label_map)


def mapped(item: Item, label_map: Mapping[str, str]) -> Item:
    """An item with what its own labels were said to stand for; it stays as it is where nothing was said of them."""
    names = dict.fromkeys([*item.every_label, *item.annotated])
    own = {label: label_map[label] for label in names if label in label_map}
    return replace(item, read=partial(_read_mapped, item, own), label_map=own) if own else item


def taking_turns(items: Sequence[Item], limit: int | None = None) -> list[Item]:
    """Items in an order in which their labels take turns, or the first of them."""
    turns: dict[str | None, int] = {}
    order = []
    for position, item in enumerate(items):
        turn = turns[item.label] = turns.get(item.label, 0) + 1
        if limit is None or turn <= limit:  # others come later than as many of their own label
            order.append((turn, position))
    return [items[position] for _, position in sorted(order)[:limit]]
