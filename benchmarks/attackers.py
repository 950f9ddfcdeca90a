"""Five strangers who try to keep a server from the others: each does one thing again and again, until all is over."""

from __future__ import annotations

import contextlib
import functools
import http.client
import io
import itertools
import json
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from PIL import Image
from session import Session
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

_PLACES = (
    ("training_evolution", "record=/dev/zero"),
    ("training_evolution", "record=" + "/a" * 2_000),
    ("layer_explorer", "data=/proc"),
    ("layer_explorer", "study=/proc/1/root"),
    ("misclassifications", "data=/etc&model=/dev/urandom"),
)
_ENDS_S = 20  # in which attackers notice that it is over; what they still wait for ends with the server
Answers = Counter[str]  # what came of each try


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@functools.cache
def _large() -> bytes:
    """A PNG of 50 million pixels."""
    return _saved(Image.new("RGB", (8_000, 6_200), (200, 30, 30)), "PNG")


@functools.cache
def _scans(count: int) -> bytes:
    """A progressive JPEG of 30 million pixels, whose last scan comes again and again."""
    whole = _saved(Image.new("RGB", (6_000, 5_000), (10, 200, 30)), "JPEG", progressive=True)
    last = whole[whole.rindex(b"\xff\xda") : -2]
    return whole[:-2] + last * (count - whole.count(b"\xff\xda")) + whole[-2:]


def large_pictures(server: str, number: int, answers: Answers) -> None:
    """A PNG of 50 million pixels, each time another one."""
    _drop(server, f"large-{number}.png", _large() + number.to_bytes(4), answers)


def slow_pictures(server: str, number: int, answers: Answers) -> None:
    """A JPEG that takes seconds to decode."""
    _drop(server, f"slow-{number}.jpg", _scans(33) + number.to_bytes(4), answers)


def _drop(server: str, name: str, content: bytes, answers: Answers) -> None:
    with Session(server, "data=Upload") as session:
        session.run()
        session.upload("files", name, content)
        answers[name.partition("-")[0]] += 1


def floods(server: str, number: int, answers: Answers) -> None:
    """Files of 19 MB by one session, without end."""
    host = urlsplit(server).netloc
    connection = http.client.HTTPConnection(host, timeout=60)
    connection.request("GET", "/_stcore/health")
    answer = connection.getresponse()
    answer.read()
    cookie = next(one for one in answer.headers.get_all("Set-Cookie") or [] if "xsrf" in one).split(";")[0]
    head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\n'
    said = {"Content-Type": "multipart/form-data; boundary=b", "Cookie": cookie}
    said["X-Xsrftoken"] = cookie.partition("=")[2]
    path = f"/_stcore/upload_file/{uuid.uuid4()}/{number}"
    connection.request("PUT", path, head + bytes(19_000_000) + b"\r\n--b--\r\n", said)
    answers[f"PUT {connection.getresponse().status}"] += 1
    connection.close()


def foreign_pages(server: str, number: int, answers: Answers) -> None:
    """Sockets of foreign pages, and questions under foreign names."""
    try:
        connect(server.replace("http", "ws") + "/_stcore/stream", origin="http://evil.example", open_timeout=60).close()
        answers["let in"] += 1
    except WebSocketException:
        answers["refused"] += 1
    time.sleep(0.05)


def bad_addresses(server: str, number: int, answers: Answers) -> None:
    """Addresses that name devices, deep folders and what is no data."""
    page, query = _PLACES[number % len(_PLACES)]
    with Session(server, query, page) as session:
        session.run()
        answers["addresses"] += 1


ATTACKS: tuple[Callable[[str, int, Answers], None], ...] = (
    large_pictures,
    slow_pictures,
    floods,
    foreign_pages,
    bad_addresses,
)


@contextlib.contextmanager
def attacked(server: str) -> Iterator[Answers]:
    """Within the block, five strangers attack a server; after it, what came of it is counted.

    They have a process of their own, so that they take nothing from those who measure but what is the machine's.
    """
    command = [sys.executable, __file__, server]
    answers = Answers()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield answers
        finally:
            said, _ = process.communicate()  # which ends what it reads
            answers.update(json.loads(said))


def main(server: str) -> None:
    """Attack until the standard input ends; print what came of it."""
    answers, over = Answers(), threading.Event()

    def attack(what: Callable[[str, int, Answers], None]) -> None:
        for number in itertools.count():
            if over.is_set():
                return
            try:
                what(server, number, answers)
            except Exception as error:  # what a server does to them is theirs to bear; it is counted
                answers[f"{what.__name__}: {type(error).__name__}"] += 1
                time.sleep(0.2)

    threads = [threading.Thread(target=attack, args=(what,), daemon=True) for what in ATTACKS]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    over.set()
    until = time.monotonic() + _ENDS_S
    for thread in threads:
        thread.join(max(until - time.monotonic(), 0))
    print(json.dumps(answers))


if __name__ == "__main__":
    main(sys.argv[1])
