"""Yes, no or mixed: what one measure says has to hold on every grid, by every measure and step by step."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tests.support.maps import as_heatmaps, blobs, same_field
from xai_core import studies
from xai_core.measures import FOCUS_MEASURES
from xai_core.questions.layers.findings import answer
from xai_core.studies.layer_evidence import of_measure
from xai_core.studies.verdict import ONE_SIZE, TURNED, numbers_of
from xai_core.studies.words import capitalised
from xai_core.types import Layer

SMALL = (56, 56)  # pixels, so that hundreds of maps are measured in no time


def answered(maps, measure="share", threshold=0.7, **known):
    limits = sorted({threshold, 0.85, 0.9})
    measured = {grid: studies.measure_maps(maps, limits, grid=grid) for grid in ("own", "common", "sampled")}
    layers = [Layer(name, f"stage {i}", values.shape[1:], 1) for i, (name, values) in enumerate(maps.items(), start=1)]
    names = [str(one) for one in range(maps.n_pictures)]
    return answer(measured, layers, names, measure, threshold, **known).card


def named(card):
    return {one.name: one for one in card.changes}


def noise(n, seed, draw):
    """Independent cells at the resolutions of a network's stages: nothing to find at any layer."""
    rng = np.random.default_rng(seed)
    return as_heatmaps({name: draw(rng, (n, size, size)) for name, size in (("a", 28), ("b", 14), ("c", 7))}, SMALL)


def narrowing(n, seed):
    """Blobs that get narrower with depth, half a standard deviation of their width a stage, among noise."""
    rng = np.random.default_rng(seed)
    maps = {}
    for index, size in enumerate((28, 14, 7, 7)):
        y, x = (np.mgrid[0:size, 0:size] + 0.5) / size
        width = 0.30 - 0.04 * index + rng.normal(0, 0.03, (n, 1, 1))
        centre = rng.uniform(0.35, 0.65, (n, 2, 1, 1))
        squared = (y - centre[:, 0]) ** 2 + (x - centre[:, 1]) ** 2
        maps["abcd"[index]] = np.exp(-squared / (2 * np.maximum(width, 0.02) ** 2))
    return as_heatmaps(maps, SMALL)


@pytest.mark.parametrize(
    "draw", [lambda rng, size: rng.exponential(size=size), lambda rng, size: rng.normal(size=size)]
)
@pytest.mark.parametrize("measure", ["share", "gini"])
def test_random_maps_get_neither_yes_nor_no(draw, measure):
    tones = [answered(noise(32, seed, draw), measure, 0.85).tone for seed in range(10)]
    assert not any(tone in ("yes", "no") for tone in tones)


def test_skewed_noise_is_the_same_on_the_sampled_grid_and_not_on_the_averaged_one():
    outcomes = {grid: [] for grid in ("common", "sampled")}
    for seed in range(20):
        maps = noise(32, seed, lambda rng, size: rng.exponential(size=size))
        for grid, found in outcomes.items():
            found.append(studies.layer_focus(studies.measure_maps(maps, (0.85,), grid=grid), measure="gini").page.p)
    assert (np.array(outcomes["common"]) < 0.05).mean() > 0.9
    assert (np.array(outcomes["sampled"]) < 0.05).mean() <= 0.2


@pytest.mark.parametrize("measure", ["share", "gini"])
def test_a_planted_focus_is_found(measure):
    tones = [answered(narrowing(64, seed), measure, 0.7).tone for seed in range(4)]
    assert tones.count("yes") == 4


def test_a_measure_that_says_the_opposite_makes_it_mixed_and_signs_agree_with_words():
    rng = np.random.default_rng(0)
    maps = {}
    for index, (peak, floor) in enumerate([(0.05, 0.0), (0.04, 0.2), (0.03, 0.4), (0.02, 0.6)]):
        raw = rng.uniform(0, 0.05, (24, 14, 14)) + floor  # an even floor: less concentrated by Gini
        raw[:, 5:7, 5:7] += 1
        raw.reshape(24, -1)[:, : round(400 * peak)] += 0.9 + rng.uniform(0, 0.1, (24, round(400 * peak)))
        maps[f"l{index}"] = raw
    card = answered(as_heatmaps(maps))
    gini = named(card)["By Gini concentration"]
    assert card.carries.effect > 0.9
    assert gini.fine is False
    assert "Deeper layers focus less (rank correlation with depth -" in gini.sentence
    assert card.tone == "caution"
    assert card.headline == "Mixed: deeper layers focus more overall, but not by Gini concentration"
    assert card.plain.endswith(", deeper layers focus less: the answer depends on what is measured.")


