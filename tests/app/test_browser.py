"""The page in a real browser: what a person does first, from choosing pictures to reading the verdict."""

import re

import pytest

from tests.support.accessibility import audit
from tests.support.screens import click_on, drawn, fits_three_screens
from tests.support.servers import show_test

pytestmark = pytest.mark.browser


def verdict(tab):
    return tab.locator(".st-key-verdict").inner_text()


def settled(tab):
    """Wait until the page has drawn everything and no run is under way."""
    tab.get_by_role("heading", name="Export").wait_for()
    show_test(tab)
    # The browser fetches the code of these when it first meets one; what stands below moves down.
    tab.locator(".st-key-verdict").locator("[data-testid=stMetric], :text('cannot be tested')").first.wait_for()
    tab.locator(".js-plotly-plot").first.wait_for()
    drawn(tab)


def choose(tab, label, option):
    tab.get_by_role("combobox", name=label).first.click()
    tab.get_by_role("option", name=option, exact=True).click()


def drag(tab, label, steps):
    thumb = tab.get_by_role("slider", name=label)
    thumb.focus()
    for _ in range(abs(steps)):
        tab.keyboard.press("ArrowRight" if steps > 0 else "ArrowLeft")


def make_pictures(path):
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(0)
    for label in ("n07920052_espresso", "n02123045_tabby"):
        (path / label).mkdir(parents=True)
        for i in range(4):
            cells = rng.integers(0, 256, (6, 6, 3), dtype=np.uint8)
            Image.fromarray(cells).resize((90, 120)).save(path / label / f"{i}.jpg")
    return path


def test_from_the_address_to_another_verdict(page, server, tmp_path):
    page.goto(f"{server}/layer_explorer")
    page.get_by_role("heading", name="Export").wait_for()
    page.locator(".js-plotly-plot").first.wait_for()
    assert fits_three_screens(page)
    settled(page)
    assert "Over 8 pictures" in verdict(page)
    assert page.locator(".xg img").count() == 4 * 6
    assert page.locator(".xg img").first.evaluate("img => img.naturalWidth") == 224

    choose(page, "Pictures", "Folder")
    page.get_by_role("textbox", name="Path").fill(str(make_pictures(tmp_path)))
    page.get_by_role("textbox", name="Path").press("Enter")
    page.get_by_text("8 pictures · 5 layers").wait_for()
    page.get_by_text("label: tabby").first.wait_for()

    page.get_by_role("radio", name="Blocks").or_(page.get_by_role("button", name="Blocks")).first.click()
    page.get_by_text("8 pictures · 16 layers").wait_for()
    settled(page)
    before = verdict(page)
    assert "above 0.85" in before

    drag(page, "Threshold", -15)
    page.get_by_text("share of pixels above 0.7 ").first.wait_for()
    settled(page)
    after = verdict(page)
    assert "above 0.7" in after
    assert re.search(r"[+−]\d\.\d\d\s+rank correlation of focus with depth, p", after)
    for part in ("path=", "data=Folder", "layers=Blocks", "t=0.7"):
        assert part in page.url

    copy = page.context.new_page()
    copy.goto(page.url)
    settled(copy)
    copy.wait_for_function("text => document.querySelector('.st-key-verdict').innerText === text", arg=after)


def test_a_point_lets_its_picture_stand_out(page, server):
    page.goto(f"{server}/layer_explorer")
    settled(page)
    chart = page.locator(".js-plotly-plot").first
    chart.scroll_into_view_if_needed()
    page.wait_for_timeout(500)  # the page scrolls
    highlighted = page.get_by_text("Highlighted, and first in the grid above")
    click_on(
        page,
        chart.locator(".scatterlayer .points path").last,
        re.compile(r"\w"),
        lambda patience: highlighted.wait_for(timeout=patience),
    )
    settled(page)
    name = page.get_by_text("Highlighted").inner_text().split(": ")[1]
    assert page.locator(".xg .xg-name").first.inner_text() == name
    page.get_by_role("button", name="Clear selection").click()
    page.get_by_text("Highlighted").wait_for(state="detached")
    settled(page)
    assert page.locator(".xg .xg-name").count() == 4


def test_downloads_hold_what_the_page_shows(page, server, tmp_path):
    import json

    import numpy as np
    import pandas as pd
    from PIL import Image

    page.goto(f"{server}/layer_explorer")
    settled(page)
    files = {}
    for name in ("Grid (PNG)", "Table (CSV)", "Raw maps (NPZ)", "Settings (JSON)"):
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        files[name] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[name])
    table = pd.read_csv(files["Table (CSV)"])
    assert len(table) == 2 * 8 * 5
    own = table[table["grid"] == "own"]
    median = own[own["depth"] == 5]["share"].median()
    shown = re.search(r"to (\S+)% \(stage 5\)", verdict(page))[1]
    assert float(shown) == pytest.approx(100 * median, rel=0.07)
    with np.load(files["Raw maps (NPZ)"], allow_pickle=False) as archive:
        maps = dict(archive)
    assert maps["map/_blocks.15"].shape == (8, 7, 7)
    assert maps["names"].tolist() == own["sample"].unique().tolist()
    settings = json.loads(files["Settings (JSON)"].read_text())
    assert settings["threshold"] == 0.85
    assert [picture["id"] for picture in settings["pictures"]] == maps["samples"].tolist()
    with Image.open(files["Grid (PNG)"]) as grid:
        assert grid.size[0] == 240 + 6 * 232


def test_one_press_explains_the_predictions_where_the_class_is_not_seen(page, server):
    page.goto(f"{server}/layer_explorer?n=4&target=A+class&class=zebra")
    page.get_by_text("map for: zebra").first.wait_for()
    page.get_by_role("button", name="Explain the predictions instead").click()
    page.get_by_text("map for: zebra").first.wait_for(state="detached")
    page.wait_for_function("() => location.search.includes('target=Prediction')")


def test_uploads_in_the_browser(page, server, tmp_path):
    picture = next(iter(sorted(make_pictures(tmp_path).rglob("*.jpg"))))
    (tmp_path / "broken.jpg").write_bytes(b"not a picture")
    page.goto(f"{server}/layer_explorer?data=Upload")
    page.locator("input[type=file]").set_input_files([str(picture), str(tmp_path / "broken.jpg")])
    page.get_by_text("1 picture · 5 layers").wait_for()
    page.get_by_text("1 file was left out").wait_for()
    page.get_by_text("This cannot be tested").wait_for()


@pytest.mark.parametrize(("width", "scheme"), [(420, "light"), (1400, "dark")])
def test_narrow_windows_and_the_dark_theme(browser, server, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    tab = context.new_page()
    tab.set_default_timeout(60_000)
    tab.goto(f"{server}/layer_explorer")
    settled(tab)
    overflow = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    column = tab.locator(".xg-what").first.evaluate("e => getComputedStyle(e).backgroundColor")
    ground = tab.locator(".stApp").evaluate("e => getComputedStyle(e).backgroundColor")
    assert column == ground
    assert ground == ("rgb(18, 22, 28)" if scheme == "dark" else "rgb(255, 255, 255)")
    if width == 420:
        assert audit(tab) == []
    context.close()
