"""Edit and watch: its numbers are the library's, its buttons do what they say, and an address restores it."""

import re

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from app.editing.export import make_report
from app.editing.shown import Watched, edited
from tests.support.pages import address, html, in_the_bar, navigate, open_in, open_page, press, run, text
from tests.support.pictures import png
from xai_core import reports
from xai_core.studies import percent

DIGITS = {"data": "Textured digits (shortcut)", "part": "val", "model": "Digits (shortcut)", "n": "4"}


def moved(before, after):
    """What the page says of shares on the object."""
    words = [percent(one) for one in (before, after)]
    return f"on the object stays at {words[1]}" if words[0] == words[1] else f"goes from {words[0]} to {words[1]}"


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
    assert moved(*shares) in text(at)


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


def test_no_format_of_charts_is_offered_where_there_are_none():
    at = open_page("edit", data="Textured digits", n="1")
    assert not at.get("plotly_chart")
    assert "charts" not in [one.key for one in at.segmented_control]


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
    for words in ("brightness", "noise", "rotation"):
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
    assert all(xai.Edit.parse(one).words in text(at) for one in said)


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
    found = edited(watched, digits[0], done, others)
    report = make_report(watched, data, found, "edit?x=1")
    assert report.settings["edits"] == [one.text for one in done]
    names: dict = {}
    exec(report.code, names)
    assert names["numbers"] == pytest.approx(dict(report.numbers), abs=1e-6)
    page = reports.to_html(report)
    assert "Fill with grey: the object" in page
    said = re.findall("<figcaption>(.*?)</figcaption>", page)
    name = model.class_names[found.explained]
    maps = [f"{when}: what speaks for {name}." for when in ("Before", "After")]
    assert said == ["Before the edits.", maps[0], "After the edits.", maps[1]]


# The edited picture on other pages.

MOVE = "move::250.0.100"
PAIR_PAGES = ("layer_explorer", "foreground", "misclassifications")


def opened(page, name):
    """A page with a picture and its edited copy, as it is opened from here."""
    at = open_page("edit", **DIGITS, picture=name)
    at.segmented_control(key="edit-tool").set_value("object")
    run(at)
    at.slider(key="edit-right").set_value(25)
    run(at)
    press(at, "do-Move and scale the object")
    return open_in(at, page)


def on_board(at):
    """The pictures that a report of the page is about."""
    return at.session_state["what the page shows"]["data set"]


@pytest.mark.parametrize("page", PAIR_PAGES)
def test_other_pages_show_the_edited_copy_beside_the_picture_and_say_what_was_done(model, digits, page):
    name = digits[1].name
    at = opened(page, name)
    assert in_the_bar(at)[0] == f"{name} (edited)"
    assert in_the_bar(at)[2] == 2
    words = xai.Edit.parse(MOVE).words
    said = f"{name} (edited) is {name} after 1 edit, made to the picture as Digits (shortcut) sees it: {words}."
    assert said in text(at)
    after = xai.apply_edits(digits[1], [xai.Edit.parse(MOVE)])
    assert [sample.id for sample in on_board(at).read().samples] == [digits[1].id, after.id]
    assert any(one.startswith(said) for one in on_board(at).how_read)  # so do reports
    assert [sample.id for sample in eval(on_board(at).code, {"xai": xai, "model": model})] == [digits[1].id, after.id]
    if page == "layer_explorer":
        p = float(xai.predict(model, [after]).probabilities.max())
        assert percent(p) in html(at)
    other = next(one for one in PAIR_PAGES if one != page)
    navigate(at, other)  # it stays, whichever page comes next
    assert in_the_bar(at)[0] == f"{name} (edited)"
    assert edits(at) == [MOVE]


def test_the_address_of_an_edited_picture_shows_somebody_else_the_same(digits):
    there = address(opened("layer_explorer", digits[1].name))
    at = open_page("layer_explorer", **there)
    assert in_the_bar(at) == (f"{digits[1].name} (edited)", 2, 2)
    after = xai.apply_edits(digits[1], [xai.Edit.parse(MOVE)])
    assert [sample.id for sample in on_board(at).read().samples] == [digits[1].id, after.id]


