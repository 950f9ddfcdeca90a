"""Pictures that belong together: frames of a film, pictures of a patient. Tests then count groups, not pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from xai_core.data.items import Item
from xai_core.types import Sample
from xai_core.types.counts import number_of, part_of


def _read(item: Item, group: str) -> Sample:
    return replace(item.read(), group=group)


def in_group(item: Item, group: str | None) -> Item:
    """A picture with what it belongs to.

    Parameters
    ----------
    item : Item
    group : str or None
        None leaves it as it is.

    Returns
    -------
    Item
        Its sample says the same.

    Examples
    --------
    >>> import xai_core as xai
    >>> photo = in_group(xai.load_dataset("photos").items[0], "breakfast")
    >>> photo.group, photo.read().group
    ('breakfast', 'breakfast')
    """
    return item if group is None else replace(item, read=partial(_read, item, group), group=group)


def groups_note(groups: Sequence[str | None]) -> tuple[str, ...]:
    """How many groups pictures belong to, and that tests count these; nothing where there are none.

    Parameters
    ----------
    groups : Sequence of str or None
        Of each picture.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> groups_note(["film 1", "film 1", None, "film 2"])
    ('3 of 4 pictures belong to 2 groups, such as film 1; tests count groups where they can.',)
    """
    known = [group for group in groups if group]
    if not known:
        return ()
    count = len(set(known))
    belong = f"{part_of(len(known), len(groups), 'picture', 'belongs', 'belong')} to {number_of(count, 'group')}"
    return (f"{belong}, such as {known[0]}; tests count groups where they can.",)