def test_a_rise_and_a_fall_is_named():
    card = answered(blobs([4, 3, 2, 1, 3], n=30))
    assert card.tone == "caution"
    assert card.headline == "Mixed: deeper layers focus more overall, but focus rises until stage 4, then falls"


def test_one_layer_that_differs_alone_is_named():
    card = answered(blobs([3, 3, 3, 3, 1.5], n=40, seed=1))
    assert card.headline == "Mixed: deeper layers focus more overall, but only stage 5 stands out"
    assert card.plain.endswith(". But only stage 5 stands out, and without it no trend is left.")
    assert named(card)["Layer by layer"].sentence == "Only stage 5 stands out: without it no trend is left."


def test_one_layer_that_differs_alone_is_named_where_coarser_maps_make_steps_of_their_own():
    """Blobs of one width but at the last layer: coarser cells alone lower the share above the threshold by steps."""
    rng, maps = np.random.default_rng(0), {}
    for name, size, width in zip("abcd", (28, 14, 7, 7), (0.25, 0.25, 0.25, 0.12), strict=True):
        y, x = (np.mgrid[0:size, 0:size] + 0.5) / size
        middle, widths = rng.normal(0.5, 0.05, (64, 2, 1, 1)), width + rng.normal(0, 0.03, (64, 1, 1))
        squared = (y - middle[:, 0]) ** 2 + (x - middle[:, 1]) ** 2
        maps[name] = np.exp(-squared / (2 * np.maximum(widths, 0.03) ** 2))
    card = answered(as_heatmaps(maps, SMALL), threshold=0.85)
    assert named(card)["Layer by layer"].fine
    assert (card.tone, card.headline) == (
        "caution",
        "Mixed: deeper layers focus more overall, but with all maps averaged to the same size, only stage 4 stands out",
    )
    assert card.plain.endswith(
        ". But maps of deeper layers are coarser, which alone changes how focused they seem. With all maps averaged to "
        "the same size, only stage 4 stands out, and without it no trend is left."
    )
    said = named(card)["All maps averaged to 7 × 7"]
    assert not said.fine
    assert said.sentence.startswith("Here, too, deeper layers focus more")
    assert said.sentence.endswith(" Only stage 4 stands out: without it no trend is left.")


def test_layers_that_do_not_stand_in_order_of_depth_are_not_judged():
    maps = narrowing(64, 0)
    card = answered(as_heatmaps({name: maps[name] for name in "cabd"}))
    assert card.tone != "yes"
    assert (
        "Maps grow from one layer to the next (7 × 7, 28 × 28, 14 × 14, 7 × 7)"
        in named(card)["Order of depth"].sentence
    )


def test_resolution_alone_is_mixed():
    card = answered(same_field(), threshold=0.85)
    assert card.headline.startswith("Mixed: deeper layers")
    assert card.headline.endswith("but not with all maps averaged to the same size")
    assert (
        "But with all maps averaged to the same size this is not found: it may show only that deeper layers"
        in card.plain
    )


def test_a_trend_that_holds_on_both_grids_says_of_each_what_it_rules_out():
    checks = named(answered(narrowing(64, 0)))
    assert checks["All maps averaged to 7 × 7"].sentence.startswith("Here, too, deeper layers focus more")
    assert checks["All maps sampled to 7 × 7"].sentence.startswith("Here, too, deeper layers focus more")


def test_maps_that_are_no_evidence_are_named_in_the_plain_sentence_and_decide_nothing():
    maps = narrowing(64, 0)
    titles = {name: f"stage {i}" for i, name in enumerate(maps, start=1)}
    faithful = studies.layer_faithfulness(
        titles, "Grad-CAM", exact="HiResCAM", correlations=np.full((64, 4), [0.1, 0.2, 0.3, 0.9])
    )
    known, plain = answered(maps, faithful=faithful), answered(maps)
    assert (known.tone, known.headline) == (plain.tone, plain.headline)
    assert known.plain == f"{plain.plain} {faithful.doubt}"
    assert faithful.doubt.startswith("At stage 1 to stage 3, maps of Grad-CAM")


