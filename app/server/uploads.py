"""How many bytes visitors may send: counted when they arrive, by who sends them and in all, whatever pages use of them.

Who sends them is an account where people log in, in all its tabs; else it is a session.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter

import streamlit as st
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from app.server import access_log
from app.server.accounts import Account, account_of_request
from app.server.answers import refuse
from xai_core.quotas import ALL_UPLOADS, UPLOADS

MOST_FILES = 500  # of a session: each has its own cost, however small it is
IDLE_S = 30.0  # in which something of a file has to come
FIRST_S, SLOWEST = 60.0, 50_000  # a file may take so long, and a second more for each so many bytes
_UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+$")


def held() -> dict[str, list[int]]:
    """Session -> bytes of each file that the server holds for it."""
    manager = Runtime.instance().uploaded_file_mgr
    if not isinstance(manager, MemoryUploadedFileManager):
        return {}
    there = list(manager.file_storage.items())
    return {session: [len(one.data) for one in list(files.values())] for session, files in there}


def is_open(session: str) -> bool:
    """Whether a session is connected."""
    return Runtime.instance().is_active_session(session)


def is_upload(scope: Scope) -> bool:
    """Whether a browser sends a file."""
    return scope["type"] == "http" and scope["method"] == "PUT" and bool(_UPLOAD.search(scope["path"]))


class Uploads:
    """Refuses files beyond the quotas before they are read.

    Parameters
    ----------
    app : what answers
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.arriving: Counter[str] = Counter()  # account or session -> bytes that are on their way
        self.accounts: dict[str, str] = {}  # session -> account, of those that hold files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match = _UPLOAD.search(scope["path"]) if is_upload(scope) else None
        if match is None:
            await self.app(scope, receive, send)
            return
        session, account = match[1], account_of_request(scope)
        if not is_open(session):
            await refuse(scope, receive, send, "The page that this file is for is not open any more. Reload it.", 400)
            return
        # What does not say its length may be as long as a file may be.
        headers = Headers(scope=scope)
        length = "" if "transfer-encoding" in headers else headers.get("content-length", "")
        largest = (int(st.get_option("server.maxUploadSize")) + 1) << 20
        size = min(int(length), largest) if length.isascii() and length.isdecimal() else largest
        if sentence := self._refusal(session, account, size):
            await refuse(scope, receive, send, sentence, 413)
            return
        who = account.key if account else session
        self.arriving[who] += size
        access_log.record("upload", account, bytes=size)
        try:
            await self._arrives(scope, receive, send, size)
        finally:
            self.arriving[who] -= size
            if self.arriving[who] <= 0:
                del self.arriving[who]
            if account is not None:
                there = held()
                self.accounts = {one: of for one, of in (self.accounts | {session: who}).items() if one in there}

    async def _arrives(self, scope: Scope, receive: Receive, send: Send, size: int) -> None:
        """Take a file; one that does not come counts against everybody's quota, so it is waited for so long only."""
        until, late, begun = time.monotonic() + FIRST_S + size / SLOWEST, False, False

        async def coming() -> Message:
            nonlocal late
            try:
                return await asyncio.wait_for(receive(), min(IDLE_S, max(until - time.monotonic(), 0)))
            except TimeoutError:
                late = True
                return {"type": "http.disconnect"}

        async def answering(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, coming, answering)
        except ClientDisconnect:
            if not late:
                raise
        if late and not begun:
            await refuse(scope, receive, send, "The file did not come in time. Send it again.", 408)

    def _refusal(self, session: str, account: Account | None, size: int) -> str:
        """Why a file is not taken, or nothing."""
        there = held()
        who, name = (account.key, "An account") if account else (session, "A session")
        mine = [one for of, files in there.items() if self.accounts.get(of, of) == who for one in files]
        if len(mine) >= MOST_FILES:
            return f"{name} may hold {MOST_FILES:,} files. Remove some first."
        if sum(mine) + self.arriving[who] + size > UPLOADS.value * 1_000_000:
            return f"{name} may hold {UPLOADS.value:,} MB of uploads. Remove some first."
        if sum(map(sum, there.values())) + self.arriving.total() + size > ALL_UPLOADS.value * 1_000_000:
            return f"All visitors together may hold {ALL_UPLOADS.value:,} MB of uploads. Come again in some minutes."
        return ""
