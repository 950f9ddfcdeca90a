"""Requests that no page of this server makes: under foreign names, from foreign pages, more bytes than may come."""

import asyncio
import http.client
import itertools
import json
import os
import re
import subprocess
import sys
import time
import tomllib
import urllib.request
import uuid
from collections import deque
from contextlib import ExitStack
from socket import create_connection

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import connect

from app.server import answers
from app.server.answers import HEADERS
from tests.support.servers import ROOT, free_ports
from tests.support.servers import answers as wait_until_it_answers

pytestmark = pytest.mark.process
QUOTAS = {"XAI_UPLOADS_MB": "50", "XAI_ALL_UPLOADS_MB": "70", "XAI_SESSIONS": "3"}


class Server:
    """A server of its own, and what a stranger can ask it."""

    def __init__(self, folder, *arguments):
        (self.port,) = free_ports(1)
        self.log = folder / "log"
        command = [sys.executable, "-m", "streamlit", "run", "app/main.py", "--server.port", str(self.port)]
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                [*command, *arguments], cwd=ROOT, stdout=out, stderr=out, env=os.environ | QUOTAS
            )
        wait_until_it_answers(f"http://localhost:{self.port}", self.log)

    def ask(self, path="/", method="GET", **headers):
        """(status, headers, text) of an answer, and how long it took."""
        connection = http.client.HTTPConnection("localhost", self.port, timeout=20)
        begun = time.monotonic()
        connection.request(method, path, headers={"Host": f"localhost:{self.port}"} | headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, dict(answer.headers), text, time.monotonic() - begun

    def socket(self, origin=None):
        """A tab: its socket."""
        address = f"ws://localhost:{self.port}/_stcore/stream"
        return connect(address, subprotocols=["streamlit"], origin=origin, open_timeout=20, max_size=None)

    def put(self, session, size, file=None, kind="multipart/form-data; boundary=b"):
        """The status and the text of the answer to an upload of so many bytes."""
        head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\n'
        body = head + bytes(size) + b"\r\n--b--\r\n"
        connection = http.client.HTTPConnection("localhost", self.port, timeout=60)
        path = f"/_stcore/upload_file/{session}/{file or uuid.uuid4()}"
        cookie, token = self.token()
        connection.request("PUT", path, body, {"Content-Type": kind, "Cookie": cookie, "X-Xsrftoken": token})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def token(self):
        """The cookie and the token that Streamlit gives to a browser."""
        with urllib.request.urlopen(f"http://localhost:{self.port}/_stcore/health") as answer:
            cookies = answer.headers.get_all("Set-Cookie") or []
        said = next(one for one in cookies if "xsrf" in one).split(";")[0]
        return said, said.partition("=")[2].strip('"')

    def close(self):
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    there = Server(tmp_path_factory.mktemp("server"))
    yield there
    there.close()


def session_of(socket):
    """Begin a run, as a browser does, and read the session's id from the first message."""
    message = BackMsg()
    message.rerun_script.query_string = ""
    socket.send(message.SerializeToString())
    while True:
        found = ForwardMsg.FromString(socket.recv(timeout=60))
        if found.WhichOneof("type") == "new_session":
            return found.new_session.initialize.session_id


# Names and pages


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "localhost.evil.example", "", "a@localhost", "[::"]
)
def test_under_a_foreign_name_nothing_is_answered(server, host):
    status, _, text, _ = server.ask(Host=host)
    assert status == 403
    assert "does not answer under the name" in text
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    asked = server.ask("/_stcore/stream", Host=host, **upgrade | {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="})
    assert asked[0] == 403


def test_under_its_own_names_it_answers(server):
    for host in (f"localhost:{server.port}", f"127.0.0.1:{server.port}", "LOCALHOST", f"[::1]:{server.port}"):
        assert server.ask(Host=host)[0] == 200
    with server.socket(origin=f"http://localhost:{server.port}") as socket:
        assert session_of(socket)


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost.evil.example", "http://localhost:1"]
)
def test_a_foreign_page_is_refused_at_once_and_no_address_is_looked_up(server, origin):
    begun = time.monotonic()
    with pytest.raises(InvalidStatus, match="403"), server.socket(origin=origin):
        pass
    assert server.ask("/_stcore/host-config", Origin=origin)[0] == 403
    assert time.monotonic() - begun < 4  # a look-up waits for seconds where the network says nothing
    assert "external IP" not in server.log.read_text()


def test_metrics_are_closed(server):
    assert server.ask("/_stcore/metrics")[0] == 404


@pytest.mark.parametrize(
    "path", ["/", "/layer_explorer", "/_stcore/health", "/media/x.png", "/nowhere", "/_stcore/metrics"]
)
def test_every_answer_keeps_pages_out_of_foreign_frames(server, path):
    _, headers, _, _ = server.ask(path)
    found = {name.lower(): value for name, value in headers.items()}
    assert {name: found.get(name.lower()) for name in HEADERS} == HEADERS


def test_the_balancer_closes_the_same_and_passes_the_headers_on():
    said = (ROOT / "docs" / "nginx.conf").read_text()
    assert re.search(r"location ~ /_stcore/metrics\$ \{\s+return 404;", said)
    assert "proxy_hide_header" not in said
    assert "server_tokens off;" in said


def test_the_configuration_names_who_may_ask():
    said = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert set(said["server"]["allowedHosts"]) == {"localhost", "127.0.0.1", "::1"}
    assert said["browser"]["serverAddress"] == "localhost"


# Quotas


def test_what_a_session_sends_is_bounded_when_it_arrives(server):
    with server.socket() as socket, server.socket() as other:
        mine, theirs = session_of(socket), session_of(other)
        sent = [server.put(mine, 19_000_000) for _ in range(4)]
        assert [status for status, _ in sent] == [204, 204, 413, 413]
        assert sent[2][1] == "A session may hold 50 MB of uploads. Remove some first.\n"
        assert server.put(theirs, 19_000_000)[0] == 204  # somebody else's are not counted
        status, text = server.put(theirs, 19_000_000)
        assert (status, text.partition(" of uploads")[0]) == (413, "All visitors together may hold 70 MB")
        assert server.put(theirs, 1_000_000)[0] == 204


def test_a_file_for_a_page_that_is_not_open_is_refused(server):
    assert server.put(uuid.uuid4(), 1_000) == (400, "The page that this file is for is not open any more. Reload it.\n")


def test_who_is_refused_again_and_again_waits_for_it_and_others_do_not(monkeypatch):
    """Six within a second are answered at once but for the last one; somebody else's page is not held up by it."""
    waited = []

    async def sleep(seconds):
        waited.append(seconds)

    monkeypatch.setattr(answers.asyncio, "sleep", sleep)
    monkeypatch.setattr(answers, "_refusals", deque(maxlen=answers.MANY))
    clock = itertools.count(step=0.1)
    monkeypatch.setattr(answers.time, "monotonic", lambda: next(clock))
    statuses = []

    async def send(message):
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def refused():
        for _ in range(answers.MANY + 2):
            await answers.refuse({"type": "http", "method": "GET"}, None, send, "No.", 403)

    asyncio.run(refused())
    assert statuses == [403] * (answers.MANY + 2)
    assert waited == [answers.WAIT_S] * 2
    clock = itertools.count(start=100, step=10)
    waited.clear()
    asyncio.run(refused())
    assert waited == []


def _read_on(socket):
    while True:
        socket.recv(timeout=60)


def test_a_million_names_end_a_socket_and_hold_up_nobody(server):
    message = BackMsg()
    message.file_urls_request.file_names.extend(["a"] * 600_000)
    with server.socket() as socket, server.socket() as other:
        assert session_of(socket)
        socket.send(message.SerializeToString())
        assert session_of(other)
        with pytest.raises(ConnectionClosedError, match="1009"):
            _read_on(socket)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such bound")
def test_requests_that_are_never_finished_take_no_page_away(tmp_path):
    """As many as the system allows a program at first, and more; it allows fewer here."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))
    try:
        there = Server(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    with ExitStack() as held:
        held.callback(there.close)
        for _ in range(300):
            one = held.enter_context(create_connection(("localhost", there.port), timeout=20))
            one.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        assert there.ask("/_stcore/health")[0] == 200
        with there.socket() as tab:
            assert session_of(tab)


def test_so_many_tabs_and_no_more(server):
    deadline = time.monotonic() + 30
    while server.ask()[0] != 200 and time.monotonic() < deadline:
        time.sleep(0.2)
    with ExitStack() as tabs:
        for _ in range(3):
            tabs.enter_context(server.socket())
        status, _, text, _ = server.ask()
        assert status == 503
        assert text == "This server has as many visitors as it may have (3). Come again in some minutes.\n"
        assert server.ask("/_stcore/health")[0] == 200
        with pytest.raises(InvalidStatus, match="403"), server.socket():
            pass
    while server.ask()[0] != 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert json.loads(server.ask("/_stcore/host-config")[2])
