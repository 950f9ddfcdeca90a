"""Names of classes, pictures and groups: pages repeat each many times, so none is longer than anybody needs."""

from __future__ import annotations

from collections.abc import Iterable

MAX_NAME = 4_096  # letters, as many as a path has


def too_long(names: Iterable[str]) -> str:
    """What is wrong with the longest of some names.

    Parameters
    ----------
    names : Iterable of str

    Returns
    -------
    str
        To stand after "a name of a class with"; empty where pages can repeat all of them.

    Examples
    --------
    >>> from xai_core.types.names import too_long
    >>> too_long(["cat", "dog"]), too_long(["cat" * 5_000])[:36]
    ('', "15,000 letters, 'catcatcatcatcatcatc")
    """
    longest = max(names, key=len, default="")
    if len(longest) <= MAX_NAME:
        return ""
    return f"{len(longest):,} letters, {longest[:40]!r} …; at most {MAX_NAME:,} are read"
