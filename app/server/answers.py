"""What answers carry: headers that keep pages out of foreign frames, and from asking foreign servers."""

from __future__ import annotations

import asyncio
import time
from collections import deque

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Streamlit's components are modules made in the browser (blob:) that evaluate code; its styles are in the page. All
# else comes from this server, so that no name of a class or file can make a browser ask another one.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:",
        "style-src 'self' 'unsafe-inline' blob: data:",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "frame-src 'self' data: blob:",
        "frame-ancestors 'self'",
        "form-action 'self'",
        "base-uri 'self'",
        "object-src 'none'",
    )
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": POLICY,
}

MANY, SECOND_S, WAIT_S = 5, 1.0, 1.0  # so many refusals in such a time are answered at once; the next ones wait
_refusals: deque[float] = deque(maxlen=MANY)  # when the last ones came


class Headers:
    """Adds `HEADERS` to every answer.

    Parameters
    ----------
    app : what answers
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


async def refuse(scope: Scope, receive: Receive, send: Send, sentence: str, status: int) -> None:
    """Answer a request with a sentence, or let no socket begin.

    Where many are refused, the answers wait: who asks again at once would keep the server busy with saying no, and with
    reading what was sent along.
    """
    now = time.monotonic()
    hurried = len(_refusals) == MANY and now - _refusals[0] < SECOND_S
    _refusals.append(now)
    if hurried:
        await asyncio.sleep(WAIT_S)
    if scope["type"] == "websocket":
        await receive()  # the request to connect
        await send({"type": "websocket.close", "code": 1008, "reason": sentence[:120]})
    else:
        await PlainTextResponse(f"{sentence}\n", status)(scope, receive, send)
