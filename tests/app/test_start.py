"""The start page: its numbers are the library's, its controls change the examples, and it draws before it computes."""

import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import xai_core as xai
from app import examples, heads
from xai_core import studies
from xai_core.questions import QUESTIONS
from xai_core.shipped import RUNS
from xai_core.studies import percent

ROOT = Path(__file__).parents[2]
VIEWS = ROOT / "app" / "views"
PAGES = ("start", *(one.page for one in heads.PAGES))
ENTRY = f"""
from pathlib import Path
import streamlit as st
st.navigation([st.Page(Path({str(VIEWS)!r}) / f"{{name}}.py", title=name) for name in {PAGES!r}]).run()
"""
CARDS = tuple(one.page for one in QUESTIONS)  # the other pages are links below
LAYERS, BACKGROUND, MISTAKES, EVOLUTION = range(4)  # the cards, in the order of the page


@pytest.fixture
def entry(tmp_path):
    path = tmp_path / "main.py"
    path.write_text(ENTRY)
    return path


@pytest.fixture
def at(entry):
    started = AppTest.from_file(str(entry), default_timeout=180).run()
    assert not started.exception, started.exception[0].value
    return started


def shown(at):
    """The examples' HTML, in the order of the page."""
    return [element.proto.body for element in at.get("html") if "<p>" in element.proto.body]


def sentence(at, card):
    (found,) = re.findall(r"<p>(.*?)</p>", shown(at)[card])
    return unescape(found)


def links(at):
    """The links of the cards; Streamlit's harness keeps those of the placeholders, too, which lead on without more."""
    there = [link.proto for link in at.get("page_link") if link.proto.label != "Try your own picture"]
    return [link for link in there if link.query_string]


def query(at, card):
    return {key: value for key, (value,) in parse_qs(links(at)[card].query_string).items()}


def run(at):
    at.run()
    assert not at.exception, at.exception[0].value


def test_a_picture_of_ones_own_is_a_click_away(at):
    (link,) = (one.proto for one in at.get("page_link") if one.proto.label == "Try your own picture")
    assert (link.page, link.query_string) == ("layer_explorer", "data=Upload")


def test_every_question_has_a_card_and_four_have_an_example_with_a_link_to_it(at):
    assert at.title[0].value == "What the classifier looks at"
    assert "All of it works offline" in at.markdown[0].value
    assert len(at.header) == len(CARDS)
    assert all(element.value.endswith("?") for element in at.header)
    assert len(shown(at)) == 4
    assert [link.label for link in links(at)] == [
        f"Open {name}"
        for name in ("Layer Explorer", "Foreground vs Background", "Misclassifications", "Training Evolution")
    ]


@pytest.mark.parametrize("name", ["coffee", "chelsea"])
def test_layers_as_the_library_has_them(at, name):
    at.session_state["start-photo"] = name
    run(at)
    model = xai.load_model("efficientnet_lite0")
    (item,) = (item for item in xai.load_dataset("photos").items if item.name == name)
    maps = xai.grad_cam(model, [model.preprocessing.prepare(item.read())], layers="stages")
    share = xai.layer_focus(maps, threshold=0.85).table["share"]
    said = sentence(at, LAYERS)
    predicted = model.class_names[int(maps.predictions.classes[0])]
    assert f"says {predicted}, {percent(float(maps.predictions.confidences[0]))} sure" in said
    above = f": {percent(share.iloc[-1])} of the pixels are above 0.85 of the map's maximum"
    few = "hardly any" if share.iloc[0] < 0.0005 else percent(share.iloc[0])
    assert f"{above}, at stage 1 {few}." in said
    assert shown(at)[LAYERS].count("<img") == 3
    assert query(at, LAYERS) == {
        "data": "Sample photos",
        "model": "EfficientNet-Lite0",
        "target": "Prediction",
        "picture": name,
    }


