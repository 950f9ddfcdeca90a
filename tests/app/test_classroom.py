"""A class that votes: what is hidden stays hidden, each browser has one answer, and only the teacher goes on."""

import json
import multiprocessing
import re
from dataclasses import replace

import numpy as np
import pytest

import xai_core as xai
from app import cache
from app.classroom import deck, results, store
from app.classroom.asked import ASKED, ROUNDS
from app.classroom.voter import LATE
from app.controls import plain
from app.lessons import LESSONS
from tests.support.pages import address, html, open_page, press, run, text
from tests.support.voting import vote_all
from xai_core.errors import XaiError
from xai_core.studies import votes_sentence

LESSON = "where"
TEACHER, MANY = "the teacher's browser", 200


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder of trainings of its own, beside which classes are kept."""
    monkeypatch.setenv("XAI_RUNS", str(tmp_path))
    return tmp_path


@pytest.fixture
def room():
    """A class at its first question."""
    found = store.find(store.begin(LESSON, TEACHER))
    store.go(found, TEACHER, 0)
    return store.find(found.code)


def phone(code):
    return open_page("classroom", code=code)


def answer(at, place):
    """Choose and answer; the page that a phone shows then."""
    (radio,) = at.radio
    radio.set_value(room_choices()[place])
    run(at)
    return press_first(at, "cast-")


def press_first(at, start):
    return press(at, next(one.key for one in at.button if one.key and one.key.startswith(start)))


# The page, of teacher and phone


def test_a_class_from_its_beginning_to_its_result():
    teacher = open_page("classroom")
    press(teacher, "begin-class")
    code = address(teacher)["code"]
    assert code in html(teacher)
    assert "QR code of the link" in html(teacher)
    assert "0 phones joined" in text(teacher)
    first, second = phone(code), phone(code)
    assert "You are in" in text(first)
    assert [one.key for one in teacher.toggle] == ["present", "guide"]
    assert not first.toggle  # nothing is presented or taught on a phone
    steps = LESSONS[LESSON].steps
    assert f"{len(steps)} questions will come" in text(first)
    assert "2 phones joined" in text(run(teacher))
    press(teacher, "next-question")
    right = steps[0].choices.index(steps[0].evidence().answer)
    wrong = (right + 1) % len(steps[0].choices)
    claim = steps[0].evidence().claim
    for at, place in ((run(first), right), (run(second), wrong)):
        assert steps[0].question in text(at)
        answer(at, place)
        assert "Wait for the others" in text(at)
        assert not at.radio
    # Nobody sees an answer before it is revealed, nor how the others voted.
    assert "2 phones joined, 2 answered" in text(run(teacher))
    for at in (teacher, first, second):
        assert claim not in text(at)
        assert "Answers of the class" not in html(at)
    press(teacher, "reveal")
    for at in (teacher, run(first), run(second)):
        assert claim in text(at)
        assert votes_sentence(1, 2, 1 / len(steps[0].choices)) in text(at)
        assert "Answers of the class" in html(at)
    assert "So do the numbers" in text(first)
    assert "The numbers say" in text(second)
    press(teacher, "reveal")  # which hides it again
    assert claim not in text(run(first))
    assert "the answer is hidden" in text(phone(code))
    for _ in steps:
        press(teacher, "next-question")
    assert "How the class did" in text(teacher)
    assert f"{len(steps) - 1} questions were not revealed" in text(teacher)
    assert "On average" not in text(teacher)  # one question: its own line says it
    assert "You were right in 1 of 1 answer." in text(run(first))
    assert "You were right in 0 of 1 answer." in text(run(second))
    press(teacher, "end-class")
    assert "The class has ended. Thank you for your answers." in text(run(first))
    assert store.find(code) is None


def test_who_opens_the_link_later_sees_where_the_class_is(room):
    store.reveal(room, TEACHER)
    late = phone(room.code)
    assert LESSONS[LESSON].steps[0].evidence().claim in text(late)
    assert not late.radio  # the vote is over
    assert "You said" not in text(late)


@pytest.mark.parametrize("after", ["revealed", "hidden again", "the next question"])
def test_an_answer_that_comes_too_late_says_so_and_does_not_count(room, after):
    at = phone(room.code)
    (radio,) = at.radio
    radio.set_value(room_choices()[0])
    run(at)
    if after == "the next question":  # while the phone still shows the first one
        store.go(room, TEACHER, 1)
    else:
        store.reveal(room, TEACHER)
    if after == "hidden again":
        store.reveal(room, TEACHER, shown=False)
    press_first(at, "cast-")
    assert LATE in text(at)
    assert store.votes(room) == []
    assert LATE not in text(run(at))


def room_choices():
    return LESSONS[LESSON].steps[0].choices


@pytest.mark.parametrize("code", ["ABCDEF", "abc", "../../etc", "<b>x</b>", "ÄÖÜ234", "A" * 500, "234567' or '1'='1"])
def test_a_made_up_code_opens_no_class(code):
    store.begin(LESSON, TEACHER)
    at = phone(code)
    assert "There is no class with the code" in text(at)
    assert "<b>x</b>" not in html(at)
    assert not any(one.key == "begin-class" for one in at.button)  # who was sent here to answer begins no class


def test_a_code_may_be_typed_small_and_with_blanks(room):
    at = open_page("classroom")
    at.text_input(key="typed-code").set_value(f" {room.code[:3].lower()} {room.code[3:].lower()} ")
    next(one for one in at.button if one.label == "Join").click()
    run(at)
    assert LESSONS[LESSON].steps[0].question in text(at)


def test_the_lesson_leads_to_the_class_that_asks_it():
    at = open_page("lessons")
    assert {f"Lesson: {one.title}" for one in LESSONS.values()} <= {one.title for one in ASKED.values()}
    press(at, "lesson-class")
    at.switch_page("views/classroom.py")
    run(at)
    assert at.selectbox(key="asked").value == LESSON


# What is asked


@pytest.mark.parametrize("key", [key for key, one in ASKED.items() if not one.made])
def test_all_phones_are_asked_the_same_and_each_answer_can_be_chosen(key):
    here = store.find(store.begin(key, TEACHER))
    once, again = ASKED[key].steps(here), ASKED[key].steps(here)
    assert [one.choices for one in once] == [one.choices for one in again]
    assert [one.evidence().answer for one in once] == [one.evidence().answer for one in again]
    for step in once:
        assert step.evidence().answer in step.choices


@pytest.mark.parametrize(("key", "n"), [("cheats", 2), ("weights", 3)])
def test_rounds_of_a_duel_are_drawn_by_the_class(key, n):
    answers = set()
    for _ in range(12):
        steps = ASKED[key].steps(store.find(store.begin(key, TEACHER)))
        assert len(steps) == ROUNDS
        answers |= {one.evidence().answer for one in steps}
    assert answers == set("ABC"[:n])  # missed once in 10 ** 7 runs
    at = phone(store.begin(key, TEACHER))
    assert not re.search("shortcut|honest", html(at), re.IGNORECASE)


def test_questions_about_pictures_hide_what_the_model_says():
    model, photos = xai.load_model("efficientnet_lite0"), list(xai.load_dataset("photos"))
    samples = [model.preprocessing.prepare(one) for one in photos]
    here = store.find(store.begin("pictures", TEACHER, deck.make_deck(model, samples)))
    steps = ASKED["pictures"].steps(here)
    p = xai.predict(model, samples).probabilities
    assert len(steps) == len(samples)
    for step, row, target in zip(steps, p, xai.true_classes(model, samples), strict=True):
        top = model.class_names[int(row.argmax())]
        assert step.evidence().answer == top
        assert top in step.choices
        assert len(set(step.choices)) == 4
        assert list(step.choices) == sorted(step.choices)  # their order says nothing
        if target is not None:
            assert model.class_names[target] in step.choices
    shown = [one["picture"] for one in json.loads(store.deck(here.code))]
    assert not any(sample.name in picture for sample, picture in zip(samples, shown, strict=True))


def test_the_page_asks_about_the_pictures_of_the_side_bar():
    at = open_page("classroom", asked=ASKED["pictures"].title, data="Textured digits", n="3", model="Digits (honest)")
    assert "3 pictures of Textured digits" in text(at)
    press(at, "begin-class")
    code = address(at)["code"]
    press(at, "next-question")
    assert deck.QUESTION in text(at)
    press(at, "reveal")
    model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits").choose(None, 3).read()[0]
    p = xai.predict(model, digits).probabilities[0]
    assert f"It says '{model.class_names[int(p.argmax())]}'" in text(at)
    assert "pb-row" in html(phone(code))


def test_a_model_with_one_class_has_nothing_to_guess():
    class One:
        class_names = ("cat", "cat")

    with pytest.raises(xai.ModelError, match="nothing to guess"):
        deck.make_deck(One(), [])


def test_a_picture_that_is_answered_with_nan_has_no_right_answer(monkeypatch):
    model = xai.load_model("digits")
    samples = xai.load_dataset("textured_digits").choose(None, 3).read()[0]
    answers = cache.maps.at_last_stage(model, samples, [None] * 3)
    p = answers.predictions.probabilities.copy()
    p[1] = np.nan
    broken = replace(answers, predictions=replace(answers.predictions, probabilities=p))
    monkeypatch.setattr(deck.cache.maps, "at_last_stage", lambda *_: broken)
    assert [one["answer"] for one in json.loads(deck.make_deck(model, samples))] == [
        model.class_names[int(row.argmax())] for row in p[[0, 2]]
    ]
    p[:] = np.nan
    with pytest.raises(xai.ModelError, match="NaN"):
        deck.make_deck(model, samples)


def test_names_of_classes_are_text_on_the_phones():
    name = "**bold** [x](http://evil.example) $x$"
    question = {"choices": ["", name], "answer": name, "claim": "c", "picture": "<i></i>", "found": ""}
    here = store.find(store.begin("pictures", TEACHER, json.dumps([question])))
    store.go(here, TEACHER, 0)
    at = phone(here.code)
    (radio,) = at.radio
    assert radio.options == [plain(""), plain(name)]
    radio.set_value("")
    run(at)
    press_first(at, "cast-")
    assert "Wait for the others" in text(at)  # a class without a name can be chosen, too
    assert [choice for _, _, choice in store.votes(here)] == [""]


# Answers that are kept


def test_the_first_answer_of_a_browser_counts(room):
    assert store.vote(room, "a", 0, "x")
    assert not store.vote(room, "a", 0, "y")
    assert store.vote(room, "b", 0, "y")
    assert not store.vote(room, "b", 1, "y")  # not asked yet
    assert store.said(room, "a") == {0: "x"}
    assert sorted((step, choice) for step, _, choice in store.votes(room)) == [(0, "x"), (0, "y")]
    assert store.counts(room) == (2, 2)
    store.go(room, TEACHER, 1)
    assert not store.vote(room, "c", 0, "x")  # too late


def test_only_who_began_a_class_goes_on(room):
    for act in (
        lambda: store.go(room, "another", 3),
        lambda: store.reveal(room, "another"),
        lambda: store.end(room, "another"),
    ):
        act()
        assert store.find(room.code) == room
    assert store.owns(room, TEACHER)
    assert not store.owns(room, "another")


def test_a_revealed_question_stays_closed_when_one_comes_back(room):
    store.reveal(room, TEACHER)
    store.go(room, TEACHER, 1)
    store.go(room, TEACHER, 0)
    again = store.find(room.code)
    assert again.revealed
    assert not store.vote(again, "a", 0, "x")


def test_a_browser_cannot_be_found_in_two_classes(room):
    other = store.find(store.begin(LESSON, TEACHER))
    store.go(other, TEACHER, 0)
    for one in (room, other):
        store.vote(one, "the same", 0, "x")
    assert store.votes(room)[0][1] != store.votes(other)[0][1]
    content = (store.runs_folder() / store.FILE).read_bytes()
    assert b"the same" not in content
    assert TEACHER.encode() not in content


def test_votes_at_once_from_two_servers_are_neither_lost_nor_doubled(room, folder):
    """Each of 200 phones votes on both servers, as one does that is sent to the other one when its answer was late."""
    names = [f"phone {number}" for number in range(MANY)]
    context = multiprocessing.get_context("spawn")
    servers = [context.Process(target=vote_all, args=(room.code, str(folder), names)) for _ in range(2)]
    for one in servers:
        one.start()
    for one in servers:
        one.join()
    assert [one.exitcode for one in servers] == [0, 0]
    assert store.counts(room) == (MANY, MANY)
    assert len({voter for _, voter, _ in store.votes(room)}) == MANY


def test_a_class_is_forgotten_after_a_day(room, monkeypatch):
    store.vote(room, "a", 0, "x")
    now = store.time.time()
    monkeypatch.setattr(store.time, "time", lambda: now + store.DAY_S + 1)
    store.begin(LESSON, TEACHER)
    assert store.find(room.code) is None
    assert store.votes(room) == []


def test_bounds_are_said(room, monkeypatch):
    monkeypatch.setenv("XAI_VOTERS", "1")
    store.join(room, "a")
    store.join(room, "b")
    assert store.counts(room) == (1, 0)
    assert store.vote(room, "b", 0, "x")  # who only joined takes nobody's place
    with pytest.raises(XaiError, match="XAI_VOTERS"):
        store.vote(room, "a", 0, "x")
    monkeypatch.setenv("XAI_CLASSES", "1")
    with pytest.raises(XaiError, match="XAI_CLASSES"):
        store.begin(LESSON, TEACHER)
    at = open_page("classroom")
    press(at, "begin-class")
    assert "XAI_CLASSES" in text(at)


def test_classes_that_nobody_joined_make_room_after_an_hour(monkeypatch):
    monkeypatch.setenv("XAI_CLASSES", "2")
    joined, empty = (store.find(store.begin(LESSON, TEACHER)) for _ in range(2))
    store.join(joined, "a")
    now = store.time.time()
    monkeypatch.setattr(store.time, "time", lambda: now + store.HOUR_S + 1)
    store.begin(LESSON, TEACHER)
    assert store.find(joined.code)
    assert store.find(empty.code) is None


def test_a_full_disk_is_said_before_a_class_begins(monkeypatch):
    monkeypatch.setenv("XAI_DISK_FREE_MB", str(10**9 - 1))
    at = open_page("classroom")
    press(at, "begin-class")
    assert "XAI_DISK_FREE_MB" in text(at)
    assert "code" not in address(at)


def test_who_has_begun_a_class_finds_it_again():
    at = open_page("classroom")
    press(at, "begin-class")
    code = address(at)["code"]
    at.query_params.clear()
    run(at)
    assert "Begin a class" in text(at)
    press(at, f"own-{code}")
    assert address(at)["code"] == code
    assert "QR code" in html(at)


def test_joining_a_class_that_has_ended_leaves_nothing(room):
    store.end(room, TEACHER)
    store.join(room, "a")
    assert store.counts(room) == (0, 0)


def test_a_question_that_was_hidden_stays_hidden_when_one_comes_back(room):
    store.reveal(room, TEACHER)
    store.reveal(room, TEACHER, shown=False)
    store.go(room, TEACHER, 1)
    assert not store.find(room.code).hidden
    store.go(room, TEACHER, 0)
    assert store.find(room.code).hidden


def test_a_damaged_file_is_named(room, folder):
    (folder / store.FILE).write_bytes(b"no database" * 100)
    with pytest.raises(XaiError, match=store.FILE):
        store.find(room.code)
    said = text(phone(room.code))
    assert store.FILE in said
    assert str(folder) not in said


def test_a_file_that_breaks_while_the_page_is_open_is_said(room, folder):
    at = phone(room.code)
    (radio,) = at.radio
    radio.set_value(room_choices()[0])
    run(at)
    (folder / store.FILE).write_bytes(b"no database" * 100)
    press_first(at, "cast-")
    assert store.FILE in text(at)


def test_nothing_is_written_before_a_class_is_begun(folder):
    phone("ABCDEF")
    open_page("classroom")
    assert not (folder / store.FILE).exists()


# Numbers


def test_the_table_has_a_row_for_each_answer_that_was_revealed(room):
    steps = LESSONS[LESSON].steps
    right = steps[0].evidence().answer
    wrong = next(one for one in steps[0].choices if one != right)
    for number in range(8):
        store.vote(room, f"phone {number}", 0, right if number < 6 else wrong)
    assert len(results.answers(room, ASKED[LESSON])) == 0
    store.reveal(room, TEACHER)
    store.go(room, TEACHER, 1)
    store.vote(store.find(room.code), "phone 0", 1, steps[1].choices[0])  # not revealed
    table = results.answers(store.find(room.code), ASKED[LESSON])
    assert len(table) == 8
    assert table["right"].sum() == 6
    assert list(table["phone"]) == list(range(1, 9))  # in the order of their numbers, whoever came first
    voters = [voter for step, voter, _ in store.votes(room) if step == 0]
    assert voters == sorted(voters)
    assert set(table["question"]) == {1}


def test_codes_hold_no_letters_that_are_taken_for_one_another():
    assert set("01OILoil") & set(store.LETTERS) == set()
    assert store.tidy("ab cd 2o") == ""
