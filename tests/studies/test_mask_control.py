"""The control for where objects lie: against slow loops, and on data whose truth is known."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import stats as scipy_stats
from scipy.ndimage import gaussian_filter

import xai_core as xai
from tests.support.maps import as_heatmaps
from tests.support.usual import usual_by_hand
from xai_core import studies
from xai_core.measures.seen import FineMap
from xai_core.questions.foreground.packed import PackedMasks
from xai_core.studies.lent_masks import OTHERS, lend_masks
from xai_core.studies.mask_control import (
    ALIKE,
    as_usual,
    lending_weights,
    on_others,
    overlap,
    own_differences,
    values_on,
)
from xai_core.types import Sample

SIDE = 20
MEASURES = list(studies.FOREGROUND_MEASURES)


def discs(n, seed=0, scatter=2.5):
    """Round objects that lie about the middle, as in photos: uint8 (n, SIDE, SIDE)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:SIDE, :SIDE]
    middle = rng.normal((SIDE - 1) / 2, scatter, (n, 2))
    radius = rng.uniform(3, 5, n)
    return np.stack(
        [((y - a) ** 2 + (x - b) ** 2 < r * r).astype(np.uint8) for (a, b), r in zip(middle, radius, strict=True)]
    )


def blob():
    y, x = np.mgrid[:SIDE, :SIDE]
    return np.exp(-((y - (SIDE - 1) / 2) ** 2 + (x - (SIDE - 1) / 2) ** 2) / 18).astype(np.float32)


def following(masks, seed=0):
    """Maps that lie about the masks, unevenly."""
    noise = np.random.default_rng(seed).uniform(0.2, 1, masks.shape)
    return gaussian_filter(masks * noise, (0, 2, 2)).astype(np.float32)


def smooth_noise(n, seed):
    return gaussian_filter(np.random.default_rng(seed).normal(size=(n, SIDE, SIDE)), (0, 2, 2)).astype(np.float32)


def looked(maps, masks, labels=None):
    pixels = np.zeros((SIDE, SIDE, 3), np.uint8)
    labels = ["horse"] * len(masks) if labels is None else labels
    samples = [
        xai.Sample(f"{i}", pixels, label=label, mask=mask)
        for i, (mask, label) in enumerate(zip(masks, labels, strict=True))
    ]
    return studies.foreground_background(as_heatmaps({"l": maps}, (SIDE, SIDE)), samples)


@cache
def planted(truth):
    """A table of 64 pictures: a blob in all, maps that follow their objects, or those of the picture before."""
    masks = discs(64)
    maps = np.repeat(blob()[None], 64, axis=0) if truth == "blob" else following(masks)
    return looked(maps, np.roll(masks, 1, axis=0) if truth == "rolled" else masks)


def judged(table, measure="energy", seen=None):
    tests = studies.measure_tests(table, measure)
    return tests.outcome, studies.foreground_verdict(table, measure, tests, seen)


def difference(table, measure):
    kind = studies.FOREGROUND_MEASURES[measure]
    return (table[kind.inside] - kind.against(table)).to_numpy()


# Planted truth


@pytest.mark.parametrize("measure", MEASURES)
def test_a_blob_in_the_middle_of_every_picture_says_nothing_about_the_pictures(measure):
    table = planted("blob")
    raw, verdict = judged(table, measure)
    assert raw == "more"
    assert verdict.outcome == "none"
    assert verdict.headline == "The maps say no more than where objects usually lie (n = 64)"
    answer = studies.conclude(verdict)
    assert (answer.answer, answer.headline[:11]) == ("unknown", "Cannot tell")


def test_where_nothing_is_left_for_the_own_object_the_sentence_says_so():
    table = planted("blob")
    others = difference(table, "energy") + np.tile([0.01, -0.01], 32)  # no difference on average
    _, verdict = judged(table.assign(control_energy=others))
    assert "objects usually lie. Nothing more is due to the picture's own object" in verdict.sentence


@pytest.mark.parametrize("measure", MEASURES)
def test_maps_that_follow_their_object_do_so_more_than_those_of_another_picture(measure):
    raw, verdict = judged(planted("own"), measure)
    assert (raw, verdict.outcome) == ("more", "more")
    assert (
        studies.conclude(verdict, untrained=studies.UntrainedMaps((0.0, 0.001), 0.2, 0.001, 64, False)).answer == "yes"
    )
    raw, verdict = judged(planted("rolled"), measure)
    assert raw == "more"  # objects lie in the middle
    assert verdict.outcome != "more"
    assert verdict.control.t.p > 0.05