def test_the_address_of_an_edited_upload_says_that_it_cannot_carry_it():
    at = open_page("edit", data="Upload", model="Digits (shortcut)")
    at.session_state["uploaded pictures"] = [("one.png", png(1)), ("two.png", png(2))]
    run(at)
    press(at, "do-Fill this box")
    open_in(at, "layer_explorer")
    assert in_the_bar(at) == ("one.png (edited)", 2, 2)
    somebody = open_page("layer_explorer", **address(at))
    assert "a link to this page does not carry them" in text(somebody)
    assert "(edited)" not in html(somebody)


def test_an_edited_copy_comes_back_to_be_edited_further(digits):
    at = opened("foreground", digits[1].name)
    open_in(at, "edit")
    run(at)
    assert in_the_bar(at)[0] == digits[1].name
    assert edits(at) == [MOVE]
    press(at, "undo")
    open_in(at, "layer_explorer")
    assert in_the_bar(at) == (digits[1].name, 1, 1)
    assert "(edited)" not in text(at)


def test_edits_are_of_one_picture_and_can_be_left_out(digits):
    at = opened("layer_explorer", digits[1].name)
    at.text_input(key="only").set_value("0-2")
    run(at)
    assert "The address holds 1 edit of one picture, but 3 are looked at, so none is edited." in text(at)
    assert in_the_bar(at)[2] == 3
    press(at, "unedited")
    assert edits(at) == []
    assert "none is edited" not in text(at)
    at = opened("layer_explorer", digits[1].name)
    next(button for button in at.button if button.label == "All pictures").click()
    run(at)
    assert edits(at) == []
    assert "(edited)" not in text(at)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("burn:object", "An edit is one of"),
        ("paste:object:nobody", "The picture nobody to paste from is not among these pictures."),
    ],
)
def test_edits_that_cannot_be_made_are_said_and_the_picture_is_shown_as_it_is(asked, said):
    at = open_page("layer_explorer", **DIGITS, only="1", edit=[asked])
    assert said in text(at)
    assert len(on_board(at)) == 1


def test_pages_that_look_at_many_pictures_open_without_the_edits(digits):
    at = opened("discovery", digits[1].name)
    assert edits(at) == []
    assert "only" not in address(at)


def test_a_picture_to_paste_from_need_not_be_among_those_of_the_page(digits):
    data = xai.load_dataset("textured_digits_shortcut", split="val")
    far = data.items[150].name
    at = open_page("edit", **DIGITS | {"n": "2"}, edit=[f"paste:box.0.0.500.500:{far}"])
    assert f"Paste from another picture ({far})" in text(at)
    assert not at.error


# The class of the maps.


def test_both_maps_explain_any_class_that_is_asked_for(model, digits):
    at = open_page("edit", **DIGITS, edit=["grey:box.0.0.500.500"])
    at.segmented_control(key="explain").set_value("class")
    run(at)
    assert at.selectbox(key="class").value is None
    assert "explained" in html(at)  # the prediction, until a class is chosen
    at.selectbox(key="class").set_value("7")
    run(at)
    assert "Before: what speaks for 7." in html(at)
    assert "After: what speaks for 7." in html(at)
    after = xai.apply_edits(digits[0], [xai.Edit.parse("grey:box.0.0.500.500")])
    layer = model.select("stages")[-1].name
    index = model.class_names.index("7")
    maps = xai.grad_cam(model, [digits[0], after], layers=layer, targets=index)
    shares = xai.foreground_background(maps, [digits[0], after], control=False)["energy_inside"].to_list()
    assert moved(*shares) in text(at)
    p = xai.predict(model, [digits[0], after]).probabilities[:, index]
    assert f"of 7 was {percent(float(p[0]))} before the edits and is {percent(float(p[1]))} now" in text(at)
    again = open_page("edit", **address(at), **{"explain": "A class", "class": "7"})  # as a browser has it
    assert "After: what speaks for 7." in html(again)
    open_in(at, "layer_explorer")
    assert at.selectbox(key="class").value == "7"
