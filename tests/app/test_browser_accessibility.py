"""axe on what no other test of the browser opens: start page, the page of the model, Discovery, the guide, a dialog."""

import re

import numpy as np
import pytest

import xai_core as xai
from tests.support.accessibility import GROUNDS, audit
from xai_core.figures import Style, captions, grid_html
from xai_core.figures.misclassification.gallery import Card, gallery_html
from xai_core.types import Layer

pytestmark = pytest.mark.browser


def test_axe_finds_nothing_on_the_start_page(page, server):
    page.goto(server)
    page.locator(".ex").nth(5).wait_for()
    page.locator("[data-testid=stSkeleton]").first.wait_for(state="detached")
    assert audit(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    links = page.locator("[data-testid=stMain] [data-testid=stPageLink] a")
    assert links.count() >= 10
    for link in links.all():  # their words wrap, and none is cut
        assert link.evaluate(
            "one => [one, ...one.querySelectorAll('*')].every(e => e.scrollWidth <= e.clientWidth + 1)"
        )


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
    assert audit(page) == []
    page.get_by_role("button", name="Glossary").click()
    page.get_by_role("dialog").get_by_text("Holm-corrected").wait_for()
    assert audit(page) == []
    page.get_by_role("dialog").get_by_label("Find a term").fill("superpixel")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_text("Holm-corrected").wait_for(state="detached")
    page.get_by_role("dialog").get_by_text("switch on and off together").wait_for()
    page.get_by_role("tab", name="Keyboard shortcuts").click()
    page.get_by_role("dialog").get_by_text("next picture").wait_for()
    assert audit(page, themes=("light",)) == []


@pytest.mark.parametrize("theme", GROUNDS)
def test_what_stands_at_the_axes_can_be_read(browser, server, theme):
    """A contrast of 4.5 to 1; axe looks at no text in a chart."""
    context = browser.new_context(color_scheme=theme, viewport={"width": 1280, "height": 800})
    tab = context.new_page()
    tab.set_default_timeout(60_000)
    tab.goto(f"{server}/layer_explorer?n=2")
    tab.wait_for_function("document.querySelectorAll('.js-plotly-plot .xtick text').length > 1")
    colours = tab.evaluate(
        "() => [...document.querySelectorAll('.js-plotly-plot text')].map(one => getComputedStyle(one).fill)"
    )
    context.close()
    assert len(colours) > 10
    assert min(contrast(one, GROUNDS[theme]) for one in set(colours)) >= 4.5


@pytest.mark.parametrize("theme", GROUNDS)
def test_marks_of_right_and_wrong_can_be_read(page, theme):
    """axe looks at no text of one letter."""
    cards = [Card(str(one), None, "a", "3", 0.9, "9", one) for one in (True, False)]
    ink = {"light": "rgb(27, 36, 48)", "dark": "rgb(230, 234, 238)"}[theme]
    page.set_content(f"<body style='--st-text-color:{ink}'>{gallery_html(cards)}")
    marks = page.evaluate("() => [...document.querySelectorAll('.ok, .no')].map(one => getComputedStyle(one).color)")
    assert len(marks) == 2
    assert min(contrast(one, GROUNDS[theme]) for one in marks) >= 4.5


def test_names_of_any_length_are_read_without_scrolling_on_a_phone(page):
    names = "a class of the kind that is described at such length", "Betriebswerkbauunterbeamtengesellschaftshund" * 3
    blank, classes = np.zeros((8, 8, 3), np.uint8), np.arange(2)
    samples = [xai.Sample(name, blank, name, name=name) for name in names]
    seen = xai.Predictions(classes, np.full((2, 2), 0.5, np.float32))
    maps = {f"l{layer}": np.ones((2, 4, 4), np.float32) for layer in range(3)}
    heatmaps = xai.Heatmaps(maps, classes, seen, (8, 8), "", "")
    layers = [Layer(name, name, (4, 4), 8) for name in maps]
    page.set_viewport_size({"width": 420, "height": 800})
    page.set_content(grid_html(samples, heatmaps, layers, captions(samples, heatmaps, names, [0, 1]), Style()))
    words = page.locator(".xg-what > *")
    assert words.count() > 4
    assert all(one.evaluate("one => one.getBoundingClientRect().right <= innerWidth") for one in words.all())


def contrast(*colours):
    """Of two colours as the browser writes them, by WCAG 2."""
    lights = []
    for colour in colours:
        channels = np.array([float(one) for one in re.findall(r"[\d.]+", colour)[:3]])
        channels /= 255 if colour.startswith("rgb") else 1
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        lights.append(float(linear @ [0.2126, 0.7152, 0.0722]) + 0.05)
    return max(lights) / min(lights)


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
