"""axe on what no other test of the browser opens: start page, the page of the model, Discovery, the guide, a dialog."""

import pytest

from tests.support.accessibility import GROUNDS, audit

pytestmark = pytest.mark.browser


def test_axe_finds_nothing_on_the_start_page(page, server):
    page.goto(server)
    page.locator(".ex").nth(5).wait_for()
    page.locator("[data-testid=stSkeleton]").first.wait_for(state="detached")
    assert audit(page) == []


def test_the_menu_switches_the_theme(page, server):
    page.goto(server)
    page.locator(".ex").nth(5).wait_for()
    page.locator("[data-testid=stMainMenu] button").click()
    page.get_by_test_id("stMainMenuItem-theme-Dark").click()
    page.wait_for_function(
        "c => getComputedStyle(document.querySelector('.stApp')).backgroundColor === c", arg=GROUNDS["dark"]
    )


def test_axe_finds_nothing_on_the_model_nor_in_guide_and_dialog(page, server):
    page.goto(f"{server}/model?guide=true")
    page.get_by_role("heading", name="Layers").wait_for()
    page.locator("[data-testid='stStatusWidget']").wait_for(state="detached")
    assert audit(page) == []
    page.get_by_role("button", name="Shortcuts").click()
    page.get_by_role("dialog").get_by_text("next picture").wait_for()
    assert audit(page, themes=("light",)) == []


def test_icons_carry_no_words(page, server):
    page.goto(f"{server}/layer_explorer?n=2")
    page.locator(".st-key-verdict span[translate=no]").first.wait_for()
    page.wait_for_function("() => !document.querySelector('span[role=img][aria-label$=\" icon\"]')")
    assert page.locator(".st-key-verdict span[translate=no]").first.get_attribute("aria-hidden") == "true"


def test_axe_finds_nothing_on_discovery(page, server):
    page.goto(f"{server}/discovery?asked=3")
    page.locator("[class*='st-key-strategy-'] img").first.wait_for()
    page.get_by_role("heading", name="Export").wait_for()
    page.locator("[data-testid='stStatusWidget']").wait_for(state="detached")
    assert audit(page) == []
