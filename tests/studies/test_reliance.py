"""What answers rest on, from tables made by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

from tests.support.tables import spread
from xai_core import stats, studies
from xai_core.studies.reliance import FEWEST, LITTLE, MOST, NOBODY


def probabilities(n=10, sd=0.01, start=0, other=0, **means):
    """Probabilities with these means by kind; all but those of whole pictures vary by `sd`."""
    parts = []
    for kind, mean in means.items():
        p = mean + (0 if kind == "whole" else 1) * spread(n, 0, sd)
        lent = other if kind == "swapped" else NOBODY
        parts.append(pd.DataFrame({"picture": start + np.arange(n), "kind": kind, "p": p, "other": lent}))
    return pd.concat(parts, ignore_index=True)


def rests(whole, swapped, **more):
    return studies.rests_on(probabilities(whole=whole, swapped=swapped, **more))


def half(n, sd):
    """Half the 95% interval of a mean of values as `spread` makes them."""
    low, high = stats.mean_interval(spread(n, 0, sd))
    assert (high - low) / 2 >= scipy_stats.t.ppf(0.975, n - 1) * sd / n**0.5
    return (high - low) / 2


@pytest.mark.parametrize(
    ("whole", "swapped", "expected"),
    [
        (0.04, 0.01, "neither"),
        (0.06, 0.01, "background"),
        (0.8, 0.1, "background"),
        (0.8, 0.39, "background"),  # 0.5125 of it, at least 0.5036
        (0.8, 0.395, "both"),  # 0.5063, at least 0.4973
        (0.8, 0.5, "both"),
        (0.8, 0.635, "both"),  # 0.2063 of it, more than little
        (0.8, 0.645, "unknown"),  # 0.1938, at most 0.2027
        (0.8, 0.65, "object"),  # 0.1875, at most 0.1964
        (0.8, 0.8, "object"),
        (0.8, 0.95, "object"),
    ],
)
def test_what_answers_rest_on(whole, swapped, expected):
    found = rests(whole, swapped, object=0.5 * whole, background=0.5 * whole)
    assert (found.on, found.n) == (expected, 10)
    assert (found.object_alone, found.background_alone) == pytest.approx((0.5, 0.5))
    if expected == "neither":
        assert np.isnan([found.lost, found.low, found.high]).all()
    else:
        wide = half(10, 0.01 / whole)
        lost = 1 - swapped / whole
        assert (found.lost, found.low, found.high) == pytest.approx((lost, lost - wide, lost + wide))


def test_costing_little_needs_evidence():
    """A small mean loss is no proof of equivalence where pictures differ much."""
    assert rests(0.8, 0.76, sd=0.05).on == "object"
    wide = rests(0.8, 0.76, sd=0.3)
    assert wide.lost < LITTLE < wide.high
    assert wide.low < 0
    assert wide.on == "unknown"
    assert rests(0.8, 0.76, sd=0.3, n=400).on == "object"


def test_costing_most_needs_evidence():
    found = rests(0.8, 0.36, sd=0.2)
    assert found.low < MOST < found.lost
    assert found.on == "both"
    assert rests(0.8, 0.36, sd=0.2, n=400).on == "background"


def test_costing_some_needs_evidence():
    found = rests(0.8, 0.56, sd=0.6)
    assert found.low < 0
    assert (found.on, found.lost) == ("unknown", pytest.approx(0.3))


@pytest.mark.parametrize("n", [1, 2, 3, FEWEST - 1, FEWEST])
@pytest.mark.parametrize(("swapped", "on"), [(0.8, "object"), (0.1, "background"), (0.5, "both")])
def test_too_few_pictures_tell_nothing(n, swapped, on):
    one = pd.DataFrame({"picture": 0, "kind": ["whole", "swapped"], "p": [0.8, swapped], "other": 0})
    table = probabilities(n, whole=0.8, swapped=swapped) if n > 1 else one
    found = studies.rests_on(table)
    assert found.lost == pytest.approx(1 - swapped / 0.8)
    assert (found.on, found.n) == (on if n >= FEWEST else "unknown", n)
    assert np.isfinite([found.low, found.high]).all() == (n >= FEWEST)
    sentence = studies.reliance_sentence(found, table)
    assert "nan" not in sentence
    assert (f"below {FEWEST} pictures nothing is concluded" in sentence) == (n < FEWEST)


def test_the_background_alone_is_told_of_few_pictures_neither():
    assert rests(0.8, 0.8, n=4, object=0.1, background=0.8).on == "unknown"


@pytest.mark.parametrize(
    ("swapped", "object_", "background", "expected"),
    [
        (0.8, 0.1, 0.78, "background"),  # the shortcut: its background alone is enough
        (0.5, 0.1, 0.78, "background"),
        (0.8, 0.39, 0.65, "background"),
        (0.8, 0.41, 0.65, "both"),  # each alone is enough
        (0.8, 0.78, 0.78, "both"),
        (0.8, 0.1, 0.63, "object"),  # 79% is left, a little too few
        (0.2, 0.78, 0.78, "background"),
        (0.8, 0.78, 0.1, "object"),
    ],
)
def test_each_alone_counts(swapped, object_, background, expected):
    found = rests(0.8, swapped, object=object_, background=background)
    assert found.on == expected
    assert (found.object_alone, found.background_alone) == pytest.approx((object_ / 0.8, background / 0.8))


def test_without_each_alone_the_loss_decides():
    found = rests(0.8, 0.8)
    assert found.on == "object"
    assert np.isnan([found.object_alone, found.background_alone]).all()


def test_a_background_of_the_same_class_is_the_reference():
    """What cutting out costs is not what another class's background costs."""
    table = probabilities(whole=0.8, same=0.5, swapped=0.48)
    found = studies.rests_on(table)
    assert (found.on, found.lost) == ("object", pytest.approx(0.02 / 0.8))
    alone = studies.rests_on(table[table["kind"] != "same"])
    assert (alone.on, alone.lost) == ("both", pytest.approx(0.4))


