"""A presenter and five phones in real browsers, each with cookies of its own."""

import pytest

from app.lessons import LESSONS
from tests.support.accessibility import audit
from tests.support.screens import drawn
from xai_core.studies import votes_sentence

pytestmark = pytest.mark.browser
PHONES = 5
STEPS = LESSONS["where"].steps


@pytest.fixture
def opened(browser, server):
    """Opens a window of its own, as another person's device does; the test fails if it asks anybody else."""
    contexts, strangers, errors = [], [], []

    def window(path, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(60_000)
        tab.on("request", lambda r: None if r.url.startswith((server, "data:", "blob:")) else strangers.append(r.url))
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.goto(f"{server}/{path}")
        return tab

    yield window
    for context in contexts:
        context.close()
    assert set(strangers) <= {f"ws{server.removeprefix('http')}/_stcore/stream"}
    assert errors == []


def answer(tab, choice):
    tab.get_by_role("radio", name=choice).focus()
    tab.keyboard.press("Space")
    tab.wait_for_function(
        "() => [...document.querySelectorAll('button')].some(b => b.textContent.includes('Answer') && !b.disabled)"
    )
    tab.get_by_role("button", name="Answer").focus()
    tab.keyboard.press("Enter")
    tab.get_by_text("Wait for the others").wait_for()


def test_a_presenter_and_five_phones(opened, server):
    teacher = opened("classroom", viewport={"width": 1280, "height": 1000})
    teacher.get_by_role("button", name="Begin a class").click()
    teacher.get_by_alt_text("QR code of the link to this class").wait_for()
    link = teacher.locator("[data-testid=stCode]").inner_text().strip()
    assert link.startswith(f"{server}/classroom?code=")
    teacher.get_by_text("Phones cannot open this page").wait_for()
    teacher.get_by_role("button", name="First question").wait_for()
    drawn(teacher)
    assert audit(teacher) == []

    path = link.removeprefix(f"{server}/")
    phones = [opened(path, viewport={"width": 390, "height": 844}) for _ in range(PHONES)]
    for tab in phones:
        tab.get_by_role("heading", name="You are in").wait_for()
    teacher.get_by_text(f"{PHONES} phones joined").wait_for()
    teacher.get_by_role("button", name="First question").click()

    right = STEPS[0].evidence().answer
    wrong = next(one for one in STEPS[0].choices if one != right)
    for number, tab in enumerate(phones):  # the question comes by itself
        tab.get_by_role("radio", name=right).wait_for()
        answer(tab, wrong if number == 0 else right)
    teacher.get_by_text(f"{PHONES} phones joined, {PHONES} answered").wait_for()

    # A phone that was away and a laptop that was closed come back as who they were.
    phones[0].reload()
    phones[0].get_by_text(f"You said: {wrong}").wait_for()
    assert phones[0].get_by_role("radio").count() == 0
    teacher.context.new_page().goto(teacher.url)
    teacher.close()
    teacher = phones[0].context.browser.contexts[-PHONES - 1].pages[-1]
    teacher.set_default_timeout(60_000)

    claim = STEPS[0].evidence().claim
    assert all(claim not in tab.inner_text("body") for tab in [teacher, *phones])
    teacher.get_by_role("button", name="Reveal for all").click()
    said = votes_sentence(PHONES - 1, PHONES, 1 / len(STEPS[0].choices))
    for tab in [teacher, *phones]:
        tab.get_by_text(claim).wait_for()
        tab.get_by_text(said).wait_for()
    drawn(teacher)
    assert audit(teacher) == []
    drawn(phones[0])
    main = phones[0].get_by_test_id("stMain")
    assert main.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert audit(phones[0]) == []
    teacher.get_by_role("button", name="Hide for all").click()
    for tab in phones:
        tab.get_by_text(claim).wait_for(state="detached")
        tab.get_by_text("the answer is hidden").wait_for()

    teacher.get_by_role("button", name="Next question").click()
    for tab in phones:
        tab.get_by_role("radio", name=STEPS[1].choices[0]).wait_for()
    teacher.get_by_role("button", name="End").click()
    teacher.get_by_role("button", name="End and forget").click()
    for tab in phones:
        tab.get_by_text("The class has ended. Thank you for your answers.").wait_for()
