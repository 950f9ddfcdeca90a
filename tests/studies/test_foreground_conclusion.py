"""One answer from maps and interventions: every cell of the rules."""

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from xai_core import studies
from xai_core.studies import ForegroundVerdict, Reliance, UntrainedMaps, class_seen

NAN = float("nan")
TABLE = pd.DataFrame(
    {"picture": [*range(6)] * 2, "kind": ["whole"] * 6 + ["swapped"] * 6, "p": [0.8] * 6 + [0.5] * 6, "other": 0}
)
OUTCOMES = ("more", "less", "none", "unknown")


def verdict(outcome, seen=None):
    return ForegroundVerdict(outcome, "", "What the maps say.", "", "", None, seen)


def reliance(on, n=6):
    reasons = {"object": "little", "background": "most", "both": "part", "neither": "unsure", "unknown": "wide"}
    return Reliance(reasons[on], 0.3, 0.2, 0.4, 0.5, 0.5, n)


def concluded(on, outcome, by_label=None, seen=None, maps_of=None, untrained=None):
    found = None if on is None else reliance(on)
    return studies.conclude(
        verdict(outcome, seen),
        found,
        None if on is None else TABLE,
        None if by_label is None else {label: reliance(one) for label, one in by_label.items()},
        untrained=untrained,
        maps_of=maps_of,
    )


ON_ALONE = "Cannot tell: the maps lie on the object, but were not compared with those of random weights"
OFF_ALONE = "Cannot tell: the maps lie off the object, but were not compared with those of random weights"
OPEN = "the object, but what the model uses is not clear"
CELLS = {
    (None, "more"): ("unknown", ON_ALONE),
    (None, "less"): ("unknown", OFF_ALONE),
    (None, "none"): ("unknown", "Cannot tell: the maps say no more than where objects usually lie"),
    (None, "unknown"): ("unknown", "Cannot tell"),
    ("unknown", "more"): ("unknown", f"Cannot tell: the maps lie on {OPEN}"),
    ("unknown", "less"): ("unknown", f"Cannot tell: the maps lie off {OPEN}"),
    ("unknown", "none"): ("unknown", "Cannot tell: the maps say no more than where objects usually lie"),
    ("unknown", "unknown"): ("unknown", "Cannot tell"),
    ("object", "more"): ("yes", "Yes: the maps lie on the object, and the model uses it"),
    ("object", "less"): ("mixed", "Mixed: the model uses the object, but the maps lie off it"),
    ("object", "none"): (
        "mixed",
        "Mixed: the model uses the object, but the maps say no more than where objects usually lie",
    ),
    ("object", "unknown"): ("yes", "Yes, by intervention: the model uses the object"),
    ("background", "more"): ("no", "No: the model uses the background, though the maps lie on the object"),
    ("background", "less"): ("no", "No: the maps lie off the object, and the model uses the background"),
    ("background", "none"): ("no", "No: the model uses the background"),
    ("background", "unknown"): ("no", "No, by intervention: the model uses the background"),
    ("both", "more"): ("mixed", "Mixed: the maps lie on the object, but the model uses the background, too"),
    ("both", "less"): ("mixed", "Mixed: the model uses both object and background, and the maps lie off the object"),
    ("both", "none"): ("mixed", "Mixed: the model uses both object and background"),
    ("both", "unknown"): ("mixed", "Mixed, by intervention: the model uses both object and background"),
    ("neither", "more"): ("unknown", "Cannot tell"),
    ("neither", "less"): ("unknown", "Cannot tell"),
    ("neither", "none"): ("unknown", "Cannot tell"),
    ("neither", "unknown"): ("unknown", "Cannot tell"),
}
FOR = {"more": True, "object": True, "less": False, "background": False, "both": False}


@pytest.mark.parametrize(("on", "outcome"), list(CELLS))
def test_every_cell_of_the_rules(on, outcome):
    found = concluded(on, outcome)
    answer, words = CELLS[on, outcome]
    assert found.answer == answer
    assert found.headline == f"{words} (n = {0 if on is None else 6})"
    assert found.settled == (on in ("object", "background", "both") and outcome != "unknown")
    maps, *rest = found.evidence
    assert (maps.name, maps.fine, maps.sentence) == ("Maps", FOR.get(outcome), "What the maps say.")
    alone = on in (None, "unknown") and outcome in ("more", "less")
    assert [(one.name, one.fine) for one in rest] == [
        *([] if on is None else [(name, FOR.get(on)) for name in ("Interventions", "Another background")]),
        *([("Random weights", None)] if alone else []),
    ]
    if on is not None:
        assert f"{rest[0].sentence} {rest[1].sentence}" == studies.reliance_sentence(reliance(on), TABLE)


