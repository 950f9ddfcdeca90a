"""Storages elsewhere that tests bring along: an object store and a web server on this machine, and one that fails."""

import functools
import hashlib
import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

KEY, SECRET = "AKIAPLANTEDKEY", "planted-secret-of-a-store"


@contextmanager
def _serving(handler):
    """The address of a server of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        serving.join()


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

    with _serving(functools.partial(Quiet, directory=str(folder))) as address:
        yield address, Quiet.asked, Quiet.refused


def _listed(folder, whole):
    """As a hub lists the files and folders of a folder; a name of a file changes with its content."""
    for path in sorted(folder.iterdir()):
        said = {"path": path.relative_to(whole).as_posix(), "size": path.stat().st_size, "type": "file"}
        if path.is_dir():
            said |= {"size": 0, "type": "directory"}
        yield said | {"oid": hashlib.sha1(path.read_bytes() if path.is_file() else b"").hexdigest()}
        if path.is_dir():
            yield from _listed(path, whole)


@contextmanager
def hub(folder):
    """A hub like Hugging Face's: the folder me/birds is a data set's repository, with one revision besides main, v1."""

    asked = []

    class Quiet(BaseHTTPRequestHandler):
        def log_message(self, *_):
            asked.append(self.requestline)

        def answer(self, content, status=200, **headers):
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(content))} | headers).items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self):
            wanted = urlsplit(self.path)
            of_files = re.fullmatch(r"/datasets/me/birds/resolve/(main|v1)/(.+)", unquote(wanted.path))
            of_lists = re.fullmatch(r"/api/datasets/me/birds/tree/(main|v1)(?:/(.+))?", unquote(wanted.path))
            if of_files and (path := folder / of_files[1] / of_files[2]).is_file():
                self.answer(path.read_bytes())
            elif of_lists and (path := folder / of_lists[1] / (of_lists[2] or "")).is_dir():
                found = list(_listed(path, folder / of_lists[1]))
                if parse_qs(wanted.query).get("recursive") != ["true"]:
                    found = [one for one in found if (folder / of_lists[1] / one["path"]).parent == path]
                self.answer(json.dumps(found).encode(), Content_Type="application/json")
            elif re.fullmatch(r"/api/datasets/me/birds(/revision/(main|v1))?", wanted.path):
                self.answer(b'{"id": "me/birds", "siblings": []}', Content_Type="application/json")
            elif of_files or of_lists:
                self.answer(b"{}", 404, X_Error_Code="EntryNotFound")
            else:
                self.answer(b"{}", 404, X_Error_Code="RepoNotFound")

    with _serving(Quiet) as address:
        yield address, asked


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
