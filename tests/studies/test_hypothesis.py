"""The card: tone and words for each outcome, on tables and runs made by hand; its numbers are those of its tests."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.support.maps import as_heatmaps, blobs, same_field
from tests.support.runs import draw, log
from tests.support.tables import spread, table_of
from xai_core import stats, studies
from xai_core.records import TrainingRun
from xai_core.studies.second_half import FEWEST_EPOCHS

COLUMNS = ["test", "n", "statistic", "p", "effect", "95% interval", "note"]
_P = re.compile(r"\bp (?:=|<) 0\.\d+")
_N = re.compile(r"n = \d+|Over \d[\d,]* pictures|Of \d[\d,]* pictures")
_EFFECT = re.compile(
    r"(?:d_z|rank-biserial r|correlation|correlation with depth|depth is) (?:= |is )?[-+]?\d|[-+]\d+\.\d+|no change"
    r"|\b(?!95% interval)\d+(?:\.\d+)?%"
)


def named(checks):
    return {check.name: check for check in checks}


def texts(card):
    """Every sentence of a card, by where it stands."""
    found = {
        "sentence": card.sentence,
        "measured": card.measured,
        "headline": card.headline,
        "h0": card.h0,
        "h1": card.h1,
    }
    for part in ("assumptions", "changes"):
        found |= {f"{part}: {check.name}": check.sentence for check in getattr(card, part)}
    return found | {f"caveat {index}": caveat for index, caveat in enumerate(card.caveats)}


def printed(test, value):
    """A number of a test: differences of shares in percentage points, as sentences have them."""
    return f"{100 * value:+.1f} points" if test.effect_name == "difference in accuracy" else f"{value:z.2f}"


def assert_sound(card):
    """No p without an effect and an n, nothing that is not a number in words, a reason for whatever is missing."""
    for where, text in texts(card).items():
        assert not re.search(r"\bnan\b|\binf\b", text), (where, text)
        if _P.search(text):
            assert _N.search(text), (where, text)
            assert _EFFECT.search(text), (where, text)
    table, numbers = card.tests(), studies.numbers_of(card)
    assert numbers["p"].tolist() == pytest.approx([test.p for test in card.results], nan_ok=True)
    assert numbers["size"].tolist() == pytest.approx([test.effect for test in card.results], nan_ok=True)
    assert numbers["low"].dtype == float
    assert table.columns.tolist() == COLUMNS
    assert table["test"].tolist() == [test.name for test in card.results]
    assert table["n"].tolist() == [test.n for test in card.results]
    for row, test in zip(table.to_dict("records"), card.results, strict=True):
        if row["p"] != "–":
            assert row["effect"] != "–"
            assert row["p"] == studies.format_p(test.p)
            assert row["effect"] == f"{test.effect_name} = {printed(test, test.effect)}"
            assert row["statistic"] == f"{test.statistic} = {test.value:.4g}"
        if row["effect"] == "–":
            assert row["p"] == row["statistic"] == row["95% interval"] == "–"
            assert row["note"] == test.reason != ""
        elif np.isfinite(test.interval[0]):
            low, high = (printed(test, end) for end in test.interval)
            assert row["95% interval"] == f"{low.removesuffix(' points')} to {high}"
        else:
            assert row["95% interval"] == "–"


# ------------------------------------------------------------------------------------------------ layers


def layer_card(maps, threshold=0.7, measure="share", swept=False, others=()):
    measured = {grid: studies.measure_maps(maps, grid=grid) for grid in ("own", "common")}
    own, common = (studies.layer_focus(measured[grid], threshold, measure=measure) for grid in ("own", "common"))
    verdict = studies.layer_verdict(own, common, [f"stage {i}" for i in range(1, len(maps) + 1)])
    return studies.layer_hypothesis(
        own,
        common,
        verdict,
        swept=studies.sweep(measured["own"]) if swept else None,
        others=[studies.layer_focus(measured["own"], threshold, measure=key) for key in others],
    ), own


@pytest.mark.parametrize(
    ("maps", "tone", "headline"),
    [
        (blobs([4, 3, 2, 1]), "yes", "Yes: deeper layers focus more"),
        (blobs([1, 2, 3, 4]), "no", "No: deeper layers focus less"),
        (
            blobs([2, 4, 4, 2], n=20),
            "caution",
            "Layers differ, but not in order of depth: focus falls until stage 2, then rises",
        ),
        (blobs([2, 2, 2, 2], seed=3), "none", "No difference between layers was found"),
        (same_field(n=1), "unknown", "This cannot be tested"),
    ],
)
def test_tone_and_headline_of_layers(maps, tone, headline):
    card, own = layer_card(maps)
    assert (card.tone, card.headline) == (tone, headline)
    assert card.question == "Do deeper layers focus more?"
    assert repr(card.results) == repr((own.trend, *own.results[1:]))  # NaN equals NaN
    assert card.measured == (
        f"The share of pixels above 0.7 of Grad-CAM at 4 layers, on {own.n} picture{'s' if own.n != 1 else ''}."
    )
    assert_sound(card)


def test_the_sentence_of_layers_has_pages_numbers():
    card, own = layer_card(blobs([4, 3, 2, 1]))
    low, high = own.trend.interval
    assert card.sentence.startswith("Over 12 pictures, the median share of pixels above 0.7 falls from ")
    assert card.sentence.endswith(
        f"depth is {own.trend.effect:+.2f}, 95% interval {low:+.2f} to {high:+.2f}; plus "
        "means that focus rises with depth. Page's trend test gives p < 0.001 "
        "(Holm-corrected together with Friedman's test)."
    )


def test_few_pictures_and_flat_maps_of_layers_are_assumptions_that_fail():
    maps = blobs([4, 3, 2, 1], n=6)
    maps["l0"][2] = 0
    card, _ = layer_card(maps)
    found = named(card.assumptions)
    assert list(found) == [
        "Same pictures at every layer",
        "Distribution-free",
        "Enough pictures",
        "Pictures are independent",
    ]
    assert [check.fine for check in found.values()] == [False, True, False, None]
    assert found["Same pictures at every layer"].sentence.startswith(
        "1 picture is left out because of a layer without a usable map"
    )
    assert found["Enough pictures"].sentence == (
        "5 pictures are few: with fewer than 12, only large differences are found."
    )
    assert card.caveats == ()  # both are said already


def test_enough_pictures_with_every_map_are_fine():
    found = named(layer_card(blobs([4, 3, 2, 1]))[0].assumptions)
    assert found["Same pictures at every layer"].fine
    assert found["Enough pictures"].fine
    assert found["Enough pictures"].sentence == ("12 pictures; with fewer than 12, only large differences are found.")


def test_maps_of_one_resolution_have_no_common_grid_to_compare_with():
    assert not any(one.name.startswith("All maps") for one in layer_card(blobs([4, 3, 2, 1]))[0].changes)


def test_an_effect_of_resolution_turns_the_tone_to_caution():
    card, own = layer_card(same_field(), 0.85)
    assert own.outcome in ("focuses", "spreads")
    assert card.tone == "caution"
    assert card.changes[0].name == "All maps averaged to 7 × 7"
    assert card.changes[0].fine is False
    assert "may come from resolution alone" in card.changes[0].sentence
    assert not any("grid" in caveat for caveat in card.caveats)  # it is said once


def test_a_common_grid_that_cannot_be_tested_is_said_without_nan():
    assert_sound(layer_card(same_field(), 0.85)[0])


def test_the_common_grids_p_has_its_n():
    rng = np.random.default_rng(2)
    maps = as_heatmaps(
        {name: values + rng.normal(0, 0.02, values.shape).astype(np.float32) for name, values in same_field().items()}
    )
    card, _ = layer_card(maps, 0.85)
    assert _P.search(card.changes[0].sentence)
    assert_sound(card)


def test_a_threshold_that_does_not_matter_leaves_the_outcome():
    card, _ = layer_card(blobs([4, 3, 2, 1]), swept=True)
    change = named(card.changes)["Threshold"]
    assert change.fine
    assert change.sentence == "At every threshold from 0.5 to 0.95, deeper layers focus more."
    assert card.tone == "yes"


def turned(maps):
    """The card where half of the thresholds give another outcome."""
    own, common = (studies.layer_focus(studies.measure_maps(maps, grid=grid), 0.7) for grid in ("own", "common"))
    swept = studies.sweep(studies.measure_maps(maps))
    swept.loc[swept["threshold"] >= 0.9, "outcome"] = "none"
    verdict = studies.layer_verdict(own, common, list("abcd"))
    return studies.layer_hypothesis(own, common, verdict, swept=swept)


def test_a_threshold_that_matters_is_said():
    change = named(turned(blobs([4, 3, 2, 1])).changes)["Threshold"]
    assert change.fine is False
    assert "At 6 thresholds from 0.9 to 0.95, no difference is found." in change.sentence


def test_a_threshold_that_matters_turns_the_tone_to_caution():
    assert turned(blobs([4, 3, 2, 1])).tone == "caution"


def test_a_measure_that_agrees_is_said_with_its_numbers():
    card, _ = layer_card(blobs([4, 3, 2, 1]), others=("gini",))
    change = named(card.changes)["By Gini concentration"]
    gini = studies.layer_focus(blobs([4, 3, 2, 1]), 0.7, measure="gini")
    assert change.fine
    assert change.sentence == (
        f"Here, too, deeper layers focus more (rank correlation with depth {gini.page.effect:+.2f}, p < 0.001, "
        "n = 12). This measure needs neither a threshold nor min-max scaling."
    )
    assert card.tone == "yes"
    assert_sound(card)


def against_gini():
    """The share says that layers focus; Gini, of other maps, that they spread."""
    own, common = (studies.layer_focus(blobs([4, 3, 2, 1]), 0.7, grid=grid) for grid in ("own", "common"))
    other = studies.layer_focus(blobs([1, 2, 3, 4]), 0.7, measure="gini")
    verdict = studies.layer_verdict(own, common, list("abcd"))
    return studies.layer_hypothesis(own, common, verdict, others=[other])


def test_a_measure_that_disagrees_is_said():
    change = named(against_gini().changes)["By Gini concentration"]
    assert change.fine is False
    assert "Deeper layers focus less (rank correlation with depth -" in change.sentence


def test_a_measure_that_disagrees_turns_the_tone_to_caution():
    assert against_gini().tone == "caution"


def test_nothing_would_change_what_cannot_be_tested():
    card, _ = layer_card(same_field(n=1), swept=True, others=("gini",))
    assert card.changes == ()
    assert "at least two pictures" in card.sentence
    assert card.tests()["p"].tolist() == ["–"] * len(card.results)
    assert card.tests()["note"].str.contains("at least two pictures").all()


# -------------------------------------------------------------------------------------------- foreground


def surviving(swapped):
    """Probabilities of twenty pictures that are 80% whole, and so much on another class's background."""
    kinds = {"whole": 0.8, "object": 0.5, "background": 0.3, "elsewhere": 0.7, "same": 0.8, "swapped": swapped}
    parts = [
        pd.DataFrame({"picture": range(20), "kind": kind, "p": p + spread(20, 0, 0.01), "other": 0})
        for kind, p in kinds.items()
    ]
    return pd.concat(parts, ignore_index=True)


