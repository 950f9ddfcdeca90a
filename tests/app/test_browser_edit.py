"""Edit and watch in a real browser: what is drawn with the mouse is done to the picture, and the map follows."""

import itertools
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.pictures import png

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


def test_the_tools_are_in_view_with_the_picture(page, server):
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{server}/edit?data=Textured+digits&n=2")
    page.get_by_text("Draw a box on the picture.").wait_for()
    page.locator("[data-testid='stStatusWidget']").wait_for(state="detached")
    for tool in (".st-key-edit-tool", ".st-key-edit-fill", ".st-key-edit-outside", ".edit canvas"):
        box = page.locator(tool).bounding_box()
        assert 0 < box["y"] < 800 - box["height"], tool
    for tool, first in (("Object", ".st-key-edit-right"), ("Whole picture", ".st-key-edit-brightness")):
        page.get_by_text(tool, exact=True).click()
        sliders = page.locator(first)
        sliders.wait_for()
        picture, box = page.locator(".edit canvas").bounding_box(), sliders.bounding_box()
        assert box["x"] >= picture["x"] + picture["width"], tool  # beside the picture, and not below it
        assert box["y"] + box["height"] <= picture["y"] + picture["height"], tool


def on_object(tab):
    """Where the object can be taken hold of, as shares of the sides of the canvas, once its outline is there."""
    canvas = tab.locator(".edit canvas")
    for _ in range(20):
        box = canvas.bounding_box()
        for row, column in itertools.product(range(1, 20, 2), repeat=2):
            tab.mouse.move(box["x"] + column / 20 * box["width"], box["y"] + row / 20 * box["height"])
            if canvas.evaluate("canvas => canvas.style.cursor") == "grab":
                return column / 20, row / 20
    raise AssertionError("The object cannot be taken hold of anywhere.")


OUTLINE = """canvas => {
  const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let [n, x, y] = [0, 0, 0];
  for (let at = 0; at < data.length / 4; at++)
    if (data[4 * at + 3] > 0) { n++; x += at % width / width; y += Math.floor(at / width) / height; }
  return [n, x / n, y / n];
}"""


def wait_for_outline(tab, holds):
    """Wait until what is drawn on the canvas, which is in a shadow root, is so: pixels, and the middle of them."""
    for _ in range(600):
        found = tab.locator(".edit canvas").evaluate(OUTLINE)
        if found[0] and holds(*found):
            return found
        tab.wait_for_timeout(100)
    raise AssertionError("The canvas does not come to show that.")


def taking_the_object(tab, server):
    tab.goto(f"{server}/edit?data=Textured+digits&n=2")
    tab.get_by_text("Object", exact=True).click()
    tab.get_by_text("Drag the outlined object to another place").wait_for()


def test_the_object_is_dragged_with_an_outline_under_the_pointer(page, server):
    taking_the_object(page, server)
    x, y = on_object(page)
    _, across, down = wait_for_outline(page, lambda n, *_: n > 500)  # what can be dragged is seen
    before = page.locator(".em img").nth(1).get_attribute("src")
    draw(page, (0.02, 0.98), (0.5, 0.5))  # from beside the object: nothing happens
    box = page.locator(".edit canvas").bounding_box()
    page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + (x - 0.1) * box["width"], box["y"] + (y + 0.2) * box["height"])
    wait_for_outline(page, lambda n, to, by: n > 500 and to < across and by > down)
    assert edits(page) == []
    page.mouse.move(box["x"] + (x - 0.2) * box["width"], box["y"] + (y + 0.1) * box["height"])
    page.mouse.up()
    page.get_by_text("Move the object by").wait_for()
    page.wait_for_function("old => document.querySelectorAll('.em img')[1].src !== old", arg=before)
    wait_for_outline(page, lambda n, to, by: abs(to - across + 0.2) < 0.05 and abs(by - down - 0.1) < 0.05)
    (text,) = edits(page)
    across, down = (int(one) for one in re.fullmatch(r"move::(-?\d+)\.(-?\d+)\.100", text).groups())
    assert abs(across + 200) <= 4  # a pixel of the screen
    assert abs(down - 100) <= 4


def test_the_object_is_dragged_with_a_finger(browser, server):
    context = browser.new_context(viewport={"width": 420, "height": 900}, has_touch=True)
    tab = context.new_page()
    tab.set_default_timeout(60_000)
    taking_the_object(tab, server)
    tab.locator(".edit canvas").scroll_into_view_if_needed()
    x, y = on_object(tab)
    box = tab.locator(".edit canvas").bounding_box()
    touch = context.new_cdp_session(tab)

    def at(share_x, share_y):
        return [{"x": box["x"] + share_x * box["width"], "y": box["y"] + share_y * box["height"]}]

    _, _, before = wait_for_outline(tab, lambda n, *_: n > 500)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": at(x, y)})
    for step in (0.1, 0.2):
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": at(x, y + step)})
    wait_for_outline(tab, lambda n, _, by: n > 500 and by > before + 0.05)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    tab.get_by_text("Move the object by").wait_for()
    (text,) = edits(tab)
    across, down = (int(one) for one in re.fullmatch(r"move::(-?\d+)\.(-?\d+)\.100", text).groups())
    assert abs(across) <= 4
    assert abs(down - 200) <= 4
    context.close()


def test_without_a_mask_there_is_no_object_to_drag(page, server, tmp_path):
    (tmp_path / "one.png").write_bytes(png(1))
    page.goto(f"{server}/edit?data=Folder&path={tmp_path}")
    page.get_by_text("Draw a box on the picture.").wait_for()
    assert page.get_by_text("Object", exact=True).count() == 0
    assert page.locator(".edit canvas").evaluate("canvas => canvas.style.cursor") == "crosshair"


def test_the_edited_copy_opens_on_another_page_and_from_its_link(page, server):
    page.goto(f"{server}/edit?data=Textured+digits&n=2")
    page.get_by_text("Draw a box on the picture.").wait_for()
    draw(page, (0.2, 0.3), (0.5, 0.6))
    page.get_by_text("Blur: the box from").wait_for()
    (text,) = edits(page)
    page.get_by_role("button", name="Open in").click()  # the bar was drawn before the edit
    page.get_by_role("button", name="Layer Explorer").click()
    page.get_by_text("(edited) is").wait_for()
    page.locator(".xg img").first.wait_for()
    assert edits(page) == [text]
    page.reload()
    page.get_by_text("(edited) is").wait_for()
    assert edits(page) == [text]
    page.get_by_role("button", name="Leave the edits out").click()
    page.get_by_text("(edited) is").wait_for(state="detached")
    assert edits(page) == []
