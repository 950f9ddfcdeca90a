"""What a model uses, from tables made by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

from tests.support.tables import spread
from xai_core import stats, studies
from xai_core.studies.reliance import FEWEST, LITTLE, MOST, NOBODY


def probabilities(n=20, sd=0.01, start=0, other=0, **means):
    """Probabilities with these means by kind; all vary by `sd` but those of whole pictures and of their own class."""
    parts = []
    for kind, mean in means.items():
        p = mean + (0 if kind in ("whole", "same") else 1) * spread(n, 0, sd)
        lent = other if kind == "swapped" else NOBODY
        parts.append(pd.DataFrame({"picture": start + np.arange(n), "kind": kind, "p": p, "other": lent}))
    return pd.concat(parts, ignore_index=True)


def rests(whole, swapped, **more):
    """Where nothing else is said, hiding the object costs most, hiding elsewhere hardly anything, pasting nothing."""
    parts = {"object": 0.5 * whole, "background": 0.3 * whole, "elsewhere": 0.95 * whole}
    more = {"same": whole} | more
    return studies.rests_on(probabilities(whole=whole, swapped=swapped, **(parts | more)))


def ends(lost, n, sd):
    """The 95% interval of a mean loss where what is left varies as `spread` makes it: the wider of both at each end."""
    losses = lost - spread(n, 0, sd)
    low, high = np.transpose([stats.mean_interval(losses), stats.carried_interval(losses)])
    assert (high.max() - low.min()) / 2 >= scipy_stats.t.ppf(0.975, n - 1) * sd / n**0.5
    return low.min(), high.max()


@pytest.mark.parametrize(("losing", "n"), [(1, 64), (2, 16), (3, 40), (40, 64)])
def test_losses_that_are_all_or_nothing_are_held_as_shares_are(losing, n):
    """Student's interval, and the bootstrap's, are too narrow where samples hold too few of those that lose all."""
    table = probabilities(n=n, sd=0, whole=0.8, swapped=0.8)
    table.loc[(table["kind"] == "swapped") & (table["picture"] < losing), "p"] = 0.0
    found, share = studies.rests_on(table), scipy_stats.beta(losing + 0.5, n - losing + 0.5)  # Jeffreys'
    assert found.lost == pytest.approx(losing / n)
    assert found.low <= share.ppf(0.025) + 0.01
    assert found.high >= share.ppf(0.975) - 0.01


@pytest.mark.parametrize(
    ("whole", "swapped", "expected"),
    [
        (0.04, 0.01, "neither"),
        (0.06, 0.01, "background"),
        (0.8, 0.1, "background"),
        (0.8, 0.39, "background"),  # 0.5125 of it, at least 0.506
        (0.8, 0.398, "both"),  # 0.5025, at least 0.496
        (0.8, 0.5, "both"),
        (0.8, 0.635, "both"),  # 0.2063 of it, more than little
        (0.8, 0.644, "unknown"),  # 0.195, at most 0.202
        (0.8, 0.65, "object"),  # 0.1875, at most 0.194
        (0.8, 0.8, "object"),
        (0.8, 0.95, "object"),
    ],
)
def test_what_answers_rest_on(whole, swapped, expected):
    found = rests(whole, swapped, object=0.5 * whole, background=0.5 * whole)
    assert (found.on, found.n) == (expected, 20)
    assert (found.object_alone, found.background_alone) == pytest.approx((0.5, 0.5))
    if expected == "neither":
        assert np.isnan([found.lost, found.low, found.high]).all()
    else:
        lost = 1 - swapped / whole
        assert (found.lost, found.low, found.high) == pytest.approx((lost, *ends(lost, 20, 0.01 / whole)))


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
@pytest.mark.parametrize(("swapped", "on"), [(0.8, "unknown"), (0.1, "background"), (0.5, "both")])
def test_too_few_pictures_tell_nothing(n, swapped, on):
    one = pd.DataFrame({"picture": 0, "kind": ["whole", "same", "swapped"], "p": [0.8, 0.8, swapped], "other": 0})
    table = probabilities(n, whole=0.8, same=0.8, swapped=swapped) if n > 1 else one
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
        (0.5, 0.1, 0.78, "background"),  # the shortcut: its background alone is enough
        (0.5, 0.38, 0.66, "background"),
        (0.5, 0.41, 0.66, "both"),  # 51% with the object alone
        (0.5, 0.38, 0.63, "both"),  # 79% with the background alone
        (0.8, 0.1, 0.78, "unknown"),  # any background will do, and no object alone: that contradicts itself
        (0.8, 0.78, 0.76, "unknown"),  # each alone is enough: nothing that was changed matters
        (0.8, 0.78, 0.642, "unknown"),  # perhaps
        (0.8, 0.1, 0.63, "object"),  # 79% is left, a little too few
        (0.2, 0.78, 0.78, "background"),
        (0.8, 0.78, 0.1, "object"),
    ],
)
def test_each_alone_counts(swapped, object_, background, expected):
    found = rests(0.8, swapped, object=object_, background=background, elsewhere=0.79)
    assert found.on == expected
    assert (found.object_alone, found.background_alone) == pytest.approx((object_ / 0.8, background / 0.8))


def test_the_background_alone_has_to_be_shown_to_keep_more():
    """Near the limits, few pictures say "background" by chance where a swap costs nothing."""
    rng, claims = np.random.default_rng(0), 0
    for _ in range(200):
        means = {"whole": 0.8, "object": 0.44, "background": 0.6, "elsewhere": 0.75, "swapped": 0.8}  # 55% and 75%
        parts = [
            pd.DataFrame({"picture": range(6), "kind": kind, "p": np.clip(rng.normal(mean, 0.08, 6), 0, 1), "other": 0})
            for kind, mean in means.items()
        ]
        claims += studies.rests_on(pd.concat(parts)).on == "background"
    assert claims <= 0.05 * 200


def test_without_each_alone_only_a_loss_is_told():
    """Little lost is no proof of the object: a model that looks at nothing loses nothing, either."""
    found = studies.rests_on(probabilities(whole=0.8, swapped=0.8))
    assert found.on == "unknown"
    assert np.isnan([found.object_alone, found.background_alone]).all()
    assert studies.rests_on(probabilities(whole=0.8, same=0.8, swapped=0.2)).on == "background"


def test_a_model_that_looks_at_nothing_rests_on_nothing():
    kinds = ("object", "background", "elsewhere", "same", "swapped")
    found = studies.rests_on(probabilities(sd=0, whole=0.69, **dict.fromkeys(kinds, 0.69)))
    assert (found.on, found.lost, found.hiding) == ("unknown", 0, 0)
    assert (found.low, found.high) == pytest.approx((1 / 20 ** (1 / 20) - 1, 1 - 1 / 20 ** (1 / 20)))


@pytest.mark.parametrize(("n", "on"), [(6, "unknown"), (13, "unknown"), (14, "object"), (20, "object")])
def test_few_pictures_may_miss_those_that_lose_everything(n, on):
    """Of 13 pictures that lose nothing, one in five of all may lose everything and none of them be seen."""
    table = probabilities(n, whole=0.8, swapped=0.8, background=0.1, elsewhere=0.75, object=0.5)
    found = studies.rests_on(table)
    assert (found.on, found.losing) == (on, pytest.approx(1 - 0.05 ** (1 / n)))
    said = f"So few pictures may miss others, up to {studies.percent(found.losing)} of all, that lose most of it."
    assert (said in studies.reliance_sentence(found, table)) == (on == "unknown")


@pytest.mark.parametrize(("n", "seed"), [(6, 0), (8, 1), (12, 2)])
def test_one_in_five_that_loses_everything_is_not_called_little(n, seed):
    rng, claims = np.random.default_rng(seed), 0
    for _ in range(200):
        lost = rng.random(n) < 0.21
        kinds = {"whole": 0.99, "same": 0.99, "object": 0.9, "background": 0.05, "elsewhere": 0.95}
        table = pd.concat(
            pd.DataFrame({"picture": range(n), "kind": kind, "p": p, "other": 0})
            for kind, p in (kinds | {"swapped": np.where(lost, 0.01, 0.99)}).items()
        )
        claims += studies.rests_on(table).on == "object"
    assert claims <= 0.05 * 200


def test_all_numbers_are_about_the_pictures_that_have_another_of_their_class():
    """Half of them, hardly recognised, lose everything; those without another of their class decide nothing."""
    rest = {"object": 0.5, "background": 0.1, "elsewhere": 0.9}
    siblings = probabilities(20, sd=0.001, whole=0.1, same=0.1, swapped=0.002, **{k: p / 10 for k, p in rest.items()})
    others = probabilities(20, sd=0.001, start=20, whole=0.99, swapped=0.002, **rest)
    table = pd.concat([siblings, others], ignore_index=True)
    found = studies.rests_on(table)
    assert (found.on, found.n, found.left_out) == ("background", 20, 20)
    assert found.lost == pytest.approx(0.98)
    sentence = studies.reliance_sentence(found, table)
    assert "Over 20 pictures, the mean probability is 10% with the whole picture" in sentence
    assert sentence.endswith(
        " The other 20 pictures are left out: there is no second picture of their class to take a background from."
    )
    alone = studies.rests_on(siblings)
    assert (found.lost, found.low, found.high) == (alone.lost, alone.low, alone.high)


def test_a_background_of_the_same_class_is_the_reference():
    """What cutting out costs is not what another class's background costs."""
    table = probabilities(whole=0.8, same=0.5, swapped=0.48, background=0.1, elsewhere=0.7)
    found = studies.rests_on(table)
    assert (found.on, found.lost) == ("object", pytest.approx(0.02 / 0.8))
    alone = studies.rests_on(table[table["kind"] != "same"])
    assert (alone.on, alone.lost) == ("unknown", pytest.approx(0.4))


