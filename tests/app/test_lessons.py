"""Lessons: a question before each claim, and each claim against numbers that were got in another way."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import xai_core as xai
from app.heads import PAGES
from app.lessons import LESSONS, evidence, photos, scene, where
from app.lessons.sheet import sheet_html
from tests.support.pages import open_page, press, run, text
from xai_core.studies import percent

# What each step is there to teach. Where its numbers say something else, its text no longer fits.
TAUGHT = {
    "where": ("its likeliest class, and how sure it is", "the lower right", "7 × 7", "very alike", where.HOT[0]),
    "evidence": ("network A", "about as much", "nearly as much", "in anything from about 40% up"),
    "scene": (
        "that cannot be told from this",
        "network B",
        "it falls to nearly nothing",
        "at 95%",
        "20 pictures with other backgrounds",
    ),
}
STEPS = [(lesson.key, at) for lesson in LESSONS.values() for at in range(len(lesson.steps))]


@pytest.fixture(scope="module")
def model():
    return xai.load_model("efficientnet_lite0")


@pytest.fixture(scope="module")
def views(model):
    return [model.preprocessing.prepare(one) for one in xai.load_dataset("photos")]


def maps(model, samples, targets):
    return xai.grad_cam(model, samples, layers=model.select("stages")[-1].name, targets=targets)


@pytest.mark.parametrize(("key", "at"), STEPS)
def test_the_numbers_say_what_the_step_teaches(key, at):
    found = LESSONS[key].steps[at].evidence()
    assert found.answer == TAUGHT[key][at]
    assert found.answer in LESSONS[key].steps[at].choices
    assert "nan" not in found.claim


def test_ten_questions_can_be_answered_from_the_lessons():
    assert len(STEPS) >= 10
    for lesson in LESSONS.values():
        assert lesson.page in {one.page for one in PAGES}
        assert len({step.key for step in lesson.steps}) == len(lesson.steps)
        assert all(step.question.endswith("?") and len(set(step.choices)) >= 2 for step in lesson.steps)


def test_the_quarter_and_the_probabilities_are_those_of_the_map(model, views):
    sample = next(one for one in views if one.name == where.PHOTO)
    p = xai.predict(model, [sample]).probabilities[0]
    assert f"'{model.class_names[int(p.argmax())]}', with a probability of {percent(float(p.max()))}" in (
        LESSONS["where"].steps[0].evidence().claim
    )
    (found,) = maps(model, [sample], [int(p.argmax())]).values()
    fine = np.maximum(xai.upsample(np.maximum(found[0], 0), (224, 224)), 0)
    assert where.quarter_shares()[3] == pytest.approx(fine[112:, 112:].sum() / fine.sum(), rel=1e-5)


def test_the_hottest_tenth_is_blurred_by_hand(model, views):
    sample = views[0]
    target = int(xai.predict(model, [sample]).classes[0])
    (found,) = maps(model, [sample], [target]).values()
    region = xai.hottest(found[0], (224, 224))
    blurred = xai.apply_edits(sample, [xai.Edit("blur", region)])
    expected = xai.predict(model, [sample, blurred]).probabilities[:, target]
    assert where.hot_and_random()[0, :2] == pytest.approx(expected, abs=1e-5)


def test_shares_on_objects_are_those_of_foreground_vs_background(model, views):
    heatmaps = maps(model, views, xai.predict(model, views).classes.tolist())
    table = xai.foreground_background(heatmaps, views, control=False)
    assert evidence.shares()["map"].to_numpy() == pytest.approx(table["energy_inside"].to_numpy(), abs=1e-6)


def test_random_weights_stand_on_the_side_that_is_named(monkeypatch):
    drawn = []
    monkeypatch.setattr(photos, "show_maps", lambda samples, heatmaps, captions, **_: drawn.append(heatmaps))
    LESSONS["evidence"].steps[0].show()
    trained, random = evidence.trained_and_random()
    assert len(drawn) == len(evidence.NETWORKS) == 2
    a, b = (photos.raw(one) for one in drawn)
    assert np.array_equal(a, photos.raw(random))
    assert np.array_equal(b, photos.raw(trained))
    assert not np.allclose(a, b)
    assert LESSONS["evidence"].steps[0].evidence().answer == "network A"


def test_answers_on_other_backgrounds_are_those_of_the_library():
    digits = xai.load_dataset("textured_digits")[: scene.FEW]
    for strength, key in ((scene.HONEST, "digits"), (scene.CHEAT, "digits_shortcut")):
        table = xai.evaluate(xai.load_model(key), digits)
        assert scene.first_untied(strength) == (int(table["correct"].sum()), scene.FEW)


def test_a_lesson_is_answered_step_by_step_and_begun_again():
    at = open_page("lessons", lesson=LESSONS["evidence"].title)
    for number, step in enumerate(LESSONS["evidence"].steps, start=1):
        assert f"### {number}. {step.title}" in text(at)
        assert f"### {number + 1}." not in text(at)
        assert step.evidence().claim not in text(at)
        button, radio = f"answer-evidence-{step.key}", f"lesson-evidence-{step.key}"
        assert at.button(key=button).disabled
        at.radio(key=radio).set_value(step.choices[0])
        run(at)
        press(at, button)
        assert step.evidence().claim in text(at)
        assert radio not in [one.key for one in at.radio]  # the first answer counts
        answer = TAUGHT["evidence"][number - 1]
        verdict = "So do the numbers." if step.choices[0] == answer else f"The numbers say: {answer}."
        assert f"You said: {step.choices[0]}. {verdict}" in text(at)
    taught = TAUGHT["evidence"]
    hits = sum(step.choices[0] == answer for step, answer in zip(LESSONS["evidence"].steps, taught, strict=True))
    assert f"{hits} of 4 answers {'agrees' if hits == 1 else 'agree'} with the numbers." in text(at)
    press(at, "lesson-again")
    assert "### 2." not in text(at)
    assert "0 of 4 questions are answered so far." in text(at)


def test_the_sheet_holds_every_claim():
    for lesson in LESSONS.values():
        sheet = sheet_html(lesson)
        assert "http" not in sheet
        assert sheet.count("<li>") == len(lesson.steps)
        for step in lesson.steps:
            assert step.evidence().claim.replace("'", "&#x27;") in sheet


@pytest.mark.parametrize(("key", "at"), [("where", 1), ("where", 2), ("scene", 1), ("scene", 2)])
def test_a_question_about_a_picture_shows_it(key, at):
    """In a class each question stands alone: nothing is above it."""

    def page(key, at):
        from app.lessons import LESSONS
        from app.lessons.engine import show_question

        show_question(1, LESSONS[key].steps[at])

    seen = AppTest.from_function(page, args=(key, at), default_timeout=60).run()
    assert not seen.exception
    assert "<img" in "".join(one.proto.body for one in seen.get("html"))
    assert "above" not in LESSONS[key].steps[at].question + LESSONS[key].steps[at].text


@pytest.mark.parametrize("at", range(5))
def test_the_evidence_of_the_first_lesson_is_seen(at):
    def page(at):
        from app.lessons import LESSONS

        LESSONS["where"].steps[at].evidence().show()

    seen = AppTest.from_function(page, args=(at,), default_timeout=60).run()
    assert not seen.exception
    bodies = "".join(one.proto.body for one in seen.get("html"))
    assert "pb-row" in bodies if at == 0 else "<img" in bodies
