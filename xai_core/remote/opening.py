"""What was given to be read: an address as the path of its copy, anything else as it is."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from xai_core.errors import DataError
from xai_core.remote.address import WEB, Address, is_address
from xai_core.remote.mirror import Mirror
from xai_core.remote.storage import Storage
from xai_core.remote.web import WebStorage

T = TypeVar("T")


def storage_of(address: Address) -> Storage:
    """What reads an address."""
    return WebStorage(address) if address.scheme in WEB else Storage(address)


def local(given: T) -> T | Path:
    """What was given, an address as the path of its copy, which is brought up to date.

    Parameters
    ----------
    given : object
        An address; anything else is no matter of this function.

    Returns
    -------
    object

    Raises
    ------
    DataError, DownloadError
        If the address cannot be used, nothing is there, it is too much, or it cannot be copied.
    """
    if not isinstance(given, str) or not is_address(given):
        return given
    address = Address.parse(given)
    mirror = Mirror(storage_of(address))
    with mirror.held():
        there = mirror.storage.files()
        if not there:
            raise DataError(f"Nothing lies at {address}, or nothing that may be seen.")
        mirror.remove_all_but(there)
        mirror.pull(there)
    return mirror.root