@pytest.mark.parametrize("swapped", [0.05, 0.3, 0.5, 1.0])
def test_what_pasting_may_cost_is_not_the_background_s(swapped):
    """Photos of horses lose a quarter on backgrounds of other horses, too; told without labels, none is lent."""
    parts = {"object": 0.4, "background": 0.1, "elsewhere": 0.7, "swapped": swapped}
    table = probabilities(whole=0.8, **parts)
    found, said = studies.rests_on(table), "Pasting alone may do as much: without another picture of the same class"
    assert found.on == "unknown"
    assert found.low * found.high > 0
    assert said in studies.reliance_sentence(found, table)
    held = probabilities(whole=0.8, same=0.8, **parts)
    assert studies.rests_on(held).on == ("background" if swapped < 0.4 else "both")
    assert said not in studies.reliance_sentence(studies.rests_on(held), held)
    shortcut = probabilities(whole=0.8, **(parts | {"object": 0.1, "background": 0.78}))
    assert studies.rests_on(shortcut).on == "background"  # which alone keeps what the object alone does not


def test_a_background_that_raises_the_probability_counts_as_well():
    """A gain is a change: "costs little" is a claim of equivalence, both ways."""
    assert rests(0.5, 0.55).on == "object"
    assert rests(0.5, 0.75).on == "both"
    assert rests(0.5, 0.595, sd=0.05).on == "unknown"  # 19% more, at most 26%


