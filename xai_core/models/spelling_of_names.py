"""How names of classes are compared: Unicode's composed form, case folded; then punctuation between words aside."""

from __future__ import annotations

import unicodedata

_SIGNS = "#%@*"  # punctuation by Unicode's categories, but a part of names: C#
_DASHES = "Pd"


def compose(name: str) -> str:
    """A name in Unicode's composed form (NFC), without blanks around it.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
    """
    return unicodedata.normalize("NFC", name).strip()


def fold(name: str) -> str:
    """A name in Unicode's composed form (NFC), case folded.

    Parameters
    ----------
    name : str

    Returns
    -------
    str

    Examples
    --------
    >>> fold("Cafe\\u0301") == fold("CAF\\u00c9")
    True
    """
    return compose(compose(name).casefold())


def simplify(name: str) -> str:
    """A folded name with one blank for every run of blanks and punctuation; letters of any script and signs stay.

    A dash at the end of a word stays as well, since it is a sign there: "HER2-". Nothing is left of a name that is
    punctuation alone.

    Parameters
    ----------
    name : str

    Returns
    -------
    str

    Examples
    --------
    >>> simplify("Great_White  Shark!"), simplify("great-white-shark"), simplify("HER2-"), simplify("C++")
    ('great white shark', 'great white shark', 'her2-', 'c++')
    """
    text = fold(name)
    kept = [letter if _counts(text, place) else " " for place, letter in enumerate(text)]
    return " ".join("".join(kept).split())


def _counts(text: str, place: int) -> bool:
    """Whether a character tells names apart."""
    letter = text[place]
    kind = unicodedata.category(letter)
    if kind[0] in "LMNS" or letter in _SIGNS:
        return True
    if kind != _DASHES:
        return False
    before, after = text[place - 1 : place] or " ", text[place + 1 : place + 2] or " "
    # A minus stands at the end of a word or before one; a dash between words, or within one, stands for a blank.
    return before.isspace() != after.isspace() and (before if after.isspace() else after).isalnum()
