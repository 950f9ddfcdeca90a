"""The guide and the guessing game, driven by Streamlit's own harness in a small page, and the game in a browser."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app import teaching
from tests.support.markup import parsed, picture

ROOT = Path(__file__).parents[2]
# Of all the evidence, square 24 holds 0.4, 25 0.3, 17 0.2 and 3 0.1. The picture is grey, its map is blue.
PAGE = """
import numpy as np
import streamlit as st

import xai_core as xai
from app import teaching

with st.sidebar:
    teaching.offer()
    key = st.selectbox("Key", ["a", "b", "flat"], key="which")
    page = st.selectbox("Page", list(teaching.GUIDES), key="page")
st.session_state["runs"] = st.session_state.get("runs", 0) + 1
st.caption(f"run {st.session_state['runs']}")
teaching.show(page)
raw = np.zeros((7, 7), np.float32)
if key != "flat":
    raw.flat[[24, 25, 17, 3]] = 4, 3, 2, 1
sample = xai.Sample("0" * 16, np.full((32, 32, 3), 128, np.uint8), name="<b>grey</b>")


def overlay():
    st.session_state["drawn"] = st.session_state.get("drawn", 0) + 1
    return np.full((32, 32, 3), (0, 0, 255), np.uint8)


if teaching.predict_then_reveal(key, sample, raw, overlay, "a *tabby* cat"):
    st.header("The maps")