def test_maps_that_avoid_their_object_lie_off_it():
    masks = discs(64)
    maps = gaussian_filter(1.0 - masks, (0, 1, 1)).astype(np.float32)
    assert judged(looked(maps, masks))[1].outcome == "less"


def test_masks_that_are_all_alike_cannot_tell():
    masks = np.repeat(discs(1), 12, axis=0)
    raw, verdict = judged(looked(following(masks), masks))
    assert (raw, verdict.outcome) == ("more", "unknown")
    assert verdict.headline == "Cannot tell (n = 12)"
    assert verdict.sentence.endswith(
        "The masks are all alike (mean overlap 100%), so a map of the object cannot be told from a map of the place "
        "where the objects are."
    )
    assert studies.conclude(verdict).answer == "unknown"


def test_masks_that_are_nearly_alike_cannot_tell_either():
    masks = discs(1).repeat(12, axis=0)
    masks[np.arange(12), 2, np.arange(12)] = 1
    table = looked(following(masks), masks)
    assert ALIKE < table["likeness"].mean() < 1
    assert judged(table)[1].outcome == "unknown"


def test_a_class_that_is_not_there():
    _, verdict = judged(planted("own"), seen=studies.class_seen([0.0014], ["zebra"], 1000))
    assert verdict.outcome == "unknown"
    assert verdict.headline.startswith("Cannot tell: the model is only 0.14% sure of zebra")
    assert studies.conclude(verdict).headline.startswith("Cannot tell: the model is only 0.14% sure of zebra")


def test_one_picture_has_nobody_to_be_held_against():
    table = looked(following(discs(1)), discs(1))
    assert table["others"].tolist() == [0]
    assert table[[studies.column_of(measure) for measure in MEASURES]].isna().all(axis=None)
    assert np.isnan(table["likeness"][0])


def test_a_picture_alone_in_its_label_is_left_out_which_is_said():
    masks = discs(32)
    table = looked(following(masks), masks, ["hen"] * 29 + ["mug"] * 2 + ["jug"])
    assert table["same_label"].all()
    assert table["others"].tolist() == [28.0] * 29 + [1.0] * 2 + [0.0]
    verdict = studies.foreground_verdict(table, "energy", studies.measure_tests(table, "energy"))
    assert "Over 30 groups (31 pictures), " in verdict.sentence
    assert (
        ". 1 picture is left out, since no other has the same label. With the masks of other pictures laid"
        in verdict.sentence
    )
    assert verdict.headline.endswith("(n = 30 groups)")
    seen = studies.class_seen([0.9] * 32, ["hen"] * 31 + ["jug"], 10)
    _, counted = judged(table, seen=seen)
    assert counted.headline.endswith("(n = 30 groups)")  # the class that only the other picture has is not counted
    card = studies.foreground_hypothesis(table, "energy", studies.measure_tests(table, "energy"), verdict)
    assert "Two pictures of a label count once" in [one.name for one in card.assumptions]
    plain = studies.foreground_in_words(table, "energy", counted, None, None)
    assert plain.startswith("31 pictures can be compared with another of the same class. In all of ")
    alone = looked(following(masks), masks, [str(i) for i in range(32)])
    verdict = studies.foreground_verdict(alone, "energy", studies.measure_tests(alone, "energy"))
    assert verdict.outcome == "unknown"
    assert "No two pictures have the same label" in verdict.sentence


