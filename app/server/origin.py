"""Who may ask: pages of this server under its own names, and nobody's metrics are read.

A foreign page can have a name that resolves to this computer (DNS rebinding), so the name by which the server is asked
counts; and Streamlit would ask the network for this computer's addresses to judge a foreign origin, so that is judged
before.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from app.server.answers import refuse

HEALTH, METRICS = "/_stcore/health", "/_stcore/metrics"
_SHOWN = 80  # letters of a name that the sentence repeats


def is_allowed_host(host: str | None) -> bool:
    """Whether the server may be asked under a name, as `server.allowedHosts` says; where that is empty, under any."""
    allowed = [str(name).strip().lower().rstrip(".") for name in st.get_option("server.allowedHosts") or ()]
    if not allowed or "*" in allowed:
        return True
    try:
        split = urlsplit(f"//{host or ''}")
        name = "" if "@" in split.netloc else (split.hostname or "").rstrip(".")
        _ = split.port  # which must be a number
    except ValueError:
        return False
    return any(name == one or (one.startswith("*.") and name.endswith(one[1:])) for one in allowed)


def is_own_origin(origin: str, host: str | None) -> bool:
    """Whether a page of this server asks, or one of those that `server.corsAllowedOrigins` names."""
    if not st.get_option("server.enableCORS"):
        return True
    named = {str(one).strip().rstrip("/") for one in st.get_option("server.corsAllowedOrigins") or ()}
    return origin.rstrip("/") in named or urlsplit(origin).netloc == host


class Origins:
    """Lets through what this server's own pages ask.

    Parameters
    ----------
    app : what answers
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers, path = Headers(scope=scope), str(scope["path"])
        host, origin = headers.get("host"), headers.get("origin")
        if path.endswith(METRICS):
            await refuse(scope, receive, send, "Not found.", 404)
        elif not path.endswith(HEALTH) and not is_allowed_host(host):
            said = f"This server does not answer under the name {(host or '')[:_SHOWN]!r}."
            await refuse(scope, receive, send, f"{said} Whoever runs it can add it to server.allowedHosts.", 403)
        elif origin is not None and not is_own_origin(origin, host):
            said = f"Pages of {origin[:_SHOWN]!r} may not ask this server."
            await refuse(scope, receive, send, f"{said} Whoever runs it can add it to server.corsAllowedOrigins.", 403)
        else:
            if origin is not None and urlsplit(origin).netloc != host:
                # It was judged; Streamlit would look up this computer's addresses to judge it again.
                del MutableHeaders(scope=scope)["origin"]
            await self.app(scope, receive, send)
