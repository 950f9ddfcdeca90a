"""A random name for each browser in a cookie, by which a class that votes knows that one has answered.

It says nothing of whom it belongs to, lasts for a day, and no script can read it.
"""

from __future__ import annotations

import re
import secrets

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.server.sessions import is_page

COOKIE, DAY_S = "xai_voter", 24 * 3600
_NAME = re.compile(r"[\w-]{22}")
_UNKNOWN = "voter without a cookie"  # session key


def visitor() -> str:
    """The name of the browser that shows this session; one of the session alone, where the browser takes no cookies."""
    said = str(st.context.cookies.get(COOKIE, ""))
    if _NAME.fullmatch(said):
        return said
    return str(st.session_state.setdefault(_UNKNOWN, secrets.token_urlsafe(16)))


class Visitors:
    """Gives a name to each browser that opens a page, or the one that it has for another day.

    Parameters
    ----------
    app : what answers
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_page(scope):
            await self.app(scope, receive, send)
            return
        secure = "; Secure" if scope.get("scheme") == "https" else ""
        name = _named(scope) or secrets.token_urlsafe(16)
        cookie = f"{COOKIE}={name}; Max-Age={DAY_S}; Path=/; HttpOnly; SameSite=Lax{secure}"

        async def with_a_name(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                unchanged = message["status"] == 304  # the page that the browser has
                if unchanged or headers.get("content-type", "").startswith("text/html"):
                    headers.append("Set-Cookie", cookie)
                    headers["Cache-Control"] = "private, no-cache"  # or a proxy would give one name to many
            await send(message)

        await self.app(scope, receive, with_a_name)


def _named(scope: Scope) -> str:
    """The name that a browser sends, or nothing; read as the page reads it, whatever other cookies there are."""
    sent = cookie_parser(Headers(scope=scope).get("cookie", "")).get(COOKIE, "")
    return sent if _NAME.fullmatch(sent) else ""