@pytest.mark.parametrize("of_a_label", [2, 3, 4])
@pytest.mark.parametrize("known", ["label", "explained", "predicted"])
def test_maps_that_know_the_class_and_not_the_picture_say_nothing(of_a_label, known):
    """Each class has its place, and the maps of all its pictures are one blob there."""
    kinds, rng = 48 // of_a_label, np.random.default_rng(of_a_label)
    places = rng.uniform(0.3, 0.7, (kinds, 2))
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE

    def disc(centre, width):
        return ((y - centre[0]) ** 2 + (x - centre[1]) ** 2) / width**2

    of = np.repeat(np.arange(kinds), of_a_label)
    masks = [(disc(places[kind] + rng.normal(0, 0.08, 2), 0.2) <= 1).astype(np.uint8) for kind in of]
    maps = np.stack([np.exp(-disc(places[kind], 0.2)) for kind in of]).astype(np.float32)
    pixels = np.zeros((SIDE, SIDE, 3), np.uint8)
    samples = [
        Sample(str(i), pixels, label=f"kind {kind}" if known == "label" else None, mask=mask)
        for i, (kind, mask) in enumerate(zip(of, masks, strict=True))
    ]
    heatmaps = as_heatmaps({"l": maps}, (SIDE, SIDE))
    if known == "predicted":
        heatmaps = replace(heatmaps, predictions=replace(heatmaps.predictions, classes=of))
    else:
        heatmaps = replace(heatmaps, targets=of)
    table = studies.foreground_background(heatmaps, samples)
    assert studies.control_tests(table, "energy").outcome not in ("more", "less")
    following_them = replace(heatmaps, maps={"l": (maps + np.stack(masks)).astype(np.float32)})
    table = studies.foreground_background(following_them, samples)
    assert studies.control_tests(table, "energy").outcome == "more"


# Simulated: maps that know nothing


@pytest.mark.parametrize(("centred", "measure"), [(0, "energy"), (3, "auc")])
def test_maps_that_are_independent_of_the_masks_seldom_say_anything(centred, measure):
    """At most 5% of 40 studies, and what chance adds to that in one of a thousand."""
    repetitions, n, said = 40, 64, 0
    for seed in range(repetitions):
        masks = discs(n, 1000 + seed)
        heatmaps = as_heatmaps({"l": smooth_noise(n, seed) + centred * blob()}, (SIDE, SIDE))
        table = studies.foreground_background(heatmaps, masks, control=False)
        own = own_differences(table)
        table = table.join(studies.control_table(own, heatmaps, masks, ["horse"] * n, others=4, seed=seed))
        said += studies.control_tests(table, measure).outcome in ("more", "less")
        if centred and not seed:
            assert studies.measure_tests(table, measure).outcome == "more"
    assert said <= scipy_stats.binom.ppf(0.999, repetitions, 0.05)


def test_a_long_film_whose_object_lies_elsewhere_is_not_what_is_usual():
    """Fifty frames with the object in a corner, thirty pictures with it in the middle; maps know the middle alone."""
    repetitions, groups, said = 100, ["film"] * 50 + [None] * 30, 0
    lent = lend_masks(["horse"] * 80, [True] * 80, groups=groups)
    for seed in range(repetitions):
        masks = discs(80, seed, scatter=1.0)
        masks[:50] = np.roll(np.repeat(masks[:1], 50, axis=0), (-5, -5), axis=(1, 2))
        maps = np.maximum(3 * smooth_noise(80, seed) + blob(), 0)
        maps[:50] = 0.9 * maps[:1] + 0.1 * maps[:50]
        energy = (maps / maps.sum(axis=(1, 2), keepdims=True)).reshape(80, -1) @ masks.reshape(80, -1).T
        beyond = energy - masks.mean(axis=(1, 2))  # of each map on each mask
        values = np.where(lent.grid >= 0, np.take_along_axis(beyond, lent.grid, axis=1), np.nan)
        usual = as_usual(np.diag(beyond), values, lent)
        said += studies.paired_tests(np.diag(beyond), usual, groups).outcome == "more"
    assert said <= scipy_stats.binom.ppf(0.999, repetitions, 0.025)


def test_masks_of_a_group_that_are_lent_count_as_one():
    lent = lend_masks(["a"] * 5, [True] * 5, groups=["film"] * 3 + [None] * 2)
    known = np.ones(lent.grid.shape, bool)
    known[lent.grid < 0] = False
    known[4, 0] = False
    third = [1 / 3] * 3
    assert lending_weights(known, lent)[3] == pytest.approx([*third, 1])
    assert lending_weights(known, lent)[4] == pytest.approx([0, 1 / 2, 1 / 2, 1])
    assert lending_weights(known, lent)[0].tolist() == [1, 1, 0, 0]


# The numbers


