"""Misclassifications in a real browser: from a cell of the matrix to why, with LIME run to its end and stopped."""

import io
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import xai_core as xai
from tests.support.screens import drawn, fits_three_screens, unfold

pytestmark = pytest.mark.browser


def settled(tab):
    tab.get_by_role("heading", name="Export").wait_for()
    drawn(tab)


def download(tab, name):
    with tab.expect_download() as file:
        tab.get_by_role("button", name=name).click()
    return file.value.path().read_bytes()


def pressed_while_drawn(tab, name, how_far):
    """Press a button, and release it once the page says that what is under way is further: the press counts."""
    said = tab.get_by_text(how_far).first
    said.wait_for()
    tab.get_by_role("button", name=name).hover()
    begun = said.inner_text()
    tab.mouse.down()
    tab.wait_for_function("said => !document.body.innerText.includes(said)", arg=begun)
    tab.mouse.up()


def test_the_table_of_classes_hides_no_column(page, server):
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{server}/misclassifications?n=60")
    settled(page)
    for title in ("Accuracy, calibration and confidence", "By class: precision"):
        unfold(page.locator("summary").get_by_text(title))
    table = page.locator("details", has_text="By class: precision").last.locator(".dvn-scroller")
    table.wait_for()
    assert table.evaluate("one => one.scrollWidth <= one.clientWidth")


def test_from_a_cell_to_why(page, server):
    page.goto(f"{server}/misclassifications")
    settled(page)
    assert fits_three_screens(page)
    table = xai.evaluate(xai.load_model("digits"), xai.load_dataset("textured_digits"))
    assert page.get_by_text(f"{table['correct'].sum()} of 300 pictures are right").is_visible()

    # A cell, then a picture in it.
    wrong = table[~table["correct"]]
    row = wrong.sort_values("confidence").iloc[0]  # not the one that is explained at first
    page.locator(f"[data-pick='cell:{row['true']}:{row['predicted']}']").click()
    inside = table[(table["true"] == row["true"]) & (table["predicted"] == row["predicted"])]
    page.get_by_text(f"{len(inside)} picture").first.wait_for()
    card = page.locator(f".gl [data-pick='{row['id']}']")
    card.click()
    page.get_by_text(f"is {row['true_class']} · wrong").wait_for()
    settled(page)
    assert page.get_by_text(re.compile(rf"^{row['predicted_class']}, .* is {row['true_class']} · wrong")).is_visible()
    assert f"picture={row['picture']}" in page.url

    # Predicted and actual, for every method that ran, with the difference.
    panel = page.locator(".xp")
    heads = panel.locator(".xp-head").all_inner_texts()
    predicted, actual = row["predicted_class"], row["true_class"]
    assert heads[:3] == [f"for {predicted}", f"for {actual}", f"{predicted} − {actual}"]
    assert panel.locator(".xp-none").count() == 7
    assert panel.locator(".xp-tile img").count() == 21

    # LIME to its end.
    page.get_by_role("button", name="Run LIME").click()
    page.get_by_role("button", name="Stop LIME").wait_for()
    page.get_by_text("superpixels and their weights").wait_for()
    page.wait_for_function("() => document.querySelectorAll('.xp .xp-none').length === 0")
    page.get_by_role("button", name="Stop LIME").wait_for(state="detached")
    settled(page)
    assert panel.locator(".xp-tile img").count() == 28
    note = page.get_by_text("1,000 of 1,000").inner_text()

    maps = np.load(io.BytesIO(download(page, "Raw maps (NPZ)")))
    assert maps["class_names"].tolist() == [predicted, actual]
    assert maps["0/id"] == row["id"]
    expected = xai.lime(
        xai.load_model("digits"),
        xai.load_dataset("textured_digits")[int(row["index"])],
        targets=[int(row["predicted"]), int(row["true"])],
        precision="bfloat16" if "bfloat16" in note else "float32",
        segments="slic",
    ).weights
    np.testing.assert_allclose(maps["0/lime"], expected, atol=1e-5)
    assert Image.open(io.BytesIO(download(page, "Panel (PNG)"))).width > 1000
    saved = pd.read_csv(io.BytesIO(download(page, "Evaluation (CSV)")))
    assert sorted(saved["id"]) == sorted(table["id"])
    assert saved["correct"].sum() == table["correct"].sum()

    # The address brings it all back.
    copy = page.context.new_page()
    copy.goto(page.url)
    copy.get_by_text(f"is {row['true_class']} · wrong").wait_for(timeout=60_000)
    copy.locator(f".gl [data-pick='{row['id']}'].on").wait_for()


def test_lime_stopped_half_way_keeps_what_it_has(page, server):
    # A network for photos: one for digits can be done before the click arrives.
    page.goto(f"{server}/misclassifications?data=Sample+photos&model=EfficientNet-Lite0&lime-samples=5000")
    settled(page)
    page.get_by_role("button", name="Run LIME").click()
    page.get_by_text(re.compile(r"\d of 5,000 perturbations")).first.wait_for()
    page.get_by_role("button", name="Stop LIME").click()
    stopped = page.get_by_text(re.compile(r"Stopped after [\d,]+ of 5,000 perturbations"))
    stopped.wait_for()
    settled(page)
    page.wait_for_timeout(1500)  # the estimate under way is still made
    first = int(re.search(r"after ([\d,]+)", stopped.inner_text())[1].replace(",", ""))
    assert 0 < first < 5000
    assert page.get_by_text("superpixels and their weights").is_visible()
    page.wait_for_timeout(1500)
    assert f"after {first:,} of" in stopped.inner_text()  # it really has stopped
    page.get_by_role("button", name="Go on with LIME").click()
    page.get_by_role("button", name="Go on with LIME").wait_for(state="detached")
    page.get_by_role("button", name="Stop LIME").click()
    page.get_by_role("button", name="Go on with LIME").wait_for()
    settled(page)
    later = int(re.search(r"after ([\d,]+)", stopped.inner_text())[1].replace(",", ""))
    assert later >= first


def test_a_label_of_the_matrix_and_cancel(page, server, tmp_path):
    rng = np.random.default_rng(0)
    for label in ("espresso", "tabby"):
        (tmp_path / label).mkdir()
        for i in range(60):
            cells = rng.integers(0, 256, (6, 6, 3), dtype=np.uint8)
            Image.fromarray(cells).resize((90, 90)).save(tmp_path / label / f"{i:02d}.png")
    page.goto(f"{server}/misclassifications?data=Folder&path={tmp_path}&model=EfficientNet-Lite0&n=120")
    pressed_while_drawn(page, "Cancel", re.compile(r"Evaluating [1-9]\d* of 120 pictures"))
    stopped = page.get_by_text(re.compile(r"Stopped after \d+ of 120 pictures"))
    stopped.wait_for()
    settled(page)
    done = int(re.search(r"after (\d+)", stopped.inner_text())[1])
    assert 0 < done < 120
    assert page.get_by_text(re.compile(rf"of {done} pictures (is|are) right")).is_visible()

    page.get_by_role("button", name="Go on").click()
    page.get_by_text(re.compile(r"of 120 pictures (is|are) right")).wait_for()
    settled(page)
    page.locator("[data-pick^='true:']", has_text="tabby").click()
    page.get_by_text("60 pictures. Click one to see why.").wait_for()
    assert page.locator(".gl [data-pick]").count() == 9
    assert set(page.locator(".gl .was").all_inner_texts()) == {"is tabby"}
