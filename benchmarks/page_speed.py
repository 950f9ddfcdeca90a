"""Claims about the page, with a real server and a real browser on the same machine.

From the address to the verdict over 64 pictures and all stages, nothing cached, at most 10 s; from starting the
server to the first heatmap at most 15 s. With 8 pictures and 4 layers, opacity and threshold answer in under 300 ms
on the server, and the overlays sent stay under 1.5 MB. 200 calls in a row leave memory where it was (20 MB).
"""

from __future__ import annotations

import gc
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
import torch
from harness import Row, report
from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from server import served
from session import Session

import xai_core as xai

ROOT = Path(__file__).parents[1]
LAYERS = {0: 112, 4: 28, 10: 14, 15: 7}  # blocks of the bundled model and the sizes of their maps
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def make_pictures(folder: Path, count: int) -> None:
    """Crops of the bundled photos, as JPEG files of 320 pixels, in one class folder."""
    rng = np.random.default_rng(0)
    photos = [sample.pixels for sample in xai.load_dataset("photos")]
    (folder / "n07920052_espresso").mkdir()
    for index in range(count):
        pixels = photos[index % len(photos)]
        top, left = rng.integers(0, pixels.shape[0] - 240), rng.integers(0, pixels.shape[1] - 320)
        crop = Image.fromarray(pixels[top : top + 240, left : left + 320])
        crop.save(folder / "n07920052_espresso" / f"{index:03}.jpg", quality=90)


def to_verdict(browser: Browser, folder: Path) -> tuple[float, float]:
    """Seconds from the address to the verdict over 64 pictures: on a fresh server, and on one that has imported."""
    url = f"/layer_explorer?data=Folder&path={folder}&n=64"
    seconds = []
    with served() as (server, _):
        for query in (url, url + "&target=Prediction"):
            page = browser.new_page()
            start = time.perf_counter()
            page.goto(server + query)
            page.locator(".st-key-verdict").get_by_text("pictures, the median").first.wait_for(timeout=120_000)
            seconds.append(time.perf_counter() - start)
            page.close()
    return seconds[0], seconds[1]


def to_first_heatmap(browser: Browser) -> float:
    """Seconds from starting the server to the first heatmap in the browser, which keeps asking for the page."""
    start = time.perf_counter()
    with served(wait=False) as (server, _):
        page = browser.new_page()
        while True:
            try:
                page.goto(f"{server}/layer_explorer")
                break
            except Exception:
                time.sleep(0.1)
        page.locator(".xg img").first.wait_for(timeout=120_000)
        seconds = time.perf_counter() - start
        page.close()
    return seconds


def to_answer() -> list[Row]:
    """Moves of the sliders with 8 pictures x 4 layers: the server's time, and the size of what it sends."""
    rows = []
    layers = "&".join(f"pick=_blocks.{index}++({size}+×+{size})" for index, size in LAYERS.items())
    with served() as (server, _), Session(server, f"rows=8&layers=Choice&{layers}") as session:
        session.run()
        for key, label, values in (
            ("opacity", "opacity", np.arange(0.05, 0.6, 0.05)),
            ("t", "threshold", np.arange(0.55, 0.8, 0.02)),
        ):
            seconds = []
            for value in values:
                taken, messages = session.slide(key, round(float(value), 2))
                seconds.append(taken)
                if key == "opacity":
                    grid = max((message.delta.new_element.html.body for message in messages), key=len)
            rows.append(
                Row(f"8 pictures x 4 layers: {label} moved, ms", 1000 * statistics.median(seconds), at_most=300)
            )
    assert grid.count("<img") == 8 * 5, "The page does not show 8 pictures x 4 layers."
    return [*rows, Row("8 pictures x 4 layers: overlays sent, MB", len(grid) / 1e6, at_most=1.5)]


def memory() -> Row:
    """Growth over 200 calls, after 20 that fill the allocator's caches."""
    model = xai.load_model("efficientnet_lite0", device="cpu")
    inputs = torch.randn(2, 3, 224, 224)
    process = psutil.Process()
    for _ in range(20):
        xai.grad_cam(model, inputs)
    gc.collect()
    before = process.memory_info().rss
    for _ in range(200):
        xai.grad_cam(model, inputs)
    gc.collect()
    return Row("200 Grad-CAM calls: memory gained, MB", (process.memory_info().rss - before) / 1e6, at_most=20)


def main() -> list[Row]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        make_pictures(Path(folder), 64)
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        cold, warm = to_verdict(browser, Path(folder))
        first = to_first_heatmap(browser)
        browser.close()
    return [
        Row("address to verdict, 64 pictures, 5 stages, fresh server, s", cold, at_most=10),
        Row("address to verdict, 64 pictures, 5 stages, nothing cached, s", warm, at_most=10),
        Row("start of the server to the first heatmap, s", first, at_most=15),
        memory(),
        *to_answer(),
    ]


if __name__ == "__main__":
    report("page_speed", main())