def test_control_values_are_those_of_a_slow_double_loop():
    n, layers = 7, ("a", "b")
    masks = list(discs(n, 3))
    masks[2] = None
    masks[5] = np.ones((SIDE, SIDE), np.uint8)
    masks[1] = masks[1].copy()
    masks[1][:4] = 255
    maps = {layer: np.abs(smooth_noise(n, turn)) for turn, layer in enumerate(layers)}
    maps["b"][3] = 0
    table = studies.foreground_background(as_heatmaps(maps, (SIDE, SIDE)), masks)
    assert len(table) == 2 * n
    usable = [j for j in range(n) if j not in (2, 5)]
    for turn, layer in enumerate(layers):
        for measure in MEASURES:
            square = np.full((n, n), np.nan)
            for i in usable:
                for j in usable:
                    if i != j and (layer, i) != ("b", 3):
                        one = as_heatmaps({"l": [maps[layer][i]]}, (SIDE, SIDE))
                        alone = studies.foreground_background(one, [masks[j]], control=False)
                        square[i, j] = difference(alone, measure)[0]
            expected = np.full(n, np.nan)
            held = [i for i in usable if (layer, i) != ("b", 3)]
            expected[held] = usual_by_hand(square, difference(table, measure)[turn * n : (turn + 1) * n])[held]
            found = table[studies.column_of(measure)][turn * n : (turn + 1) * n]
            np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6, equal_nan=True)
        for i in range(n):
            row = turn * n + i
            if i in held:
                assert table["others"][row] == 4
                likeness = []
                for j in usable:
                    if j != i:
                        both = sum(int(p == 1 and q == 1) for p, q in zip(masks[i].flat, masks[j].flat, strict=True))
                        either = sum(int(p == 1 or q == 1) for p, q in zip(masks[i].flat, masks[j].flat, strict=True))
                        likeness.append(both / either)
                assert table["likeness"][row] == pytest.approx(np.mean(likeness))
            else:
                assert table["others"][row] == 0


def test_the_test_is_of_each_pictures_difference_against_its_own_control():
    table = looked(following(discs(24)) + 0.3 * np.abs(smooth_noise(24, 1)), discs(24))
    for measure in MEASURES:
        own, usual = difference(table, measure), table[studies.column_of(measure)].to_numpy()
        control = studies.control_tests(table, measure)
        expected = scipy_stats.ttest_rel(own, usual)
        assert (control.t.value, control.t.p) == pytest.approx((expected.statistic, expected.pvalue))
        assert control.t.effect == pytest.approx((own - usual).mean() / (own - usual).std(ddof=1))
        np.testing.assert_array_equal(control.differences, own - usual)
    assert studies.control_tests(table.drop(columns="control_energy"), "energy") is None


def test_a_map_on_other_masks_by_hand():
    raw = np.array([[4, 2, 1, 1]], np.float32)
    lent = [np.array([mask], np.uint8) for mask in ([0, 1, 0, 0], [1, 1, 0, 0])]
    found = dict(zip(MEASURES, values_on(FineMap(raw, (1, 4)), lent).T.tolist(), strict=True))
    # Shares of energy 2/8 and 6/8 of areas 1/4 and 2/4; of the three pairs one is lost and two are won, and all four.
    assert found["energy"] == pytest.approx([0, 1 / 4])
    assert found["auc"] == pytest.approx([2 / 3 - 0.5, 0.5])
    assert found["rank"] == pytest.approx([0 - 1 / 4, 1 - 1 / 2])
    assert found["mean"] == pytest.approx([1 / 3 - 1 / 3, 2 / 3 - 0])  # as shown 1, 1/3, 0, 0
    assert values_on(FineMap(raw, (1, 4)), []).shape == (0, len(MEASURES))


def test_what_is_usual_by_hand():
    """Maps of a kind have 1, 2, 3 on any mask; the masks get 10, 20, 30 of any map."""
    lent = lend_masks(["a"] * 3, [True] * 3)
    values = np.array([[1 + 20, 1 + 30], [2 + 10, 2 + 30], [3 + 10, 3 + 20]], float)
    whole = np.array([1.0 + 10, 2 + 20, 3 + 30])
    assert as_usual(whole + 5, values, lent) == pytest.approx(whole)  # five more on one's own: masks tell the rest
    alone = values.mean(axis=1)  # 26, 22, 18: where own masks get no more than others, nothing is taken out
    assert as_usual(alone + 5, values, lent) == pytest.approx(alone)
    # Of two nothing tells a map from a mask: each has what it has on the other's.
    pair = lend_masks(["a"] * 2, [True] * 2)
    assert as_usual(np.array([30.0, 7.0]), np.array([[21.0], [12.0]]), pair).tolist() == [21, 12]