def foreground_card(measure="mean", usual=0.0, swapped=0.8, same_label=True, **columns):
    """A card whose maps have `usual` on other pictures' masks; `swapped` None is without interventions."""
    controls = dict.fromkeys(map(studies.column_of, studies.FOREGROUND_MEASURES), usual)
    table = table_of(**columns).assign(**controls, others=32.0, likeness=0.3, same_label=same_label)
    tests = studies.measure_tests(table, measure)
    verdict = studies.foreground_verdict(table, measure, tests)
    conclusion = None
    if swapped is not None:
        conclusion = studies.conclude(verdict, studies.rests_on(surviving(swapped)), surviving(swapped))
    return studies.foreground_hypothesis(table, measure, tests, verdict, method="Grad-CAM", conclusion=conclusion)


INSIDE = [one.inside for one in studies.FOREGROUND_MEASURES.values()]


def all_measures(n, mean, sd=0.1, **changes):
    """Every measure with the same mean against 0.5."""
    return dict.fromkeys(INSIDE, spread(n, mean, sd)) | changes


@pytest.mark.parametrize(
    ("mean", "swapped", "tone", "headline"),
    [
        (0.7, 0.8, "yes", "Yes: the maps lie on the object, and the model uses it"),
        (0.3, 0.1, "no", "No: the maps lie off the object, and the model uses the background"),
        (0.3, 0.8, "caution", "Mixed: the model uses the object, but the maps lie off it"),
        (
            0.7,
            None,
            "unknown",
            "Cannot tell: the maps lie on the object, but were not compared with those of random weights",
        ),
        (
            0.3,
            None,
            "unknown",
            "Cannot tell: the maps lie off the object, but were not compared with those of random weights",
        ),
        (0.5, None, "unknown", "Cannot tell: the maps say no more than where objects usually lie"),
    ],
)
@pytest.mark.parametrize("measure", list(studies.FOREGROUND_MEASURES))
def test_tone_and_headline_of_foreground(measure, mean, swapped, tone, headline):
    card = foreground_card(measure, swapped=swapped, **all_measures(36, mean))
    assert (card.tone, card.headline) == (tone, f"{headline} (n = 36)")
    assert [check.fine for check in card.assumptions] == [True, True, None, None]
    beside = (
        ["Interventions", "Another background", "Object hidden"]
        if swapped is not None
        else ["Random weights"]
        if mean != 0.5
        else []
    )
    assert [one.name for one in card.evidence] == ["Maps", *beside]
    assert card.evidence[0].fine == {0.7: True, 0.3: False, 0.5: None}[mean]
    assert card.evidence[0].sentence == card.sentence
    assert [(check.name, check.fine) for check in card.changes] == [("Another test", True), ("Other measures", True)]
    assert re.fullmatch(
        rf"All {len(INSIDE)} measures agree\. Share of energy, rank accuracy\b.* AUC\b.* do not depend on scaling maps "
        r"to 0 to 1 \(min-max\)\.",
        card.changes[1].sentence,
    )
    title = studies.FOREGROUND_MEASURES[measure].title
    assert card.measured == f"{title} of Grad-CAM by segmentation mask, on 36 pictures."
    assert_sound(card)


