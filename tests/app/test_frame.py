"""What stands around every page: the picture that goes along, dead links, the trust box, cards and the guide."""

import re
from html import unescape

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import xai_core as xai
from app.former import FORMER
from tests.support.pages import (
    MAIN,
    address,
    gallery,
    html,
    in_the_bar,
    navigate,
    open_in,
    open_page,
    press,
    read,
    run,
    text,
)
from tests.support.pictures import png
from xai_core import figures, studies
from xai_core.checks.map_trust import trust_map
from xai_core.questions import QUESTIONS
from xai_core.questions.foreground.findings import answer as foreground_answer
from xai_core.questions.layers.findings import answer
from xai_core.shipped import RUNS

DIGITS = {"data": "Textured digits", "part": "test", "model": "Digits (honest)"}
ANALYSES = ("layer_explorer", "foreground", "misclassifications")  # the pages of a data set and a model


@pytest.fixture(autouse=True)
def own_runs(tmp_path, monkeypatch):
    """No trainings but those of the test."""
    monkeypatch.setenv("XAI_RUNS", str(tmp_path / "runs"))


@pytest.fixture(scope="module")
def digits():
    return xai.load_model("digits")


@pytest.fixture(scope="module")
def evaluated(digits):
    return xai.evaluate(digits, xai.load_dataset("textured_digits"))


def names(limit, key="textured_digits"):
    return [item.name for item in xai.load_dataset(key, limit=limit).items]


def late(key="textured_digits"):
    """A picture that no page shows by itself."""
    return xai.load_dataset(key).taking_turns().items[-1].name


# The picture bar.


def test_previous_and_next_walk_round_and_round():
    expected = names(3, "photos")
    at = open_page("layer_explorer", n="3")
    assert in_the_bar(at) == ("", 0, 3)
    assert "picture" not in address(at)
    for number in (1, 2, 3, 1):
        press(at, "next")
        assert in_the_bar(at) == (expected[number - 1], number, 3)
        assert address(at)["picture"] == expected[number - 1]
        assert f"first in the grid above: {expected[number - 1]}" in text(at)
    for number in (3, 2):
        press(at, "previous")
        assert in_the_bar(at) == (expected[number - 1], number, 3)
    at = open_page("layer_explorer", n="3")
    press(at, "previous")
    assert in_the_bar(at) == (expected[2], 3, 3)


@pytest.mark.parametrize("order", ["Most confident", "Smallest margin", "Methods disagree most"])
def test_the_bar_walks_in_the_order_of_the_gallery(evaluated, order):
    at = open_page("misclassifications", order=order)
    called = evaluated.set_index("id")["picture"]
    shown, wrong = gallery(at), int((~evaluated["correct"]).sum())  # more than the gallery shows at a time
    assert len(shown) < wrong
    assert in_the_bar(at) == (called[shown[0]], 1, wrong)
    press(at, "next")
    assert in_the_bar(at) == (called[shown[1]], 2, wrong)
    row = evaluated[evaluated["id"] == shown[1]].iloc[0]
    assert f"is {row['true_class']} · wrong" in text(at)  # and it is explained
    press(at, "previous")
    press(at, "previous")
    name, *place = in_the_bar(at)
    assert place == [wrong, wrong]
    last = gallery(at)
    assert called[last[-1]] == name
    assert not set(last) & set(shown)  # the gallery goes along


def test_a_filter_of_the_gallery_is_a_filter_of_the_bar(evaluated):
    right = int(evaluated["correct"].sum())
    at = open_page("misclassifications")
    at.button_group(key="which").set_value("right")
    run(at)
    said = in_the_bar(at)
    assert said[2] == right