"""


@pytest.fixture
def at():
    return run(AppTest.from_string(PAGE, default_timeout=60))


def run(at):
    at.run()
    assert not at.exception, at.exception[0].value
    return at


def text(at):
    return "\n".join(element.value for kind in ("markdown", "caption") for element in getattr(at, kind))


def button(at, label):
    (found,) = [button for button in at.button if button.label == label]
    return found


def press(at, label):
    button(at, label).click()
    return run(at)


def mark(at, key, *cells):
    """What the browser reports when squares are marked."""
    at.session_state["guesses"][key].mark([f"cell:{cell}" for cell in cells])
    return run(at)


def on_show(at):
    """Whether the page shows the maps that it held back."""
    return [header.value for header in at.header] == ["The maps"]


def board(at):
    """What the browser is given: the HTML to mark, and the squares that are marked."""
    (found,) = at.get("bidi_component")
    return json.loads(found.proto.json)


# ---------------------------------------------------------------- the game


def test_at_first_there_is_a_picture_to_mark_and_nothing_of_the_map(at):
    given = board(at)
    assert given["marks"] == []
    root = parsed(given["html"])
    assert len(root.all("button")) == 49
    assert np.abs(picture(root.all("img")[0]).astype(int) - 128).max() <= 2
    assert root.all("img")[0].attrs["alt"] == "Picture <b>grey</b>"
    assert not on_show(at)
    assert "drawn" not in at.session_state
    assert not at.get("html")
    assert [button(at, name).disabled for name in ("Reveal", "Clear", "Skip")] == [True, True, False]
    assert "## Where does the model look for a \\*tabby\\* cat?" in text(at)
    assert "guess so far" not in text(at).lower()


def test_marks_are_kept_and_revealing_shows_map_score_and_the_page_s_maps(at):
    mark(at, "a", 24, 17, 40)
    assert board(at)["marks"] == ["cell:17", "cell:24", "cell:40"]
    assert board(at)["html"].count('aria-pressed="true"') == 0  # the browser marks them: the HTML stays the same
    assert "3 squares marked." in text(at)
    assert not on_show(at)
    press(at, "Reveal")
    assert on_show(at)
    assert not at.get("bidi_component")
    (html,) = [element.proto.body for element in at.get("html")]
    root = parsed(html)
    assert np.abs(picture(root.all("img")[0]).astype(int) - (0, 0, 255)).max() <= 3
    assert (root.all("img")[0].attrs["alt"] or "").endswith(
        "Marked: row 3, column 4; row 4, column 4; row 6, column 6. "
        "Strongest: row 3, column 4; row 4, column 4; row 4, column 5."
    )
    said = text(at)
    assert (
        "You marked 3 of 49 squares. They hold 60% of the evidence; as many squares at random would hold 6.1% on "
        "average. 2 of your 3 squares are among the model's 3 strongest; chance gives 0.2."
    ) in said
    assert "1 guess so far: your squares held 60% of the evidence, chance 6.1%." in said


def test_what_the_browser_says_is_checked(at):
    game = at.session_state["guesses"]["a"]
    game.mark(["cell:5", "cell:49", "cell:-1", "cell:x", "5", "", "true:5", "cell:٣"])
    assert game.marks == {5}
    mark(at, "a", 24)
    press(at, "Reveal")
    game = at.session_state["guesses"]["a"]
    game.mark(["cell:0"])  # a click that comes too late
    assert game.marks == {24}


def test_clear_lets_go_of_all_marks_and_gives_the_browser_a_new_picture(at):
    mark(at, "a", 1, 2)
    before = at.get("bidi_component")[0].proto.id
    press(at, "Clear")
    assert board(at)["marks"] == []
    assert at.get("bidi_component")[0].proto.id != before
    assert button(at, "Reveal").disabled
    assert not on_show(at)


def test_skipping_shows_the_maps_and_counts_for_nothing(at):
    mark(at, "a", 24)
    press(at, "Skip")
    assert on_show(at)
    assert "Skipped: the maps are shown without a guess." in text(at)
    assert "drawn" not in at.session_state
    assert not [name for name in ("Start over", "Reveal") if name in [b.label for b in at.button]]
    # Whoever has seen the map may guess, but it does not count.
    press(at, "Again")
    assert not on_show(at)
    assert board(at)["marks"] == []
    mark(at, "a", 24)
    press(at, "Reveal")
    assert "They hold" not in text(at)
    assert "It holds 40% of the evidence" in text(at)
    assert "so far" not in text(at)


def test_the_first_guess_counts_and_not_the_second(at):
    mark(at, "a", 3)
    press(at, "Reveal")
    press(at, "Again")
    assert not on_show(at)
    assert "1 guess so far: your squares held 10% of the evidence, chance 2%." in text(at)
    mark(at, "a", 24, 25, 17, 3)
    press(at, "Reveal")
    assert "They hold 100% of the evidence" in text(at)
    assert "1 guess so far: your squares held 10% of the evidence, chance 2%." in text(at)


def test_each_key_has_a_game_of_its_own_and_the_score_is_over_all(at):
    mark(at, "a", 24, 17)
    press(at, "Reveal")
    at.selectbox(key="which").select("b")
    run(at)
    assert not on_show(at)
    assert board(at)["marks"] == []
    mark(at, "b", 25, 0, 1, 2, 4, 5)
    at.selectbox(key="which").select("a")
    run(at)
    assert on_show(at)
    at.selectbox(key="which").select("b")
    run(at)
    assert board(at)["marks"] == [f"cell:{cell}" for cell in (0, 1, 2, 4, 5, 25)]
    press(at, "Reveal")
    # 60 and 30 per cent of the evidence; 2 and 6 of 49 squares.
    tally = "2 guesses so far: on average your squares held 45% of the evidence, chance 8.2%."
    assert tally in text(at)
    press(at, "Start over")
    assert "so far" not in text(at)
    assert not on_show(at)
    at.selectbox(key="which").select("a")
    run(at)
    assert not on_show(at)
    assert board(at)["marks"] == []


def test_starting_over_wipes_the_picture_that_is_being_marked(at):
    mark(at, "a", 24)
    press(at, "Reveal")
    at.selectbox(key="which").select("b")
    run(at)
    mark(at, "b", 1, 2)
    before = at.get("bidi_component")[0].proto.id
    press(at, "Start over")
    assert board(at)["marks"] == []
    assert at.get("bidi_component")[0].proto.id != before  # a new one, which has no marks in the browser


def test_a_map_without_evidence_says_so_and_does_not_count(at):
    at.selectbox(key="which").select("flat")
    run(at)
    mark(at, "flat", 1)
    press(at, "Reveal")
    assert on_show(at)
    assert "The model finds no positive evidence in this picture, so there is no place to guess." in text(at)
    assert "No guess so far." in text(at)


# ---------------------------------------------------------------- the guide


def test_the_guide_is_off_until_it_is_switched_on(at):
    assert "What to look at" not in text(at)
    at.toggle(key="guide").set_value(True)
    run(at)
    assert "## What to look at" in text(at)
    assert not at.expander[0].proto.expanded
    assert at.expander[0].label == "Show the answer"


@pytest.mark.parametrize(
    "page",
    [
        "layer_explorer",
        "foreground",
        "misclassifications",
        "training_evolution",
        "edit",
        "duel",
        "dial",
        "lessons",
        "classroom",
        "model",
    ],
)
def test_each_page_has_things_to_look_at_a_question_and_an_answer(page):
    guide = teaching.GUIDES[page]
    at = AppTest.from_string(PAGE, default_timeout=60)
    at.query_params["guide"] = "true"
    at.session_state["page"] = page
    run(at)
    said = [element.value for element in at.markdown]
    assert "\n".join(f"{i}. {look}" for i, look in enumerate(guide.look, start=1)) in said
    assert guide.question in said
    assert [element.value for element in at.expander[0].markdown] == [guide.answer]
    assert 2 <= len(guide.look) <= 4
    assert guide.question.endswith("?")


def test_the_guides_name_only_what_their_pages_have():
    """What a guide sets in italics is the name of something on the page."""
    files = {
        "layer_explorer": ["app/layers/*.py", "xai_core/studies/verdict.py"],
        "foreground": ["app/foreground/*.py", "xai_core/measures/on_object/*.py"],
        "misclassifications": ["app/mistakes/*.py", "app/explanations/*.py", "xai_core/figures/panel.py"],
        "training_evolution": ["app/evolution/*.py", "xai_core/studies/training_*.py"],
        "discovery": ["app/discovery/*.py", "xai_core/figures/discovery.py"],
        "edit": ["app/editing/*.py"],
        "duel": ["app/duel/*.py"],
        "dial": ["app/dial/*.py", "app/views/dial.py"],
        "lessons": ["app/lessons/*.py"],
        "classroom": ["app/classroom/*.py"],
        "model": ["app/model/*.py"],
    }
    free = {"concentrated", "depends", "where", "what"}  # stressed words
    for page, guide in teaching.GUIDES.items():
        paths = [path for pattern in files[page] for path in ROOT.glob(pattern)]
        there = "\n".join(path.read_text(encoding="utf-8") for path in paths).lower()
        whole = "\n".join([*guide.look, guide.question, guide.answer])
        names = {name.lower() for name in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", whole)} - free
        for name in names:
            assert name in there, f"{page}: {name}"


# ---------------------------------------------------------------- in a browser


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a server with the small page, in place of the whole dashboard's."""
    folder = tmp_path_factory.mktemp("teaching")
    (folder / "page.py").write_text(PAGE, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(folder / "page.py"), "--server.port", str(port)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env=environment)
        try:
            for _ in range(300):
                try:
                    with urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=2):
                        break
                except OSError:
                    time.sleep(0.2)
            yield f"http://localhost:{port}"
        finally:
            process.terminate()
            process.wait(20)


