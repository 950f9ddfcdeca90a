"""Numbers of things in words: one picture, 2,000 pictures. The one place where a text chooses between the two."""

from __future__ import annotations

from collections.abc import Sequence

_HISSING = ("s", "x", "ch", "sh")  # endings whose plural has a syllable more,
_HARD = ("epoch",)  # unless they are said as a k


def number_of(n: int, one: str, several: str = "") -> str:
    """A number with its noun.

    Parameters
    ----------
    n : int
        0 or more.
    one : str
        The noun of one thing; words may stand in front.
    several : str
        That of several; by default with an s.

    Returns
    -------
    str

    Examples
    --------
    >>> number_of(1, "picture"), number_of(2000, "picture"), number_of(0, "more class"), number_of(3, "epoch")
    ('1 picture', '2,000 pictures', '0 more classes', '3 epochs')
    """
    return f"{n:,} {form(n, one, several)}"


def form(n: int, one: str, several: str = "") -> str:
    """The form of a noun or verb that goes with a number.

    Parameters
    ----------
    n : int
        0 or more.
    one, several : str
        Of one thing and of several; a noun's plural by default with an s.

    Returns
    -------
    str

    Examples
    --------
    >>> form(1, "is", "are"), form(3, "is", "are"), form(2, "mask")
    ('is', 'are', 'masks')
    """
    return one if n == 1 else several or f"{one}{'es' if one.endswith(_HISSING) and not one.endswith(_HARD) else 's'}"


def part_of(n: int, total: int, one: str, verb: str = "", verbs: str = "") -> str:
    """Some of all things, with the verb that goes with how many they are.

    Parameters
    ----------
    n, total : int
        0 or more.
    one : str
        The noun of one thing.
    verb, verbs : str
        Of one thing and of several; nothing by default.

    Returns
    -------
    str

    Examples
    --------
    >>> part_of(1, 8, "picture", "has", "have"), part_of(2, 8, "picture", "has", "have"), part_of(0, 1, "label")
    ('1 of 8 pictures has', '2 of 8 pictures have', '0 of 1 label')
    >>> part_of(0, 1, "answer", "is", "are"), part_of(0, 8, "answer", "is", "are")
    ('0 of 1 answer is', '0 of 8 answers are')
    """
    count = 1 if total == 1 else n  # nothing of one thing is said of that one
    return f"{n:,} of {number_of(total, one)} {form(count, verb, verbs) if verb else ''}".rstrip()


def first_of(parts: Sequence[str], most: int = 12) -> str:
    """The first of many things, and how many more there are.

    Parameters
    ----------
    parts : Sequence[str]
        The things, in words.
    most : int
        That are written out.

    Returns
    -------
    str

    Examples
    --------
    >>> first_of(["ant", "bee", "cat"]), first_of(["ant", "bee", "cat"], 2)
    ('ant, bee, cat', 'ant, bee and 1 more')
    """
    rest = len(parts) - most
    return ", ".join(parts[:most]) + (f" and {rest:,} more" if rest > 0 else "")