def test_the_numbers_of_foreground_are_those_of_its_tests():
    values = spread(36, 0.7, 0.1)
    card = foreground_card(**all_measures(36, 0.7))
    half, nothing = np.full(36, 0.5), np.zeros(36)
    test = stats.sign_flip(values - 0.5, nothing)
    own = stats.paired_t(values - 0.5, nothing), stats.wilcoxon_signed_rank(values - 0.5, nothing)
    against = "against where other objects lie"
    own = tuple(replace(one, name=f"{one.name}, {against}") for one in own)
    assert (card.carries, card.beside[1:3]) == (test, own)
    raw = stats.paired_t(values, half), stats.wilcoxon_signed_rank(values, half)
    for one, expected in zip((card.beside[0], card.beside[3]), raw, strict=True):
        assert one == replace(expected, name=f"{expected.name}, on the object against off it")
    assert "Over 36 pictures, mean activation is 0.70 on the object against 0.50 off it" in card.sentence
    low, high = test.interval
    assert (
        f"The rest, +0.20, is due to the picture's own object (95% interval {low:+.2f} to {high:+.2f}; "
        in card.sentence
    )
    assert card.sentence.endswith("sign-flip test of the mean, p < 0.001).")
    table = card.tests().set_index("test")
    assert table.index.tolist() == [
        "Sign flips",
        "Paired t, on the object against off it",
        "Paired t, against where other objects lie",
        "Wilcoxon, against where other objects lie",
        "Wilcoxon, on the object against off it",
        "Standardised difference (d_av)",
    ]
    for name in table.index[1:3]:
        assert table.loc[name, ["n", "statistic", "p", "effect"]].tolist() == [36, "t = 12", "p < 0.001", "d_z = 2.00"]
    # Only one of the two conditions varies, so the mean standard deviation is half of its own.
    assert table.loc["Standardised difference (d_av)", ["statistic", "p", "effect"]].tolist() == [
        "–",
        "–",
        "d_av = 4.00",
    ]
    assert card.changes[0].sentence == (
        "Paired t says the same: d_z = 2.00, p < 0.001, n = 36; Wilcoxon says the same: rank-biserial r = "
        f"{card.beside[2].effect:.2f}, p < 0.001, n = 36."
    )


