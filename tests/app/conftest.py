"""A server of the dashboard and a browser to use it with."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def end_trainings(runs):
    """Trainings outlive the server, as they should; not the tests."""
    for said in runs.glob("*/process.json"):
        with contextlib.suppress(psutil.Error, OSError, ValueError):
            psutil.Process(json.loads(said.read_text())["pid"]).kill()


def free_ports(count):
    """Ports that nobody listens on."""
    with contextlib.ExitStack() as stack:
        there = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in there:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in there]


def answers(address, log):
    """Wait until a server answers; what it logged says why it does not."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"The server did not come up: {log.read_text()}")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a fresh server, which keeps its trainings in a folder of its own."""
    (port,) = free_ports(1)
    folder = tmp_path_factory.mktemp("server")
    log = folder / "log"
    environment = os.environ | {"XAI_RUNS": str(folder / "runs")}
    command = [sys.executable, "-m", "streamlit", "run", "app/main.py", "--server.port", str(port)]
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=environment)
        try:
            answers(f"http://localhost:{port}", log)
            yield f"http://localhost:{port}"
        finally:
            process.terminate()
            process.wait(20)
            end_trainings(folder / "runs")


@pytest.fixture(scope="module")
def browser():
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("No Chromium was found, and with CI set the pages must be driven in one.")
        pytest.skip("No Chromium was found.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def page(browser, server):
    """A new window; the test fails if it asks for anything beyond the server or logs an error."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, accept_downloads=True)
    tab = context.new_page()
    tab.set_default_timeout(60_000)
    strangers, errors = [], []
    tab.on("request", lambda r: strangers.append(r.url) if not r.url.startswith((server, "data:", "blob:")) else None)
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    context.close()
    assert strangers == [f"ws{server.removeprefix('http')}/_stcore/stream"] * len(strangers)
    assert errors == []
