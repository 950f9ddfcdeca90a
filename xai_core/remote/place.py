"""Where the copy of what lies elsewhere is on this disk."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from xai_core.remote.address import Address, is_address

FOLDER = "elsewhere"  # below the cache of this package


def place(address: Address) -> Path:
    """Where the copy of an address lies, or would: below XDG_CACHE_HOME, or ~/.cache.

    Parameters
    ----------
    address : Address

    Returns
    -------
    pathlib.Path
        Of the folder or file.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    own = hashlib.sha256(str(address).encode()).hexdigest()[:16]
    return cache.absolute() / "xai-core" / FOLDER / own / address.name


def here(text: str) -> str:
    """Where a page finds what was given: of an address its copy, of anything else what it is.

    Parameters
    ----------
    text : str
        A key, a path, or an address that was opened before.

    Returns
    -------
    str
    """
    return str(place(Address.parse(text))) if is_address(text) else text
