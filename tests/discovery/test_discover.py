"""Discovery: a planted patch is found where the network goes by it, and nobody is accused where it does not."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import xai_core as xai
from tests.support.nets import unscaled
from tests.support.planted_colours import CLASSES, SIDE, ByColour, model, pictures
from xai_core.discovery.repeats import repeating_cells
from xai_core.discovery.testing import FIRST
from xai_core.discovery.words import place_words, plain_sentence, strategy_sentence
from xai_core.errors import DataError, ModelError, PictureError
from xai_core.types import content_id

DATA = pictures()
CHEAT = 8.0  # weight of the patch


@pytest.fixture(scope="module")
def cheat():
    return xai.discover(model(CHEAT), DATA)


def names(found, strategy):
    table = found.pictures.set_index("place")["picture"]
    return [table[place] for place in strategy.places]


def test_the_patch_is_found_with_its_pictures_and_its_place(cheat):
    (suspect,) = cheat.suspects
    assert suspect.label == "green"
    test = suspect.suspect
    assert test.carrier == "place"
    assert test.gain > 0.5
    assert test.interval[0] > 0.3
    assert test.p_holm < 0.001
    assert place_words(suspect.region) == "the lower left"
    group = next(one for one in cheat.strategies if one.label == "green" and not one.whole)
    assert np.mean(["patch" in name for name in names(cheat, group)]) > 0.9
    assert "the lower left" in suspect.sentence
    assert "the lower left" in suspect.plain
    assert "p <" not in suspect.plain
    assert sorted(names(cheat, suspect)) == sorted(one.name for one in DATA if "patch" in one.name)


def test_a_colour_is_held_against_the_colour_of_another_class(cheat):
    (suspect,) = cheat.suspects
    tinted = replace(suspect, tests=(replace(suspect.suspect, carrier="colour"),))
    assert (
        "If pictures of other classes are given that colour, the model gives 'green' a probability of"
        in plain_sentence(tinted)
    )
    assert "; with the colour of another class, it is" in plain_sentence(tinted)
    assert "; with the same from pictures of another class, it is" in suspect.plain


def test_what_holds_most_of_the_object_is_the_object_and_no_shortcut(cheat):
    """The same pictures, once with masks that mark the patch, and once with masks that lie beside it."""
    (suspect,) = cheat.suspects
    assert np.isnan(suspect.suspect.holds)  # no masks, nothing known
    beside = np.ones((SIDE, SIDE), np.uint8)
    beside[-4:, :4] = 0
    (same,) = xai.discover(model(CHEAT), [replace(one, mask=beside) for one in DATA]).suspects
    assert same.suspect.gain == suspect.suspect.gain
    assert same.suspect.holds < 0.1
    found = xai.discover(model(CHEAT), [replace(one, mask=1 - beside) for one in DATA])
    assert found.suspects == ()
    tests = [one for strategy in found.strategies for one in strategy.tests if one.carrier == "place"]
    held = max(tests, key=lambda one: one.gain)
    assert held.gain > 0.5
    assert 0.5 < held.holds <= 1
    said = [strategy.sentence for strategy in found.strategies if held in strategy.tests]
    assert any("of the object, so it may be the object itself" in one for one in said), said


def test_the_honest_digits_are_not_accused_though_an_8_is_always_in_the_middle():
    digits = xai.load_dataset("textured_digits_shortcut", split="val")
    assert xai.discover(xai.load_model("digits"), digits).suspects == ()
    without = [replace(one, mask=None) for one in digits]
    assert [one.label for one in xai.discover(xai.load_model("digits"), without).suspects] == ["8"]  # as said there


def test_a_patch_in_a_fifth_of_a_class_is_found_with_exactly_its_pictures():
    """A group of the maps holds others, too; the content that repeats in it says which pictures hold it."""
    data = pictures(100, share=0.2, seed=3)
    (suspect,) = xai.discover(model(CHEAT), data).suspects
    assert {data[place].name for place in suspect.places} == {one.name for one in data if "patch" in one.name}
    assert suspect.suspect.n == len(suspect.tested)
    assert "mostly at the same place, the lower left of the picture" in suspect.sentence
    assert place_words(suspect.region) == "the lower left"


def test_a_patch_that_moves_is_not_said_to_lie_at_one_place():
    rng = np.random.default_rng(4)
    data = []
    for one in pictures(100, share=0.0, seed=4):
        pixels = one.pixels.copy()
        if one.label == "green" and rng.random() < 0.6:
            y, x = rng.integers(0, SIDE - 5, 2)
            pixels[y : y + 6, x : x + 6] = (235, 20, 20)
            pixels[y + 2 : y + 4, x + 2 : x + 4] = 20
        data.append(replace(one, pixels=pixels, id=content_id(pixels)))
    (suspect,) = xai.discover(model(CHEAT), data).suspects
    assert suspect.suspect.carrier == "content"
    assert not suspect.suspect.one_place
    assert "at changing places" in suspect.sentence


def test_what_a_part_adds_is_what_the_network_says_of_pictures_put_together_by_hand(cheat):
    """The patch alone, pasted into blue pictures by hand, does what the test says that the region does."""
    planted = next(one for one in DATA if "patch" in one.name)
    blue = [one for one in DATA if one.label == "blue"]
    pasted = [one.pixels.copy() for one in blue]
    for pixels in pasted:
        pixels[-8:, :8] = planted.pixels[-8:, :8]
    rise = xai.predict(model(CHEAT), pasted).probabilities[:, 0] - xai.predict(model(CHEAT), blue).probabilities[:, 0]
    assert cheat.suspects[0].suspect.gain == pytest.approx(rise.mean(), abs=0.15)


def test_the_same_pictures_and_a_network_that_ignores_the_patch():
    found = xai.discover(model(0.0), DATA)
    assert found.suspects == ()
    (said,) = [one for one in found.sentences if "would be found in 80% of cases" in one]  # not one for each class
    assert said.startswith("Of each of ")
    assert all(repr(one.label) in said for one in DATA)


def test_nothing_is_accused_where_nothing_is_planted():
    assert xai.discover(model(CHEAT), pictures(share=0.0)).suspects == ()


def test_the_same_seed_gives_the_same_numbers(cheat):
    again = xai.discover(model(CHEAT), DATA)
    assert again.table.equals(cheat.table)
    assert again.pictures.equals(cheat.pictures)


def test_halves_share_no_group():
    grouped = [replace(one, group=f"film {number // 4}") for number, one in enumerate(DATA)]
    found = xai.discover(model(CHEAT), grouped).pictures
    films = found["place"] // 4
    assert (found.groupby(films)["half"].nunique() == 1).all()
    assert found["half"].eq("tested").mean() == pytest.approx(0.5, abs=0.1)


def test_other_methods_and_one_label():
    found = xai.discover(model(CHEAT), DATA, method="saliency", label="green")
    assert {one.label for one in found.strategies} == {"green"}
    assert [one.label for one in found.suspects] == ["green"]


def test_it_shows_itself(cheat):
    assert cheat.suspects[0].name in cheat._repr_html_()
    assert "No shortcut was found" in replace(cheat, strategies=())._repr_html_()
    figure = cheat.plot("strategy")
    assert sum(len(trace.x) for trace in figure.data) == len(DATA)


def test_what_cannot_be_suspected_is_tried_a_few_times_only(cheat):
    """A blob is no content that repeats: what it adds is described, not tested further."""
    honest = xai.discover(model(0.0), DATA)
    tests = [test for one in honest.strategies for test in one.tests]
    assert tests
    assert all(test.n <= FIRST for test in tests if test.carrier in ("place", "content", "border"))
    assert cheat.suspects[0].suspect.n > FIRST


def test_the_place_of_a_content_is_where_it_repeats_whatever_the_map_says():
    """A map points at a quarter of the picture; the patch is six pixels wide, on a grid of cells of four."""
    rng = np.random.default_rng(0)
    members, others = (rng.integers(0, 256, (12, 32, 32, 3)).astype(np.uint8) for _ in range(2))
    members[:, -6:, :6] = (235, 20, 20)
    quarter = np.zeros((8, 8), bool)
    quarter[4:, :5] = True
    cells = repeating_cells(members, others, quarter)
    expected = np.zeros((8, 8), bool)
    expected[6:, 0] = expected[7, :2] = True  # half of a cell's pixels are enough, a quarter is not
    assert np.array_equal(cells, expected)
    assert not repeating_cells(others, members, quarter).any()


def test_one_class_is_grouped_and_not_tested():
    found = xai.discover(model(CHEAT), [one for one in DATA if one.label == "green"])
    assert found.strategies
    assert found.suspects == ()
    assert "All pictures are of one class" in found.left_out[0]
    assert found.strategies[0].sentence.endswith("Nothing could be tested.")


def test_other_parts_are_said_and_why_one_that_adds_more_is_not_named(cheat):
    (suspect, *_) = cheat.suspects
    named = replace(suspect.suspect, carrier="colour", title="the colour", added=0.7, control=0.0, removed=np.nan)
    weaker = replace(
        named, carrier="border", title="the border of the picture, which looks alike in the group", added=0.3
    )
    stronger = replace(named, carrier="surroundings", title="the surroundings", added=0.9)
    said = strategy_sentence(replace(suspect, tests=(named, weaker)))
    assert said.endswith(
        " By the same kind of test, other parts raise the probability, too: the border of the picture (+30 points)."
    )
    said = strategy_sentence(replace(suspect, tests=(named, weaker, stronger)))
    assert said.endswith(
        " the border of the picture (+30 points) and the surroundings (+90 points); a "
        "more specific part is named first if it "
        "adds at least 70% of what the strongest one adds."
    )


def test_surroundings_are_said_to_be_a_corner_that_is_repeated(cheat):
    suspect = cheat.suspects[0]
    said = plain_sentence(replace(suspect, tests=(replace(suspect.suspect, carrier="surroundings"),)))
    assert "by the surroundings. If a new picture is filled with copies of one corner of such a picture" in said
    assert "; with a corner from another class, it is" in said
    middle = np.zeros_like(suspect.region)
    middle[3:5, 3:5] = True
    said = plain_sentence(replace(suspect, region=middle, tests=(replace(suspect.suspect, carrier="surroundings"),)))
    assert (
        "by the surroundings. Heatmaps alone would not have shown this: on average, they point at the middle of the "
        "picture. If" in said
    )


@pytest.mark.parametrize(
    ("gain", "said"),
    [
        (-0.1, "Nothing that was put into pictures of other classes raised the probability by as much as a point"),
        (0.004, "Nothing that was put into pictures of other classes raised the probability by as much as a point"),
        (0.011, "the border raised the probability most, by 1 point ("),
        (0.3, "the border raised the probability most, by 30 points ("),
    ],
)
def test_what_raised_nothing_is_not_said_to_raise_by_less_than_nothing(cheat, gain, said):
    suspect = cheat.suspects[0]
    tried = replace(suspect.tests[0], title="the border", control=0.2, added=0.2 + gain, p_holm=0.5, suspect=False)
    assert said in strategy_sentence(replace(suspect, tests=(tried,)))


def test_few_pictures_are_said_and_not_clustered():
    few = [one for one in DATA if one.label == "blue"] + [one for one in DATA if one.label == "green"][:19]
    found = xai.discover(model(CHEAT), few)
    assert {one.label for one in found.strategies} == {"blue"}
    assert found.left_out == (
        "'green' has 19 pictures. To look for groups in one half and test them on the other takes 20, so this class "
        "was not searched.",
    )


def test_many_classes_of_few_pictures_are_one_sentence():
    few = [one for one in DATA if one.label == "blue"][:7] + [one for one in DATA if one.label == "green"][:19]
    assert xai.discover(model(CHEAT), few).left_out == (
        "'green' and 'blue' have at most 19 pictures each. To look for groups in one half and test them on the other "
        "takes 20, so these classes were not searched.",
    )


def test_equal_pictures_are_said_and_not_clustered():
    first = next(one for one in DATA if one.label == "green")
    found = xai.discover(model(CHEAT), [one for one in DATA if one.label == "blue"] + [first] * 40)
    assert found.left_out == ("'green' has 40 pictures, but only 1 that differ; it takes 20, so it was not searched.",)


def test_flat_maps_and_a_model_at_chance_are_said():
    net = model(0.0).net
    net.head.weight.data.zero_()
    found = xai.discover(unscaled(net, SIDE, list(CLASSES)), DATA)
    assert found.suspects == ()
    assert any(one.startswith("All maps are flat") for one in found.doubts)
    assert any("no more than by guessing between 2 classes" in one for one in found.doubts)


class NanOfPatches(ByColour):
    def forward(self, x):
        scores = super().forward(x)
        return torch.where(x[:, 0, -1:, 0] > 0.9, torch.nan, scores)  # red in the lower left


def test_nan_is_left_out_and_said():
    found = xai.discover(unscaled(NanOfPatches(CHEAT), SIDE, list(CLASSES)), DATA)
    assert found.left_out[0].startswith("To 24 of 80 pictures the model answers NaN")
    assert len(found.pictures) == 56
    assert not found.pictures["picture"].str.contains("patch").any()
    with pytest.raises(PictureError, match="answers NaN to every picture"):
        xai.discover(unscaled(NanOfPatches(CHEAT), SIDE, list(CLASSES)), [one for one in DATA if "patch" in one.name])


@pytest.mark.parametrize(
    ("data", "options", "error", "said"),
    [
        ([replace(one, label=None) for one in DATA], {}, DataError, "have no labels"),
        (DATA, {"label": "red"}, DataError, "The labels are: green, blue"),
        ([replace(one, label="cat") for one in DATA], {}, PictureError, "no class of"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(data, options, error, said):
    with pytest.raises(error, match=said):
        xai.discover(model(CHEAT), data, **options)


def test_independent_labels_are_refused():
    several = xai.load_model(
        model(CHEAT).net, input_size=SIDE, class_names=list(CLASSES), outputs="label_logits", device="cpu"
    )
    with pytest.raises(ModelError, match="do not exclude each other"):
        xai.discover(several, DATA)


def test_frames_of_a_film_are_no_repeated_content_and_no_second_evidence():
    """Ten pictures of a class, five times each with a little noise: without their masks a copy proves nothing."""
    rng = np.random.default_rng(3)
    by_label: dict[str, list] = {}
    for digit in xai.load_dataset("textured_digits", split="val"):
        by_label.setdefault(digit.label, []).append(replace(digit, mask=None))
    frames = []
    for label in ("0", "1", "4", "8"):
        for digit in by_label[label][:10]:
            for turn in range(5):
                noise = rng.integers(-6, 7, digit.pixels.shape)
                view = np.clip(digit.pixels.astype(int) + noise, 0, 255).astype(np.uint8)
                frames.append(replace(digit, id=f"{digit.id} {turn}", name=f"{digit.name} {turn}", pixels=view))
    assert xai.discover(xai.load_model("digits"), frames).suspects == ()


def test_a_class_that_belongs_together_is_said_to_be_no_class_to_look_at():
    digits = [replace(one, group="all") for one in xai.load_dataset("textured_digits", split="val", labels=["1", "4"])]
    found = xai.discover(xai.load_model("digits"), digits)
    assert found.strategies == ()
    assert any("Nearly all pictures of '1' belong together" in one for one in found.left_out)