def test_the_bar_of_a_training_walks_in_the_figures_order():
    at = open_page("training_evolution")
    order = at.selectbox(key="picture of the run").options
    assert in_the_bar(at) == (order[0], 1, 300)
    press(at, "previous")
    assert in_the_bar(at) == (order[-1], 300, 300)
    at.selectbox(key="sort").set_value("name")
    run(at)
    order = at.selectbox(key="picture of the run").options
    assert in_the_bar(at) == (order[-1], 300, 300) or in_the_bar(at)[1] == order.index(in_the_bar(at)[0]) + 1
    before = in_the_bar(at)
    press(at, "next")
    assert in_the_bar(at)[0] == order[before[1] % 300]


@pytest.mark.parametrize("page", ANALYSES)
@pytest.mark.parametrize("by", ["name", "id"])
def test_name_and_id_lead_to_the_same_picture(page, by):
    sample = xai.load_dataset("textured_digits", limit=8)[5]
    at = open_page(page, **DIGITS, picture=getattr(sample, by), n="8", which="All")
    name, number, of = in_the_bar(at)
    assert (name, of) == (sample.name, 8)
    assert number == 6 or page != "layer_explorer"  # the others have an order of their own
    assert address(at)["picture"] == sample.name


def test_the_bar_names_the_picture_that_is_explained_though_the_gallery_has_it_not(evaluated):
    row = evaluated[evaluated["correct"]].iloc[5]
    at = open_page("misclassifications", picture=row["picture"])
    assert f"is {row['true_class']} · right" in text(at)
    assert in_the_bar(at)[0] == row["picture"]


# From page to page.


def on_the_page(at):
    """Data, model and picture of a page."""
    return at.selectbox(key="data").value, at.selectbox(key="model").value, in_the_bar(at)[0]


@pytest.fixture(scope="module")
def mistake(evaluated):
    """A picture that every page shows."""
    return evaluated.loc[~evaluated["correct"], "picture"].iloc[1]


def test_data_model_and_picture_come_along_to_every_page(mistake):
    order = [item.name for item in xai.load_dataset("textured_digits").items if item.label == mistake[0]]
    before = order[order.index(mistake) - 1]
    at = open_page("layer_explorer", **DIGITS, n=str(len(order)), picture=before, labels=mistake[0])
    press(at, "next")
    for page in ("foreground", "misclassifications", "layer_explorer"):
        assert in_the_bar(at)[0] == mistake
        open_in(at, page)
        assert on_the_page(at) == ("textured_digits", "digits", mistake), page
        assert at.multiselect(key="labels").value == [mistake[0]]
        assert address(at)["picture"] == mistake
    open_in(at, "training_evolution")
    assert at.selectbox(key="run").value == "digits"
    assert in_the_bar(at)[0] == mistake
    assert address(at)["picture"] == mistake
    open_in(at, "foreground")
    assert on_the_page(at) == ("textured_digits", "digits", mistake)


def test_the_side_bar_takes_the_same_along(mistake):
    at = open_page("misclassifications", picture=mistake)
    for page in ("layer_explorer", "foreground", "misclassifications"):
        navigate(at, page)
        assert on_the_page(at) == ("textured_digits", "digits", mistake), page
        run(at)
        assert on_the_page(at) == ("textured_digits", "digits", mistake), page
    navigate(at, "training_evolution")
    assert at.selectbox(key="run").value == "digits"
    assert in_the_bar(at)[0] == mistake
    at = open_page("misclassifications")  # nothing chosen: every page has its own example
    navigate(at, "foreground")
    assert on_the_page(at) == ("textured_digits_shortcut", "digits_shortcut", "")


def test_the_class_to_explain_comes_along_and_the_number_does_not():
    at = open_page("layer_explorer", **DIGITS, n="4", target="A class", **{"class": "7"})
    open_in(at, "foreground")
    assert at.button_group(key="target").value == "class"
    assert at.selectbox(key="class").value == "7"
    assert at.number_input(key="n").value == 64
    open_in(at, "misclassifications")
    open_in(at, "layer_explorer")
    assert at.selectbox(key="class").value == "7"


