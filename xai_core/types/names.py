"""Names of classes, pictures and groups: pages repeat each many times, so none is longer than anybody needs."""

from __future__ import annotations

from collections.abc import Iterable

MAX_NAME = 4_096  # letters, as many as a path has


def is_cut(text: str) -> bool:
    """Whether a text holds half of a letter, as JSON may: a pair of codes that was cut, or bytes that are no text.

    Parameters
    ----------
    text : str

    Returns
    -------
    bool
    """
    return not text.isascii() and text != text.encode(errors="replace").decode()


def unusable(names: Iterable[str]) -> str:
    """Why pages cannot repeat some names: one is too long, or holds half of a letter, which no browser can be sent.

    Parameters
    ----------
    names : Iterable of str

    Returns
    -------
    str
        To stand after "a name of a class with"; empty where pages can repeat all of them.

    Examples
    --------
    >>> from xai_core.types.names import unusable
    >>> unusable(["cat", "dog"]), unusable(["cat" * 5_000])[:36]
    ('', "15,000 letters, 'catcatcatcatcatcatc")
    >>> print(unusable(["cat" + chr(0xD83D)]))
    half of a letter, 'cat\\ud83d': it was cut, or is no text in UTF-8
    """
    longest = ""
    for name in names:
        longest = max(longest, name, key=len)
        if is_cut(name):
            return f"half of a letter, {name[:40]!r}: it was cut, or is no text in UTF-8"
    if len(longest) <= MAX_NAME:
        return ""
    return f"{len(longest):,} letters, {longest[:40]!r} …; at most {MAX_NAME:,} are read"
