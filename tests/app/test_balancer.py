"""Two servers behind nginx, as docs/nginx.conf has them: a visitor stays with one, and finds the other when it ends."""

import collections
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.server.answers import HEADERS
from tests.support.screens import drawn
from tests.support.servers import ROOT, answers, free_ports

CONFIG = (ROOT / "docs" / "nginx.conf").read_text()
LISTENS, SERVERS = "127.0.0.1:8500", ("127.0.0.1:8511", "127.0.0.1:8512")
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(NGINX is None, reason="nginx is not installed here")]


def begun(command, log, **more):
    with log.open("a") as file:
        return subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, **more)


class Balanced:
    """nginx, its servers by address, and what it logs."""

    def __init__(self, folder):
        self.folder = folder
        front, *behind = (f"127.0.0.1:{port}" for port in free_ports(3))
        self.url = f"http://{front}".replace("127.0.0.1", "localhost")
        environment = os.environ | {
            "XAI_CACHE_DIR": str(folder / "cache"),
            "XAI_RUNS": str(folder / "runs"),
            "STREAMLIT_SERVER_COOKIE_SECRET": "one for all servers",
        }
        command = [sys.executable, "-m", "streamlit", "run", "app/main.py", "--server.port"]
        self.servers = {
            address: begun([*command, address.rpartition(":")[2]], folder / "server.log", cwd=ROOT, env=environment)
            for address in behind
        }
        config = CONFIG.replace(LISTENS, front.replace("127.0.0.1", "localhost"))
        for said, address in zip(SERVERS, behind, strict=True):
            assert said in config
            config = config.replace(said, address)
        config = config.replace("access_log off;", f"access_log {folder}/access.log servers;")
        (folder / "nginx.conf").write_text(config)
        command = [NGINX, "-p", str(folder), "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;"]
        self.nginx = begun(command, folder / "errors.log")
        for address in (*behind, front):
            answers(f"http://{address}", folder / "server.log")

    def server_of(self, mark):
        """Which server answered the request with that mark, by nginx's log, which it writes after the answer."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            found = [one for one in (self.folder / "access.log").read_text().splitlines() if f"?mark={mark} " in one]
            if found:
                return found[0].split()[0]
            time.sleep(0.02)
        raise AssertionError(f"{mark} is not in the log.")

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


def asked(balanced, mark, cookie=None):
    """Ask for the page: the server that answered, and the name that the visitor has from then on."""
    headers = {"Cookie": f"xai_visitor={cookie}"} if cookie else {}
    with urllib.request.urlopen(urllib.request.Request(f"{balanced.url}/?mark={mark}", headers=headers)) as answer:
        (name,) = re.findall(r"xai_visitor=(\w+);", "\n".join(answer.headers.get_all("Set-Cookie")))
    return balanced.server_of(mark), name


def test_visitors_are_spread_and_stay_where_they_were(balanced):
    servers = collections.Counter()
    for visitor in range(24):
        _, name = asked(balanced, f"{visitor}-first")
        found = {asked(balanced, f"{visitor}-{visit}", name) for visit in range(4)}
        assert len(found) == 1
        ((server, same),) = found
        assert same == name
        servers[server] += 1
    assert set(servers) == set(balanced.servers)


def test_headers_pass_metrics_are_closed_and_foreign_names_are_not_answered(balanced):
    with urllib.request.urlopen(f"{balanced.url}/") as answer:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{balanced.url}/_stcore/metrics")
    for path in ("/", "/_stcore/health", "/_stcore/metrics"):
        foreign = urllib.request.Request(f"{balanced.url}{path}", headers={"Host": "evil.example"})
        with pytest.raises((http.client.RemoteDisconnected, urllib.error.HTTPError)) as error:
            urllib.request.urlopen(foreign)
        assert isinstance(error.value, http.client.RemoteDisconnected)


def test_a_class_whose_phones_are_on_both_servers(balanced, browser):
    people = collections.defaultdict(list)  # server -> contexts
    contexts = []
    while len(people) < len(balanced.servers) and len(contexts) < 20:
        contexts.append(browser.new_context())
        mark = f"class-{len(contexts)}"
        contexts[-1].request.get(f"{balanced.url}/?mark={mark}")
        people[balanced.server_of(mark)].append(contexts[-1])
    assert set(people) == set(balanced.servers)
    teacher = people[next(iter(balanced.servers))][0].new_page()
    teacher.goto(f"{balanced.url}/classroom")
    teacher.get_by_role("button", name="Begin a class").click()
    teacher.get_by_alt_text("QR code of the link to this class").wait_for()
    phones = [found[-1].new_page() for found in people.values() if found[-1] is not teacher.context]
    for tab in phones:
        tab.goto(teacher.url)
        tab.get_by_role("heading", name="You are in").wait_for()
    teacher.get_by_role("button", name="First question").click()
    for tab in phones:
        tab.locator("[data-testid=stRadio] label").nth(1).click()
        tab.get_by_role("button", name="Answer").click()
        tab.get_by_text("Wait for the others").wait_for()
    teacher.get_by_text(f"joined, {len(phones)} answered").wait_for()
    teacher.get_by_role("button", name="Reveal for all").click()
    for tab in (teacher, *phones):
        tab.get_by_text("too few to tell from guessing").wait_for()
    for context in contexts:
        context.close()


def test_uploads_results_and_the_end_of_a_server(balanced, browser, tmp_path):
    contexts = [browser.new_context() for _ in range(3)]
    tabs = [context.new_page() for context in contexts]
    # Uploads are put to a server over HTTP while the page talks to it over a socket: both must be the same one.
    for number, tab in enumerate(tabs):
        tab.goto(f"{balanced.url}/layer_explorer?data=Upload&n=1")
        tab.locator("input[type=file]").set_input_files(picture(tmp_path, number))
        tab.locator(".xg img").first.wait_for()
        drawn(tab)
        assert f"mine-{number}.png" in tab.locator(".xg").inner_text()
        tab.wait_for_function("[...document.querySelectorAll('.xg img')].every(i => i.naturalWidth == 224)")

    # Results are on disk, for all servers.
    tabs[0].goto(f"{balanced.url}/layer_explorer?n=4")
    tabs[0].get_by_text("4 pictures · 5 layers").wait_for()
    drawn(tabs[0])
    kept = sorted((balanced.folder / "cache").glob("??/*.npz"))
    assert kept

    # One of them is killed. Its visitors go on with the other, which computes nothing of this anew.
    tabs[0].request.get(f"{balanced.url}/?mark=killed")
    address = balanced.server_of("killed")
    balanced.servers[address].send_signal(signal.SIGKILL)
    balanced.servers[address].wait(20)
    tabs[0].goto(f"{balanced.url}/layer_explorer?n=4")
    tabs[0].get_by_text("4 pictures · 5 layers").wait_for()
    drawn(tabs[0])
    assert tabs[0].locator(".xg img").count() == 4 * 6
    assert sorted((balanced.folder / "cache").glob("??/*.npz")) == kept
    for context in contexts:
        context.close()


def test_the_configuration_is_one_that_nginx_takes():
    done = subprocess.run(
        [NGINX, "-t", "-p", "/tmp", "-c", str(Path(ROOT / "docs" / "nginx.conf").absolute()), "-e", "stderr"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "syntax is ok" in done.stderr, done.stderr
