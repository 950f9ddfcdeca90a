"""What a browser may say on its socket: what these pages say, of bounded size, so often at most.

Streamlit's own server does whatever it is told. It forgets what was computed for everybody, tells what its checkout
holds, and makes an address for each of a million names while nobody else is served.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque

from google.protobuf.message import DecodeError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from app.server.uploads import MOST_FILES

# What these pages ask for: to be run and stopped, whether the server is there, places for files, downloads and rows.
KINDS = frozenset({"rerun_script", "stop_script", "app_heartbeat", "file_urls_request", "backend_operation_request"})
MOST_BYTES, MOST_WIDGETS = 2_000_000, 5_000  # of a message; 25,000 names of classes in a text field have 500,000 bytes
MOST_VALUES = 5_000  # that are chosen in all lists of a message: Streamlit looks for each among all that there are
MANY, IN_S = 40, 2.0  # so many messages in such a time are heard at once; the next ones wait
_LISTS = frozenset({"string_array_value", "int_array_value", "double_array_value"})
_TOO_BIG = 1009  # code of a socket that ends


class Messages:
    """Lets through what pages say; what nobody's page says ends the socket or is not heard.

    Parameters
    ----------
    app : what answers
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        heard: deque[float] = deque(maxlen=MANY)  # when the last ones came

        async def said() -> Message:
            while True:
                message = await receive()
                if message["type"] != "websocket.receive":
                    return message
                if len(heard) == MANY and (early := heard[0] + IN_S - time.monotonic()) > 0:
                    await asyncio.sleep(early)
                heard.append(time.monotonic())
                content = message.get("bytes") or b""
                if len(content) > MOST_BYTES or not _is_bounded(asked := _read(content)):
                    await send({"type": "websocket.close", "code": _TOO_BIG})
                    return {"type": "websocket.disconnect", "code": _TOO_BIG}
                if asked is None or asked.WhichOneof("type") in KINDS:
                    return message

        await self.app(scope, said, send)


def _read(content: bytes) -> BackMsg | None:
    """A message, or nothing of what is none, at which Streamlit ends the socket."""
    try:
        return BackMsg.FromString(content)
    except DecodeError:
        return None


def _is_bounded(asked: BackMsg | None) -> bool:
    """Whether a message names no more widgets, files and values than a page can have."""
    if asked is None:
        return True
    widgets = asked.rerun_script.widget_states.widgets
    if len(widgets) > MOST_WIDGETS or len(asked.file_urls_request.file_names) > MOST_FILES:
        return False
    lists = (getattr(one, str(one.WhichOneof("value"))).data for one in widgets if one.WhichOneof("value") in _LISTS)
    return sum(map(len, lists)) <= MOST_VALUES