def test_a_picture_picked_on_a_training_is_found_on_the_other_pages():
    record = xai.TrainingRun.open(RUNS["digits_shortcut"][1])
    at = open_page("training_evolution", run=RUNS["digits_shortcut"][0])
    press(at, "next")
    name = in_the_bar(at)[0]
    correct = record.correct[-1][record.pictures.index(name)]
    open_in(at, "misclassifications")
    assert on_the_page(at) == (record.source.data, "digits_shortcut", name)
    assert f"{len(record.pictures)} pictures" in text(at)
    assert f"· {'right' if correct else 'wrong'}" in text(at)


def test_another_picture_on_the_next_page_is_the_one_that_comes_back():
    at = open_page("layer_explorer", **DIGITS, n="4")
    press(at, "next")
    open_in(at, "foreground")
    first = in_the_bar(at)[0]
    press(at, "next")
    name = in_the_bar(at)[0]
    assert name != first
    open_in(at, "layer_explorer")
    assert in_the_bar(at)[0] == name


def begin_anew(at):
    press(at, "anew")
    assert at.title[0].value == "What the classifier looks at"  # the start page
    assert address(at) == {}


def test_begin_anew_gives_every_page_its_own_example_again():
    at = open_page("layer_explorer", **DIGITS, n="4")
    press(at, "next")
    name = in_the_bar(at)[0]
    open_in(at, "foreground")
    assert on_the_page(at) == ("textured_digits", "digits", name)
    begin_anew(at)
    for page, begins in (
        ("foreground", ("textured_digits_shortcut", "digits_shortcut", "")),
        ("layer_explorer", ("photos", "efficientnet_lite0", "")),
    ):
        navigate(at, page)
        assert on_the_page(at) == begins
        assert "picture" not in address(at)
        assert "anew" not in [button.key for button in at.button]


def test_what_is_chosen_after_beginning_anew_comes_along_again():
    at = open_page("foreground", **DIGITS, n="4", picture=names(4)[1])
    begin_anew(at)
    navigate(at, "foreground")
    press(at, "next")
    name = in_the_bar(at)[0]
    navigate(at, "layer_explorer")
    assert on_the_page(at) == ("textured_digits_shortcut", "digits_shortcut", name)


def guided(at):
    """Layer Explorer with the guide, which lets guess first."""
    navigate(at, "layer_explorer")
    at.toggle(key="guide").set_value(True)
    run(at)


def test_beginning_anew_forgets_answers_rounds_guesses_and_edits():
    at = open_page("edit", n="4")
    edited = in_the_bar(at)[0]
    press(at, "do-Fill this box")
    press(at, "next")
    navigate(at, "duel")
    press(at, f"say-cheats-{at.session_state['duels']['cheats'].now.answer}")
    assert "You were right in 1 of 1 round" in text(at)
    navigate(at, "lessons")
    at.radio[0].set_value(at.radio[0].options[0])
    run(at)
    press(at, next(button.key for button in at.button if button.label == "Answer"))
    assert "You said:" in text(at)
    guided(at)
    press(at, next(button.key for button in at.button if button.label == "Skip"))
    assert "Skipped: the maps are shown without a guess." in text(at)
    begin_anew(at)
    guided(at)
    assert "Skip" in [button.label for button in at.button]
    assert "You said:" not in text(navigate(at, "lessons"))
    assert "of 1 round" not in text(navigate(at, "duel"))
    navigate(at, "edit")
    assert in_the_bar(at)[0] == edited
    assert "edit" not in address(at)


def test_without_a_choice_the_button_to_begin_anew_is_not_there():
    for page in ANALYSES:
        assert "anew" not in [button.key for button in open_page(page).button], page


@pytest.mark.parametrize("page", ["layer_explorer", "foreground"])
def test_a_picture_beyond_the_limit_comes_along(page):
    name = late()
    assert name not in names(4)
    at = open_page(page, **DIGITS, n="4", picture=name)
    assert in_the_bar(at)[::2] == (name, 5)
    assert "5 pictures" in text(at)
    assert at.number_input(key="n").value == 4
    at = open_page(page, **DIGITS, n="4", picture=names(4)[2])
    name, number, of = in_the_bar(at)
    assert (name, of) == (names(4)[2], 4)
    assert number == 3 or page == "foreground"  # which begins with the worst


