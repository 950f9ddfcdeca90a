"""How many browser tabs are connected at a time."""

from __future__ import annotations

import time

from starlette.types import ASGIApp, Receive, Scope, Send

from app.arrivals import door
from app.server.answers import refuse
from xai_core.quotas import SESSIONS

_OF_STREAMLIT = ("/_stcore/", "/static/", "/media/", "/component/")


def is_page(scope: Scope) -> bool:
    """Whether a browser asks for a page, and not for what belongs to one."""
    return scope["type"] == "http" and not any(part in scope["path"] for part in _OF_STREAMLIT)


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
            opened = time.monotonic()
            try:
                await self.app(scope, receive, send)
            finally:
                self.connected -= 1
                door.leave(opened)
        else:
            await self.app(scope, receive, send)
