"""Pictures that belong together: frames of a film, pictures of a patient. Tests then count groups, not pictures."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from xai_core.data.items import Item
from xai_core.types import Sample


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
