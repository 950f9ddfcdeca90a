"""Edit and watch in a real browser: what is drawn with the mouse is done to the picture, and the map follows."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = pytest.mark.browser


def edits(tab):
    return parse_qs(urlsplit(tab.url).query).get("edit", [])


def draw(tab, *points):
    box = tab.locator(".edit canvas").bounding_box()
    for number, (x, y) in enumerate(points):
        tab.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        if not number:
            tab.mouse.down()
    tab.mouse.up()


def test_a_box_and_a_stroke_are_drawn_and_the_map_follows(page, server):
    page.goto(f"{server}/edit?data=Textured+digits&n=2")
    page.get_by_text("Draw a box on the picture.").wait_for()
    maps = page.locator(".em img")
    before = maps.nth(1).get_attribute("src")
    draw(page, (0.8, 0.9), (0.4, 0.5), (0.2, 0.3))  # from the lower right
    page.get_by_text("Blur: the box from").wait_for()
    page.wait_for_function("old => document.querySelectorAll('.em img')[1].src !== old", arg=before)
    (text,) = edits(page)
    left, top, right, bottom = (
        int(one) for one in re.fullmatch(r"blur:box\.(\d+)\.(\d+)\.(\d+)\.(\d+)", text).groups()
    )
    for found, wanted in ((left, 200), (top, 300), (right, 800), (bottom, 900)):
        assert abs(found - wanted) <= 4  # a pixel of the screen
    page.get_by_text("Stroke", exact=True).click()
    page.get_by_text("Draw a stroke on the picture.").wait_for()
    draw(page, (0.1, 0.1), (0.5, 0.2), (0.9, 0.1))
    page.get_by_text("a stroke of 3 points").wait_for()
    assert edits(page)[1].startswith("blur:stroke.60.")
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("a stroke of 3 points").wait_for(state="detached")
    page.reload()
    page.get_by_text("Blur: the box from").wait_for()
    assert edits(page) == [text]
