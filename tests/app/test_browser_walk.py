"""One picture through all pages in a real browser; the link that restores it; each page's report without a network."""

import itertools
import json
import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.support.accessibility import audit
from tests.support.pages import read
from tests.support.screens import drawn
from tests.support.servers import show_test

pytestmark = pytest.mark.browser
SELECTS = "[data-testid=stSidebar] [data-testid=stSelectbox] input"


def settled(tab, title):
    tab.get_by_role("heading", name=title, exact=True).wait_for()
    report = tab.get_by_role("button", name="Report (HTML)")
    run = tab.get_by_role("button", name="Run", exact=True)  # asked for where a busy machine would take long
    report.or_(run).first.wait_for()
    if run.is_visible():
        run.click()
    report.wait_for()
    drawn(tab)


def state_of(tab):
    """What a page says is chosen: its title, picture bar, the sidebar's selects, and the verdict."""
    return {
        "title": tab.locator("h1").inner_text(),
        "bar": tab.locator(".st-key-picture-bar").inner_text(),
        "chosen": [box.input_value() for box in tab.locator(SELECTS).all()],
        "verdict": tab.locator("[class*='-card'], .st-key-verdict").first.inner_text(),
    }


def assert_arrives(tab, here):
    """The page says what the other one says, once what it computes has come."""
    until = time.monotonic() + 120
    while state_of(tab) != here and time.monotonic() < until:
        tab.wait_for_timeout(250)
    assert state_of(tab) == here


def open_in(tab, title):
    tab.locator(".st-key-picture-bar").get_by_role("button", name="Open in").click()
    tab.get_by_test_id("stPopoverBody").get_by_role("button", name=title).click()
    settled(tab, title)


def copied_link(tab):
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.get_by_text("Copy link").click()
    tab.get_by_text("Copied").wait_for()
    return tab.evaluate("navigator.clipboard.readText()")


def report_of(tab, browser, folder):
    """The page's report, opened from disk with the network off: its text, its record, and what went wrong."""
    with tab.expect_download() as file:
        tab.get_by_role("button", name="Report (HTML)").click()
    path = folder / file.value.suggested_filename
    file.value.save_as(path)
    context = browser.new_context(offline=True)
    opened = context.new_page()
    wrong = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("requestfailed", lambda request: wrong.append(request.url))
    opened.goto(path.as_uri())
    text = opened.locator("body").inner_text()
    record = json.loads(opened.locator("#record").text_content())
    charts = opened.locator(".js-plotly-plot .main-svg").count()
    opened.set_viewport_size({"width": 420, "height": 900})
    opened.wait_for_function("document.documentElement.scrollWidth <= 420")  # nothing is cut on a phone
    context.close()
    assert wrong == []
    return text, record, charts


@pytest.mark.timeout(900)  # four pages twice, and the code of their reports: two minutes and a half by itself
def test_a_picture_goes_through_all_pages_and_a_link_brings_it_back(page, server, browser, tmp_path):
    page.goto(f"{server}/misclassifications")
    settled(page, "Misclassifications")
    card = page.locator(".gl [data-pick]").nth(2)
    card.click()
    page.wait_for_function("() => document.querySelector('.st-key-picture-bar').innerText.includes('3 of')")
    settled(page, "Misclassifications")
    name = parse_qs(urlsplit(page.url).query)["picture"][0]
    assert name in page.locator(".st-key-picture-bar").inner_text()

    for title in ("Layer Explorer", "Foreground vs Background", "Training Evolution", "Misclassifications"):
        open_in(page, title)
        bar = page.locator(".st-key-picture-bar").inner_text()
        assert name in bar, f"{title} shows {bar}"
        here = state_of(page)
        if title == "Training Evolution":
            assert here["chosen"] == ["Digits (honest)"]
        else:
            assert "Textured digits" in here["chosen"]
            assert "Digits (honest)" in here["chosen"]
        assert audit(page) == []
        link = copied_link(page)
        assert parse_qs(urlsplit(link).query)["picture"] == [name]

        elsewhere = browser.new_context(viewport={"width": 1400, "height": 1000})
        stranger = elsewhere.new_page()
        stranger.set_default_timeout(120_000)
        stranger.goto(link)
        settled(stranger, title)
        assert_arrives(stranger, here)
        elsewhere.close()

        text, record, charts = report_of(page, browser, tmp_path)
        said = {}
        exec(record["code"], said)
        assert said["numbers"] == pytest.approx(record["numbers"], rel=1e-4)
        assert charts >= 1
        verdict = page.locator("[class*='-card'], .st-key-verdict").first
        sentence = verdict.locator("p").first.inner_text().rpartition("Maps. ")[2]  # of evidence, without its title
        assert read(sentence) in text  # with all its numbers
        assert record["settings"]["address"].startswith(urlsplit(link).path.strip("/"))


def test_the_side_bar_takes_the_choice_along_and_begin_anew_lets_it_go(page, server):
    page.goto(f"{server}/layer_explorer?data=Textured+digits&model=Textured+digits%2C+honest&n=4")
    settled(page, "Layer Explorer")
    page.get_by_role("button", name="Next").click()
    page.wait_for_url(re.compile("picture="))
    name = parse_qs(urlsplit(page.url).query)["picture"][0]
    page.locator("[data-testid=stSidebarNav]").get_by_text("Foreground vs Background").click()
    settled(page, "Foreground vs Background")
    assert name in page.locator(".st-key-picture-bar").inner_text()
    assert "Digits (honest)" in state_of(page)["chosen"]
    page.get_by_role("button", name="Reset").click()
    page.get_by_role("heading", name="What the classifier looks at").wait_for()
    assert "?" not in page.url
    page.locator("[data-testid=stSidebarNav]").get_by_text("Foreground vs Background").click()
    settled(page, "Foreground vs Background")
    assert "Digits (shortcut)" in state_of(page)["chosen"]


