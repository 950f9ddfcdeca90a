"""A model or a data set that is not on this disk yet."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import access
from app.controls.text import plain, show_error
from xai_core.roles import Role


def download(info: xai.ModelInfo | xai.DatasetInfo) -> None:
    """Offer a download; run it with a bar when asked."""
    st.info(f"{info.title} is not on this disk. It takes {info.download_mb:.0f} MB.", icon=":material/download:")
    if sentence := access.refusal(Role.COMPUTE, "Downloading it to this server"):
        st.info(plain(sentence), icon=":material/lock:")
        return
    if not st.button(f"Download {info.title}", type="primary", width="stretch"):
        return
    bar = st.progress(0.0, "Connecting …")

    def progress(done: int, total: int) -> None:
        share = min(1.0, done / total) if total else 0.0
        bar.progress(share, f"{done / 1e6:.0f} of {(total or info.download_mb * 1e6) / 1e6:.0f} MB")

    try:
        fetch = xai.download_model if isinstance(info, xai.ModelInfo) else xai.download_dataset
        fetch(info.key, progress=progress)
        access.record("fetched", key=info.key)
    except xai.XaiError as error:
        bar.empty()
        show_error(error)
    else:
        st.rerun()
