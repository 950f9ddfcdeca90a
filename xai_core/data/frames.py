"""Which page of files with several is read: the first, or the one that is chosen in a block.

It stands in a context and is no argument, since layouts and sources of anybody's making read pictures and masks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from PIL import Image

from xai_core.errors import PictureError

MOST = 10_000  # pages of a file that are looked for
_page: ContextVar[int | None] = ContextVar("page", default=None)
_counts: ContextVar[list[int] | None] = ContextVar("pages that files have", default=None)


def chosen_page() -> int | None:
    """The page that is read here, from 0 on; None where nobody chose one."""
    return _page.get()


@contextmanager
def at_page(page: int) -> Iterator[None]:
    """Within the block, files with several pages are read there."""
    token = _page.set(page)
    try:
        yield
    finally:
        _page.reset(token)


@contextmanager
def counting() -> Iterator[list[int]]:
    """Within the block, the pages of each picture that is read are counted."""
    counts: list[int] = []
    token = _counts.set(counts)
    try:
        yield counts
    finally:
        _counts.reset(token)


def is_counted() -> bool:
    """Whether somebody wants to know how many pages there are."""
    return _counts.get() is not None


def count(pages: int) -> None:
    """Say how many pages a picture has, to whoever counts."""
    if (counts := _counts.get()) is not None:
        counts.append(min(pages, MOST))


def turn(image: Image.Image, name: str) -> None:
    """Go to the page that is chosen; a file with one page stays there.

    Raises
    ------
    PictureError
        If it has fewer.
    """
    page = chosen_page()
    if not page or not getattr(image, "is_animated", False):
        return
    try:
        image.seek(page)
    except EOFError as error:
        raise PictureError(f"{name} has no page {page + 1}.") from error
