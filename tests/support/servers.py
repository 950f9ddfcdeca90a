"""Servers that tests start: their ports, whether they answer, and the trainings that they leave."""

import contextlib
import json
import socket
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from tests.support.screens import unfold

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
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


def show_test(tab, key="verdict"):
    """Unfold what a card's answer rests on; it stays so while the page runs again."""
    box = tab.locator(f".st-key-{key}-test")
    unfold(box.locator("summary").first)
    box.locator("[data-testid=stCaptionContainer]").last.wait_for()


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
