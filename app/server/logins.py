"""What belongs to logging in, beside the pages: back to the page one came from, out of all tabs, no upload without.

A part of a page that runs by itself (`st.fragment`) does not ask who is there, as a whole page does. So once a log-in
is over, its tabs are heard only when they ask for whole pages.
"""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from app.server.accounts import account_of_request, end_login, is_over
from app.server.answers import refuse
from app.server.uploads import is_upload
from xai_core.roles import Role

LOGIN, LOGOUT, CALLBACK = "/auth/login", "/auth/logout", "/oauth2callback"
COOKIE, MINUTES_S = "xai_return", 15 * 60
_LONGEST = 3000  # letters of a cookie, of which browsers take 4096
_STILL = frozenset({"rerun_script", "stop_script", "app_heartbeat"})  # kinds that are heard once a log-in is over
_REFUSED = "Uploads need a log-in with the role 'compute' on this server."


class Logins:
    """Stands before a server where people log in, behind `Messages`, which has read what comes on a socket.

    Parameters
    ----------
    app : what answers
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self.app(scope, lambda: _whole_pages(scope, receive), send)
            return
        path = str(scope["path"]) if scope["type"] == "http" else ""
        if path.endswith(LOGOUT):
            end_login(scope)
        if is_upload(scope):
            account = account_of_request(scope)
            if account is None or account.role is None or account.role < Role.COMPUTE:
                await refuse(scope, receive, send, _REFUSED, 403)
                return

        async def remembering(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if path.endswith(LOGIN) and (place := _place_of(Headers(scope=scope).get("referer", ""))):
                    headers.append("Set-Cookie", f"{COOKIE}={quote(place, safe='')}; Max-Age={MINUTES_S}; {_MARKS}")
                elif path.endswith(CALLBACK) and (place := _place_before(scope)):
                    headers["Location"] = place
                    headers.append("Set-Cookie", f"{COOKIE}=; Max-Age=0; {_MARKS}")
            await send(message)

        told = remembering if path.endswith((LOGIN, CALLBACK)) else send
        await self.app(scope, receive, told)


async def _whole_pages(scope: Scope, receive: Receive) -> Message:
    """What a tab says; once its log-in is over, a part of a page is asked for as the whole of it."""
    while True:
        message = await receive()
        content = message.get("bytes")
        if not content or not is_over(scope):
            return message
        asked = BackMsg.FromString(content)
        if asked.WhichOneof("type") in _STILL:
            if asked.HasField("rerun_script"):
                asked.rerun_script.ClearField("fragment_id")
            return {**message, "bytes": asked.SerializeToString()}


_MARKS = "Path=/; HttpOnly; SameSite=Lax"


def _place_of(address: str) -> str:
    """The path and query of an address: a place on this server, whatever server it names; nothing where it is none."""
    try:
        split = urlsplit(address)
    except ValueError:
        return ""
    place = "/" + split.path.lstrip("/\\") + (f"?{split.query}" if split.query else "")
    sendable = place.isascii() and place.isprintable()  # as browsers have addresses; a header takes nothing else
    return place if address and sendable and len(quote(place, safe="")) <= _LONGEST else ""


def _place_before(scope: Scope) -> str:
    """The place from which a browser went to log in, or nothing."""
    return _place_of(unquote(cookie_parser(Headers(scope=scope).get("cookie", "")).get(COOKIE, "")))
