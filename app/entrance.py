"""The way in where people log in: who is asked to, who is told whom to ask, and how one leaves."""

from __future__ import annotations

import streamlit as st

from app import access
from app.server.accounts import Account, providers
from xai_core.roles import Role, Roles, roles, verified_email

_WIDTH = 640  # pixels, or the window's where that is less
_MAY = {
    Role.LOOK: "may look at what this server offers",
    Role.COMPUTE: "may use pictures and models of yours as well, and begin what takes long",
    Role.TRAIN: "may do everything here, also train models and begin classes",
}


def is_open(page: str) -> bool:
    """Whether the visitor may see a page, by its file in views/; one who may not is told why by `show`."""
    return access.may(Role.LOOK) or _is_for_phones(page)


def show() -> None:
    """In place of a page: the way to log in, or whom to ask."""
    known, who = roles(), access.account()
    assert known is not None  # else every page is open
    with st.container(horizontal_alignment="center"), st.container(width=_WIDTH):
        st.title("Log in" if who is None else "No role yet", anchor=False)
        if who is None:
            _offer_login(known)
        else:
            _say_no_role(known, who)


def show_account() -> None:
    """In the sidebar: who is logged in, what that account may do, and the way out."""
    who = access.account()
    if who is None or who.role is None:
        return
    from app.controls import plain  # with much else, which a page without a log-in need not wait for

    with st.sidebar.expander(plain(who.name), icon=":material/account_circle:", key="account"):
        st.caption(f"Your account has the role '{who.role.key}' and {_MAY[who.role]}.")
        _offer_logout()


def _is_for_phones(page: str) -> bool:
    """Whether a page is that of a class which phones join without a log-in."""
    known = roles()
    if known is None or not known.classes_without_login or page != "classroom":
        return False
    from app.classroom import store

    return store.find(st.query_params.get("code", "")) is not None


def _offer_login(known: Roles) -> None:
    if st.user.to_dict().get("is_logged_in"):
        st.info(
            f"You were logged in, and are not any more: a log-in holds for {known.hours:g} hours, and ends in all tabs "
            "when you log out in one.",
            icon=":material/schedule:",
        )
    st.markdown(
        "These pages show what image classifiers look at. This server asks who you are first; afterwards you come back "
        "to this address."
    )
    for name in providers():
        title = "Log in" if name == "default" else f"Log in with {name.capitalize()}"
        st.button(title, on_click=st.login, args=(name,), type="primary", icon=":material/login:", key=f"login-{name}")


def _say_no_role(known: Roles, who: Account) -> None:
    from app.controls import plain

    said = f"You are logged in as {who.name}. No rule of this server gives this account a role. To get one, ask"
    st.warning(plain(f"{said} {known.ask}."), icon=":material/lock:")
    if not verified_email(st.user.to_dict()):
        st.caption(
            "The place where you logged in does not confirm that an e-mail address is yours, so no rule for addresses "
            "holds for your account. Say that when you ask."
        )
    _offer_logout()


def _offer_logout() -> None:
    st.button("Log out", on_click=st.logout, icon=":material/logout:", key="logout")
