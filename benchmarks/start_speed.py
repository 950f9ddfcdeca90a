"""Claims about the start page, with a real server and a real browser on the same machine.

What it asks and where it leads on is there within 2 s of the address, on a server that has just been started, too; with
the examples computed once, for whomever, all of it is. Before the first content nothing heavy is imported. Beside it
stands an empty page of Streamlit's: what its own code takes a browser that has never met it.

Another entry point than app/main.py can be named as an argument.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness import Row, report
from playwright.sync_api import Browser, Page, sync_playwright
from server import served

ROOT = Path(__file__).parents[1]
ENTRY = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "app" / "main.py").resolve()
ROUNDS = 3
CARDS = "[class*='st-key-start-card-']"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Draws the page up to where the first example asks for its record, and says what is imported by then.
FIRST = """
import sys
import streamlit as st
from streamlit.testing.v1 import AppTest
from app import examples
heavy = {"torch", "captum", "lime", "sklearn", "skimage", "scipy", "pandas", "xai_core.figures"}
found = []
def stop(*_):
    found.extend(heavy & {*sys.modules})
    st.stop()
examples.epochs = stop
page = AppTest.from_file(sys.argv[1], default_timeout=120).run()
assert len(page.subheader) == 4, "The start page is not what opens first."
print(len(found))
"""


def visit(tab: Page, server: str) -> tuple[float, float]:
    """Seconds from the address to the title and the four questions, and to the last of the four examples."""
    start = time.perf_counter()
    tab.goto(server, wait_until="commit")
    tab.get_by_role("heading", name="What the classifier looks at").wait_for()
    tab.wait_for_function(f'document.querySelectorAll("{CARDS} h3").length === 4')
    asked = time.perf_counter() - start
    tab.wait_for_function(
        "document.querySelectorAll('.ex p').length === 4 && !document.querySelector('[data-testid=stSkeleton]')",
        timeout=120_000,
    )
    return asked, time.perf_counter() - start


def visits(browser: Browser, folder: Path) -> dict[str, tuple[float, float]]:
    """A first visitor to a fresh server, others with a new browser after that, each once more, and to an empty page."""
    script = folder / "empty.py"
    script.write_text("import streamlit as st\nst.title('Empty')\n")
    seconds: dict[str, list[tuple[float, float]]] = {"fresh": [], "new": [], "again": [], "empty": []}
    with served(ENTRY) as (server, _), served(script) as (blank, _):
        for turn in range(ROUNDS + 1):
            with opened(browser) as tab:
                seconds["new" if turn else "fresh"].append(visit(tab, server))
                seconds["again"].append(visit(tab, server))
            with opened(browser) as tab:
                start = time.perf_counter()
                tab.goto(blank, wait_until="commit")
                tab.get_by_role("heading", name="Empty").wait_for()
                took = time.perf_counter() - start
                seconds["empty"] += [(took, took)] if turn else []  # its server was fresh, too
    medians = {key: [statistics.median(column) for column in zip(*rows, strict=True)] for key, rows in seconds.items()}
    return {key: (first, last) for key, (first, last) in medians.items()}


@contextmanager
def opened(browser: Browser) -> Iterator[Page]:
    """A window of a browser that has never met the server."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    yield context.new_page()
    context.close()


def imported() -> int:
    """How many heavy packages are imported before the first content is on its way."""
    command = [sys.executable, "-c", FIRST, str(ENTRY)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return int(done.stdout)


def main() -> list[Row]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        took = visits(browser, Path(folder))
        browser.close()
    return [
        Row("fresh server: address to the four questions, s", took["fresh"][0], at_most=2),
        Row("fresh server: address to all four examples, s", took["fresh"][1], at_most=15),
        Row("warm server, new browser: address to the four questions, s", took["new"][0], at_most=2),
        Row("warm server, new browser: address to all four examples, s", took["new"][1], at_most=2),
        Row("warm server, browser that was here: address to all four examples, s", took["again"][1], at_most=2),
        Row("an empty page of Streamlit's, new browser, s", took["empty"][0]),
        Row("the whole start page beyond an empty one, new browser, s", took["new"][1] - took["empty"][0], at_most=1),
        Row("heavy packages imported before the first content", imported(), at_most=0),
    ]


if __name__ == "__main__":
    report("start_speed", main())
