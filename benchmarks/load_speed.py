"""Thirty people and one server: sessions that speak the browser's protocol, at once, on this machine.

First all open Layer Explorer, as a class does that is shown it: a third upload a picture of their own, the others
look at the photos. Then the same beside five attackers of another server on this machine, which is what the machine
has to share; and beside five of this server, who may at most double what 95 of 100 wait. Then half of those others
open the three other pages instead; and once more with two servers, as a balancer would spread them. All go from
picture to picture and move a slider, with the pauses that people make, for two minutes. No error; nobody sees another's
picture or result; what is seen of an own picture equals what the library gives alone; memory is bounded. A cached
interaction takes less than 1 s in 95 of 100 cases, an uncached heatmap less than 5 s. What one visitor did first, on
every page, is cached for the others.

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
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
from attackers import Answers, attacked
from harness import Row, report
from PIL import Image
from server import served
from session import Session
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

import xai_core as xai
from xai_core import figures

ROOT = Path(__file__).parents[1]
SESSIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 30
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 120.0
PAUSE_S = (2.0, 6.0)  # between two things that a person does
ARRIVE_S = 15.0  # in which all of them open the page
OTHERS = ("foreground", "misclassifications", "training_evolution")
SLIDERS = {  # page -> a slider that always stands open, and its values
    "layer_explorer": ("opacity", np.arange(0.05, 1, 0.05)),
    "misclassifications": ("share", np.arange(0, 101, 5)),
}
CACHED = "cached interaction, 95th percentile, s"
PICTURES = 12  # that the first visitor goes through on each page
ATTACKED_MB = 2_000  # more, beside attackers: uploads that a server may hold, and two pictures that are decoded
MEMORY_MB = 2500  # of the server, with the bundled model and everything in its caches


@dataclass
class Seen:
    """What the sessions saw."""

    opened: list[float] = field(default_factory=list)
    cached: list[float] = field(default_factory=list)
    uncached: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    pages: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
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


def page_of(number: int, everywhere: bool) -> str:
    """The page that a session opens."""
    return OTHERS[number // 3 % len(OTHERS)] if everywhere and number % 3 == 2 else "layer_explorer"


@dataclass
class Person:
    """What one person does on an open page: on or back among the first pictures, or a slider where one stands open."""

    session: Session
    chance: random.Random
    place: int = 0

    def act(self) -> tuple[float, list[ForwardMsg]]:
        page = self.session.page
        if page in SLIDERS and self.chance.random() < 0.7:
            key, values = SLIDERS[page]
            return self.session.slide(key, float(round(self.chance.choice(values), 2)))
        on = self.place == 0 or (self.place < PICTURES - 1 and self.chance.random() < 0.5)
        self.place += 1 if on else -1
        return self.session.press("next" if on else "previous")


def visit(number: int, page: str, server: str, seen: Seen, content: bytes, wanted: list[str], stop: float) -> None:
    """What one person does."""
    chance = random.Random(number)
    time.sleep(chance.uniform(0, ARRIVE_S))
    uploads = number % 3 == 0
    try:
        with Session(server, "data=Upload" if uploads else "", page) as session:
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
            person = Person(session, chance)
            while time.monotonic() < stop:
                time.sleep(chance.uniform(*PAUSE_S))
                found.append(person.act())
                with seen.lock:
                    seen.cached.append(found[-1][0])
                    seen.pages[page].append(found[-1][0])
                if uploads:
                    names = set(re.findall(r"mine-\d+\.png", "".join(session.elements.values())))
                    with seen.lock:
                        seen.wrong += names != {f"mine-{number}.png"}
            with seen.lock:
                seen.errors += broken(found)
    except Exception:
        with seen.lock:
            seen.errors.append(traceback.format_exc())


def broken(found: list[tuple[float, list[ForwardMsg]]]) -> Iterator[str]:
    """What the error boxes among the answers say."""
    for _, messages in found:
        for message in messages:
            element = message.delta.new_element
            if message.WhichOneof("type") == "delta" and element.WhichOneof("type") == "exception":
                yield element.exception.message


def warm(server: str) -> None:
    """The first visitor waits for imports, models and what is cached afterwards; the others need not."""
    for page in ("layer_explorer", *OTHERS):
        with Session(server, page=page) as first:
            first.run()
            for way in ("next", "previous"):
                for _ in range(PICTURES - 1):
                    first.press(way)
            for value in SLIDERS[page][1] if page in SLIDERS else ():
                first.slide(SLIDERS[page][0], float(round(value, 2)))


def held(server: tuple[str, psutil.Process]) -> int:
    """Bytes that a server and the processes that it began take."""
    total = 0
    for process in (server[1], *server[1].children(recursive=True)):
        try:
            total += process.memory_info().rss
        except psutil.Error:  # it ended
            continue
    return total


def busy(servers: list[tuple[str, psutil.Process]]) -> float:
    """Seconds that their processes have computed."""
    return sum(sum(process.cpu_times()[:2]) for _, process in servers)


@dataclass(frozen=True)
class Attack:
    """Five strangers attack beside the people, and what it is compared with."""

    elsewhere: bool  # another server, that shares no more with the people's than the machine
    without: dict[str, float]  # what it is beside -> what 95 of 100 cached interactions took there, s


def main(everywhere: bool, copies: int, attack: Attack | None = None) -> list[Row]:
    """Rows of one run.

    `everywhere`: on all pages; `copies`: of the server, between which people are spread; `attack`: of the first server,
    or of another one.
    """
    photos = [sample.pixels for sample in xai.load_dataset("photos")]
    model = xai.load_model("efficientnet_lite0")
    own = {number: own_picture(number, photos) for number in range(0, SESSIONS, 3)}
    wanted = {number: expected(model, f"mine-{number}.png", content) for number, content in own.items()}
    seen, memory = Seen(), [0.0]
    with ExitStack() as stack:
        servers = [stack.enter_context(served()) for _ in range(copies)]
        for server, _ in servers:
            warm(server)
        stop = time.monotonic() + ARRIVE_S + SECONDS
        people = []
        for n in range(SESSIONS):
            own_one = (own.get(n, b""), wanted.get(n, []))
            asked = (n, page_of(n, everywhere), servers[n % copies][0], seen, *own_one, stop)
            people.append(threading.Thread(target=visit, args=asked))
        tries = Answers()
        if attack is not None:
            target, _ = stack.enter_context(served()) if attack.elsewhere else servers[0]
            tries = stack.enter_context(attacked(target))
        began, before = time.monotonic(), busy(servers)
        for person in people:
            person.start()
        while any(person.is_alive() for person in people):
            memory.append(sum(map(held, servers)) / 1e6)
            time.sleep(0.5)
        cores = (busy(servers) - before) / (time.monotonic() - began)
    for error in seen.errors[:3]:
        print(error, file=sys.stderr)

    def late(seconds: list[float]) -> float:
        return float(np.percentile(seconds, 95)) if seconds else float("nan")

    multiples = []
    if attack is not None:
        print("What attackers met:", ", ".join(f"{count} {what}" for what, count in sorted(tries.items())))
        bound = None if attack.elsewhere else 2
        for where, seconds in attack.without.items():
            multiples.append(Row(f"... as a multiple of that {where}", late(seen.cached) / seconds, at_most=bound))
    return [
        Row("sessions", SESSIONS),
        Row("interactions", len(seen.opened) + len(seen.cached) + len(seen.uncached)),
        Row("errors", len(seen.errors), at_most=0),
        Row("pictures or results that were not the session's own, or not the library's", seen.wrong, at_most=0),
        Row("uploads whose maps were compared", seen.checked, at_least=len(own)),
        Row("opening the page, median, s", float(np.median(seen.opened))),
        Row("cached interaction, median, s", float(np.median(seen.cached))),
        Row(CACHED, late(seen.cached), at_most=None if attack else 1),
        *multiples,
        Row(
            "uncached heatmap of an own picture, 95th percentile, s", late(seen.uncached), at_most=None if attack else 5
        ),
        *(Row(f"{page}, 95th percentile, s", late(seconds)) for page, seconds in seen.pages.items()),
        Row("processor cores kept busy by servers, mean", cores),
        Row(
            "memory of servers at its most, MB",
            max(memory),
            at_most=MEMORY_MB * copies + (ATTACKED_MB if attack else 0),
        ),
    ]


def value(rows: list[Row], name: str) -> float:
    """What a row says."""
    return next(row.value for row in rows if row.name == name)


def measured(where: str, everywhere: bool, copies: int, attack: Attack | None = None) -> float:
    """Print the rows of one run; what 95 of 100 cached interactions took, s."""
    rows = main(everywhere, copies, attack)
    report(f"Thirty people on {where}: {SESSIONS} sessions for {SECONDS:.0f} s", rows)
    return value(rows, CACHED)


if __name__ == "__main__":
    waited = {"without attackers": measured("Layer Explorer", False, 1)}
    elsewhere = measured("Layer Explorer, five attackers of another server", False, 1, Attack(True, waited))
    waited = waited | {"with attackers of another server": elsewhere}
    measured("Layer Explorer, beside five attackers", False, 1, Attack(False, waited))
    measured("all pages", True, 1)
    measured("all pages, two servers", True, 2)