def test_the_control_decides_and_the_raw_test_stays_beside_it():
    card = foreground_card(usual=0.15, **all_measures(36, 0.7))
    assert card.carries.name == "Sign flips"
    assert card.carries.effect == pytest.approx(0.05)
    assert (card.beside[1].value, card.beside[1].effect) == pytest.approx((3, 0.5))
    raw = card.beside[0]
    assert raw.name == "Paired t, on the object against off it"
    assert (raw.value, raw.effect) == pytest.approx((12, 2))
    assert "this difference is +0.15" in card.sentence
    assert card.sentence.endswith(f"sign-flip test of the mean, {studies.format_p(card.carries.p)}).")
    none = foreground_card(usual=0.2, swapped=None, **all_measures(36, 0.7))
    assert (none.tone, none.beside[0].p < 0.001) == ("unknown", True)
    assert none.headline == "Cannot tell: the maps say no more than where objects usually lie (n = 36)"


def test_a_class_in_place_of_a_label_is_an_assumption():
    name = "Predictions take the place of labels"
    assert name not in named(foreground_card(**all_measures(36, 0.7)).assumptions)
    said = named(foreground_card(same_label=False, **all_measures(36, 0.7)).assumptions)[name]
    assert said.fine is False
    tones = [foreground_card(same_label=known, **all_measures(36, 0.7)).tone for known in (True, False)]
    assert tones == ["yes", "caution"]
    assert "Then the usual place of objects is not fully accounted for" in said.sentence


@pytest.mark.parametrize("values", [spread(20, 0.7, 0.1), 0.5 + np.r_[np.arange(1.0, 20) / 1000, 0.45]])
def test_no_look_at_the_data_chooses_the_test(values):
    card = foreground_card(**dict.fromkeys(INSIDE, values))
    assert (card.carries.name, *(one.name for one in card.beside[1:3])) == (
        "Sign flips",
        "Paired t, against where other objects lie",
        "Wilcoxon, against where other objects lie",
    )
    chosen = named(card.assumptions)["No normality assumed"]
    assert chosen.fine is True
    assert "chosen before looking" in chosen.sentence
    assert_sound(card)


def test_a_test_that_disagrees_turns_the_tone_to_caution():
    # On more than half of the pictures a little below, on the others far above: the mean is, the ranks are not.
    apart = 0.5 + np.r_[np.full(18, -0.02) - np.arange(18) / 1e4, np.full(12, 0.2) + np.arange(12) / 1e4]
    card = foreground_card(**dict.fromkeys(INSIDE, apart))
    ranks = card.beside[2]
    assert card.carries.p < 0.05 < ranks.p
    assert (card.headline, card.tone) == ("Yes: the maps lie on the object, and the model uses it (n = 30)", "caution")
    change = named(card.changes)["Another test"]
    assert change.fine is False
    assert f"Wilcoxon says otherwise: rank-biserial r = {ranks.effect:.2f}, " in change.sentence
    assert change.sentence.endswith(f"{studies.format_p(ranks.p)}, n = 30.")


def test_a_measure_of_foreground_that_disagrees_turns_the_tone_to_caution():
    card = foreground_card(**all_measures(36, 0.7, energy_inside=spread(36, 0.3, 0.2)))
    change = named(card.changes)["Other measures"]
    assert (card.tone, change.fine) == ("caution", False)
    assert change.sentence.startswith("By share of energy there is less on the object.")
    assert card.plain == "Take what the maps say with caution: by share of energy there is less on the object."
    assert foreground_card(**all_measures(36, 0.7)).plain == ""
    two = foreground_card(**all_measures(36, 0.7, energy_inside=spread(36, 0.3, 0.2), auc=spread(36, 0.5, 0.1)))
    assert named(two.changes)["Other measures"].sentence.startswith(
        "By share of energy there is less on the object; by AUC no difference between object and background is found. "
    )


def test_the_p_of_a_measure_that_disagrees_has_its_effect_and_n():
    assert_sound(foreground_card(**all_measures(36, 0.7, energy_inside=spread(36, 0.3, 0.2))))


def test_what_cannot_be_tested_does_not_agree():
    """The other three are the same on every picture, so nothing is known of them."""
    card = foreground_card(mean_inside=spread(36, 0.7, 0.1))
    assert card.tone == "yes"
    change = named(card.changes).get("Other measures")
    assert change is None or "All 4" not in change.sentence


def test_few_pictures_of_foreground_are_said_once():
    card = foreground_card(**all_measures(14, 0.7))
    enough = named(card.assumptions)["Enough pictures"]
    assert (enough.fine, enough.sentence) == (
        False,
        "14 pictures are few: with fewer than 15, only large differences are found. If the true effect is medium "
        "(d_z = 0.5), a paired t-test of 14 pictures finds it in 41% of cases; it finds an effect of d_z = 0.81 in "
        "80%.",
    )
    assert card.caveats == ()


