"""A folder or file of a web server: what its listings link to, to be read only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

from xai_core.remote.address import Address
from xai_core.remote.patience import StorageError
from xai_core.remote.storage import CONNECT_S, READ_S, Entry, Storage, entry_of

AT_ONCE = 8  # files that are asked for at a time
DEEPEST = 12  # folders in folders: links can go round in circles
_ABSENT = (404, 410)
_LISTING = "text/html"


class _Links(HTMLParser):
    """Where the links of a page lead."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Of `<a href="...">`."""
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


class WebStorage(Storage):
    """As `Storage`; a folder is what the server answers with a page of links below it."""

    def _base_of(self, address: Address) -> str:
        return str(address)

    def _file_system(self) -> Any:
        import aiohttp
        import fsspec

        waits = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=READ_S)
        return fsspec.filesystem(
            self.address.scheme,
            skip_instance_cache=True,
            use_listings_cache=False,
            client_kwargs={"timeout": waits, "trust_env": True},
            headers={"Accept-Encoding": "identity"},  # so that sizes are those of the files
        )

    def _at(self, name: str) -> str:
        return super()._at(quote(name))

    def _said(self, name: str) -> dict[str, Any] | None:
        """What the server says of a file; None where it says that there is none."""
        try:
            return dict(self._fs.info(self._at(name)))
        except FileNotFoundError as error:  # whatever went wrong, fsspec calls it that
            if getattr(error.__cause__, "status", None) in _ABSENT:
                return None
            raise error.__cause__ or error from None

    def entry(self, name: str) -> Entry | None:
        """As `Storage.entry`; a page of links is no file."""
        said = self._asked("looked at", name, lambda: self._said(name))
        return None if said is None or (not name and said.get("mimetype") == _LISTING) else entry_of(said)

    def files(self) -> dict[str, Entry]:
        """As `Storage.files`.

        Raises
        ------
        StorageError
            Also where folders lie in folders without end.
        """
        if (alone := self.entry("")) is not None:
            return {"": alone}
        names, folders = list[str](), [""]
        for _ in range(DEEPEST):
            links = [link for folder in folders for link in self._links(folder)]
            names += [link for link in links if not link.endswith("/")]
            folders = [link for link in links if link.endswith("/")]
        if folders:
            raise StorageError(f"{self.address} was not copied: folders lie in more than {DEEPEST} others there.")
        names = list(dict.fromkeys(names))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            entries = list(pool.map(self.entry, names))
        return {name: entry for name, entry in zip(names, entries, strict=True) if entry is not None}

    def _links(self, folder: str) -> list[str]:
        """The names that the page of a folder leads to below it; those of folders end with a slash."""
        page = self._at(folder.rstrip("/")) + "/"
        text = self._asked("listed", folder, lambda: self._fs.cat_file(page)).decode("utf-8", "replace")
        links = _Links()
        links.feed(text)
        start = urlsplit(page)
        found: dict[str, None] = {}
        for link in links.found:
            to = urlsplit(urljoin(page, link))  # links that sort a listing have a query, and lead to it itself
            below = to.path.removeprefix(start.path)
            if to.netloc == start.netloc and to.path != below and below and not to.query:
                found[folder + unquote(below)] = None
        return list(found)