@pytest.mark.parametrize("on", ["unknown", "object"])
def test_an_object_that_matters_is_in_the_headline_where_the_background_is_open(on):
    found = replace(reliance(on), hiding=0.4, hiding_low=0.2, hiding_high=0.5)
    hidden = pd.concat([TABLE[:6].assign(kind=kind, p=p) for kind, p in (("background", 0.1), ("elsewhere", 0.5))])
    headline = studies.conclude(verdict("more"), found, pd.concat([TABLE, hidden])).headline
    said = {
        "unknown": "Cannot tell: the maps lie on the object, and the object matters, but the background may matter, "
        "too",
        "object": "Yes: the maps lie on the object, and the model uses it",
    }
    assert headline == f"{said[on]} (n = 6)"


@pytest.mark.parametrize("on", ["object", "background", "both", "neither", "unknown"])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_words_and_answer_say_the_same(on, outcome):
    found = concluded(on, outcome)
    first = found.headline.replace(",", ":").split(":")[0].split(" (")[0]
    assert first == {"yes": "Yes", "no": "No", "mixed": "Mixed", "unknown": "Cannot tell"}[found.answer]


@pytest.mark.parametrize(("on", "outcome"), [("object", "less"), ("background", "more"), ("both", "less")])
@pytest.mark.parametrize("seen", [None, class_seen([0.8], ["horse"], 1000)])
def test_where_maps_and_interventions_contradict_there_is_no_yes_and_the_contradiction_is_said(on, outcome, seen):
    """Maps are never taken against an intervention; a "no" by intervention names the maps that lie on the object."""
    found = concluded(on, outcome, seen=seen)
    assert found.answer in ("mixed", "no")
    assert not found.headline.startswith("Yes")
    assert {one.fine for one in found.evidence} == ({False} if on == "both" else {True, False})
    assert "the maps lie" in found.headline
    if found.answer == "no":
        assert on == "background"
        assert "though the maps lie on the object" in found.headline


def test_no_answer_is_settled_by_one_piece_alone():
    for on, outcome in CELLS:
        if on in (None, "unknown", "neither") or outcome == "unknown":
            assert not concluded(on, outcome).settled


@pytest.mark.parametrize("on", [None, "object", "background", "both", "neither", "unknown"])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_class_that_the_model_does_not_see_has_no_answer(on, outcome):
    found = concluded(on, outcome, {"a": "background", "b": "object"}, seen=class_seen([0.0014], ["zebra"], 1000))
    assert (found.answer, found.settled) == ("unknown", False)
    n = 0 if on is None else 6
    assert found.headline == f"Cannot tell: the model is only 0.14% sure of zebra (zebra, n = {n})"


def test_the_class_is_in_the_headline():
    found = concluded("object", "more", seen=class_seen([0.8], ["horse"], 1000))
    assert found.headline == "Yes: the maps lie on the object, and the model uses it (horse, n = 6)"


def test_a_picture_that_no_other_lends_a_mask_is_counted_where_it_was_changed():
    alone = replace(verdict("unknown"), control=SimpleNamespace(n=0, grouped=False))
    assert studies.conclude(alone, reliance("unknown", n=1), TABLE).headline == "Cannot tell (n = 1)"


# By label


@pytest.mark.parametrize(
    ("on", "outcome"), [("object", "more"), ("both", "more"), ("unknown", "more"), ("both", "none")]
)
def test_one_label_whose_background_is_used_makes_it_mixed(on, outcome):
    found = concluded(on, outcome, {"hen": "object", "horse": "background", "mug": "both"})
    assert (found.answer, found.headline) == ("mixed", "Mixed: for horse the model uses the background (n = 6)")
    last = found.evidence[-1]
    assert (last.name, last.fine) == ("Classes", False)
    assert last.sentence == (
        "For horse the model uses the background. For mug the model uses both object and background. For hen the model "
        "uses the object. There are 3 classes, so each interval is made wider (Bonferroni)."
    )


def test_a_no_stays_a_no_by_label():
    found = concluded("background", "less", {"hen": "object", "horse": "background"})
    assert (found.answer, found.evidence[-1].fine) == ("no", False)
    assert found.headline == "No: the maps lie off the object, and the model uses the background (n = 6)"


def test_labels_that_agree_change_nothing():
    found = concluded("object", "more", {"hen": "object", "horse": "object"})
    assert (found.answer, found.evidence[-1].fine) == ("yes", None)
    assert found.headline == "Yes: the maps lie on the object, and the model uses it (n = 6)"
    one = concluded("object", "more", {"hen": "object"})
    assert [piece.name for piece in one.evidence] == ["Maps", "Interventions", "Another background"]


def test_many_labels_are_not_all_named():
    labels = {f"l{i}": "background" for i in range(7)} | {"hen": "object"}
    assert concluded("both", "more", labels).headline == (
        "Mixed: for l0, l1, l2, l3, l4 and 2 more the model uses the background (n = 6)"
    )


