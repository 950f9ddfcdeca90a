"""Which of a data set's splits is meant by a name."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from xai_core.data.folder_words import SYNONYMS
from xai_core.errors import DataError


def find_split(split: str, there: Collection[str]) -> str | None:
    """One of some splits by its name, whatever its case, or by a word that means the same.

    Parameters
    ----------
    split : str
        As somebody asks for it.
    there : Collection of str
        The splits' names.

    Returns
    -------
    str or None
        One of `there`; None where none is meant.

    Examples
    --------
    >>> find_split("validation", ("test", "Val")), find_split("dogs", ("test",))
    ('Val', None)
    """
    if split in there:
        return split
    asked = split.lower()
    same = next((words for words in SYNONYMS if asked in words), (asked,))
    meant = {name.lower(): name for name in there if name}
    return next((meant[word] for word in (asked, *same) if word in meant), None)


def chosen_split(
    split: str | None, there: Collection[str], where: str | Path, instead: str = "none", *, optional: bool = False
) -> str:
    """The name of the split that is read: the one that is asked for, or without one the first.

    Parameters
    ----------
    split : str, optional
        As somebody asks for it.
    there : Collection of str
        The splits' names, the default first; an empty name is that of what has no splits.
    where : str or pathlib.Path
        The file or folder, for the message.
    instead : str
        What the message says where there are no splits.
    optional : bool
        Whether pictures without a split are read.

    Returns
    -------
    str
        One of `there`; an empty text where there is none and none is needed.

    Raises
    ------
    DataError
        If that split is not there, with those that are; or none is, and one is needed.

    Examples
    --------
    >>> chosen_split(None, ("test", "train"), "here"), chosen_split("training", ("test", "train"), "here")
    ('test', 'train')
    """
    if not split and (there or optional):
        return next(iter(there), "")
    if not split:
        raise DataError(f"{where} has no split with pictures.")
    found = find_split(split, there)
    if found is None:
        raise DataError(f"{where} has no split {split!r}. It has: {', '.join(filter(None, there)) or instead}.")
    return found
