"""Edit and watch: its numbers are the library's, its buttons do what they say, and an address restores it."""

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from app.editing.export import make_report
from app.editing.shown import Watched, edited
from app.editing.words import in_words
from tests.support.pages import address, html, in_the_bar, open_in, open_page, press, run, text
from xai_core import reports
from xai_core.studies import percent

DIGITS = {"data": "Textured digits (shortcut)", "part": "val", "model": "Digits (shortcut)", "n": "4"}


@pytest.fixture(scope="module")
def model():
    return xai.load_model("digits_shortcut")


@pytest.fixture(scope="module")
def digits():
    return xai.load_dataset("textured_digits_shortcut", split="val")[:4].read()[0]


def edits(at):
    there = address(at).get("edit", [])
    return [there] if isinstance(there, str) else there


def test_what_the_page_says_is_what_the_library_says(model, digits):
    at = open_page("edit", **DIGITS)
    assert "The model predicts" in text(at)
    at.segmented_control(key="edit-tool").set_value("object")
    at.selectbox(key="edit-fill").set_value("grey")
    run(at)
    press(at, "do-Fill the object")
    assert edits(at) == ["grey:object"]
    after = xai.apply_edits(digits[0], [xai.Edit.parse("grey:object")])
    p = xai.predict(model, [digits[0], after]).probabilities
    name, index = model.class_names[p[0].argmax()], int(p[0].argmax())
    assert f"was {percent(float(p[0, index]))} before the edits and is {percent(float(p[1, index]))} now" in text(at)
    assert f"what speaks for {name}" in html(at)
    layer = model.select("stages")[-1].name
    maps = xai.grad_cam(model, [digits[0], after], layers=layer, targets=index)
    shares = xai.foreground_background(maps, [digits[0], after], control=False)["energy_inside"].to_list()
    assert f"on the object was {percent(shares[0])} and is {percent(shares[1])}" in text(at)


def test_the_hottest_tenth_goes_or_alone_stays_and_undo_brings_it_back(model, digits):
    layer = model.select("stages")[-1].name
    raw = xai.grad_cam(model, digits[:1], layers=layer)[layer][0]
    at = open_page("edit", **DIGITS)
    press(at, "hottest-False")
    assert edits(at) == [xai.Edit("blur", xai.hottest(raw, (64, 64))).text]
    press(at, "undo")
    assert edits(at) == []
    press(at, "hottest-True")
    assert edits(at) == [xai.Edit("blur", xai.hottest(raw, (64, 64), outside=True)).text]
    press(at, "hottest-False")
    assert len(edits(at)) == 2
    press(at, "unedit")
    assert edits(at) == []
    assert at.button(key="undo").disabled


def test_every_tool_can_be_used_with_the_keyboard():
    at = open_page("edit", **DIGITS)
    press(at, "do-Fill this box")
    at.segmented_control(key="edit-tool").set_value("stroke")
    run(at)
    at.toggle(key="edit-outside").set_value(True)
    at.selectbox(key="edit-fill").set_value("paste")
    run(at)
    press(at, "do-Draw this stroke")
    at.segmented_control(key="edit-tool").set_value("object")
    run(at)
    at.slider(key="edit-right").set_value(20)
    at.slider(key="edit-size").set_value(50)
    run(at)
    press(at, "do-Move and scale the object")
    at.segmented_control(key="edit-tool").set_value("whole")
    run(at)
    for words in ("brightness", "noise", "rotate"):
        press(at, f"do-Apply: {words}")
    said = edits(at)
    other = said[1].split(":", 2)[2]
    assert said == [
        "blur:box.300.300.700.700",
        f"paste:-stroke.60.200.500.800.500:{other}",
        "move::200.0.50",
        "brightness::30",
        "noise::10",
        "rotate::15",
    ]
    assert other != in_the_bar(at)[0]
    assert all(in_words(xai.Edit.parse(one)) in text(at) for one in said)


def test_an_address_restores_picture_and_edits_and_says_what_it_cannot(digits):
    name = digits[2].name
    at = open_page("edit", **DIGITS, picture=name, edit=["black:box.0.0.500.500", "burn:object", "rotate::30"])
    assert in_the_bar(at)[0] == name
    assert "edits that do not exist: burn:object" in text(at)
    assert edits(at) == ["black:box.0.0.500.500", "rotate::30"]
    press(at, "next")
    assert edits(at) == []  # each picture has its own
    press(at, "previous")
    assert edits(at) == ["black:box.0.0.500.500", "rotate::30"]


def test_edits_that_do_not_fit_the_picture_are_named_and_can_be_undone():
    at = open_page("edit", data="Textured digits", model="Digits (honest)", n="2", edit=["paste:object:nobody"])
    assert "The picture nobody to paste from is not among these pictures." in text(at)
    press(at, "undo")
    assert "The model predicts" in text(at)


def test_other_pages_lead_here_with_their_picture(digits):
    at = open_page("layer_explorer", **DIGITS, picture=digits[1].name)
    at = open_in(at, "edit")
    run(at)
    assert in_the_bar(at)[0] == digits[1].name


@pytest.mark.parametrize("kind", ["5 x 3000", "constant"])
def test_pictures_that_are_hard_to_read(kind, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (5, 3000, 3), dtype=np.uint8)
    if kind == "constant":
        pixels = np.full((40, 40, 3), 80, np.uint8)
    Image.fromarray(pixels).save(tmp_path / "one.png")
    at = open_page("edit", data="Folder", path=str(tmp_path), model="Digits (honest)")
    press(at, "do-Fill this box")
    assert edits(at) == ["blur:box.300.300.700.700"]
    assert not at.error
    at = open_page(
        "edit", data="Folder", path=str(tmp_path), model="Digits (honest)", edit=["around:box.0.0.1000.1000"]
    )
    assert not at.error  # all of it painted away
    assert "before the edits and is" in text(at)


def test_the_report_says_what_was_done_and_its_lines_give_its_numbers(model, digits):
    data = xai.load_dataset("textured_digits_shortcut", split="val")[:4]
    (layer,) = model.select("stages")[-1:]
    done = [xai.Edit.parse("grey:object"), xai.Edit.parse(f"paste:box.0.0.500.500:{digits[1].name}")]
    watched = Watched(model, xai.get_method("grad_cam"), {}, layer)
    others = {one.name: one for one in digits}
    found = edited(watched, digits[0], done, others, now=False)
    report = make_report(watched, data, found, "edit?x=1")
    assert report.settings["edits"] == [one.text for one in done]
    names: dict = {}
    exec(report.code, names)
    assert names["numbers"] == pytest.approx(dict(report.numbers), abs=1e-6)
    page = reports.to_html(report)
    assert "Fill with grey: the object" in page
