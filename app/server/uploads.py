"""How many bytes visitors may send: counted when they arrive, by session and in all, whatever pages use of them."""

from __future__ import annotations

import re
from collections import Counter

import streamlit as st
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from app.server.answers import refuse
from xai_core.quotas import ALL_UPLOADS, UPLOADS

MOST_FILES = 500  # of a session: each has its own cost, however small it is
_UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+$")


def held() -> dict[str, list[int]]:
    """Session -> bytes of each file that the server holds for it."""
    manager = Runtime.instance().uploaded_file_mgr
    if not isinstance(manager, MemoryUploadedFileManager):
        return {}
    there = list(manager.file_storage.items())
    return {session: [len(one.data) for one in list(files.values())] for session, files in there}


class Uploads:
    """Refuses files beyond the quotas before they are read.

    Parameters
    ----------
    app : what answers
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.arriving: Counter[str] = Counter()  # session -> bytes that are on their way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        put = scope["type"] == "http" and scope["method"] == "PUT" and _UPLOAD.search(scope["path"])
        if not put:
            await self.app(scope, receive, send)
            return
        session = put[1]
        # What does not say its length may be as long as a file may be.
        length = Headers(scope=scope).get("content-length", "")
        largest = (int(st.get_option("server.maxUploadSize")) + 1) << 20
        size = min(int(length), largest) if length.isascii() and length.isdecimal() else largest
        if sentence := self._refusal(session, size):
            await refuse(scope, receive, send, sentence, 413)
            return
        self.arriving[session] += size
        try:
            await self.app(scope, receive, send)
        finally:
            self.arriving[session] -= size
            if self.arriving[session] <= 0:
                del self.arriving[session]

    def _refusal(self, session: str, size: int) -> str:
        """Why a file is not taken, or nothing."""
        there = held()
        mine = there.get(session, [])
        if len(mine) >= MOST_FILES:
            return f"A session may hold {MOST_FILES:,} files. Remove some first."
        if sum(mine) + self.arriving[session] + size > UPLOADS.value * 1_000_000:
            return f"A session may hold {UPLOADS.value:,} MB of uploads. Remove some first."
        if sum(map(sum, there.values())) + self.arriving.total() + size > ALL_UPLOADS.value * 1_000_000:
            return f"All visitors together may hold {ALL_UPLOADS.value:,} MB of uploads. Come again in some minutes."
        return ""
