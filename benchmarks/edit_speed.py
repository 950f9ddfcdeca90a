"""Claim: on a CPU, the probabilities and the map of an edited photo follow within 300 ms with the bundled model.

Measured as medians over boxes of one photo: in the library from the edit to the map, whose pass gives the probabilities
as well, also against bare passes in turn with it; and in a browser on the same machine, from releasing the pointer to
the new map.
"""

from __future__ import annotations

import shutil
import statistics
import time
from itertools import cycle

import numpy as np
import torch
from harness import Row, paired_times, report
from page_speed import FLAGS
from playwright.sync_api import Page, sync_playwright
from server import served

import xai_core as xai

BOXES = 8
WARM = 2  # boxes before those that count
WITHIN_MS = 300
MOST_OF_A_PASS = 1.0


def corners() -> list[tuple[int, int]]:
    """Upper left corners of the boxes, in thousandths of the sides."""
    return [(int(x), int(y)) for x, y in np.random.default_rng(0).integers(0, 600, (BOXES + WARM, 2))]


def in_the_library() -> tuple[float, float]:
    """Median seconds from an edit to the map, and of the bare forward and backward passes, in turn."""
    model = xai.load_model("efficientnet_lite0", device="cpu")
    before = model.preprocessing.prepare(xai.load_dataset("photos")[0])
    target, layer = int(xai.predict(model, [before]).classes[0]), model.select("stages")[-1].name
    inputs = torch.from_numpy(model.preprocessing.array(before))[None].requires_grad_()
    boxes = cycle(corners())

    def edited() -> None:
        left, top = next(boxes)
        edit = xai.Edit("blur", xai.Region("box", (left, top, left + 300, top + 300)))
        xai.grad_cam(model, [xai.apply_edits(before, [edit])], layers=layer, targets=target)

    def bare() -> None:
        model.net(inputs)[0, target].backward()

    seconds = paired_times({"edited": edited, "bare": bare}, BOXES)
    return seconds["edited"], seconds["bare"]


def in_a_browser(server: str) -> float:
    """Median ms from letting go of the pointer to the new map."""
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(f"{server}/edit")
        page.get_by_text("Draw a box on the picture.").wait_for(timeout=120_000)
        seconds = [drawn(page, left / 1000, top / 1000) for left, top in corners()]
        browser.close()
    return 1000 * statistics.median(seconds[WARM:])


def drawn(page: Page, left: float, top: float) -> float:
    """Draw a box: seconds until the map is another."""
    box = page.locator(".edit canvas").bounding_box()
    before = page.locator(".em img").nth(1).get_attribute("src")
    assert box is not None
    page.mouse.move(box["x"] + left * box["width"], box["y"] + top * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + (left + 0.3) * box["width"], box["y"] + (top + 0.3) * box["height"])
    start = time.perf_counter()
    page.mouse.up()
    page.wait_for_function("old => document.querySelectorAll('.em img')[1]?.src !== old", arg=before)
    seconds = time.perf_counter() - start
    page.wait_for_timeout(500)  # the rest of the page follows
    return seconds


def main() -> list[Row]:
    edited, bare = in_the_library()
    with served() as (server, _):
        in_browser = in_a_browser(server)
    return [
        Row("a box on a photo: from the edit to the map, in the library, ms", 1000 * edited, at_most=WITHIN_MS),
        Row("... against the bare forward and backward passes", edited / bare, at_most=MOST_OF_A_PASS),
        Row("... from releasing the pointer to the new map, in a browser, ms", in_browser, at_most=WITHIN_MS),
    ]


if __name__ == "__main__":
    report("edit_speed", main())