@pytest.mark.browser
def test_no_click_is_lost_and_marking_leaves_the_page_alone(page, server):
    page.goto(server)
    page.locator("[data-pick='cell:0']").wait_for()
    box = page.locator(".gs-box").bounding_box()
    cells = [8, 9, 10, 15, 16, 17, 22, 23, 24]
    for cell in cells:  # faster than the server answers
        row, column = divmod(cell, 7)
        page.mouse.click(box["x"] + (column + 0.5) * box["width"] / 7, box["y"] + (row + 0.5) * box["height"] / 7)
    page.get_by_text("9 squares marked.").wait_for()
    # The keyboard lets one go, and keeps its place.
    page.locator("[data-pick='cell:8']").focus()
    page.keyboard.press("Enter")
    page.get_by_text("8 squares marked.").wait_for()
    page.keyboard.press("Space")
    page.get_by_text("9 squares marked.").wait_for()
    pressed = page.locator("[aria-pressed=true]").evaluate_all("all => all.map((one) => one.dataset.pick)")
    assert pressed == [f"cell:{cell}" for cell in cells]
    assert page.get_by_text("run 1", exact=True).is_visible()  # only the game was drawn again
    page.get_by_role("button", name="Clear").click()
    page.get_by_text("0 squares marked.").wait_for()
    page.locator("[data-pick='cell:24'][aria-pressed=false]").click()
    page.get_by_text("1 square marked.").wait_for()
    page.get_by_role("button", name="Reveal").click()
    page.get_by_role("heading", name="The maps").wait_for()
    assert page.get_by_text("It holds 40% of the evidence").is_visible()
    assert page.locator("[data-pick]").count() == 0


@pytest.mark.browser
def test_the_guide_stands_in_the_address(page, server):
    page.goto(server)
    page.get_by_text("Guide", exact=True).click()
    page.get_by_text("What to look at").wait_for()
    page.wait_for_url("**/?guide=true")
    answer = page.get_by_text("a map can focus on the background")
    assert not answer.is_visible()
    page.get_by_text("Show the answer").click()
    answer.wait_for()
    page.reload()
    page.get_by_text("What to look at").wait_for()