def test_pictures_that_are_left_out_stay_a_caveat():
    reason = ["Its map holds no positive evidence."] + [""] * 20
    holes = {name: np.r_[np.nan, values] for name, values in all_measures(20, 0.7).items()}
    card = foreground_card(**holes, reason=reason)
    assert card.caveats == ("1 left out: its map holds no positive evidence.",)
    assert card.carries.n == 20


def test_two_pictures_of_foreground_cannot_be_tested():
    card = foreground_card(swapped=None, **all_measures(2, 0.7))
    assert (card.tone, card.headline) == ("unknown", "Cannot tell (n = 2)")
    assert card.sentence == "It needs at least three pictures; there are 2."
    assert card.changes == ()
    assert named(card.assumptions)["No normality assumed"].fine is None
    table = card.tests()
    assert (table[["statistic", "p", "effect", "95% interval"]] == "–").all(axis=None)
    assert table["note"].tolist()[:2] == [card.sentence] * 2


def test_whatever_is_missing_has_a_reason():
    for swapped in (None, 0.8):
        assert_sound(foreground_card(swapped=swapped, **all_measures(2, 0.7)))


# -------------------------------------------------------------------------------------------- confidence


def evaluated(right, wrong, margins=None):
    """An evaluation in which so many are right and wrong with these confidences, and two rows that do not count."""
    sure = np.r_[right, wrong, 0.99, 0.01]
    correct = np.r_[np.ones(len(right), bool), np.zeros(len(wrong) + 2, bool)]
    n = len(right) + len(wrong)
    margin = sure if margins is None else np.r_[margins, 0.5, 0.5]
    return pd.DataFrame(
        {
            "true": np.r_[np.zeros(n, int), -1, 0],
            "usable": np.r_[np.ones(n + 1, bool), False],
            "correct": correct,
            "confidence": sure,
            "margin": margin,
        }
    )


HIGH, LOW = np.linspace(0.6, 0.9, 30), np.linspace(0.3, 0.65, 12)


@pytest.mark.parametrize(
    ("right", "wrong", "tone", "headline"),
    [
        (HIGH, LOW, "yes", "Yes: it is less sure where it is wrong"),
        (LOW, HIGH, "no", "No: it is more confident where it is wrong"),
        (HIGH, HIGH[::2] + 0.001, "none", "No difference in confidence was found"),
        (HIGH, HIGH[:0], "unknown", "This cannot be tested"),
        (np.full(12, 0.5), np.full(12, 0.5), "unknown", "This cannot be tested"),
    ],
)
def test_tone_and_headline_of_confidence(right, wrong, tone, headline):
    card = studies.confidence_hypothesis(evaluated(right, wrong))
    n = len(right) + len(wrong)
    assert (card.tone, card.headline) == (tone, f"{headline} (n = {n})")
    tests = (stats.brunner_munzel(right, wrong), stats.rank_sum(right, wrong))
    assert repr(card.results) == repr(tests)  # NaN equals NaN
    assert card.carries.n == n
    assert card.measured == f"Confidence in the predicted class, on {n} pictures, {len(wrong)} of them wrong."
    assert_sound(card)


def test_the_numbers_of_confidence_are_those_of_its_test():
    card = studies.confidence_hypothesis(evaluated(HIGH, LOW))
    test = stats.brunner_munzel(HIGH, LOW)
    share, low, high = (studies.percent(value) for value in (test.effect, *test.interval))
    assert card.sentence == (
        "Of 42 pictures, 30 are right and 12 wrong. If one of each is drawn at random, the one that is right has the "
        f"higher confidence in {share} of cases (95% interval {low} to {high}; Brunner-Munzel, p < 0.001); a coin "
        "would give 50%."
    )
    assert [(check.name, check.fine) for check in card.assumptions] == [
        ("Enough of both kinds", True),
        ("Distributions may differ", True),
        ("Pictures are independent", None),
    ]
    assert [(change.name, change.fine) for change in card.changes] == [("Margin instead of confidence", True)]
    assert card.changes[0].sentence == (
        f"With the margin between the two likeliest classes in place of the confidence, the outcome is the same: "
        f"{share}, p < 0.001, n = 42."
    )


@pytest.mark.parametrize(("right", "wrong", "fine"), [(10, 10, True), (9, 30, False), (30, 9, False)])
def test_few_of_a_kind_are_called_few(right, wrong, fine):
    card = studies.confidence_hypothesis(evaluated(np.linspace(0.6, 0.9, right), np.linspace(0.2, 0.5, wrong)))
    enough = card.assumptions[0]
    words = " are enough for a rank test." if fine else ": few of a kind show large effects only."
    assert (enough.fine, enough.sentence) == (fine, f"{wrong} wrong and {right} right{words}")


def test_the_reason_is_the_sentence_where_all_are_right():
    card = studies.confidence_hypothesis(evaluated(HIGH, HIGH[:0]))
    assert card.sentence == "It needs pictures of both kinds; all are of one."
    assert card.changes == ()
    assert card.tests().iloc[0].tolist() == ["Brunner-Munzel", 30, "–", "–", "–", "–", card.sentence]
    assert card.assumptions[0].fine is False