@pytest.fixture(scope="module")
def interventions():
    """Each model's interventions on all the digits that Foreground vs Background opens with."""
    chosen = xai.load_dataset("textured_digits_shortcut", split="val", limit=64)
    tables, known = {}, np.ones(64, bool)
    for key in ("digits", "digits_shortcut"):
        model = xai.load_model(key)
        samples = [model.preprocessing.prepare(sample) for sample in chosen]
        table = xai.intervention(model, samples, targets=[sample.label for sample in samples])
        tables[model.title] = table.pivot(index="picture", columns="kind", values="p")
        right = xai.predict(model, samples).classes == np.array(xai.true_classes(model, samples))
        known &= right
    return chosen, tables, np.flatnonzero(known)


def test_another_background_costs_what_the_library_says(at, interventions):
    chosen, tables, known = interventions
    assert len(known) > 32
    for number in known[:3]:  # of digits that a model does not read, nothing can be lost
        said = sentence(at, BACKGROUND)
        item = chosen.items[number]
        assert said.startswith(f"With another background, the probability of {item.label} goes from ")
        for title, table in tables.items():
            row = table.loc[number]
            assert f"from {percent(row['whole'])} to {percent(row['swapped'])} for “{title}”" in said
        assert shown(at)[BACKGROUND].count("<img") == 6
        assert query(at, BACKGROUND) == {
            "data": chosen.title,
            "part": "val",
            "target": "Label",
            "model": "Digits (shortcut)",
            "picture": item.name,
        }
        at.button(key="start-next").click()
        run(at)


def test_the_digits_go_round(at, interventions):
    before = sentence(at, BACKGROUND)
    at.session_state["start-digit"] = 63
    run(at)
    assert sentence(at, BACKGROUND) != before
    at.button(key="start-next").click()
    run(at)
    assert sentence(at, BACKGROUND) == before


def test_mistakes_are_those_that_evaluating_the_model_finds(at):
    model = xai.load_model("digits")
    table = xai.evaluate(model, xai.load_dataset("textured_digits", split="test"))
    summary, worst = (
        studies.summarise(table, model.class_names),
        studies.confused_pairs(table, model.class_names).iloc[0],
    )
    low, high = summary.interval
    wrong = table[~table["correct"]].set_index("picture")
    assert set(examples.mistakes("digits")) == set(wrong.index)
    surest = wrong["confidence"].idxmax()
    for name in (surest, wrong["confidence"].idxmin()):
        if name != surest:
            at.session_state["start-mistake"] = name
            run(at)
        said, row = sentence(at, MISTAKES), wrong.loc[name]
        assert f"{summary.right} of {summary.n} test pictures are right: {100 * summary.accuracy:.1f}%" in said
        assert f"95% interval {100 * low:.1f} to {100 * high:.1f}%" in said
        assert f"{worst['true_class']} is predicted as {worst['predicted_class']} ({worst['n']} pictures)" in said
        assert (
            f"This {row['label']} is predicted as {row['predicted_class']} with a confidence of "
            f"{percent(row['confidence'])}." in said
        )
        assert shown(at)[MISTAKES].count("<img") == 3
        assert query(at, MISTAKES) == {"data": "Textured digits", "model": "Digits (honest)", "picture": name}


def test_the_epoch_chooses_what_is_right(at):
    record = xai.TrainingRun.open(RUNS["digits"][1])
    followed = [record.pictures.index(name) for name in examples.followed("digits")]
    assert len(set(followed)) == 24
    accuracy = [f"{100 * share:.0f}%" for share in record.accuracy]
    for epoch in (5, 1, 24):
        at.select_slider(key="start-epoch").set_value(epoch)
        run(at)
        html, said = shown(at)[EVOLUTION], sentence(at, EVOLUTION)
        right = int(record.correct[epoch - 1, followed].sum())
        assert said.startswith(f"After epoch {epoch}, {accuracy[epoch - 1]} of the 300 test pictures are right")
        assert f"({right} of these 24)" in said
        assert f"began at {accuracy[0]} after epoch 1 and reached {accuracy[-1]} after epoch 24" in said
        marks = re.findall(r"<figcaption>([✓✗]) (\d)</figcaption>", html)
        assert [mark == "✓" for mark, _ in marks] == record.correct[epoch - 1, followed].tolist()
        assert [int(digit) for _, digit in marks] == record.predictions[epoch - 1, followed].tolist()
    assert query(at, EVOLUTION)["run"] == "Digits (honest)"
    assert query(at, EVOLUTION)["picture"] in record.pictures