# A link to what is not there.


@pytest.mark.parametrize("page", ANALYSES)
@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"data": "Nowhere"}, "Pictures: the address asks for Nowhere, which is not here."),
        ({"model": "No*Net*"}, "Model: the address asks for No*Net*, which is not here."),
        ({"data": "Textured digits", "labels": ["4", "eleven"]}, "Labels: the address asks for eleven, which is not"),
        ({"data": "Textured digits", "part": "last"}, "Split: the address asks for last, which is not here."),
        ({"data": "Textured digits", "picture": "<b>"}, "The picture <b> is not among these pictures."),
        ({"data": "Folder", "path": "/no/where"}, "There is no folder or file '/no/where' on this computer."),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_what_a_link_asks_for_and_is_not_there_is_said(page, asked, words):
    at = open_page(page, **({"n": "4"} | asked))
    assert words in text(at)
    assert words in text(at.main)  # on a phone the sidebar is closed


@pytest.mark.parametrize("page", [*ANALYSES, "discovery", "edit", "model"])
def test_what_cannot_be_used_is_said_once_and_on_the_page(page):
    words = "There is no folder or file '/no/where' on this computer."
    at = open_page(page, data="Folder", path="/no/where", model="Checkpoint", weights="/no/net.pth")
    assert text(at).count(words) == text(at.main).count(words) == 1
    assert text(at).count("There is no checkpoint 'net.pth' at /no.") == 1
    assert text(at.sidebar).count("This cannot be used. The page says why.") == 2


@pytest.mark.parametrize("page", [*ANALYSES, "edit", "model", "classroom"])
def test_a_model_that_cannot_be_used_is_said_once_on_the_page_which_goes_on_with_another(page):
    own = {"asked": "Your pictures and your model: what will it say?"} if page == "classroom" else {}
    at = open_page(page, **own, data="Sample photos", n="2", model="Checkpoint", weights="/no/net.pth")
    words = "There is no checkpoint 'net.pth' at /no."
    assert text(at).count(words) == text(at.main).count(words) == 1
    assert "EfficientNet-Lite0" in text(at.main)


@pytest.mark.parametrize("page", ["foreground", "misclassifications"])
def test_a_layer_that_is_not_there_is_said(page, digits):
    at = open_page(page, **DIGITS, n="20", layer="stage 9 (1 × 1)")
    assert "Layer: the address asks for stage 9 (1 × 1), which is not here." in text(at)
    assert at.selectbox(key="layer").value == digits.groups["stages"][-1]


@pytest.mark.parametrize("page", ["layer_explorer", "foreground"])
def test_a_class_that_is_not_there_is_said(page):
    at = open_page(page, **DIGITS, n="4", target="A class", **{"class": "unicorn"})
    assert "Class: the address asks for unicorn, which is not here." in text(at)
    assert at.selectbox(key="class").value == "0"


@pytest.mark.parametrize("n", ["0", "-3", "1000000", "many", "", "1e3"])
def test_a_number_that_cannot_be_is_passed_over(n):
    at = open_page("layer_explorer", n=n)
    assert 1 <= at.number_input(key="n").value <= 8


def test_what_is_there_is_not_said_to_be_missing():
    for page in ANALYSES:
        at = open_page(page, **DIGITS, n="20", labels=["4", "6"], picture=names(1)[0])
        assert "which is not here" not in text(at), page


# The layer in the address.


def test_the_layer_is_in_the_address_and_restores_the_numbers(digits):
    samples = [digits.preprocessing.prepare(sample) for sample in xai.load_dataset("textured_digits", limit=12)]
    targets = xai.true_classes(digits, samples)
    first, *_, last = digits.select("stages")
    at = open_page("foreground", **DIGITS, n="12")
    assert at.selectbox(key="layer").value == last.name
    at.selectbox(key="layer").set_value(first.name)
    run(at)
    again = open_page("foreground", **DIGITS, n="12", layer=f"{first.title} ({first.size[0]} × {first.size[1]})")
    assert again.selectbox(key="layer").value == first.name
    maps = xai.grad_cam(digits, samples, layers=[first.name], targets=targets)
    table = xai.foreground_background(maps, samples)
    sentence = studies.foreground_verdict(table, "mean", studies.measure_tests(table, "mean")).sentence
    for shown in (at, again):
        assert sentence in text(shown)