def test_one_mistake_alone_cannot_be_tested():
    card = studies.confidence_hypothesis(evaluated(HIGH, LOW[:1]))
    assert card.tone == "unknown"
    assert card.sentence == "It needs at least two pictures of each kind; one has one."
    assert_sound(card)


def test_few_mistakes_give_no_interval_that_is_no_number():
    card = studies.confidence_hypothesis(evaluated(HIGH, LOW[:3]))
    assert np.isfinite(card.carries.p)
    assert card.tests()["95% interval"].tolist() == ["–", "–"]
    assert "no interval of fewer than five of a kind" in card.sentence
    assert_sound(card)


def test_wrong_answers_that_only_spread_more_are_not_called_less_sure():
    """AUROC is one half; Mann and Whitney's test, which assumes equal distributions, claims 13 to 18%."""
    rng, claims = np.random.default_rng(1), 0
    for _ in range(60):
        z = np.r_[rng.normal(0, 1, 190), rng.normal(0, 3, 60)]
        sure = 1 / (1 + np.exp(-z / 3))
        claims += studies.confidence_hypothesis(evaluated(sure[:190], sure[190:])).carries.p < 0.05
    assert claims <= 7


def margins_disagree():
    return studies.confidence_hypothesis(evaluated(HIGH, LOW, margins=np.r_[LOW[:1].repeat(30), HIGH[:12]]))


def test_a_margin_that_disagrees_is_said():
    (change,) = margins_disagree().changes
    assert change.fine is False
    assert change.sentence == (
        "With the margin between the two likeliest classes in place of the confidence, the outcome differs: 0%, p < "
        "0.001, n = 42."
    )


def test_a_margin_that_disagrees_turns_the_tone_to_caution():
    assert margins_disagree().tone == "caution"


def test_a_margin_that_is_the_same_everywhere_says_nothing():
    card = studies.confidence_hypothesis(evaluated(HIGH, LOW, margins=np.full(42, 0.3)))
    assert card.tone == "yes"
    assert_sound(card)


# ----------------------------------------------------------------------------------------------- trainings


def trained(*right, name="demo", epochs=None):
    """A run of two classes, all of them class 0; each argument is an epoch: who is right."""
    table = np.array(right, bool)
    e, n = table.shape
    return TrainingRun(
        name=name,
        class_names=("a", "b"),
        pictures=tuple(f"{i:03d}" for i in range(n)),
        labels=np.zeros(n, np.int64),
        epochs=np.arange(1, e + 1) if epochs is None else np.array(epochs),
        predictions=np.where(table, 0, 1),
        log=log(e),
    )


def first_right(count, n=40):
    return np.arange(n) < count


def assert_mcnemar(card, before, after, names):
    test = stats.mcnemar(before, after)
    gained, lost = (after & ~before).sum(), (before & ~after).sum()
    assert card.carries == test
    low, high = (100 * bound for bound in test.interval)
    told = "" if test.p < 0.05 else "No difference is shown: "
    assert card.sentence == (
        f"Of {len(before)} pictures, {names[0]} has {studies.percent(before.mean())} right and {names[1]} "
        f"{studies.percent(after.mean())}; {lost} {'is' if lost == 1 else 'are'} right only in {names[0]} and {gained} "
        f"only in {names[1]}. {told}{names[1]} minus {names[0]} is {100 * test.effect:+.1f} points, 95% "
        f"interval {low:+.1f} to {high:+.1f} (McNemar's exact test, {studies.format_p(test.p)})."
    )


def test_few_epochs_are_not_told_from_ups_and_downs():
    """Up to nine epochs a window would be a single one; McNemar's test of two is a number and no claim."""
    for count in range(2, FEWEST_EPOCHS):
        card = studies.training_hypothesis(trained(*[first_right(10)] * (count - 1), first_right(36)))
        assert (card.tone, card.headline) == ("unknown", "Cannot tell from so few epochs (n = 40)")
        assert card.changes == card.caveats == ()
        assert card.beside == (stats.mcnemar(first_right(10), first_right(36)),)
        assert card.beside[0].p < 0.001
        assert_sound(card)
    assert card.sentence == (
        "With 9 epochs this would compare single ones, whose accuracy goes up and down by chance; from 10 on, several "
        "are averaged. McNemar's test of epochs 5 and 9, among all numbers, cannot tell progress from such ups and "
        "downs."
    )
    assert card.plain == f"At epoch 5, 10 of 40 pictures are right; at epoch 9, 36. {card.sentence}"
    assert card.h0 == "H0: at epoch 9 the model is as often right as at epoch 5."
    enough = studies.training_hypothesis(trained(*[first_right(10)] * (count - 1), *[first_right(36)] * 2))
    assert (enough.tone, enough.carries.name) == ("yes", "Windows of epochs")


def test_level_runs_of_any_length_are_seldom_said_to_have_changed():
    """Epochs shake by a fifth of a logit, as they do: two of them differ by McNemar's test in one case of six."""
    rng = np.random.default_rng(0)
    for count, runs in ((4, 30), (7, 30), (10, 60)):
        claims = 0
        for _ in range(runs):
            logits = rng.normal(0.8, 1, 300) + rng.normal(0, 0.2, (count, 1))
            card = studies.training_hypothesis(trained(*(rng.random((count, 300)) < 1 / (1 + np.exp(-logits)))))
            claims += card.tone in ("yes", "no")
        assert claims <= runs * 0.1


