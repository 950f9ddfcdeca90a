"""Addresses of files elsewhere: what is one, and that none holds a secret, since addresses are written into studies."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from importlib.util import find_spec
from urllib.parse import unquote

from xai_core.errors import DataError, install

# Scheme -> the package that fsspec needs for it. Other schemes of fsspec lead to this computer or into archives.
PACKAGES = {
    "s3": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "az": "adlfs",
    "hf": "huggingface_hub",
    "http": "aiohttp",
    "https": "aiohttp",
}
WEB = ("http", "https")
READ_ONLY = (*WEB, "hf")  # a hub's repository has no way to create a file only where there is none
_OF_THE_EXTRA = ("s3fs", "aiohttp")
_BEGINS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)(?:::[A-Za-z0-9+.:-]*)?://")
_HOST = re.compile(r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::\d+)?")


@dataclass(frozen=True)
class Address:
    """Where files lie elsewhere.

    Attributes
    ----------
    scheme : str
        A key of PACKAGES.
    path : str
        Host or bucket, and what lies in it, without a slash at its end.

    Examples
    --------
    >>> from xai_core.remote.address import Address
    >>> str(Address.parse("s3://bucket/birds/") / "val")
    's3://bucket/birds/val'
    """

    scheme: str
    path: str

    @classmethod
    def parse(cls, text: str) -> Address:
        """An address from its text.

        Parameters
        ----------
        text : str

        Returns
        -------
        Address

        Raises
        ------
        DataError
            If it is none that can be read, holds a secret, or its package is missing. What could be a secret is not
            repeated.
        """
        begins = _BEGINS.match(text)
        scheme = begins["scheme"].lower() if begins else ""
        if scheme not in PACKAGES:
            raise DataError(f"Addresses begin with {', '.join(f'{one}://' for one in PACKAGES)}; this one does not.")
        rest = text.partition("://")[2].rstrip("/")
        host, *folders = rest.split("/")
        if "?" in rest or "#" in rest or not _HOST.fullmatch(host):
            raise DataError(
                f"The {scheme} address was not taken. It is written into the study, so it holds no user name, no "
                "password and nothing behind a ? or #, where signatures stand; nor can its host be anything but a name "
                "and a port. Credentials belong where the store's own programs look for them, such as "
                "AWS_PROFILE, ~/.aws or ~/.netrc."
            )
        if any(part in ("", ".", "..") or any(map(_is_unseen, part)) for part in map(unquote, folders)):
            raise DataError(f"The {scheme} address was not taken: no part of it may be empty, . or .., or be unseen.")
        return cls(scheme, rest)

    def __str__(self) -> str:
        return f"{self.scheme}://{self.path}"

    def __truediv__(self, name: str) -> Address:
        return Address(self.scheme, f"{self.path}/{name}")

    @property
    def name(self) -> str:
        """Its last part; that of a folder of the web in plain letters."""
        last = self.path.rsplit("/", 1)[-1]
        return unquote(last).replace("/", "_") if self.scheme in WEB else last

    def check_package(self) -> None:
        """That what reads it is installed.

        Raises
        ------
        DataError
            Which names the line that installs it.
        """
        needed = PACKAGES[self.scheme]
        if find_spec("fsspec") is None or find_spec(needed) is None:
            what = ("xai-core[remote]", *([] if needed in _OF_THE_EXTRA else [needed]))
            raise DataError(f"{self.scheme}:// addresses need the package {needed}: {install(*what)}")


def _is_unseen(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cs")


def is_address(text: object) -> bool:
    """Whether a text is written as an address, readable or not, and not as a path.

    Parameters
    ----------
    text : object
        Whatever was given; a path or a network is no address.

    Returns
    -------
    bool

    Examples
    --------
    >>> from xai_core.remote.address import is_address
    >>> is_address("s3://bucket/folder"), is_address("pictures/val"), is_address("hf:me/mine")
    (True, False, False)
    """
    return isinstance(text, str) and _BEGINS.match(text) is not None


def check_address(text: object) -> None:
    """That a text, if it is an address, is one that may be repeated.

    Parameters
    ----------
    text : object

    Raises
    ------
    DataError
        As `Address.parse`.
    """
    if isinstance(text, str) and is_address(text):
        Address.parse(text)


def canonical(text: str) -> str:
    """An address as it is always written, so that one data set has one; any other text as it is.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> from xai_core.remote.address import canonical
    >>> canonical("S3://bucket/birds/"), canonical("birds/")
    ('s3://bucket/birds', 'birds/')
    """
    return str(Address.parse(text)) if is_address(text) else text
