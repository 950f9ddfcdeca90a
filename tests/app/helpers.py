"""What the tests of several pages share: opening one through the entry point, and reading what it says."""

import json
import re
from pathlib import Path

from streamlit.testing.v1 import AppTest

MAIN = str(Path(__file__).parents[2] / "app" / "main.py")
KINDS = ("title", "header", "subheader", "markdown", "caption", "info", "warning", "error", "success")


def open_page(page, **url):
    """A page at an address, through the entry point; page is its file in views/."""
    at = AppTest.from_file(MAIN, default_timeout=180)
    at.query_params.update({key.replace("_", "-"): value for key, value in url.items()})
    at.switch_page(f"views/{page}.py")
    return run(at)


def run(at):
    at.run()
    assert not at.exception, at.exception[0].value
    return at


def press(at, key):
    at.button(key=key).click()
    return run(at)


def text(at):
    """Everything that the page says, Markdown's escapes taken out."""
    return "\n".join(element.value for kind in KINDS for element in getattr(at, kind)).replace("\\", "")


def clickables(at):
    """What stands on the page as HTML that can be clicked."""
    there = [json.loads(element.proto.json or "{}") for element in at.get("bidi_component")]
    return [one["html"] for one in there if one and "html" in one]


def html(at):
    """What stands on the page as HTML, plain or to be clicked."""
    return "\n".join([*(element.proto.body for element in at.get("html")), *clickables(at)])


def gallery(at):
    """The pictures of a gallery, in its order."""
    picks = re.findall(r'data-pick="([^"]+)"', "\n".join(clickables(at)))
    return [pick for pick in picks if ":" not in pick]


def address(at):
    """The page's address: name -> value, or values where there are several."""
    return {key: value[0] if len(value) == 1 else list(value) for key, value in at.query_params.items()}


def in_the_bar(at):
    """What the picture bar says: (name, number, of how many); an empty name and 0 where no picture stands out."""
    said = [element.value.replace("\\", "") for element in at.markdown]
    (found,) = [m for s in said if (m := re.fullmatch(r"(?:\*\*(.+)\*\* · ([\d,]+) of )?([\d,]+)(?: pictures)?", s))]
    return found[1] or "", int((found[2] or "0").replace(",", "")), int(found[3].replace(",", ""))