def test_numbers_that_differ_by_chance_are_said_to():
    """A plain sentence that ends with 18 against 22 leaves a reader with a difference that was not found."""
    rng = np.random.default_rng(4)
    one, two = (trained(*(rng.random((12, 300)) < share)) for share in (0.6, 0.61))
    card = studies.comparison_hypothesis(studies.compare_runs(replace(one, name="one"), replace(two, name="two")))
    assert card.tone == "none"
    assert card.plain.endswith(" A difference of this size can arise by chance.")
    same = studies.comparison_hypothesis(studies.compare_runs(replace(one, name="one"), replace(one, name="two")))
    assert "by chance" not in same.plain
    level = trained(*(rng.random((24, 3000)) < 0.6))
    found = studies.training_hypothesis(level)
    assert (found.tone, "can arise by chance" in found.plain) == ("none", True)


def of_classes(*shares, epochs=24, n=40):
    """Three classes of `n` pictures; each is right at a share of its pictures, by epoch."""
    rng = np.random.default_rng(1)
    right = np.concatenate([rng.random((len(share), n)) < np.array(share)[:, None] for share in shares], axis=1)
    labels = np.repeat(np.arange(3), n)
    return replace(
        trained(*right),
        class_names=("ant", "bee", "cat"),
        labels=labels,
        predictions=np.where(right, labels, (labels + 1) % 3),
    )


def test_a_class_that_falls_is_named_with_its_interval():
    level, fell, rose = [0.6] * 24, [0.9] * 18 + [0.4] * 6, [0.4] * 18 + [0.95] * 6
    card = studies.training_hypothesis(of_classes(level, fell, rose))
    assert card.headline == "Cannot tell whether it got better (n = 120)"
    (caveat,) = card.caveats
    run = of_classes(level, fell, rose)
    alike = min(stats.epochs_alike(run.correct[:, one], 4) for one in (slice(None), slice(40, 80)))
    test = stats.window_change(run.correct[11:, 40:80], 4, alike=alike, confidence=1 - 0.05 / 3)
    low, high = (100 * bound for bound in test.interval)
    assert high < 0
    assert caveat == (
        f"Accuracy fell most for bee: {100 * test.effect:+.1f} points on its 40 pictures (95% interval "
        f"{low:+.1f} to {high:+.1f}, widened for 3 classes)."
    )
    assert caveat not in card.sentence
    quiet = studies.training_hypothesis(of_classes(level, level, level))
    assert quiet.caveats == ()
    assert re.search(
        r"Accuracy fell most for \w+: -\d.* widened for 3 classes\)\. This may be chance\.$", quiet.sentence
    )


def test_an_interval_that_reaches_what_is_possible_is_not_said():
    few = studies.training_hypothesis(of_classes([0.6] * 10, [0.9] * 8 + [0.8] * 2, [0.4] * 8 + [0.95] * 2))
    assert "Accuracy fell most for bee" in few.sentence
    assert few.sentence.endswith("on its 40 pictures; so few epochs do not say how much of it is chance.")


def test_all_epochs_of_a_training_tell_how_alike_neighbours_are():
    run = of_classes([0.1, 0.3, 0.4] + [0.5] * 25, [0.2, 0.4] + [0.6] * 26, [0.3] * 28)
    right, card = run.correct, studies.training_hypothesis(run)
    alike = stats.epochs_alike(right, 5)
    assert alike != stats.epochs_alike(right[13:], 5)
    assert card.carries == stats.window_change(right[13:], 5, alike=alike)
    longer = stats.window_change(right[13:], 7, alike=stats.epochs_alike(right, 7))
    assert f"{100 * longer.effect:+.1f}" in card.changes[1].sentence
    assert f"p = {longer.p:.3f}" in card.changes[1].sentence


def test_where_all_classes_fall_alike_none_fell_most():
    card = studies.training_hypothesis(of_classes(*[[1.0] * 18 + [0.0] * 6] * 3))
    assert "fell most" not in "".join((card.plain, card.sentence, *card.caveats))


def test_a_card_that_cannot_be_tested_says_why_before_anything_is_unfolded():
    few = studies.training_hypothesis(of_classes([0.2] * 4, [0.2] * 4, [0.2] * 4, epochs=4))
    assert few.headline == "Cannot tell from so few epochs (n = 120)"
    assert "from 10 on, several are averaged" in few.plain
    alike = studies.training_hypothesis(of_classes(*[[0.0] * 16 + [1.0] * 8] * 3))
    assert alike.headline == "This cannot be tested (n = 120)"
    assert " 120. Every picture changed by the same amount (+1.00)" in alike.plain


def test_a_class_that_falls_as_a_whole_is_named_without_an_interval():
    card = studies.training_hypothesis(of_classes([1.0] * 24, [1.0] * 18 + [0.0] * 6, [1.0] * 24))
    assert card.caveats == (
        "Accuracy fell most for bee: -100.0 points on its 40 pictures (no interval of so few or equal values).",
    )
    rising = studies.training_hypothesis(of_classes(*[[0.2] * 18 + [0.9] * 6] * 3))
    assert rising.caveats == ()
    assert "fell" not in rising.sentence


def test_one_epoch_has_no_second_half():
    assert studies.training_hypothesis(trained(first_right(3))) is None


