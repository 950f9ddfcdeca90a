"""What the cards say to a student agrees with what their tests say."""

import numpy as np
import pandas as pd
import pytest

from tests.support.maps import blobs
from tests.support.tables import table_of
from xai_core import studies
from xai_core.studies.foreground_in_words import foreground_in_words
from xai_core.studies.in_plain_words import confidence_in_words, depth_in_words, layers_in_words
from xai_core.studies.reliance import NOBODY, rests_on
from xai_core.studies.reliance_in_words import moved_in_words


def interventions(whole, swapped, n=20, same=None):
    rows = [
        {"picture": i, "kind": kind, "p": p, "other": 0}
        for i in range(n)
        for kind, p in (
            ("whole", whole),
            ("object", 0.3),
            ("background", 0.1),
            ("elsewhere", 0.5),
            ("same", whole if same is None else same),
            ("swapped", swapped),
        )
    ]
    return pd.DataFrame(rows)


def on_object(better, n):
    """Pictures of which `better` have more on their own object than other pictures' objects would get."""
    inside = np.where(np.arange(n) < better, 0.8, 0.2) + 0.01 * (np.arange(n) % 7)
    control = 0.1 + 0.01 * (np.arange(n) % 5)
    return table_of(
        mean_inside=inside,
        mean_outside=0.3 + 0.01 * (np.arange(n) % 3),
        control_mean=control,
        likeness=np.zeros(n),
        same_label=True,
    )


def verdict_of(table):
    return studies.foreground_verdict(table, "mean", studies.measure_tests(table, "mean"))


@pytest.mark.parametrize(
    ("better", "swapped", "counted", "moved", "uses"),
    [
        (
            19,
            0.6,
            "In 19 of 20 pictures the heatmap is brighter",
            ". On another",
            "stays at 60%. So the model uses the object.",
        ),
        (19, 0.39, "In 19 of 20 pictures the heatmap is brighter", ". But on another", "falls from 60% to 39%"),
        (
            0,
            0.03,
            "In 20 of 20 pictures the heatmap is darker",
            ". On another",
            "it is 60%. So the model uses the background.",
        ),
    ],
)
def test_object_or_background_with_counts_and_what_the_model_uses(better, swapped, counted, moved, uses):
    table, changed = on_object(better, 20), interventions(0.6, swapped)
    said = foreground_in_words(table, "mean", verdict_of(table), rests_on(changed), changed)
    assert said.startswith(counted)
    assert moved in said
    assert uses in said
    assert said.endswith(".")


@pytest.mark.parametrize(("better", "swapped", "uses"), [(19, 0.03, "background"), (2, 0.59, "object")])
def test_where_heatmaps_and_interventions_disagree_the_sentence_says_that_heatmaps_do_not_show_it(
    better, swapped, uses
):
    table, changed = on_object(better, 20), interventions(0.6, swapped)
    said = foreground_in_words(table, "mean", verdict_of(table), rests_on(changed), changed)
    assert said.endswith(f". So the model uses the {uses}, which these heatmaps do not show.")


@pytest.mark.parametrize(
    ("answered", "of_maps", "last"),
    [
        (True, "", " The headline goes by the heatmaps alone."),
        (False, " This alone is no evidence, since an untrained network's heatmaps may look like this, too.", ""),
    ],
)
def test_where_interventions_do_not_tell_heatmaps_stand_alone(answered, of_maps, last):
    changed = interventions(0.6, 0.4, n=5)
    assert rests_on(changed).on == "unknown"
    table = on_object(19, 20)
    said = foreground_in_words(table, "mean", verdict_of(table), rests_on(changed), changed, answered=answered)
    assert f"than in the places where the objects of other pictures lie.{of_maps} On another class's" in said
    assert said.endswith(f". These are too few pictures, so this does not tell what the model uses.{last}")


def test_where_the_background_alone_is_enough_the_student_is_told_that_the_object_is_not_needed():
    changed = interventions(0.6, 0.6)
    changed.loc[changed["kind"] == "background", "p"] = 0.59
    found = rests_on(changed)
    assert (found.on, found.needless) == ("unknown", True)
    said = foreground_in_words(on_object(19, 20), "mean", verdict_of(on_object(19, 20)), found, changed)
    assert said.endswith("stays at 60%. With the background alone it is 59%, so the model does not need the object.")


def test_where_any_other_background_costs_the_answer_the_sentence_says_why_it_does_not_tell():
    changed = interventions(0.9, 0.1, same=0.08)
    found = rests_on(changed)
    assert found.on == "unknown"
    table = on_object(19, 20)
    said = foreground_in_words(table, "mean", verdict_of(table), found, changed)
    first = (
        "But with the object pasted on another background of the same class, the probability of the explained class is"
    )
    hiding = "Hiding the object lowers the probability more than hiding an equal area elsewhere, so the object matters."
    assert (
        f"{hiding} {first} 8% (90% in the original picture); on another class's background, it is 10%. Even a" in said
    )
    assert "takes away most of it, so this does not tell whether the background matters, too." in said


