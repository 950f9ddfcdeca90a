"""What the visitor of a page may do, asked where it is done; without a log-in, everybody may do everything."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

import xai_core as xai
from app.server import access_log
from app.server.accounts import Account, account_of
from xai_core.roles import Role, roles

T = TypeVar("T")
_RECORDED = "page in the access log"  # session key


def account() -> Account | None:
    """Who is logged in; None where nobody is, or need be."""
    return account_of(st.user.to_dict()) if roles() is not None else None


def owner() -> str:
    """Stands for who is logged in, where what they begin is counted; empty without a log-in."""
    known = account()
    return known.key if known is not None else ""


def may(role: Role) -> bool:
    """Whether the visitor may do what takes a role."""
    if roles() is None:
        return True
    known = account()
    return known is not None and known.role is not None and known.role >= role


def refusal(role: Role, what: str) -> str:
    """Why the visitor may not do something, and whom to ask; empty where they may.

    Parameters
    ----------
    role : that it takes
    what : as the beginning of a sentence, such as "Uploading pictures"
    """
    known = roles()
    if known is None or may(role):
        return ""
    who = account()
    has = f"your account has the role '{who.role.key}'" if who is not None and who.role else "you are not logged in"
    return f"{what} takes the role '{role.key}' on this server, and {has}. To get it, ask {known.ask}."


def require(role: Role, what: str) -> None:
    """Refuse what the visitor may not do.

    Raises
    ------
    XaiError
        Which says it as `refusal` does.
    """
    if sentence := refusal(role, what):
        raise xai.XaiError(sentence)


def record_page(page: str) -> None:
    """Write that a page was seen, once for what it shows: keys of its data set, model or recorded training."""
    seen = _shown()
    if st.session_state.get(_RECORDED) != (page, seen):
        st.session_state[_RECORDED] = (page, seen)
        record("page", page=page, **seen)


def recorded(make: Callable[[], T], event: str, **what: str) -> Callable[[], T]:
    """What makes something when asked, where there is no session, and writes then that this visitor asked for it."""
    who, shown = account(), _shown()

    def made() -> T:
        access_log.record(event, who, **what, **shown)
        return make()

    return made


def _shown() -> dict[str, str | None]:
    """What the page shows, by the keys of its choices: a folder or an upload is called that, and has no name."""
    return {name: st.session_state.get(name) for name in ("data", "model", "run")}


def record(event: str, **what: str | int | None) -> None:
    """Write what the visitor does to the access log, if there is one."""
    access_log.record(event, account(), **what)