# Uploads.


@pytest.mark.parametrize("page", ["layer_explorer", "training_evolution"])
def test_what_may_be_uploaded_in_all_stands_below_where_it_is(page, monkeypatch):
    monkeypatch.setenv("XAI_UPLOADS_MB", "30")
    at = open_page(page, **({"run": "Upload"} if page == "training_evolution" else {"data": "Upload"}))
    assert "At most 30 MB in all for a tab. A file beyond that fails with the code 413." in text(at)


def test_uploads_stay_across_pages():
    at = open_page("layer_explorer", data="Upload")
    assert "a link to this page does not carry them" in text(at)
    at.session_state["uploaded pictures"] = [("one.png", png(1)), ("two.png", png(2))]
    run(at)
    assert "2 pictures dropped before: one.png, two.png" in text(at)
    assert in_the_bar(at) == ("", 0, 2)
    press(at, "next")
    press(at, "next")
    for page, words in (
        ("misclassifications", "These pictures have no labels"),
        ("discovery", "there are no classes to ask about"),
        ("foreground", "None of these pictures has a mask"),
        ("layer_explorer", "2 pictures dropped before: one.png, two.png"),
    ):
        navigate(at, page)
        assert at.selectbox(key="data").value == "uploads", page
        assert words in text(at)
        assert not at.error, page
        assert has(at, "previous") is (page == "layer_explorer"), page  # elsewhere there is nothing to walk through
    assert in_the_bar(at) == ("two.png", 2, 2)
    next(button for button in at.button if button.label == "Forget them").click()
    run(at)
    assert "Your own pictures" in text(at)


# Can I trust this map?


def badge(at):
    """The badge's sentences; none before the checks ran."""
    return [element.proto.body for element in at.get("html") if 'class="tr"' in element.proto.body]


def has(at, key):
    return key in [button.key for button in (*at.button, *at.button_group)]


@pytest.mark.parametrize("method", ["grad_cam", "saliency"])
def test_the_trust_box_says_what_trust_map_says(digits, method):
    samples = list(xai.load_dataset("textured_digits", limit=3))
    at = open_page("layer_explorer", **DIGITS, n="3", picture=samples[2].name)
    at.button_group(key="trust-method").set_value(method)
    run(at)
    assert badge(at) == []
    layer = digits.groups["stages"][-1]
    target = xai.true_classes(digits, samples)[2]
    asked = f"{samples[2].name} for {digits.class_names[target]}"
    assert asked in text(at)
    press(at, "trust-check")
    layer, others = layer if method == "grad_cam" else None, samples[:2]  # the page's other pictures
    found = trust_map(digits, samples[2], method=method, target=target, layer=layer, others=others)
    (shown,) = badge(at)
    assert shown == figures.trust_html(found.trust)
    said = unescape(re.sub(r"<[^>]+>", "", shown))
    assert found.trust.headline in said
    assert len(found.trust.checks) >= 3
    for check in found.trust.checks:
        assert f"{check.name}. {studies.typeset(check.sentence)}" in said
    assert not has(at, "trust-check")
    columns = [column.replace("_", " ") for column in found.agreements]
    (table,) = [element.value for element in at.dataframe if list(element.value.columns) == columns]
    assert table.to_numpy().tolist() == found.agreements.to_numpy().tolist()
    # It stays for whoever asks the same, and for no other picture.
    again = open_page("layer_explorer", **DIGITS, n="3", picture=samples[2].name)
    again.button_group(key="trust-method").set_value(method)
    assert badge(run(again)) == [shown]
    press(again, "next")
    assert badge(again) == []
    assert has(again, "trust-check")