FURTHER = UntrainedMaps((0.0, 0.01, -0.01), 0.2, 0.001, 20, False)  # than those of random weights
BOTH_WAYS = {"cat": "more", "dog": "less"}


@pytest.mark.parametrize(
    ("on", "outcome", "maps_of", "answer", "words"),
    [
        (None, "more", BOTH_WAYS, "mixed", "Mixed: for dog the maps lie off the object"),
        ("object", "more", BOTH_WAYS, "mixed", "Mixed: for dog the maps lie off the object"),
        (None, "none", BOTH_WAYS, "mixed", "Mixed: for cat the maps lie on the object, for dog off it"),
        ("background", "more", BOTH_WAYS, *CELLS["background", "more"]),
        (None, "none", {"cat": "more", "dog": "none"}, *CELLS[None, "none"]),
        (None, "more", {"cat": "more", "dog": "none"}, "yes", "Yes, by its maps: they lie on the object"),
    ],
)
def test_a_label_whose_maps_lie_the_other_way_is_no_part_of_a_yes(on, outcome, maps_of, answer, words):
    found = concluded(on, outcome, maps_of=maps_of, untrained=FURTHER)
    assert (found.answer, found.headline.split(" (")[0]) == (answer, words)
    by_class = [one.fine for one in found.evidence if one.name == "Maps by class"]
    assert ("less" in maps_of.values()) == (False in by_class)


def test_a_label_whose_maps_lie_on_the_object_is_no_part_of_a_no():
    behind = UntrainedMaps((0.0, 0.01, -0.01), -0.2, 0.001, 20, False)
    found = concluded(None, "less", maps_of={"cat": "more", "dog": "none"}, untrained=behind)
    assert (found.answer, found.headline) == ("mixed", "Mixed: for cat the maps lie on the object (n = 0)")
    found = concluded(None, "less", maps_of={"cat": "none", "dog": "less"}, untrained=behind)
    assert (found.answer, found.headline) == ("no", "No, by its maps: they lie off the object (n = 0)")


@pytest.mark.parametrize(
    ("outcome", "maps_of", "words"),
    [
        ("more", BOTH_WAYS, "for cat the maps lie on the object, for dog off it, as those of random weights may"),
        ("less", {"cat": "more"}, "for cat the maps lie on the object, as those of random weights may"),
        ("none", BOTH_WAYS, "for cat the maps lie on the object, for dog off it, as those of random weights may"),
        ("none", {"cat": "more"}, None),
    ],
)
def test_labels_say_nothing_either_where_maps_stand_alone(outcome, maps_of, words):
    found = concluded(None, outcome, maps_of=maps_of)
    assert found.answer == "unknown"
    assert found.headline == (f"Cannot tell: {words} (n = 0)" if words else f"{CELLS[None, outcome][1]} (n = 0)")


def test_a_class_that_is_not_seen_beside_others_is_among_the_evidence():
    seen = class_seen([0.9] * 3 + [0.01] * 3, ["sorrel"] * 3 + ["zebra"] * 3, 1000)
    (said,) = (
        one for one in concluded("object", "more", seen=seen).evidence if one.name == "Classes that are not seen"
    )
    assert (said.fine, said.sentence) == (None, seen.but)
    whole = class_seen([0.9] * 6, ["sorrel"] * 3 + ["zebra"] * 3, 1000)
    assert "Classes that are not seen" not in {one.name for one in concluded("object", "more", seen=whole).evidence}


# Maps that stand alone


@pytest.mark.parametrize(("on", "answer"), [(None, "unknown"), ("unknown", "unknown"), ("object", "yes")])
def test_maps_of_a_method_that_is_blind_to_the_class_leave_the_answer_to_the_interventions(on, answer):
    blind = replace(verdict("unknown"), no_evidence="The same map for every class.")
    found = studies.conclude(blind, on and reliance(on), on and TABLE)
    assert found.answer == answer
    assert (found.headline.split(" (")[0] == "Cannot tell: maps of this method are no evidence for a class") == (
        answer == "unknown"
    )


@pytest.mark.parametrize(
    ("outcome", "answer"), [("more", "mixed"), ("less", "unknown"), ("none", "unknown"), ("unknown", "unknown")]
)
def test_maps_on_an_object_that_the_answers_do_not_need_are_no_yes(outcome, answer):
    """The background alone keeps the probability, as with a network that gives every picture the same class."""
    found = studies.conclude(verdict(outcome), replace(reliance("unknown"), reason="needless"), TABLE)
    assert (found.answer, found.evidence[1].fine) == (answer, False)
    assert found.settled == (outcome == "more")
    if outcome == "more":
        assert found.headline == (
            "Mixed: the maps lie on the object, but the background alone keeps the probability (n = 6)"
        )
