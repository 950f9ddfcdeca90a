"""Pictures that a visitor drops on the page."""

from __future__ import annotations

from contextlib import nullcontext
from itertools import accumulate

import streamlit as st

from app import access, state
from app.controls.text import plain
from xai_core.quotas import UPLOADS
from xai_core.roles import Role
from xai_core.types.counts import number_of

MAX_UPLOADS = 64
MAX_UPLOAD_MB = 200  # of all pictures of a session
UPLOADER_OF_BOARD = "place for an uploader"  # in the middle of the page
WAITS_OF_BOARD = "an uploader waits there"
_UPLOADED = "uploaded pictures"  # session key: (name, content) of each


def show_bound() -> None:
    """Below an uploader: what may be uploaded in all, and what a browser says of a file that is beyond it."""
    whose = "an account, in all its tabs" if access.owner() else "a tab"
    st.caption(f"At most {UPLOADS.value:,} MB in all for {whose}. A file beyond that fails with the code 413.")


def uploaded() -> list[tuple[str, bytes]]:
    """Pictures that were dropped here, as (name, content); they stay chosen on the other pages of this session."""
    if sentence := access.refusal(Role.COMPUTE, "Uploading pictures"):
        st.info(plain(sentence), icon=":material/lock:")
        return []
    place = state.board().get(UPLOADER_OF_BOARD)
    waits = place is not None and not st.session_state.get(_UPLOADED) and not st.session_state.get("files")
    # The sidebar is closed on a phone.
    with place.container(border=True) if place is not None and waits else nullcontext():
        if waits:
            st.markdown("**Your own pictures**")
        files = st.file_uploader(
            "JPEG, PNG, WebP, TIFF, BMP or GIF", accept_multiple_files=True, key="files", max_upload_size=20
        )
        show_bound()
        if waits:
            st.caption(
                "They go to the computer that runs this page and nowhere else; a link to this page does not carry them."
            )
    state.board()[WAITS_OF_BOARD] = waits
    if files:
        so_far = accumulate(file.size for file in files)
        room = min(MAX_UPLOADS, sum(size <= MAX_UPLOAD_MB * 1_000_000 for size in so_far))
        if room < len(files):
            st.warning(
                f"The first {room} of {len(files):,} pictures are used: a session may keep {MAX_UPLOADS}, of "
                f"{MAX_UPLOAD_MB} MB in all."
            )
        st.session_state[_UPLOADED] = [(file.name, file.getvalue()) for file in files[:room]]
    kept: list[tuple[str, bytes]] = st.session_state.get(_UPLOADED, [])
    if kept and not files:
        names = ", ".join(name for name, _ in kept[:3])
        st.caption(f"{number_of(len(kept), 'picture')} dropped before: {plain(names)}")
        st.button("Forget them", on_click=lambda: st.session_state.pop(_UPLOADED, None), type="tertiary")
    return kept