def test_a_background_that_raises_the_probability_counts_as_well():
    """A gain is a change: "costs little" is a claim of equivalence, both ways."""
    assert rests(0.5, 0.55).on == "object"
    assert rests(0.5, 0.75).on == "both"
    assert rests(0.5, 0.595, sd=0.05).on == "unknown"  # 19% more, at most 26%


@pytest.mark.parametrize(("elsewhere", "on"), [(0.7, "object"), (0.12, "object"), (0.1, "unknown"), (0.05, "unknown")])
def test_hiding_the_object_has_to_cost_more_than_hiding_as_much_elsewhere(elsewhere, on):
    found = rests(0.8, 0.8, background=0.1, object=0.7, elsewhere=elsewhere)
    assert found.on == on
    # Both vary alike in the table, so that their difference does not vary.
    assert (found.hiding, found.hiding_low, found.hiding_high) == pytest.approx(((elsewhere - 0.1) / 0.8,) * 3)


def test_hiding_elsewhere_in_words():
    table = probabilities(whole=0.8, object=0.7, background=0.1, elsewhere=0.7, swapped=0.8)
    sentence = studies.reliance_sentence(studies.rests_on(table), table)
    assert "70% with as much hidden elsewhere" in sentence
    assert sentence.endswith(
        "Hiding the object costs 75% more than hiding as much of the picture elsewhere (95% interval 75% to 75%)."
    )


@pytest.mark.parametrize(("known", "lost"), [(4, 0.4), (5, 0.025), (9, 0.025)])
def test_a_reference_that_few_pictures_have_is_none(known, lost):
    table = probabilities(sd=0, whole=0.8, same=0.5, swapped=0.48)
    table = table[(table["kind"] != "same") | (table["picture"] < known)]
    assert studies.rests_on(table).lost == pytest.approx(lost)


def test_order_of_rows_does_not_matter():
    table = probabilities(whole=0.8, object=0.5, background=0.3, elsewhere=0.7, swapped=0.6)
    table["p"] += 0.05 * np.sin(table["picture"])
    assert studies.rests_on(table.sample(frac=1, random_state=1)) == pytest.approx(studies.rests_on(table))