def test_the_trust_box_checks_the_layer_that_is_chosen(digits):
    (sample,) = xai.load_dataset("textured_digits", limit=1)
    at = open_page("layer_explorer", **DIGITS, n="1")
    first, *_, last = digits.groups["stages"]
    assert at.selectbox(key="trust-layer").value == last
    at.selectbox(key="trust-layer").set_value(first)
    run(at)
    assert "at stage 1: do its weights matter" in text(at)
    press(at, "trust-check")
    found = trust_map(digits, sample, target=xai.true_classes(digits, [sample])[0], layer=first)
    assert badge(at) == [figures.trust_html(found.trust)]


def test_the_trust_box_stands_wherever_a_map_is_explained():
    at = open_page("foreground", **DIGITS, n="4")
    assert not has(at, "trust-method")
    press(at, "next")
    assert has(at, "trust-method")
    assert f"Grad-CAM of {in_the_bar(at)[0]} for" in text(at)
    for page in ("misclassifications", "training_evolution"):
        at = open_page(page)
        assert has(at, "trust-method")
        assert f"Grad-CAM of {in_the_bar(at)[0]} for" in text(at)


def test_the_box_says_whose_map_it_checks_as_the_page_explains_it(digits):
    sample = xai.load_dataset("textured_digits")[5]
    at = open_page("misclassifications", **DIGITS, picture=sample.name)
    at.selectbox(key="class-1").set_value(8)
    run(at)
    assert f"Grad-CAM of {sample.name} for 8, at stage {len(digits.groups['stages'])}" in text(at)


# The hypothesis card.


def assert_shown(at, card):
    """All that a card says is on the page: verdict, what would change it, what it takes for granted, all numbers."""
    said = text(at)
    assert f"] {card.headline}" in said
    for words in (
        card.sentence,
        *(one.sentence for one in card.evidence),
        card.h0,
        card.h1,
        card.measured,
        *card.caveats,
    ):
        assert words in said
    assert card.assumptions
    for one in (*card.assumptions, *card.changes) if card.tone != "unknown" else ():  # nothing rests on them then
        mark = {True: "check", False: "warning", None: "info"}[one.fine]
        assert re.search(rf":material/{mark}:\] \*\*{re.escape(one.name)}\.\*\* {re.escape(one.sentence)}", said), one
    assert any(element.value.equals(card.tests()) for element in at.dataframe if "effect" in element.value.columns)
    shown = [(read(element.label), read(element.value)) for element in at.metric]
    for test in card.results[:3]:
        if np.isfinite(test.effect):
            assert (f"{test.name}, n = {test.n}", studies.effect_in_words(test).size) in shown


@pytest.mark.parametrize(("measure", "words"), [("share", "Share above threshold"), ("gini", "Gini concentration")])
def test_the_card_of_the_layers(measure, words):
    model = xai.load_model("efficientnet_lite0")
    samples = [model.preprocessing.prepare(sample) for sample in xai.load_dataset("photos")]
    maps = xai.grad_cam(model, samples, targets=xai.true_classes(model, samples))
    masks = [sample.mask for sample in samples]
    measured = {grid: studies.measure_maps(maps, grid=grid, masks=masks) for grid in ("own", "common")}
    measured["sampled"] = studies.measure_maps(maps, grid="sampled")
    names, seen = [sample.name for sample in samples], studies.seen_classes(maps, model)
    card = answer(measured, model.select("stages"), names, measure, 0.85, seen=seen).card
    other = "By Gini concentration" if measure == "share" else "By share of pixels above the threshold"
    assert {"All maps averaged to 7 × 7", other} <= {change.name for change in card.changes}
    assert_shown(open_page("layer_explorer", measure=words), card)


