"""Which is which?: what is hidden stays hidden, the first word counts, and the evidence is the library's."""

import numpy as np
import pytest

import xai_core as xai
from app.duel.rounds import Duel, Round
from tests.support.pages import address, html, open_page, press, run, text
from xai_core.studies import accuracy_words, percent


def test_the_first_word_counts_and_undecided_rounds_do_not():
    game = Duel(2)
    now = game.now
    assert game.now is now
    game.decide("C")
    assert game.hits == []
    game.begin()
    assert len(game.rounds) == 1  # nothing was decided
    first = game.now
    right = first.answer
    game.decide(right)
    game.decide({"A": "B", "B": "A"}[right])
    assert game.hits == [True]
    game.begin()
    game.decide({"A": "B", "B": "A"}[game.now.answer])
    assert game.hits == [True, False]


def test_every_order_is_drawn():
    game = Duel(3)
    orders = set()
    for _ in range(120):
        game.begin()
        orders.add(game.now.order)
        game.decide("A")
    assert len(orders) == 6  # missed once in 10 ** 8 runs
    now = Round(0, (2, 0, 1))
    assert (now.answer, now.name_of(1), now.name_of(2)) == ("B", "C", "A")


def test_the_cheating_network_is_named_only_after_the_decision():
    at = open_page("duel")
    for hidden in ("Digits (shortcut)", "Digits (honest)"):
        assert hidden not in text(at) + html(at)
    assert set(address(at)) <= {"duel"}
    now = at.session_state["duels"]["cheats"].now
    press(at, f"say-cheats-{now.answer}")
    assert f"{now.answer} is Digits (shortcut)." in text(at)
    assert f"You said {now.answer}, which is right." in text(at)
    assert "You were right in 1 of 1 round" in text(at)
    assert at.button(key="say-cheats-A").disabled
    # The evidence, computed in another way.
    for key in ("digits", "digits_shortcut"):
        model = xai.load_model(key)
        for data in (xai.load_dataset("textured_digits_shortcut", split="val"), xai.load_dataset("textured_digits")):
            table = xai.evaluate(model, data)
            assert accuracy_words(int(table["correct"].sum()), len(table)) in text(at)
    model, digits = xai.load_model("digits_shortcut"), xai.load_dataset("textured_digits").choose(None, 60).read()[0]
    layer = model.select("stages")[-1].name
    maps = xai.grad_cam(model, digits, layers=layer, targets=[int(one.label) for one in digits])
    table = xai.foreground_background(maps, digits, control=False)
    assert f"on the digit: {percent(float(table['energy_inside'].mean()))}" in text(at)
    press(at, "round")
    assert "is Digits (shortcut)" not in text(at)
    press(at, "forget-rounds")
    assert "No round is decided so far." in text(at)


def test_random_weights_are_named_after_the_decision_with_how_alike_the_maps_are():
    at = open_page("duel", duel="Which weights are random?")
    assert "is trained, and" not in text(at)
    now = at.session_state["duels"]["weights"].now
    wrong = next(name for name in "ABC" if name != now.answer)
    press(at, f"say-weights-{wrong}")
    assert f"You said {wrong}, which is wrong: it is {now.answer}." in text(at)
    assert f"{now.answer} has random weights" in text(at)
    assert f"{now.name_of(1)} is trained, and {now.name_of(2)} is the spot" in text(at)
    assert "sanity check" in text(at)
    assert "right in 0 of 1 round: too few to tell from guessing" in text(at)


@pytest.mark.parametrize("value", ["", "Which is best?"])
def test_an_address_that_asks_for_nothing_there_is(value):
    at = open_page("duel", duel=value)
    run(at)
    assert "One of these two networks reads the background" in text(at)
    assert "Which model cheats?" not in text(at)  # the choice above says it already
    assert np.isfinite(at.session_state["duels"]["cheats"].now.seed)