def test_one_picture_in_words_without_nan():
    card = studies.training_hypothesis(trained([False], [True]))
    assert card.measured.endswith("on the same 1 picture.")
    assert_sound(card)


@pytest.mark.parametrize(
    ("ends", "tone", "headline"),
    [
        ((20, 36), "yes", "Second is better"),
        ((36, 20), "yes", "First is better"),
        ((20, 22), "none", "No difference was found"),
        ((20, 20), "unknown", "This cannot be tested"),
    ],
)
def test_tone_and_headline_of_two_runs(ends, tone, headline):
    runs = [
        trained(first_right(10), first_right(end), name=name)
        for end, name in zip(ends, ("first", "second"), strict=True)
    ]
    comparison = studies.compare_runs(*runs)
    card = studies.comparison_hypothesis(comparison)
    assert (card.tone, card.headline) == (tone, f"{headline} (n = 40)")
    assert card.carries == comparison.test
    assert card.h0 == "H0: first and second are as often right on pictures of this kind."
    assert card.measured == "Right or wrong at the last epoch of each run, on the same 40 pictures."
    if tone != "unknown":
        assert_mcnemar(card, runs[0].correct[-1], runs[1].correct[-1], ("first", "second"))
    assert card.changes == ()  # at epoch 1 both are right on the very same
    assert_sound(card)


@pytest.mark.parametrize(("changed", "fine"), [(9, False), (10, True)])
def test_few_pictures_that_tell_two_runs_apart(changed, fine):
    def card(before, after, n=40):
        return studies.comparison_hypothesis(
            studies.compare_runs(trained(first_right(before, n)), trained(first_right(after, n), name="other"))
        )

    apart, enough, _ = card(20, 20 + changed).assumptions
    assert (apart.fine, enough.fine) == (fine, True)
    assert apart.sentence.startswith(f"{changed} pictures are right in one of them only")
    assert [check.fine for check in card(1, 13, 14).assumptions] == [True, False, None]


def test_two_runs_are_compared_at_the_three_epochs_before_as_well():
    first = trained(*map(first_right, (10, 10, 10, 10, 10)), name="first")
    second = trained(*map(first_right, (30, 30, 11, 2, 30)), name="second")
    card = studies.comparison_hypothesis(studies.compare_runs(first, second))
    assert [(change.name, change.fine) for change in card.changes] == [
        ("At epoch 2", True),
        ("At epoch 3", False),
        ("At epoch 4", False),
    ]
    assert card.changes[0].sentence == "The outcome is the same: +50.0 points, p < 0.001, n = 40."
    assert card.changes[1].sentence == "The outcome differs: +2.5 points, p = 1.000, n = 40."


@pytest.mark.parametrize("seed", range(6))
def test_random_runs_have_sound_cards(seed):
    run, other = draw(seed, 7, 40 + seed, 3), draw(seed + 100, 7, 40 + seed, 3)
    assert_sound(studies.training_hypothesis(run))
    other = replace(other, labels=run.labels, epochs=run.epochs)
    assert_sound(studies.comparison_hypothesis(studies.compare_runs(run, other)))


def test_a_flat_layer_is_not_a_picture_that_was_tested():
    maps = blobs([4, 3, 2, 1], n=12)
    for name in maps:
        maps[name][:] = 0
    card, _ = layer_card(as_heatmaps(dict(maps)))
    assert card.tone == "unknown"
    assert named(card.assumptions)["Same pictures at every layer"].sentence.startswith(
        "12 pictures are left out because of a layer without a usable map"
    )
    assert_sound(card)


def test_averages_that_hide_an_answer_are_not_left_alone():
    """Most right answers are surer than any wrong one, a few much less sure: their averages are the same."""
    right = np.arange(100) >= 40
    sure = np.where(right, 0.92, 0.85) + np.linspace(-0.001, 0.001, 100)
    sure[91:] = 0.45
    card = studies.confidence_hypothesis(
        pd.DataFrame({"true": 0, "usable": True, "correct": right, "confidence": sure, "margin": 2 * sure - 1})
    )
    assert card.headline == "Yes: it is less sure where it is wrong (n = 100)"
    assert card.plain == (
        "The model is right on 60 of 100 pictures. On average it is 85% sure where it is right and 85% sure where it "
        "is wrong. But if a correctly and a wrongly classified picture are drawn at random, it is surer of the "
        "correct one in 85% of cases: a few pictures weigh much in an average."
    )
    sure[91:] = 0.9
    table = pd.DataFrame({"true": 0, "usable": True, "correct": right, "confidence": sure, "margin": 2 * sure - 1})
    plain = studies.confidence_hypothesis(table).plain
    assert plain.endswith(" it is surer of the correct one in 100% of cases; by chance it would be 50%.")
    assert "But" not in plain


@pytest.mark.parametrize(
    ("n", "tone", "headline"), [(5, "unknown", "Cannot tell from so few pictures"), (6, "yes", "Other is better")]
)
def test_five_pictures_cannot_tell_two_runs_apart(n, tone, headline):
    runs = trained(first_right(0, n), first_right(0, n)), trained(first_right(n, n), first_right(n, n), name="other")
    comparison = studies.compare_runs(*runs)
    card = studies.comparison_hypothesis(comparison)
    assert (card.tone, card.headline) == (tone, f"{headline} (n = {n})")
    assert ("could be chance (p = 0.062)" in card.sentence) == (tone == "unknown")