@pytest.mark.parametrize(
    ("elsewhere", "on"), [(0.7, "object"), (0.23, "object"), (0.2, "unknown"), (0.1, "unknown"), (0.05, "unknown")]
)
def test_hiding_the_object_has_to_cost_more_than_hiding_as_much_elsewhere(elsewhere, on):
    found = rests(0.8, 0.8, background=0.1, object=0.7, elsewhere=elsewhere)
    assert found.on == on
    # Both vary alike in the table, so that their difference does not vary.
    cost, missed = (elsewhere - 0.1) / 0.8, 1 - 0.05 ** (1 / 20)
    assert (found.hiding, found.hiding_low, found.hiding_high) == pytest.approx(
        (cost, cost - missed, min(cost + missed, elsewhere / 0.8))  # no more can be hidden than is there
    )


def test_hiding_elsewhere_in_words():
    table = probabilities(whole=0.8, object=0.7, background=0.1, elsewhere=0.7, swapped=0.8)
    sentence = studies.reliance_sentence(studies.rests_on(table), table)
    assert sentence.endswith(
        "With the object hidden, the probability is 10.0%; with as large an area hidden elsewhere, 70.0%. "
        "Hiding anything lowers the probability, so only the difference of 60.0 points counts: it is 75% of the "
        "original 80.0% (95% interval: 61% to 87%), so the object matters more than the rest of the picture. It cannot "
        "be more than 87%: with the area elsewhere hidden, no more is left to lose."
    )


