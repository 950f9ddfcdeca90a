"""Lessons in a real browser: by keyboard, on a phone, on one sheet of paper, and for axe."""

import re

import pytest

from app.lessons import LESSONS
from app.lessons.sheet import sheet_html
from tests.support.accessibility import audit

pytestmark = pytest.mark.browser


def test_a_step_is_answered_by_keyboard_on_a_phone(page, server):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server}/lessons")
    page.get_by_role("radio", name="the place of the object").wait_for()
    page.get_by_role("radio", name="the place of the object").focus()
    page.keyboard.press("Space")
    answer = page.get_by_role("button", name="Answer")
    page.wait_for_function(
        "() => [...document.querySelectorAll('button')].some(b => b.textContent.includes('Answer') && !b.disabled)"
    )
    answer.focus()
    page.keyboard.press("Enter")
    page.get_by_text("Its likeliest class is").wait_for()
    page.get_by_role("heading", name="2. Which places speak for the class?").wait_for()
    main = page.get_by_test_id("stMain")
    assert main.evaluate("one => one.scrollWidth <= one.clientWidth")
    page.locator("[data-testid='stStatusWidget']").wait_for(state="detached")
    assert audit(page) == []


def test_axe_finds_nothing_on_the_dial(page, server):
    page.goto(f"{server}/dial?turns=from+95%25+on")
    page.get_by_text("One network was trained at each strength").wait_for()
    page.locator("[data-testid='stStatusWidget']").wait_for(state="detached")
    assert audit(page) == []


def test_the_rows_of_a_round_fit_a_phone(page, server):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server}/duel")
    for question, last in (("Which model cheats?", "B"), ("Which weights are random?", "C")):
        page.get_by_text(question, exact=True).wait_for()
        if last == "C":
            page.get_by_text(question, exact=True).click()
        page.get_by_role("button", name=f"It is {last}").wait_for()
        page.locator("[data-testid='stStatusWidget']").wait_for(state="detached")
        assert page.get_by_test_id("stMain").evaluate("one => one.scrollWidth <= one.clientWidth")
        pictures = page.locator("[data-testid=stMain] img")
        boxes = [box for one in pictures.all() if (box := one.bounding_box())]
        assert len(boxes) >= 8
        assert all(box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in boxes)


@pytest.mark.parametrize("key", LESSONS)
def test_a_lesson_prints_on_one_sheet(page, key):
    page.set_content(sheet_html(LESSONS[key]))
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