def test_one_example_that_cannot_be_shown_leaves_the_others(entry, monkeypatch):
    def fails(number):
        raise xai.DataError("The digits are <gone>.")

    monkeypatch.setattr(examples, "background", fails)
    at = AppTest.from_file(str(entry), default_timeout=180).run()
    assert not at.exception
    assert at.error[0].value == r"The digits are \<gone\>."
    assert len(shown(at)) == len(links(at)) == 3


def test_names_are_shown_as_they_are():
    html = examples.strip_html([("<b>", "data:,", '"><script>', "<i>")], "<b>")
    assert "<script>" not in html
    assert "<i>" not in html
    assert 'data-pick="&lt;b&gt;" class=on' in html


@pytest.mark.parametrize(
    ("until", "absent"),
    [
        ("epochs", "torch torchvision captum lime sklearn skimage scipy pandas xai_core.figures"),
        ("mistake_thumbnails", "torch torchvision captum lime sklearn skimage scipy xai_core.figures"),
        ("mistake", "torch torchvision captum lime sklearn skimage"),
    ],
)
def test_what_is_drawn_first_waits_for_nothing_heavy(entry, until, absent):
    """Up to the first example nothing is imported that takes long; up to the first map no torch."""
    code = f"""
import sys
from streamlit.testing.v1 import AppTest
known = set(sys.modules)
import streamlit as st
from app import examples
found = set()
def stop(*_):
    found.update(sys.modules)
    st.stop()
examples.{until} = stop
at = AppTest.from_file({str(entry)!r}, default_timeout=120).run()
assert not at.exception, at.exception[0].value
assert len(at.header) == {len(CARDS)} <= len(at.get("page_link")) and at.title
assert found
print(*sorted((found - known) & set("{absent}".split())))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


def test_the_page_alone_imports_nothing_heavy():
    code = (
        "import sys; from app import examples, state, clickable; print(*{'torch','scipy','sklearn'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def card(tab, page):
    return tab.locator(f".st-key-start-card-{page}")


def complete(tab):
    tab.locator(".ex p").nth(3).wait_for()
    tab.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")


@pytest.mark.browser
def test_playing_with_the_examples_and_going_on(page, server):
    page.goto(server)
    complete(page)
    for name, click in (
        ("layer_explorer", lambda: card(page, "layer_explorer").locator("[data-pick=rocket]").click()),
        ("foreground", lambda: page.get_by_role("button", name="Next digit").click()),
        ("misclassifications", lambda: card(page, "misclassifications").locator("[data-pick]").nth(2).click()),
    ):
        others = page.locator(".ex p").all_inner_texts()
        before = card(page, name).locator(".ex p").inner_text()
        click()
        page.wait_for_function(
            "([name, before]) => document.querySelector(`.st-key-start-card-${name} .ex p`)?.innerText !== before",
            arg=[name, before],
        )
        changed = zip(others, page.locator(".ex p").all_inner_texts(), strict=True)
        assert sum(one != other for one, other in changed) == 1
    card(page, "layer_explorer").get_by_role("link").click()
    page.get_by_role("heading", name="Layer Explorer").wait_for()
    page.wait_for_url("**/layer_explorer?*picture=rocket*")


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (420, "dark")])
def test_cards_stand_even_and_fit(browser, server, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 1000}, color_scheme=scheme)
    tab = context.new_page()
    tab.set_default_timeout(60_000)
    tab.goto(server)
    complete(tab)
    assert tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    boxes = [card(tab, name).bounding_box() for name in CARDS]
    links = [card(tab, name).get_by_role("link").bounding_box() for name in CARDS]
    if width > 1000:
        for left, right in ((0, 1), (2, 3)):
            assert boxes[left]["y"] == boxes[right]["y"]
            assert boxes[left]["height"] == pytest.approx(boxes[right]["height"], abs=1)
            assert links[left]["y"] == pytest.approx(links[right]["y"], abs=1)
    else:
        assert len({box["x"] for box in boxes}) == 1
    context.close()
