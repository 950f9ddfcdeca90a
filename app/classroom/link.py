"""The link by which phones join a class, also as a picture of it (a QR code)."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import segno
import streamlit as st

from app.controls import Markup

_OF_THIS_COMPUTER = ("localhost", "127.0.0.1", "::1")


def link(code: str) -> str:
    """The address of a class, as the teacher's browser reaches this server."""
    here = urlsplit(str(st.context.url or ""))
    return urlunsplit((here.scheme, here.netloc, here.path, f"code={code}", ""))


def show_link(code: str) -> None:
    """Code, link and QR picture; where phones cannot reach that address, how they could."""
    there = link(code)
    picture, words = st.columns([2, 3], gap="large", vertical_alignment="center")
    picture.html(
        Markup(
            f'<img src="{qr_uri(there)}" alt="QR code of the link to this class" '
            'style="width:min(100%,340px);image-rendering:pixelated;border-radius:8px">'
        )
    )
    with words:
        st.html(Markup(f'<div style="font-size:3rem;font-weight:700;letter-spacing:.15em">{code}</div>'))
        st.markdown("Scan the QR code, or open this address:")
        st.code(there, language=None, wrap_lines=True)
    warn_where_phones_cannot_come()


def warn_where_phones_cannot_come() -> None:
    """Say that the address of this page means this computer alone, and how phones could reach it; else nothing."""
    if urlsplit(str(st.context.url or "")).hostname in _OF_THIS_COMPUTER:
        st.warning(
            "Phones cannot open this page: its address works on this computer only. Stop the dashboard and start it in "
            "a terminal with `xai --address 0.0.0.0 --allow-host NAME`. NAME is this computer's name or IP address in "
            "the room's network. Then open this page at that name or address.",
            icon=":material/wifi_off:",
        )


def qr_uri(text: str) -> str:
    """A QR code with its quiet zone, black on white in both themes."""
    return str(segno.make(text, error="m").svg_data_uri(scale=8, border=4, dark="#000", light="#fff"))
