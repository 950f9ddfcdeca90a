"""What stands before Streamlit's own server: which requests reach it, how much they may bring, what answers carry."""

from __future__ import annotations

from starlette.middleware import Middleware

from app.server import access_log, accounts
from app.server.answers import Headers
from app.server.decoding import decode_apart
from app.server.logins import Logins
from app.server.messages import Messages
from app.server.origin import Origins
from app.server.sessions import Sessions, hold_many
from app.server.turns import TURNS, take_turns
from app.server.uploads import Uploads
from app.server.visitors import Visitors, visitor
from xai_core.errors import XaiError
from xai_core.roles import roles

__all__ = ["TURNS", "decode_apart", "protection", "take_turns", "visitor"]


def protection() -> list[Middleware]:
    """What every request goes through, the first one outermost; the server may hold more sockets from then on.

    Raises
    ------
    SystemExit
        Where what whoever runs the server has written cannot be meant; it says so, and nothing is served.
    """
    try:
        accounts.check()
        access_log.check()
        logins = [] if roles() is None else [Middleware(Logins)]
    except XaiError as error:
        raise SystemExit(f"The server was not started. {error}") from error
    hold_many()
    before = (Middleware(part) for part in (Headers, Origins, Sessions, Messages))
    after = (Middleware(part) for part in (Uploads, Visitors))
    return [*before, *logins, *after]