@pytest.mark.parametrize("n", [5, 20])
def test_what_masks_differ_in_is_no_difference_and_moves_no_mean(n):
    rng = np.random.default_rng(n)
    lent = lend_masks(["a"] * n, [True] * n)
    table = rng.normal(size=(n, 1)) + rng.normal(0, 5, n) + 0.01 * rng.normal(size=(n, n))
    own, values = np.diag(table), np.take_along_axis(table, lent.grid, axis=1)
    usual = as_usual(own, values, lent)
    assert np.abs(own - usual).max() < 0.1
    assert usual.mean() == pytest.approx(values.mean())


def test_two_of_a_label_count_as_one():
    lent = lend_masks(["a", "b", "a", "b", "c", "c", "c", "d"], [True] * 8)
    assert len(set(lent.units)) == 6
    assert (lent.units[0], lent.units[1]) == (lent.units[2], lent.units[3])
    # Films: a label with two of them, of which one has pictures of another label, too.
    films = lend_masks(list("aaaabb"), [True] * 6, groups=["f", "f", "g", "g", "g", "h"])
    assert len(set(films.units)) == 1
    alone = lend_masks(["a"] * 3, [True] * 3)
    assert alone.units == (0, 1, 2)


def test_few_pairs_count_each_picture():
    """Of a few pairs hardly any signs could be flipped."""
    masks = discs(24)
    for pairs_of_them, n in ((7, 14), (12, 12)):
        some = masks[: 2 * pairs_of_them]
        control = studies.control_tests(
            looked(following(some), some, [f"{i // 2}" for i in range(len(some))]), "energy"
        )
        assert (control.n, control.outcome) == (n, "more")


def pairs(effect, seed, kinds=32):
    """Two pictures of each label; the maps lie where its objects lie, and by `effect` on their own object."""
    masks = discs(2 * kinds, 500 + seed)
    own = following(masks, seed)
    noise = np.abs(smooth_noise(2 * kinds, seed))
    maps = blob() / blob().sum() + noise / noise.sum(axis=(1, 2), keepdims=True)
    maps = (1 - effect) * maps / 2 + effect * own / own.sum(axis=(1, 2), keepdims=True)
    return maps.astype(np.float32), masks, [f"kind {place // 2}" for place in range(2 * kinds)]


def test_pairs_say_something_as_seldom_as_they_should_and_find_what_is_there():
    none = [studies.control_tests(looked(*pairs(0, seed)), "energy") for seed in range(40)]
    assert {one.counted for one in none} == {"32 groups (64 pictures)"}
    assert sum(one.outcome != "none" for one in none) <= scipy_stats.binom.ppf(0.999, 40, 0.05)
    found = [studies.control_tests(looked(*pairs(0.08, seed)), "energy") for seed in range(10)]
    assert sum(one.outcome == "more" for one in found) >= 9
    assert np.mean([one.mean.effect for one in found]) < 0.03


def test_little_is_found_where_masks_differ_much():
    """A label of 64, of whose maps little follows the object: sign flips of what is left of masks find it."""
    masks = discs(64)
    maps = (blob() / blob().sum() + 0.04 * following(masks) / following(masks).sum(axis=(1, 2), keepdims=True)).astype(
        np.float32
    )
    noise = np.abs(smooth_noise(64, 2))
    table = looked(maps + 0.5 * noise / noise.sum(axis=(1, 2), keepdims=True), masks)
    control = studies.control_tests(table, "energy")
    assert control.outcome == "more"
    assert control.mean.effect < 0.02


def test_overlap_by_hand():
    assert overlap(np.array([1, 1, 0, 0]), np.array([0, 1, 1, 0])) == pytest.approx(1 / 3)
    assert overlap(np.array([1, 1, 255, 0]), np.array([1, 1, 0, 255])) == 1
    assert np.isnan(overlap(np.array([0, 255]), np.array([0, 0])))


def test_parts_have_the_values_of_the_whole():
    masks = list(discs(12))
    maps = following(discs(12))
    lent = lend_masks(["a"] * 12, [True] * 12, others=5)
    whole = on_others(maps, masks, lent)
    some = [1, 4, 11]
    part = on_others(maps[some], masks, lent, some)
    np.testing.assert_array_equal(part.values, whole.values[some])
    np.testing.assert_array_equal(part.likeness, whole.likeness[some])


# Who lends a mask to whom


