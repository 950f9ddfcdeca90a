"""Training Evolution in a real browser: looking into a run, and a training that is begun, left, stopped and resumed."""

import re
from pathlib import Path

import pytest

import xai_core as xai
from tests.support.screens import click_on, drawn, fits_three_screens, unfold
from xai_core.shipped import RUNS

pytestmark = pytest.mark.browser


def open_page(tab, server, query=""):
    tab.goto(f"{server}/training_evolution{query}")
    settled(tab)


def settled(tab):
    tab.get_by_role("heading", name="Export").wait_for(timeout=120_000)
    tab.locator(".js-plotly-plot").nth(2).wait_for()
    drawn(tab)


def chart(tab, place):
    """A figure by the key of its element: its class begins like that."""
    found = tab.locator(f"[class*='st-key-{place}'] .js-plotly-plot").first
    found.wait_for()
    found.scroll_into_view_if_needed()
    tab.wait_for_timeout(500)  # the page scrolls
    return found


def test_a_bar_shows_its_picture_and_the_films_play(page, server):
    open_page(page, server)
    assert fits_three_screens(page)
    shown = page.get_by_text("at the end. It was").first
    before = shown.inner_text()
    plot = chart(page, "evolution")
    bars = plot.locator(".barlayer .bars .point path")
    changed = "text => !document.body.innerText.includes(text)"
    click_on(
        page,
        bars.nth(200),
        re.compile(r"\w"),
        lambda patience: page.wait_for_function(changed, arg=before, timeout=patience),
    )
    settled(page)
    name = re.search(r"[?&]picture=([^&]+)", page.url)[1]
    assert shown.inner_text().startswith(f"{name}, a picture of {name[0]}, is predicted as ")

    index = xai.TrainingRun.open(RUNS["digits"][1]).pictures.index(name)
    film = chart(page, f"film-{index}-")
    pictures = film.locator("g.im image")
    assert pictures.count() == 3
    title = film.locator(".annotation-text").nth(1)
    at_the_end, source = title.text_content(), pictures.nth(1).get_attribute("href")
    film.locator(".updatemenu-button").first.click()
    now = f"document.querySelectorAll(\"[class*='st-key-film-{index}-'] g.im image\")[1].getAttribute('href')"
    page.wait_for_function(f"source => {now} !== source", arg=source)
    page.wait_for_function(f"source => {now} === source", arg=source)
    film.get_by_text(at_the_end, exact=True).wait_for()

    unfold(page.locator(".st-key-matrix-by-epoch summary"))
    matrix = chart(page, "matrix")
    cells = page.locator("[class*='st-key-cells'] .js-plotly-plot .legendtext")
    cells.first.wait_for()
    old = cells.all_text_contents()
    marker = matrix.locator(".scatterlayer .points path").nth(23)  # true 2, predicted 3
    followed = cells.filter(has_text="2 predicted as 3")  # in the legend
    click_on(page, marker, "2 predicted as 3", lambda patience: followed.wait_for(timeout=patience))
    settled(page)
    assert cells.all_text_contents() == ["2 predicted as 3", old[0]]


def test_the_address_restores_the_page(page, server):
    open_page(
        page,
        server,
        "?sort=Forgotten&only=wrong+at+the+end&colour=Right+or+wrong&beside=Textured+digits,+honest"
        "&run=Textured+digits,+with+a+shortcut",
    )
    page.get_by_text("Digits (honest) is better").wait_for()
    assert "Validation and test" in page.locator(".st-key-findings").inner_text()
    copy = page.context.new_page()
    copy.set_default_timeout(60_000)
    copy.goto(page.url)
    settled(copy)
    assert (
        re.search(r"\d+ of 300 pictures", copy.inner_text("body"))[0]
        == re.search(r"\d+ of 300 pictures", page.inner_text("body"))[0]
    )


@pytest.mark.timeout(900)  # a training and a browser share the machine
def test_a_training_is_begun_left_stopped_and_resumed(page, server):
    open_page(page, server)
    page.get_by_role("button", name="Train a model").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name").fill("In the test")
    epochs = dialog.get_by_role("spinbutton", name="Epochs")
    epochs.fill("200")
    epochs.press("Enter")
    dialog.get_by_role("button", name="Train", exact=True).click()
    dialog.wait_for(state="detached")
    page.get_by_text(re.compile(r"Epoch 1 of 200 · batch \d+ of 61")).wait_for(timeout=120_000)
    assert "in-the-test-1" in page.url

    # Left for another page, and come back to in another window: it goes on.
    page.get_by_role("link", name="Layer Explorer").click()
    page.get_by_role("heading", name="Layer Explorer").wait_for()
    other = page.context.new_page()
    other.set_default_timeout(120_000)
    other.goto(f"{server}/training_evolution?run=In+the+test+(in-the-test-1)")
    other.get_by_text(re.compile(r"300 pictures · 10 classes · \d+ epochs? ·")).wait_for()
    other.get_by_text(re.compile(r"Epoch \d+ of 200 · batch \d+ of 61")).wait_for()
    other.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop").click()  # Streamlit has one, too
    kept = other.get_by_text(re.compile(r"This training was stopped. \d+ of 200 epochs (is|are) kept."))
    kept.wait_for()
    settled(other)
    before = int(re.search(r"stopped. (\d+) of", kept.inner_text())[1])

    other.get_by_role("button", name="Resume").click()
    # The figures grow by themselves; a slow page may miss an epoch.
    shown = "n => Number(document.body.innerText.match(/300 pictures · 10 classes · (\\d+) epoch/)?.[1]) > n"
    other.wait_for_function(shown, arg=before)
    other.wait_for_function(shown, arg=before + 1)
    other.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop").click()  # Streamlit has one, too
    kept.wait_for()


@pytest.mark.parametrize(("width", "scheme"), [(420, "light"), (1400, "dark")])
def test_narrow_windows_and_the_dark_theme(browser, server, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    tab = context.new_page()
    tab.set_default_timeout(60_000)
    open_page(tab, server)
    overflow = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    # The bar below the figure is seen without a mouse, where it has one.
    assert (
        tab.locator(".st-key-wide").evaluate("e => getComputedStyle(e).scrollbarColor").startswith("rgb(138, 143, 152)")
    )
    # On a phone the panels beside the figure lie beyond the edge: it says so where they do, and they can be reached.
    hint, beyond = tab.locator(".st-key-wide").evaluate(
        "e => [getComputedStyle(e, '::before').content, e.scrollWidth > e.clientWidth + 1]"
    )
    assert beyond == ("It goes on to the right" in hint) == (width < 640)
    if beyond:
        last = tab.locator(".st-key-wide").get_by_text("Forgotten", exact=True)
        assert last.bounding_box()["x"] > width
        tab.locator(".st-key-wide").evaluate("e => e.scrollTo(e.scrollWidth, 0)")
        tab.wait_for_function(f"e => e.getBoundingClientRect().right <= {width}", arg=last.element_handle())
    context.close()


def test_a_chart_that_is_saved_has_no_pale_letters(page, server):
    """Streamlit's grey has a contrast of 3.7 on white, and a style sheet of the page does not reach a file."""
    page.goto(f"{server}/training_evolution?charts=SVG")
    for chart in ("st-key-evolution", "st-key-film"):
        drawn = page.locator(f"[class*={chart}-] .js-plotly-plot").first
        drawn.hover()
        with page.expect_download() as file:
            drawn.locator(".modebar-btn").first.click()
        saved = Path(file.value.path()).read_text()
        assert "<text" in saved
        assert "fill: rgb(90, 96, 112)" in saved
        assert "fill: rgb(128, 132, 149)" not in saved
