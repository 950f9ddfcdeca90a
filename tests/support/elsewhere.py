"""Storages elsewhere that tests bring along: an object store and a web server on this machine, and one that fails."""

import functools
import threading
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

KEY, SECRET = "AKIAPLANTEDKEY", "planted-secret-of-a-store"


@contextmanager
def web_server(folder):
    """A folder by HTTP, with Python's own listings."""

    class Quiet(SimpleHTTPRequestHandler):
        asked, refused = [], {}

        def log_message(self, *_):
            self.asked.append(self.requestline)

        def send_head(self):
            status = self.refused.get(self.path)
            return self.send_error(status) if status else super().send_head()

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", Quiet.asked, Quiet.refused
    finally:
        server.shutdown()
        server.server_close()
        serving.join()


class Failing:
    """A file system of fsspec whose calls go wrong when they are told to.

    Parameters
    ----------
    inner : fsspec.AbstractFileSystem
    wrong : callable
        ``wrong(name of the call, its first argument)`` raises, or gives nothing.
    """

    def __init__(self, inner, wrong):
        self._inner, self._wrong = inner, wrong

    def __getattr__(self, name):
        there = getattr(self._inner, name)
        if not callable(there):
            return there

        def call(*given, **more):
            self._wrong(name, given[0] if given else "")
            return there(*given, **more)

        return call


def put_folder(fs, folder, where):
    """All files of a folder into an object store."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            fs.pipe_file(f"{where}/{path.relative_to(folder).as_posix()}", path.read_bytes())
