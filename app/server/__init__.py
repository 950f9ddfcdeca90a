"""What stands before Streamlit's own server: which requests reach it, how much they may bring, what answers carry."""

from __future__ import annotations

from starlette.middleware import Middleware

from app.server.answers import Headers
from app.server.decoding import decode_apart
from app.server.origin import Origins
from app.server.sessions import Sessions
from app.server.uploads import Uploads
from app.server.visitors import Visitors, visitor

__all__ = ["decode_apart", "protection", "visitor"]


def protection() -> list[Middleware]:
    """What every request goes through, the first one outermost."""
    return [Middleware(part) for part in (Headers, Origins, Sessions, Uploads, Visitors)]