# By label


def by_label():
    parts = [
        probabilities(10, start=0, whole=0.8, object=0.7, background=0.1, swapped=0.79),
        probabilities(10, start=10, whole=0.8, object=0.1, background=0.78, swapped=0.2),
        probabilities(10, start=20, whole=0.8, object=0.5, background=0.3, swapped=0.5),
        probabilities(3, start=30, whole=0.8, object=0.5, background=0.3, swapped=0.5),
        probabilities(10, start=33, whole=0.03, object=0.02, background=0.02, swapped=0.02, sd=0.001),
    ]
    labels = ["hen"] * 10 + ["horse"] * 10 + ["mug"] * 10 + ["cup"] * 3 + ["zebra"] * 10
    return pd.concat(parts, ignore_index=True), labels


def test_each_label_has_its_own_answer():
    table, labels = by_label()
    found = studies.rests_on_by_label(table, labels)
    assert {label: (one.on, one.n) for label, one in found.items()} == {
        "hen": ("object", 10),
        "horse": ("background", 10),
        "mug": ("both", 10),
        "cup": ("unknown", 3),
        "zebra": ("neither", 10),
    }
    for label, one in found.items():
        places = [place for place, name in enumerate(labels) if name == label]
        own = table[table["picture"].isin(places)]
        assert repr(one) == repr(studies.rests_on(own, confidence=1 - 0.05 / 5))  # of five labels
    assert studies.labels_sentence(found) == (
        "By label, the answers rest on the background for horse, both for mug and the object for hen; "
        "2 labels cannot be told."
    )


def test_labels_in_words():
    table, labels = by_label()
    found = studies.rests_on_by_label(table, labels)

    def some(*names):
        return studies.labels_sentence({name: found[name] for name in names})

    assert some("hen") == some() == ""
    assert some("cup", "zebra") == "By label: 2 labels cannot be told."
    assert some("cup", "horse") == ("By label, the answers rest on the background for horse; 1 label cannot be told.")


# In words


@pytest.mark.parametrize(
    ("whole", "swapped", "words"),
    [
        (0.8, 0.78, "Another background costs little: the answers rest on the object"),
        (0.8, 0.2, "The answers rest on the background"),
        (0.8, 0.6, "Object and background both count"),
        (0.8, 0.645, "These pictures do not tell whether the background counts"),
    ],
)
def test_interventions_in_words(whole, swapped, words):
    table = probabilities(whole=whole, object=0.5, background=0.3, swapped=swapped)
    found = studies.rests_on(table)
    lost, wide = 1 - swapped / whole, half(10, 0.01 / whole)
    after, costs, low, high = (studies.percent(one) for one in (swapped, lost, lost - wide, lost + wide))
    assert studies.reliance_sentence(found, table) == (
        f"{words}. Over 10 pictures, the mean probability is 80% as they are, 50% with the object alone, 30% with "
        f"the background alone and {after} on another class's background: another class's background costs {costs} "
        f"of it (95% interval {low} to {high})."
    )


def test_little_to_lose_in_words():
    table = probabilities(whole=0.04, object=0.03, background=0.02, swapped=0.02, sd=0.001)
    assert studies.reliance_sentence(studies.rests_on(table), table) == (
        "The model is not sure of these classes to begin with, so there is little to lose. Over 10 pictures, the mean "
        "probability is 4% as they are, 3% with the object alone, 2% with the background alone and 2% on another "
        "class's background."
    )


def test_textures_and_references_are_named():
    table = probabilities(whole=0.8, swapped=0.2, other=NOBODY)
    sentence = studies.reliance_sentence(studies.rests_on(table), table)
    assert "and 20% on a texture: a texture costs 75% of it (95%" in sentence
    assert "class's" not in sentence
    same = probabilities(whole=0.8, same=0.6, swapped=0.2)
    sentence = studies.reliance_sentence(studies.rests_on(same), same)
    assert "60% on another background of the same class and 20% on another class's background" in sentence
    assert "another class's background costs 50% of it more than one of the same class (95%" in sentence
