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


def press_labelled(at, *labels):
    """Click buttons by what they say, at once, and run: the runs of a form alone are known to a browser only."""
    for label in labels:
        next(button for button in at.button if button.label == label).click()
    return run(at)


def open_in(at, page):
    """Take what a page shows to another one, by the button in its bar."""
    press(at, f"open-{page}")
    return at.switch_page(f"views/{page}.py")  # the harness would else go on with the page before


def navigate(at, page):
    """Go to a page as the sidebar does: with nothing in the address, and without the widgets of the page before."""
    at.query_params.clear()
    at.switch_page(f"views/{page}.py")._run()  # the harness's run() would send those widgets, which no browser does
    assert not at.exception, at.exception[0].value
    return at


def text(at):
    """Everything that the page says, Markdown's escapes taken out."""
    return read("\n".join(element.value for kind in KINDS for element in getattr(at, kind)))


def read(said):
    """What a page says as the core says it: without Markdown's escapes, with the spaces and hyphens of a keyboard."""
    return said.replace("\\", "").replace("\N{NO-BREAK SPACE}", " ").replace("\N{MINUS SIGN}", "-")


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
    return {
        key: value[0] if isinstance(value, list) and len(value) == 1 else value
        for key, value in at.query_params.items()
    }


def in_the_bar(at):
    """What the picture bar says: (name, number, of how many); no name, and 0, where no picture stands out."""
    said = [element.value.replace("\\", "") for element in at.markdown]
    forms = r"(?:\*\*(.+)\*\* · )?(?:([\d,]+) of ([\d,]+)|([\d,]+) pictures)"
    (found,) = [match for one in said if (match := re.fullmatch(forms, one))]
    number, of = (int((one or "0").replace(",", "")) for one in (found[2], found[3] or found[4]))
    return found[1] or "", number, of