@pytest.mark.parametrize(
    ("background", "object_alone", "on"), [(0.88, 0.1, "background"), (0.1, 0.3, "unknown"), (0.3, 0.85, "unknown")]
)
def test_where_any_background_costs_most_nothing_follows_from_the_class_of_it(background, object_alone, on):
    """A background of the same class is a reference as long as it leaves something that another could cost."""
    found = rests(0.9, 0.1, same=0.08, background=background, object=object_alone)
    assert found.low > -LITTLE
    assert found.high < LITTLE
    assert found.on == on
    assert rests(0.9, 0.7, same=0.68, background=0.1, object=0.3).on == "object"


@pytest.mark.parametrize(("known", "lost"), [(9, 0.4), (10, 0.025), (19, 0.025)])
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
        probabilities(24, start=100, whole=0.8, same=0.8, object=0.7, background=0.1, swapped=0.79, elsewhere=0.7),
        probabilities(10, start=10, whole=0.8, same=0.8, object=0.1, background=0.78, swapped=0.2),
        probabilities(10, start=20, whole=0.8, same=0.8, object=0.5, background=0.3, swapped=0.5),
        probabilities(3, start=30, whole=0.8, same=0.8, object=0.5, background=0.3, swapped=0.5),
        probabilities(10, start=33, whole=0.03, object=0.02, background=0.02, swapped=0.02, sd=0.001),
    ]
    labels = ["none"] * 10 + ["horse"] * 10 + ["mug"] * 10 + ["cup"] * 3 + ["zebra"] * 10 + ["none"] * 57 + ["hen"] * 24
    return pd.concat(parts, ignore_index=True), labels


def test_each_label_has_its_own_answer():
    table, labels = by_label()
    found = studies.rests_on_by_label(table, labels)
    assert {label: (one.on, one.n) for label, one in found.items()} == {
        "hen": ("object", 24),
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
        "For horse the model uses the background. For mug the model uses both object and background. For hen the model "
        "uses the object. For 2 other classes it cannot be told."
    )


def test_labels_in_words():
    table, labels = by_label()
    found = studies.rests_on_by_label(table, labels)

    def some(*names):
        return studies.labels_sentence({name: found[name] for name in names})

    assert some("hen") == some() == ""
    assert some("cup", "zebra") == "Class by class, these pictures do not tell what the model uses."
    assert some("cup", "horse") == ("For horse the model uses the background. For 1 other class it cannot be told.")


# In words


