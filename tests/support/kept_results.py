"""Results on disk, as pages keep them where XAI_CACHE_DIR is set."""

from contextlib import contextmanager

import streamlit as st

from app import jobs


def begin_anew():
    """Forget what is in memory, as the end of the server does."""
    st.cache_data.clear()
    st.cache_resource.clear()
    jobs.queue._queues.clear()
    jobs.queue.disk.cache_clear()


@contextmanager
def kept_in(folder, monkeypatch):
    """Keep results in a folder, begun with nothing in memory and left so."""
    monkeypatch.setenv("XAI_CACHE_DIR", str(folder))
    begin_anew()
    yield folder
    begin_anew()


def entries(folder):
    return sorted(folder.glob("??/*.npz"))