@pytest.mark.parametrize("n", [2, 5, 40])
@pytest.mark.parametrize("seed", range(3))
def test_nobody_is_held_against_its_own_mask(n, seed):
    rng = np.random.default_rng(seed)
    labels = rng.choice(["a", "b", "c"], n).tolist()
    usable = (rng.uniform(size=n) < 0.8).tolist()
    lent = lend_masks(labels, usable, others=6, seed=seed)
    assert len(lent.places) == n
    all_same = True
    for place, others in enumerate(lent.places):
        assert place not in others
        assert len(set(others)) == len(others) <= 6
        assert list(others) == sorted(others)
        assert all(usable[other] for other in others)
        same = [i for i in range(n) if i != place and usable[i] and labels[i] == labels[place]]
        anybody = [i for i in range(n) if i != place and usable[i]]
        if not usable[place]:
            assert others == ()
            continue
        group = anybody if labels[place] is None else same
        assert set(others) <= set(group)
        assert len(others) == min(6, len(group))
        all_same &= labels[place] is not None
    assert lent.same_label == all_same


@pytest.mark.parametrize("n", [3, 9, 60])
@pytest.mark.parametrize("seed", range(3))
def test_no_mask_is_lent_within_a_group(n, seed):
    rng = np.random.default_rng(seed)
    labels = rng.choice(["a", "b"], n).tolist()
    usable = (rng.uniform(size=n) < 0.8).tolist()
    groups = [None if one == 0 else f"film {one}" for one in rng.integers(0, max(n // 4, 2), n)]
    lent = lend_masks(labels, usable, others=6, seed=seed, groups=groups)
    for place, others in enumerate(lent.places):
        foreign = [
            i for i in range(n) if i != place and usable[i] and (groups[place] is None or groups[i] != groups[place])
        ]
        same = [i for i in foreign if labels[i] == labels[place]]
        assert list(others) == sorted(set(others))
        assert set(others) <= set(same)
        assert len(others) == (min(6, len(same)) if usable[place] else 0)


def test_groups_of_one_are_as_none():
    labels, usable = ["a"] * 50, [True] * 50
    alone = lend_masks(labels, usable).places
    for groups in ([str(i) for i in range(50)], [None] * 50):
        assert lend_masks(labels, usable, groups=groups).places == alone
    assert lend_masks(labels, usable, groups=["film"] * 50).places == ((),) * 50


def test_masks_are_drawn_by_seed():
    labels, usable = ["a"] * 50, [True] * 50
    one = lend_masks(labels, usable)
    assert one.places == lend_masks(labels, usable).places == lend_masks(labels, usable, OTHERS, 0).places
    assert {len(places) for places in one.places} == {OTHERS}
    assert len({lend_masks(labels, usable, seed=seed).places for seed in range(4)}) == 4
    used = np.bincount(np.concatenate(one.places), minlength=50)
    assert used.min() > 15  # everybody lends; 32 is even


@pytest.mark.parametrize("of_a", [1, 2, 5])
def test_another_label_lends_nothing(of_a):
    lent = lend_masks(["a"] * of_a + ["b"] * 10, [True] * (of_a + 10))
    assert lent.same_label
    assert lent.places[0] == tuple(range(1, of_a))
    assert lent.places[-1] == tuple(range(of_a, of_a + 9))


def test_where_all_are_of_one_label_few_are_enough():
    lent = lend_masks(["a"] * 3, [True] * 3)
    assert (lent.places, lent.same_label) == (((1, 2), (0, 2), (0, 1)), True)
    without = lend_masks([None] * 3, [True] * 3)  # no label is no label that they share
    assert (without.places, without.same_label) == (lent.places, False)
    assert lend_masks([], []).places == ()


# Packed


def test_packed_masks_are_the_same():
    masks = [*discs(3), np.array([[0, 1, 255]], np.uint8)]
    packed = PackedMasks(iter(masks))
    assert len(packed) == 4
    for one, mask in zip(packed, masks, strict=True):
        assert one.dtype == np.uint8
        np.testing.assert_array_equal(one, mask)
    np.testing.assert_array_equal(packed[-1], masks[-1])
    with pytest.raises(ValueError, match="read-only"):
        packed[0][0, 0] = 1


def test_packed_masks_serve_as_masks():
    masks, lent = discs(9), lend_masks(["a"] * 9, [True] * 9)
    plain, packed = (on_others(following(masks), some, lent) for some in (list(masks), PackedMasks(masks)))
    np.testing.assert_array_equal(plain.values, packed.values)
    np.testing.assert_array_equal(plain.likeness, packed.likeness)