@pytest.mark.parametrize(
    ("whole", "swapped", "words"),
    [
        (0.8, 0.78, "Another background costs little: the model uses the object"),
        (0.8, 0.2, "The model uses the background"),
        (0.8, 0.6, "The model uses both object and background"),
        (0.8, 0.644, "These pictures do not tell whether the model uses the background"),
    ],
)
def test_interventions_in_words(whole, swapped, words):
    table = probabilities(whole=whole, same=whole, object=0.5, background=0.3, elsewhere=0.7, swapped=swapped)
    found = studies.rests_on(table)
    lost = 1 - swapped / whole
    low, high = ends(lost, 20, 0.01 / whole)
    after, costs, most = map(studies.percent, (swapped, lost, high))
    interval = f"{studies.percent(low)} to {most}"
    counts = {
        0.78: "The whole interval stays below 20%, so the change counts as little",
        0.2: "The whole interval is above 50%, so most of the probability counts as lost",
        0.6: "The interval does not contain zero, and from 20% on a change counts as part of the probability",
        0.644: "Below 20% a change counts as little; the interval reaches above that, so the change may be larger",
    }[swapped]
    assert studies.reliance_sentence(found, table) == (
        f"{words}. Over 20 pictures, the mean probability is 80% with the whole picture, 50% with the object alone and "
        "30% "
        f"with the background alone. The probability is 80% with another background of the same class and {after} with "
        "another class's background. "
        f"The decrease of {100 * (whole - swapped):.1f} points, from 80.0% to {100 * swapped:.1f}%, is {costs} of the "
        f"original 80.0% (95% interval: {interval}). {counts}. With the object hidden, the probability is 30.0%; "
        "with as large an area hidden elsewhere, 70.0%. Hiding anything lowers the probability, so only the "
        "difference of 40.0 points counts: it is 50% of the original 80.0% "
        "(95% interval: 36% to 64%), so the object matters more than the rest of the picture."
    )


def test_little_to_lose_in_words():
    table = probabilities(whole=0.04, object=0.03, background=0.02, swapped=0.02, sd=0.001)
    assert studies.reliance_sentence(studies.rests_on(table), table) == (
        "The model is not sure of these classes to begin with, so there is little to lose. Over 20 pictures, the mean "
        "probability is 4% with the whole picture, 3% with the object alone and 2% with the background alone. The "
        "probability is 2% with another class's background."
    )


def test_textures_and_references_are_named():
    table = probabilities(whole=0.8, swapped=0.2, other=NOBODY)
    sentence = studies.reliance_sentence(studies.rests_on(table), table)
    why = "None of the pictures has a label of another class, so a random texture is used"
    assert f"The probability is 20% with a random texture in place of the background. {why}. The decrease" in sentence
    assert "class's" not in sentence
    same = probabilities(whole=0.8, same=0.6, swapped=0.2)
    sentence = studies.reliance_sentence(studies.rests_on(same), same)
    assert "60% with another background of the same class and 20% with another class's background" in sentence
    assert "The decrease of 40.0 points, from 60.0% to 20.0%, is 50% of the original 80.0%" in sentence


@pytest.mark.parametrize(
    ("swapped", "said"),
    [
        (
            0.9,
            "The increase of 10.0 points, from 80.0% to 90.0%, is 12% of the original 80.0% (95% interval: from a "
            "gain of 25% to a loss of 1.4%).",
        ),
        (
            0.99,
            "The increase of 19.0 points, from 80.0% to 99.0%, is 24% of the original 80.0% (95% interval: 9.8% to "
            "25%).",
        ),
        (0.8, "From 80.0% to 80.0% is no change (95% interval: from a gain of 14% to a loss of 14%)."),
    ],
)
def test_a_gain_is_said_to_be_one(swapped, said):
    table = probabilities(sd=0, whole=0.8, swapped=swapped)
    sentence = studies.reliance_sentence(studies.rests_on(table), table)
    assert said in sentence
    assert "-" not in sentence


@pytest.mark.parametrize(
    ("n", "background", "needless"),
    [(20, 0.75, True), (20, 0.63, False), (13, 0.75, False), (14, 0.75, True)],  # of 0.8: 94%, 79%
)
def test_where_the_background_alone_is_shown_to_keep_the_probability_the_object_is_not_needed(n, background, needless):
    table = probabilities(n=n, whole=0.8, swapped=0.8, object=0.8, background=background, elsewhere=0.79)
    found = studies.rests_on(table)
    assert found.needless == needless
    said = studies.reliance_sentence(found, table)
    assert said.startswith("The object is not needed") == needless


def test_an_object_is_not_called_needless_where_answers_rest_on_something():
    found = rests(0.8, 0.1, background=0.79, object=0.1)
    assert (found.on, found.needless) == ("background", False)
    scattered = probabilities(sd=0.5, whole=0.8, swapped=0.8, object=0.8, background=0.75, elsewhere=0.79)
    assert not studies.rests_on(scattered).needless
