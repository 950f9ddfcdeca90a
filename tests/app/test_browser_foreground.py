"""Foreground vs Background in a real browser: from the verdict to a picture, to another model, to an attack."""

import io
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pandas as pd
import pytest

from tests.support.accessibility import audit
from tests.support.grids import MODELS, made
from tests.support.screens import cut_words, drawn, fits_three_screens, unfold
from tests.support.servers import show_test

pytestmark = pytest.mark.browser


def settled(tab):
    tab.get_by_role("heading", name="Export").wait_for()
    drawn(tab)


def test_from_the_verdict_to_a_picture_and_an_attack(page, server):
    page.goto(f"{server}/foreground?n=24&attack=FGSM")
    settled(page)
    assert fits_three_screens(page)
    verdict = page.locator(".st-key-verdict")
    assert re.search(r"(In \d+ of 24 pictures|The heatmap) ", verdict.inner_text())
    assert "the model uses the background." in verdict.inner_text()
    show_test(page)
    assert "No: the maps lie off the object, and the model uses the background" in verdict.inner_text()
    assert "Over 24 pictures" in verdict.inner_text()
    assert "The model uses the background" in verdict.inner_text()
    assert page.get_by_text(re.compile(r"Against Digits \(shortcut\), Digits \(honest\) has more")).count()

    page.get_by_role("tab", name="Other models").click()
    # A picture of the gallery stands out and shows what the interventions made of it.
    page.locator(".gl [data-pick]").nth(3).click()
    made = page.locator(".hd:not(:has(img[alt$='mean map']))")
    made.locator("figure").nth(6).wait_for()
    settled(page)
    assert made.locator("figure").count() == 8
    assert made.locator("figure b").count() == 6
    unfold(page.locator(".st-key-all-pictures summary"))
    page.locator(".st-key-fg-gallery .gl [data-pick]").nth(15).wait_for()
    with page.expect_download() as file:
        page.get_by_role("button", name="Overlay with outline (PNG)").click()
    assert file.value.path().read_bytes().startswith(b"\x89PNG")

    # Another measure, another verdict's numbers.
    before = verdict.inner_text()
    page.get_by_role("radio", name="AUC").or_(page.get_by_role("button", name="AUC")).first.click()
    page.wait_for_function("text => document.querySelector('.st-key-verdict').innerText !== text", arg=before)
    settled(page)
    assert "auc" in verdict.inner_text().lower()
    assert "fg-measure=AUC" in page.url

    page.get_by_role("tab", name="Adversarial pictures").click()
    page.get_by_role("button", name="Attack 24 pictures").click()
    page.get_by_text("after, ε = 16/255").wait_for()
    settled(page)
    with page.expect_download() as file:
        page.get_by_role("button", name="Measures (CSV)").click()
    table = pd.read_csv(io.BytesIO(file.value.path().read_bytes()))
    assert len(table) == 24
    assert {"sample", "layer", "mean_inside", "mean_outside", "energy_inside", "mask_area"} <= set(table.columns)


def test_a_grid_leads_to_a_study_and_back(page, server, tmp_path):
    grid = made(tmp_path / "all", "--model", ",".join(MODELS))
    page.goto(f"{server}/foreground?{urlencode({'study': str(grid)})}")
    studies = page.locator(".stMain table").first.locator("tbody tr")
    studies.nth(3).wait_for()
    page.locator("[data-testid='stStatusWidget']").wait_for(state="detached")
    assert studies.count() == 4
    page.locator(".js-plotly-plot").nth(1).wait_for()
    assert cut_words(page) == []
    assert audit(page) == []
    with page.context.expect_page() as opened:  # links of texts open beside the page
        studies.nth(1).get_by_role("link").first.click()
    study = opened.value
    back = study.get_by_role("button", name="All studies of this grid")
    back.wait_for()
    assert "digits-layer_cam" in study.url
    settled(study)
    back.click()
    study.locator(".stMain table tbody tr").nth(3).wait_for()
    assert parse_qs(urlsplit(study.url).query)["study"] == [str(grid)]
