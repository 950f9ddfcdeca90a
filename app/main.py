"""The entry point: page config and navigation. Run with `make app` or `python -m streamlit run app/main.py`.

Streamlit runs this file once for each visitor and rerun, as a script; as a server it imports it first and finds `app`.
"""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from xai_core.threads import wait_briefly

# Threads that wait for each other would keep a core busy that another session could use. NumPy's matrices are small
# here and need no threads; those of torch soon sleep while they wait. Both libraries are imported later than this.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
wait_briefly()

ICON = str(Path(__file__).with_name("icon.png"))  # a file, since Streamlit fetches other icons from the network


def show_pages() -> None:
    """What a visitor sees."""
    from app import access, arrivals, entrance
    from app.heads import PAGES
    from app.history import shorten_history
    from app.look import show_look
    from xai_core.roles import Role

    st.set_page_config(page_title="What the classifier looks at", page_icon=ICON, layout="wide")
    st.logo(ICON, size="large")
    show_look()
    shorten_history()
    page = st.navigation(
        [
            st.Page("views/start.py", title="Start", icon=":material/home:", default=True),
            *(st.Page(f"views/{one.page}.py", title=one.title, icon=one.icon) for one in PAGES),
        ],
        position="sidebar" if access.may(Role.LOOK) else "hidden",
    )
    name = page.url_path or "start"
    if not entrance.is_open(name):
        entrance.show()
        return
    entrance.show_account()
    try:
        with arrivals.one_at_a_time():
            page.run()
    finally:  # also of a page that ends its run early
        access.record_page(name)


if __name__ == "__main__":
    show_pages()
else:
    from app.server import decode_apart, protection, take_turns

    decode_apart()
    take_turns()
    app = st.App(__file__, middleware=protection())