@pytest.mark.parametrize(
    ("swapped", "said"), [(0.36, "it is little less, 36%"), (0.43, "it is 43%"), (0.409, "it is 41%")]
)
def test_what_pasting_costs_does_not_look_like_what_the_background_costs(swapped, said):
    """A fall from 55% to 36% is not called small where 41% are left on a background of the same class."""
    changed = interventions(0.55, swapped, same=0.41)
    means = changed.groupby("kind")["p"].mean()
    assert moved_in_words(means, "another class's background", little=True) == (
        "with the object pasted on another background of the same class, the probability of the explained class is 41% "
        f"(55% in the original picture); on another class's background, {said}"
    )


def test_a_texture_in_place_of_the_background_is_called_that():
    table, changed = on_object(19, 20), interventions(0.6, 0.39).assign(other=NOBODY)
    said = foreground_in_words(table, "mean", verdict_of(table), rests_on(changed), changed)
    assert (
        ". But with a random texture in place of the background, the probability of the explained class "
        "falls from 60% to 39%" in said
    )


@pytest.mark.parametrize(
    ("elsewhere", "swapped", "uses"),
    [
        (0.58, 0.39, "So the model uses the object and, to a lesser degree, the background."),  # 80% against 35%
        (0.2, 0.39, "So the model uses both the object and the background."),  # 17% against 35%
        (0.5, 0.39, "So the model uses both the object and the background."),  # 67% against 35%: the intervals overlap
        (0.2, 0.25, "So the model uses the background and, to a lesser degree, the object."),  # 17% against 58%
    ],
)
def test_what_counts_less_is_what_costs_less(elsewhere, swapped, uses):
    """Hiding the object leaves 10%, and as much elsewhere the given share, of 60%."""
    table, changed = on_object(19, 20), interventions(0.6, swapped)
    changed.loc[changed["kind"] == "elsewhere", "p"] = elsewhere
    changed.loc[changed["kind"] == "swapped", "p"] += np.tile([-0.2, 0.2], 10)  # or it would rest on the background
    assert rests_on(changed).on == "both"
    assert foreground_in_words(table, "mean", verdict_of(table), rests_on(changed), changed).endswith(uses)


def test_what_pasting_may_cost_is_not_said_to_be_the_background_s():
    changed = interventions(0.6, 0.39)
    changed = changed[changed["kind"] != "same"]
    table = on_object(19, 20)
    said = foreground_in_words(table, "mean", verdict_of(table), rests_on(changed), changed)
    assert "so the object matters. But on another class's background, the probability" in said
    assert said.endswith(
        "to 39%. Pasting alone may do as much, so this does not tell whether the background matters, too."
    )


def test_the_control_is_named_only_where_it_says_something():
    """That another background of the same class costs more than that of another class would only confuse."""
    table = on_object(19, 20)
    for same, named in ((0.8, False), (0.88, True)):
        both = interventions(0.9, 0.85, same=same)
        said = foreground_in_words(table, "mean", verdict_of(table), rests_on(both), both)
        assert ("of the same class" in said) is named


def test_an_answer_without_interventions_speaks_of_maps_alone():
    table = on_object(19, 20)
    assert foreground_in_words(table, "mean", verdict_of(table), None, None).endswith(
        "on the picture's own object than in the places where the objects of other pictures lie."
    )


def test_confidence_where_all_is_right_has_no_second_half():
    assert confidence_in_words(np.ones(3, bool), np.full(3, 0.9)) == "The model is right on 3 of 3 pictures."


@pytest.mark.parametrize(
    ("sizes", "word", "share", "best"),
    [([4, 3, 2, 1], "more focused", "smaller", "l3"), ([1, 2, 3, 4], "less focused", "larger", "l0")],
)
def test_the_layers_say_how_many_pictures_and_the_most_focused(sizes, word, share, best):
    own = studies.layer_focus(studies.measure_maps(blobs(sizes)), 0.7)
    said = layers_in_words(own, ["l0", "l1", "l2", "l3"])
    assert said == (
        f"In 12 of 12 pictures, the map of l3 is {word} than that of l0: its share of pixels above 0.7 is {share}. Of "
        f"all layers, {best} is the most focused."
    )
    assert layers_in_words(own, ["l0", "l1", "l2", "l3"], but="But not so.") == f"{said} But not so."
    gini = studies.layer_focus(studies.measure_maps(blobs(sizes)), 0.7, measure="gini")
    larger = "larger" if share == "smaller" else "smaller"  # more of it is more focus
    assert f"is {word} than that of a: its Gini concentration is {larger}. " in layers_in_words(gini, list("abcd"))


def test_by_depth_the_stage_that_lies_most_on_the_object_and_the_one_that_lies_least_are_named():
    rows = [("a", 0.2, 0.4), ("b", 0.5, 0.1), ("c", 0.3, 0.3), ("a", 0.4, 0.4), ("b", 0.3, 0.1), ("c", 0.1, 0.1)]
    table = pd.DataFrame(rows, columns=["layer", "mean_inside", "mean_outside"])
    assert depth_in_words(table, "mean", ["stage 1", "stage 2", "stage 3"]) == (
        "On average, mean activation on the object minus that off it is highest at stage 2 (+0.30) and lowest at "
        "stage 1 (-0.10)."
    )
    assert depth_in_words(table[table["layer"] == "a"], "mean", ["stage 1"]) == ""
