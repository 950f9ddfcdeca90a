"""Thirty people and one server: sessions that speak the browser's protocol, at once, on this machine.

Each opens Layer Explorer, a third of them upload a picture of their own, then all go from picture to picture and move a
slider, with the pauses that people make, for two minutes. No error; nobody sees another's picture or result; what each
one sees of its own picture equals what the library gives alone; memory is bounded. A cached interaction takes less than
1 s in 95 of 100 cases, an uncached heatmap less than 5 s.

Other numbers of sessions and seconds: `python benchmarks/load_speed.py 10 30`.
"""

from __future__ import annotations

import io
import random
import re
import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from harness import Row, report
from PIL import Image
from server import served
from session import Session

import xai_core as xai
from xai_core import figures

ROOT = Path(__file__).parents[1]
SESSIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 30
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 120.0
PAUSE_S = (2.0, 6.0)  # between two things that a person does
ARRIVE_S = 15.0  # in which all of them open the page
MEMORY_MB = 2500  # of the server, with the bundled model and everything in its caches


@dataclass
class Seen:
    """What the sessions saw."""

    opened: list[float] = field(default_factory=list)
    cached: list[float] = field(default_factory=list)
    uncached: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    wrong: int = 0
    checked: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def own_picture(number: int, photos: list[np.ndarray]) -> bytes:
    """A picture that no other session has: a crop of a bundled photo, as PNG."""
    rng = np.random.default_rng(number)
    pixels = photos[number % len(photos)]
    top, left = rng.integers(0, pixels.shape[0] - 240), rng.integers(0, pixels.shape[1] - 240)
    file = io.BytesIO()
    Image.fromarray(pixels[top : top + 240, left : left + 240]).save(file, "PNG")
    return file.getvalue()


def tiles(session: Session) -> list[str]:
    """The pictures of the grid on a page, as their data."""
    grid = next((body for body in session.elements.values() if 'class="xg"' in body), "")
    return re.findall(r'<img src="(data:[^"]+)"', grid)


def expected(model: xai.Classifier, name: str, content: bytes) -> list[str]:
    """The same pictures from the library alone."""
    (sample,) = (model.preprocessing.prepare(one) for one in xai.from_uploads([(name, content)]))
    maps = xai.grad_cam(model, [sample], layers="stages")
    lines = figures.captions([sample], maps, model.class_names, [None])
    grid = figures.grid_html([sample], maps, model.select("stages"), lines, figures.Style())
    return re.findall(r'<img src="(data:[^"]+)"', grid)


def visit(number: int, server: str, seen: Seen, content: bytes, wanted: list[str], stop: float) -> None:
    """What one person does."""
    chance = random.Random(number)
    time.sleep(chance.uniform(0, ARRIVE_S))
    uploads = number % 3 == 0
    try:
        with Session(server, "data=Upload" if uploads else "") as session:
            found = [session.run()]
            with seen.lock:
                seen.opened.append(found[0][0])
            if uploads:
                time.sleep(chance.uniform(*PAUSE_S))
                found.append(session.upload("files", f"mine-{number}.png", content))
                with seen.lock:
                    seen.uncached.append(found[-1][0])
                    seen.checked += 1
                    seen.wrong += tiles(session) != wanted
            while time.monotonic() < stop:
                time.sleep(chance.uniform(*PAUSE_S))
                if chance.random() < 0.3:
                    found.append(session.press("next"))
                else:
                    found.append(session.slide("opacity", round(chance.choice(np.arange(0.05, 1, 0.05)), 2)))
                with seen.lock:
                    seen.cached.append(found[-1][0])
                if uploads:
                    names = set(re.findall(r"mine-\d+\.png", "".join(session.elements.values())))
                    with seen.lock:
                        seen.wrong += names != {f"mine-{number}.png"}
            broken = [
                message.delta.new_element.exception.message
                for _, messages in found
                for message in messages
                if message.WhichOneof("type") == "delta" and message.delta.new_element.WhichOneof("type") == "exception"
            ]
            with seen.lock:
                seen.errors += broken
    except Exception:
        with seen.lock:
            seen.errors.append(traceback.format_exc())


def main() -> list[Row]:
    photos = [sample.pixels for sample in xai.load_dataset("photos")]
    model = xai.load_model("efficientnet_lite0")
    own = {number: own_picture(number, photos) for number in range(0, SESSIONS, 3)}
    wanted = {number: expected(model, f"mine-{number}.png", content) for number, content in own.items()}
    seen, memory = Seen(), [0.0]
    with served() as (server, process):
        with Session(server) as first:  # the first visitor waits for the imports; the others need not
            first.run()
        stop = time.monotonic() + ARRIVE_S + SECONDS
        people = [
            threading.Thread(target=visit, args=(n, server, seen, own.get(n, b""), wanted.get(n, []), stop))
            for n in range(SESSIONS)
        ]
        for person in people:
            person.start()
        while any(person.is_alive() for person in people):
            memory.append(process.memory_info().rss / 1e6)
            time.sleep(0.5)
    for error in seen.errors[:3]:
        print(error, file=sys.stderr)

    def late(seconds: list[float]) -> float:
        return float(np.percentile(seconds, 95)) if seconds else float("nan")

    return [
        Row("sessions", SESSIONS),
        Row("interactions", len(seen.opened) + len(seen.cached) + len(seen.uncached)),
        Row("errors", len(seen.errors), at_most=0),
        Row("pictures or results that were not the session's own, or not the library's", seen.wrong, at_most=0),
        Row("uploads whose maps were compared", seen.checked, at_least=len(own)),
        Row("opening the page, median, s", float(np.median(seen.opened))),
        Row("cached interaction, median, s", float(np.median(seen.cached))),
        Row("cached interaction, 95th percentile, s", late(seen.cached), at_most=1),
        Row("uncached heatmap of an own picture, 95th percentile, s", late(seen.uncached), at_most=5),
        Row("memory of the server at its most, MB", max(memory), at_most=MEMORY_MB),
    ]


if __name__ == "__main__":
    report(f"Thirty people: {SESSIONS} sessions for {SECONDS:.0f} s", main())