def places_of(frames):
    """Where what a server sent stands: 0 of the page, 1 of its sidebar."""
    messages = [ForwardMsg.FromString(frame) for frame in frames]
    return {one.metadata.delta_path[0] for one in messages if one.WhichOneof("type") == "delta"}


def test_keys_walk_the_pictures_and_a_question_mark_helps(page, server):
    frames = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(frame)))
    page.goto(f"{server}/layer_explorer?n=3")
    settled(page, "Layer Explorer")
    assert places_of(frames) >= {0, 1}
    page.locator("h1").click()
    page.keyboard.press("n")
    page.locator(".st-key-picture-bar").get_by_text("1 of 3").wait_for()
    settled(page, "Layer Explorer")
    frames.clear()
    page.keyboard.press("n")
    page.locator(".st-key-picture-bar").get_by_text("2 of 3").wait_for()
    settled(page, "Layer Explorer")
    assert places_of(frames) == {0}  # the sidebar says the same as before
    page.keyboard.press("p")
    page.locator(".st-key-picture-bar").get_by_text("1 of 3").wait_for()
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_text("next picture").wait_for()


def test_a_link_to_what_is_not_there_says_so(page, server):
    page.goto(f"{server}/layer_explorer?data=Nowhere&model=NoNet&picture=nobody&n=3")
    settled(page, "Layer Explorer")
    said = page.locator("body").inner_text()
    for words in ("Nowhere, which is not here", "NoNet, which is not here", "nobody is not among"):
        assert words in said
    assert page.get_by_text("Traceback").count() == 0


def test_the_presenters_view_has_no_side_bar(page, server):
    page.goto(f"{server}/layer_explorer?n=2&present=true")
    settled(page, "Layer Explorer")
    assert not page.locator("[data-testid=stSidebar]").is_visible()
    page.set_viewport_size({"width": 420, "height": 900})  # a room's picture on a phone
    main = "document.querySelector('[data-testid=stMain]')"
    page.wait_for_function(f"{main}.clientWidth <= 420 && {main}.scrollWidth <= {main}.clientWidth")
    keys = page.locator(".st-key-previous kbd")
    keys.wait_for(state="hidden")  # whoever has keys has a wider window
    show_test(page)
    page.set_viewport_size({"width": 280, "height": 900})
    numbers = page.locator("[data-testid^=stMetric] .stMarkdownEllipsis")
    assert numbers.count() >= 2
    for one in numbers.all():  # their words wrap, and none is cut
        assert one.evaluate("one => one.scrollWidth <= one.clientWidth + 1 && one.scrollHeight <= one.clientHeight + 1")
    page.set_viewport_size({"width": 1400, "height": 1000})
    keys.wait_for()
    page.get_by_text("Present", exact=True).click()
    page.locator("[data-testid=stSidebar]").wait_for(state="visible")


def test_the_sections_stay_in_view_and_lead_to_each(page, server):
    page.emulate_media(reduced_motion="no-preference")  # the page glides to a section
    page.goto(f"{server}/misclassifications?n=24")
    settled(page, "Misclassifications")
    sections = page.get_by_role("navigation", name="On this page")
    names = ["Top", "Confusion matrix", "Pictures", "Why", "Export"]
    sections.get_by_role("button", name="Export").wait_for()
    assert sections.get_by_role("button").all_inner_texts() == names
    assert sections.get_by_role("button", name="Top").get_attribute("aria-current") == "true"
    sections.get_by_role("button", name="Why").click()
    heading = page.get_by_role("heading", name="Why", exact=True)
    page.wait_for_function("document.activeElement?.innerText === 'Why'")
    sections.locator("[aria-current]", has_text="Why").wait_for()
    assert sections.is_visible()
    below = sections.bounding_box()["y"] + sections.bounding_box()["height"]
    assert sections.bounding_box()["y"] >= 0
    assert heading.bounding_box()["y"] >= below  # not under the bar
    page.set_viewport_size({"width": 420, "height": 800})
    sections.wait_for(state="hidden")
    page.set_viewport_size({"width": 200, "height": 800})  # the confused pairs wrap
    listed = [one.bounding_box() for one in page.locator(".st-key-most-confused > *").all()]
    rows = list(itertools.pairwise(sorted({(one["y"], one["y"] + one["height"]) for one in listed})))
    assert rows
    assert all(after[0] - before[1] <= 8 for before, after in rows)


def test_back_leaves_a_page_at_once_and_finds_the_one_before_as_it_was(page, server):
    page.goto(server)
    page.locator(".ex").nth(5).wait_for()
    page.get_by_role("link", name="Misclassifications", exact=True).first.click()
    page.wait_for_url("**/misclassifications?picture=*")  # the page's own doing
    settled(page, "Misclassifications")
    first = page.url
    page.locator(".gl [data-pick]").nth(1).click()
    page.wait_for_url(lambda url: url != first)
    page.get_by_role("button", name="Reset").wait_for()  # once there is something to go back from
    settled(page, "Misclassifications")
    address, left = page.url, state_of(page)
    page.get_by_role("link", name="Layer Explorer", exact=True).first.click()
    settled(page, "Layer Explorer")
    page.go_back()
    settled(page, "Misclassifications")
    assert_arrives(page, left)
    assert page.url == address
    page.go_back()
    page.locator(".ex").nth(5).wait_for()
    page.locator("[data-testid='stStatusWidget']").wait_for(state="detached")
    assert page.url == f"{server}/"
