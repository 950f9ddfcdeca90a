"""A server that takes votes, as a process of its own: it loads what keeps them, and no page."""

import os
import threading

from app.classroom import store


def vote_all(code, folder, names):
    """The same vote of each phone in a class, all at once."""
    os.environ["XAI_RUNS"] = folder
    here = store.find(code)
    threads = [threading.Thread(target=store.vote, args=(here, name, 0, "x")) for name in names]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
