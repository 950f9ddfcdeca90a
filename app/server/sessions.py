"""How many browser tabs are connected at a time."""

from __future__ import annotations

from contextlib import suppress

from starlette.types import ASGIApp, Receive, Scope, Send

from app.server.answers import refuse
from xai_core.quotas import SESSIONS

_SOCKETS = 65_536  # and files, that the server may hold
_OF_STREAMLIT = ("/_stcore/", "/static/", "/media/", "/component/")


def is_page(scope: Scope) -> bool:
    """Whether a browser asks for a page, and not for what belongs to one."""
    return scope["type"] == "http" and not any(part in scope["path"] for part in _OF_STREAMLIT)


def hold_many() -> None:
    """Let the server hold as many sockets as the system allows it, up to `_SOCKETS`.

    Usually 1,024 are allowed at first: requests that are begun and never finished would soon take them all, and then
    no open page could read a file either.
    """
    try:
        import resource
    except ImportError:  # Windows, which has no such bound
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _SOCKETS if hard == resource.RLIM_INFINITY else min(hard, _SOCKETS)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(ValueError, OSError):  # macOS allows less than it says
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class Sessions:
    """Counts sockets; beyond the quota, who comes is told to come again.

    Parameters
    ----------
    app : what answers
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.connected = app, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        full = self.connected >= SESSIONS.value
        if full and (is_page(scope) or scope["type"] == "websocket"):
            said = f"This server has as many visitors as it may have ({SESSIONS.value:,}). Come again in some minutes."
            await refuse(scope, receive, send, said, 503)
        elif scope["type"] == "websocket":
            self.connected += 1
            try:
                await self.app(scope, receive, send)
            finally:
                self.connected -= 1
        else:
            await self.app(scope, receive, send)
