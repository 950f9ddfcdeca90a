"""Who is logged in: what the provider says of an account, which Streamlit keeps in a signed cookie, and its role.

Streamlit reads that cookie when a tab connects. Requests beside the tab's socket, such as an upload, carry it as well.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope
from streamlit import auth_util
from streamlit.errors import StreamlitAuthError
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from xai_core.errors import XaiError, install
from xai_core.roles import VARIABLE, Role, roles, verified_email

EXTRA = install("xai-core[login]")
_HOUR_S = 3600
_AHEAD_S = 600  # that a provider's clock may be ahead of this one; a log-in of any later time would hold for longer
_SECRET = 32  # letters, so that nobody guesses what signs the cookie
_MOST_ENDED = 10_000
_CALLBACK = "/oauth2callback"
_ended: OrderedDict[str, None] = OrderedDict()  # log-ins that were ended by a log-out, the last ones


@dataclass(frozen=True)
class Account:
    """Who is logged in.

    Attributes
    ----------
    key : stands for it, whatever address it has
    name : its e-mail address where the provider says that it belongs to it, else its number there
    role : None where no rule holds for it
    """

    key: str
    name: str
    role: Role | None


def account_of(claims: Mapping[str, Any], now: float | None = None) -> Account | None:
    """The account that a provider speaks of; None where nobody is logged in, or is not any more.

    Parameters
    ----------
    claims : what the provider says
    now : seconds since 1970; None is this moment
    """
    known = roles()
    if known is None or not claims.get("is_logged_in"):
        return None
    began, now = claims.get("iat"), time.time() if now is None else now
    told = isinstance(began, int | float) and -_AHEAD_S <= now - began <= known.hours * _HOUR_S
    if not told or _login(claims) in _ended:
        return None
    key = _digest(claims, "iss", "sub")
    return Account(key, verified_email(claims) or str(claims["sub"]), known.role(claims))


def account_of_request(scope: Scope) -> Account | None:
    """The account whose browser sends a request; None where it sends no cookie that this server signed."""
    return None if roles() is None else account_of(_claims(scope))


def is_over(scope: Scope) -> bool:
    """Whether a browser sends a log-in that holds no longer; one that never logged in has none."""
    claims = _claims(scope)
    return bool(claims.get("is_logged_in")) and account_of(claims) is None


def end_login(scope: Scope) -> None:
    """Let the log-in of a browser hold no longer, also where a tab or somebody else still has it."""
    claims = _claims(scope)
    if claims.get("is_logged_in"):
        _ended[_login(claims)] = None
        while len(_ended) > _MOST_ENDED:
            _ended.popitem(last=False)


def providers() -> list[str]:
    """Where people can log in: the names of the sections of [auth], or "default" where it is one itself."""
    section = auth_util.get_secrets_auth_section()
    named = [name for name, said in section.items() if isinstance(said, Mapping) and "client_id" in said]
    return named or ["default"]


def check() -> None:
    """Refuse to start where the log-in would not work, or would let in whom nobody meant to.

    Raises
    ------
    XaiError
        In a sentence for whoever runs the server.
    """
    known, section = roles(), auth_util.get_secrets_auth_section()
    if known is None and not section:
        return
    if known is None:
        raise XaiError(
            f"secrets.toml has a section [auth], and {VARIABLE} names no file that says who may do what. Write one "
            "(docs/servers.md), or remove the section: then nobody is asked who they are."
        )
    if not section:
        raise XaiError(f"{VARIABLE} is set, and no secrets.toml has the section [auth] that says where people log in.")
    if not auth_util.is_authlib_installed():
        raise XaiError(f"To let people log in, the server needs Authlib: {EXTRA}.")
    try:
        for name in providers():
            auth_util.validate_auth_credentials(name)
        auth_util.get_expose_tokens_config()
    except StreamlitAuthError as error:
        raise XaiError(" ".join(str(error).split())) from error
    if not str(section["redirect_uri"]).endswith(_CALLBACK):
        raise XaiError(f"redirect_uri in secrets.toml must be the address of this server, followed by {_CALLBACK}.")
    if len(str(section["cookie_secret"])) < _SECRET:
        raise XaiError(
            f"cookie_secret in secrets.toml must have {_SECRET} letters or more, drawn at random: who guesses it can "
            "be anybody."
        )
    if st.get_option("server.trustedUserHeaders"):
        raise XaiError("server.trustedUserHeaders is set: whoever sends such a header could be anybody. Remove it.")


def _claims(scope: Scope) -> dict[str, Any]:
    """What the cookie of a request says, where this server signed it for its own address."""
    cookies, secret = cookie_parser(Headers(scope=scope).get("cookie", "")), auth_util.get_signing_secret()

    def signed(name: str) -> bytes | None:
        return decode_signed_value(secret, name, cookies.get(name, "").encode("latin-1", "ignore"))

    content = auth_util.get_cookie_with_chunks(signed, USER_COOKIE_NAME)
    claims = json.loads(content) if content else {}
    return claims if claims.get("origin") == auth_util.get_origin_from_redirect_uri() else {}


def _login(claims: Mapping[str, Any]) -> str:
    """Stands for one log-in of an account."""
    return _digest(claims, "iss", "sub", "iat", "nonce")


def _digest(claims: Mapping[str, Any], *names: str) -> str:
    return hashlib.sha256(json.dumps([claims.get(name) for name in names]).encode()).hexdigest()[:32]
