"""Two servers behind nginx, as docs/nginx.conf has them: who comes stays with one, and one's end costs nothing whole."""

import collections
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.app.conftest import ROOT

CONFIG = (ROOT / "docs" / "nginx.conf").read_text()
LISTENS, SERVERS = "127.0.0.1:8500", ("127.0.0.1:8511", "127.0.0.1:8512")
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed here"),
]


def free_ports(count):
    there = [socket.socket() for _ in range(count)]
    for one in there:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in there]
    for one in there:
        one.close()
    return ports


def answers(address):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://{address}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{address} does not answer.")


class Balanced:
    """nginx, its servers by address, and what it logs."""

    def __init__(self, folder):
        self.folder = folder
        front, *behind = (f"127.0.0.1:{port}" for port in free_ports(3))
        self.url = f"http://{front}".replace("127.0.0.1", "localhost")
        environment = os.environ | {
            "XAI_CACHE_DIR": str(folder / "cache"), "XAI_RUNS": str(folder / "runs"),
            "STREAMLIT_SERVER_COOKIE_SECRET": "one for all servers",
        }  # fmt: skip
        self.servers = {
            address: subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "app/main.py", "--server.port", address.rpartition(":")[2]],
                cwd=ROOT, env=environment, stdout=(folder / f"{address[-5:]}.log").open("w"), stderr=subprocess.STDOUT,
            )
            for address in behind
        }  # fmt: skip
        config = CONFIG.replace(LISTENS, front.replace("127.0.0.1", "localhost"))
        for said, address in zip(SERVERS, behind, strict=True):
            assert said in config
            config = config.replace(said, address)
        config = config.replace("access_log off;", f"access_log {folder}/access.log servers;")
        (folder / "nginx.conf").write_text(config)
        self.nginx = subprocess.Popen(
            [NGINX, "-p", str(folder), "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;"],
            stderr=(folder / "errors.log").open("w"),
        )
        for address in (*behind, front):
            answers(address)

    def log(self):
        return (self.folder / "access.log").read_text().splitlines()

    def close(self):
        for process in (self.nginx, *self.servers.values()):
            process.terminate()
        for process in (self.nginx, *self.servers.values()):
            process.wait(20)


@pytest.fixture(scope="module")
def balanced(tmp_path_factory):
    there = Balanced(tmp_path_factory.mktemp("balanced"))
    yield there
    there.close()


def picture(folder, number):
    path = folder / f"mine-{number}.png"
    cells = np.random.default_rng(number).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    Image.fromarray(cells).resize((240, 240)).save(path)
    return path


def settled(tab):
    tab.locator("[data-testid='stStatusWidget']").wait_for(state="detached")
    tab.wait_for_function("!document.querySelector('[data-stale=true]')")


def server_of(balanced, contexts):
    """The server of each browser, by what nginx logged since; browsers are told apart by a mark in the address."""
    found = collections.defaultdict(set)
    for line in balanced.log():
        if (match := re.match(r"(\S+) 200 GET /\?mark=(\d+)", line)) is not None:
            found[int(match[2])].add(match[1])
    return [found[number] for number in range(len(contexts))]


def test_visitors_stay_with_a_server_and_find_another_when_it_ends(balanced, browser, tmp_path):
    contexts = [browser.new_context() for _ in range(6)]
    tabs = [context.new_page() for context in contexts]
    for number, tab in enumerate(tabs):  # more than once: the first visit gives the name
        for _ in range(3):
            tab.goto(f"{balanced.url}/?mark={number}")
            tab.get_by_role("heading").first.wait_for()
    servers = server_of(balanced, contexts)
    assert all(len(found) <= 2 for found in servers)
    names = [{c["name"]: c["value"] for c in context.cookies()}["xai_visitor"] for context in contexts]
    assert len(set(names)) == len(names)
    assert set().union(*servers) == set(balanced.servers)

    # Uploads are put to a server over HTTP while the page talks to it over a socket: both must be the same one.
    for number, tab in enumerate(tabs[:3]):
        tab.goto(f"{balanced.url}/layer_explorer?data=Upload&n=1")
        tab.locator("input[type=file]").set_input_files(picture(tmp_path, number))
        tab.locator(".xg img").first.wait_for()
        settled(tab)
        assert f"mine-{number}.png" in tab.locator(".xg").inner_text()
        tab.wait_for_function("[...document.querySelectorAll('.xg img')].every(i => i.naturalWidth == 224)")

    # Results are on disk, for all servers.
    tabs[0].goto(f"{balanced.url}/layer_explorer?n=4")
    tabs[0].get_by_text("4 pictures · 5 layers").wait_for()
    settled(tabs[0])
    kept = sorted((balanced.folder / "cache").glob("??/*.npz"))
    assert kept

    # One of them is killed. Its visitors go on with the other, which computes nothing of this anew.
    address = one_of(balanced, tabs[0])
    balanced.servers[address].send_signal(signal.SIGKILL)
    balanced.servers[address].wait(20)
    tabs[0].goto(f"{balanced.url}/layer_explorer?n=4")
    tabs[0].get_by_text("4 pictures · 5 layers").wait_for()
    settled(tabs[0])
    assert tabs[0].locator(".xg img").count() == 4 * 6
    assert sorted((balanced.folder / "cache").glob("??/*.npz")) == kept
    for context in contexts:
        context.close()


def one_of(balanced, tab):
    """The server that a browser is with."""
    before = len(balanced.log())
    tab.request.get(f"{balanced.url}/?where=1")
    (line,) = [line for line in balanced.log()[before:] if "?where=1" in line]
    return line.split()[0]


def test_the_configuration_is_one_that_nginx_takes():
    done = subprocess.run(
        [NGINX, "-t", "-p", "/tmp", "-c", str(Path(ROOT / "docs" / "nginx.conf").absolute()), "-e", "stderr"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "syntax is ok" in done.stderr, done.stderr