@pytest.mark.parametrize("measure", ["mean", "energy"])
def test_the_card_of_the_foreground(digits, measure):
    samples = [digits.preprocessing.prepare(sample) for sample in xai.load_dataset("textured_digits", limit=24)]
    maps = xai.grad_cam(
        digits, samples, layers=[digits.groups["stages"][-1]], targets=xai.true_classes(digits, samples)
    )
    table = xai.foreground_background(maps, samples)
    targets = [int(index) for index in maps.targets]
    card = foreground_answer(
        table,
        measure,
        maps.method,
        studies.seen_classes(maps, digits),
        xai.intervention(digits, samples, targets=targets),
        [sample.label for sample in samples],
    ).card
    assert [change.name for change in card.changes] == ["Another test", "Other measures"]
    title = studies.FOREGROUND_MEASURES[measure].title
    assert_shown(open_page("foreground", **DIGITS, n="24", **{"fg-measure": title}), card)


def test_the_card_of_the_mistakes(evaluated):
    card = studies.confidence_hypothesis(evaluated)
    assert card.tone == "yes"
    assert [change.name for change in card.changes] == ["Margin instead of confidence"]
    assert_shown(open_page("misclassifications"), card)


def test_the_cards_of_a_training():
    first, second = (xai.TrainingRun.open(folder) for _, folder in RUNS.values())
    at = open_page("training_evolution", beside=RUNS["digits_shortcut"][0])
    card = studies.training_hypothesis(first)
    assert (card.carries.name, card.assumptions[0].name) == ("Windows of epochs", "No single epoch decides")
    assert_shown(at, card)
    assert_shown(at, studies.comparison_hypothesis(studies.compare_runs(first, second)))


def test_too_few_pictures_are_a_card_that_says_why(digits):
    at = open_page("foreground", **DIGITS, n="2")
    assert "] Cannot tell (4 and 6, n = 2)" in text(at)
    assert "It needs at least three pictures; there are 2." in text(at)
    assert "below 6 pictures nothing is concluded" in text(at)
    assert "Robustness checks" not in text(at)
    at = open_page("misclassifications", **DIGITS, n="1")
    assert_shown(at, studies.confidence_hypothesis(xai.evaluate(digits, xai.load_dataset("textured_digits", limit=1))))


# The guide.

HELD_BACK = {"layer_explorer": "Where it looks", "foreground": "The pictures, worst first", "misclassifications": None}


@pytest.mark.parametrize("page", ANALYSES)
def test_the_guide_holds_the_maps_back_until_they_were_guessed(page):
    at = open_page(page, **DIGITS, n="20", guide="true")
    said = text(at)
    assert "## What to look at" in said
    assert "Where does the model look for " in said
    assert not has(at, "trust-check")
    assert not [chart for chart in at.get("plotly_chart") if "reliability" not in chart.proto.id]
    assert "xp-grid" not in html(at)
    assert "xg-" not in html(at)
    if HELD_BACK[page]:
        assert HELD_BACK[page] not in said
    (game,) = at.session_state["guesses"].values()
    assert not game.over
    game.skip()
    run(at)
    if HELD_BACK[page]:
        assert HELD_BACK[page] in text(at)
    if page == "foreground":
        press(at, "next")  # the first, which was guessed
        press(at, "next")
        assert "Skipped" not in text(at)  # a picture of its own, a guess of its own
        assert "Where does the model look for " in text(at)
        list(at.session_state["guesses"].values())[-1].skip()
        run(at)
    assert has(at, "trust-check")
    assert "Skipped: the maps are shown without a guess." in text(at)


def test_a_guess_is_revealed_with_the_map_and_scored_as_the_library_scores_it(digits):
    samples = list(xai.load_dataset("textured_digits", limit=3))
    at = open_page("layer_explorer", **DIGITS, n="3", guide="true", picture=samples[1].name)
    layer = digits.groups["stages"][-1]
    target = xai.true_classes(digits, samples)[1]
    heatmap = xai.grad_cam(digits, [samples[1]], layers=[layer], targets=[target])[layer][0]
    assert f"Where does the model look for {digits.class_names[target]}?" in text(at)
    (game,) = at.session_state["guesses"].values()
    game.mark(["cell:24", "cell:25"])
    run(at)
    next(button for button in at.button if button.label == "Reveal").click()
    run(at)
    assert studies.guess_sentence(studies.score_guess(heatmap, {24, 25}, studies.GUESS_GRID)) in text(at)
    assert "Where it looks" in text(at)
    press(at, "next")  # another picture is another game
    assert "Where it looks" not in text(at)
    press(at, "previous")
    assert "Where it looks" in text(at)


