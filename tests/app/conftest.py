"""A server of the dashboard and a browser to use it with."""

import os
import shutil
import subprocess
import sys
from functools import partial

import pytest

from tests.support.screens import patient
from tests.support.servers import BROWSERS, FLAGS, ROOT, answers, end_trainings, free_ports
from tests.support.strangers import asked, watching


@pytest.fixture(scope="session", autouse=True)
def _prepared(pages_prepared_once):
    """For all that is tested here."""


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The address of a fresh server, which keeps its trainings in a folder of its own and asks nobody anything."""
    (port,) = free_ports(1)
    folder = tmp_path_factory.mktemp("server")
    log = folder / "log"
    environment = watching(folder / "strangers") | {"XAI_RUNS": str(folder / "runs")}
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
    assert asked(folder / "strangers") == []  # it asks nobody, and so do the processes that it begins


@pytest.fixture(scope="module")
def browser():
    """Chromium; its windows ask for less motion.

    Here a processor draws each frame: what shimmers while a page computes would cost more than the page.
    """
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("No Chromium was found, and with CI set the pages must be driven in one.")
        pytest.skip("No Chromium was found.")
    from playwright.sync_api import Locator, sync_playwright

    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        for action in ("wait_for", "click", "fill", "press", "evaluate"):
            patch.setattr(Locator, action, patient(getattr(Locator, action)))
        running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        running.new_context = partial(running.new_context, reduced_motion="reduce")
        yield running
        running.close()


@pytest.fixture
def page(browser, server):
    """A new window; the test fails if it asks for anything beyond the server or logs an error."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, accept_downloads=True)
    tab = context.new_page()
    tab.set_default_timeout(120_000)
    strangers, errors = [], []
    tab.on("request", lambda r: strangers.append(r.url) if not r.url.startswith((server, "data:", "blob:")) else None)
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    context.close()
    assert strangers == [f"ws{server.removeprefix('http')}/_stcore/stream"] * len(strangers)
    assert errors == []