def test_no_answer_about_a_class_that_is_not_seen():
    seen = studies.class_seen([0.0014] * 12, ["zebra"] * 12, 1000)
    card = answered(blobs([4, 3, 2, 1]), seen=seen)
    assert (card.tone, card.headline) == ("unknown", "Cannot tell: the model is only 0.14% sure of zebra (n = 12)")
    assert card.plain.startswith(
        "On average the model is only 0.14% sure of zebra. A map of a class that the model does not"
    )
    assert card.plain.endswith("If it predicts other classes here, choose maps for the prediction.")
    more = studies.class_seen([0.0014] * 14, ["zebra"] * 14, 1000)  # two with flat maps, which the trend leaves out
    assert answered(blobs([4, 3, 2, 1]), seen=more).headline.endswith("(n = 14)")
    known = studies.class_seen([0.7] * 12, ["zebra"] * 12, 1000)
    assert answered(blobs([4, 3, 2, 1]), seen=known).headline == "Yes: deeper layers focus more (zebra, n = 12)"


def test_an_architecture_that_focuses_by_itself_makes_it_mixed():
    maps = blobs([4, 3, 2, 1], n=24)
    same = [studies.measure_maps(blobs([4, 3, 2, 1], n=24, seed=seed), (0.7,)) for seed in (1, 2)]
    spreading = [studies.measure_maps(blobs([1, 2, 3, 4], n=24, seed=seed), (0.7,)) for seed in (1, 2)]
    card = answered(maps, untrained=same)
    assert (
        card.headline
        == "Mixed: deeper layers focus more overall, but the same network with random weights can do so too"
    )
    assert card.plain.endswith("can do so, too: what it learned need not be the reason.")
    assert "correlation of focus with depth +1.00 against +1.00" in named(card)["Random weights"].sentence
    card = answered(maps, untrained=spreading)
    assert card.headline == "Yes: deeper layers focus more"
    assert (
        "+1.00 against -1.00 (-1.00 to -1.00 in 2 draws, of which one more would lie between -1.00 and -1.00 in 95% of "
        "cases), difference +2.00"
    ) in named(card)["Random weights"].sentence
    assert named(answered(maps))["Random weights"].fine is None


def test_an_architecture_whose_trend_differs_from_draw_to_draw_is_no_reference_by_its_largest():
    """Of six networks that learned nothing the first goes beyond the others in one case of six, by any p-value."""

    def focus(rng, rise):
        """Of 64 pictures at five layers, more of a measure from layer to layer, among noise."""
        values = rise * np.arange(5) + rng.normal(0, 1, (64, 5))
        return SimpleNamespace(values=values, groups=None, measure=FOCUS_MEASURES["gini"])

    rng, said = np.random.default_rng(0), []
    for _ in range(100):
        own, *others = (focus(rng, rise) for rise in rng.normal(0.3, 0.1, 6))
        others = [one.values for one in others]
        said.append(studies.untrained_layers(own, others).beyond("focuses"))
    assert np.mean(said) <= 0.05
    learned = studies.untrained_layers(focus(rng, 2), others)
    assert learned.beyond("focuses")
    assert not studies.untrained_layers(focus(rng, 2), others[:1]).beyond("focuses")


def test_a_method_with_one_map_for_all_classes_says_so_beside_the_answer():
    maps = narrowing(16, 0)
    (said,) = answered(replace(maps, method="Attention rollout")).caveats
    assert "the same map for every class" in said
    assert answered(replace(maps, method="Grad-CAM")).caveats == ()


def test_one_line_says_what_a_measure_gives_on_every_grid():
    """By the Gini coefficient the maps of the same blobs say one thing at their own sizes, and another at one size."""
    maps = narrowing(64, 0)
    sized = {grid: studies.measure_maps(maps, [0.7], grid=grid) for grid in ("own", "common", "sampled")}
    own = studies.layer_focus(sized["own"], 0.7)
    others = [studies.layer_focus(sized[grid], 0.7, measure="gini") for grid in ("own", "common", "sampled")]
    said = of_measure(own, others)
    assert said.check.name == "By Gini concentration"
    for grid, one in zip(("own", "common", "sampled"), others, strict=True):
        where = "" if grid == "own" else f"{capitalised(ONE_SIZE[grid].all_maps)}: "
        same = "here, too, " if one.outcome == own.outcome else ""
        assert capitalised(f"{where}{same}{TURNED[one.outcome]} ({numbers_of(one)})") in said.check.sentence
    assert said.check.fine == all(one.outcome == own.outcome for one in others)
    disagree = [one for one in others if one.outcome != own.outcome]
    assert bool(said.objection) == bool(disagree)