@pytest.mark.parametrize("page", [*ANALYSES, "training_evolution"])
def test_the_guide_goes_along_and_is_off_without_being_asked(page):
    at = open_page(page)
    assert "What to look at" not in text(at)
    other = "foreground" if page != "foreground" else "misclassifications"
    at = open_page(page, guide="true")
    open_in(at, other)
    assert at.toggle(key="guide").value is True
    assert "## What to look at" in text(at)


# What every page offers.


@pytest.mark.parametrize("page", [*ANALYSES, "training_evolution"])
def test_every_page_offers_its_report_and_the_other_pages(page):
    at = open_page(page)
    labels = [element.label for element in at.get("download_button")]
    assert {"Report (HTML)", "Report and numbers (ZIP)"} <= set(labels)
    opens = [button.key for button in at.button if str(button.key).startswith("open-")]
    others = [f"open-{one}" for one in (*(asked.page for asked in QUESTIONS), "edit") if one != page]
    assert opens == others


def test_the_start_page_comes_first():
    at = run(AppTest.from_file(MAIN, default_timeout=180))
    assert at.title[0].value == "What the classifier looks at"
    assert len(at.header) == len(QUESTIONS)


# What a page does with pictures and models that do not belong together.


def test_a_model_without_a_recorded_training_cannot_be_opened_there_and_keeps_its_picture():
    at = open_page("layer_explorer", data="Sample photos", picture="chelsea", n="3")
    assert at.button(key="open-training_evolution").disabled
    navigate(at, "training_evolution")
    assert in_the_bar(at)[0] != "chelsea"
    navigate(at, "layer_explorer")
    assert on_the_page(at) == ("photos", "efficientnet_lite0", "chelsea")


@pytest.mark.parametrize("page", ["foreground", "misclassifications"])
def test_photos_get_the_model_that_knows_photos(page):
    at = open_page(page, data="Sample photos")
    assert at.selectbox(key="model").value == "efficientnet_lite0"


@pytest.mark.parametrize("page", ["layer_explorer", "foreground"])
def test_the_card_says_which_picture_was_brought_along(page):
    at = open_page(page, **DIGITS, n="4", picture=late())
    assert f"{late()} was brought along by hand" in text(at)
    assert f"and {late()}, which you brought along" in text(at)
    at = open_page(page, **DIGITS, n="4", picture=names(4)[1])
    assert "brought along" not in text(at)


def test_pictures_without_labels_can_be_taken_elsewhere(tmp_path):
    for number in range(2):
        Image.fromarray(np.full((64, 64, 3), 90 * number, np.uint8)).save(tmp_path / f"{number}.png")
    at = open_page("misclassifications", data="Folder", path=str(tmp_path))
    assert "nothing can be right or wrong" in text(at)
    assert not at.button(key="open-layer_explorer").disabled


def test_former_titles_stand_for_those_of_today():
    now = {info.title for info in (*xai.list_models(), *xai.list_datasets())}
    now |= {method.title for method in xai.list_methods()}
    assert set(FORMER.values()) <= now
    assert not set(FORMER) & now


def test_an_address_of_a_former_version_is_that_of_today():
    at = open_page("layer_explorer", data="Textured digits", n="2", model="Textured digits, honest")
    assert at.selectbox(key="model").value == "digits"
    assert "which is not here" not in text(at)
    at = open_page("training_evolution", run="Textured digits, with a shortcut")
    assert at.selectbox(key="run").value == "digits_shortcut"
    assert "is not here (any more)" not in text(at)
