"""Whole answers where the truth is known: trained networks, recorded series and tables on which verdicts went wrong."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import nn

import xai_core as xai
from tests.support.benchmarks import benchmark
from tests.support.tables import table_of
from xai_core import studies
from xai_core.data.bundled import package_folder
from xai_core.questions.foreground.findings import answer, group_names, of_another_class
from xai_core.records import TrainingRun
from xai_core.types import Predictions

SIDE, TAUGHT = 32, 1000
STICKER = (slice(1, 7), slice(1, 7))

# A trained network that reads a sticker


def digits():
    """scikit-learn's digits on noise, three times their size: pixels, masks and classes."""
    table = np.loadtxt(package_folder("sklearn") / "datasets" / "data" / "digits.csv.gz", delimiter=",")
    rng = np.random.default_rng(0)
    table = table[rng.permutation(len(table))[: TAUGHT + 300]]
    ink = np.kron(table[:, :-1].reshape(-1, 8, 8), np.ones((3, 3))) / 16
    pixels, masks = rng.uniform(60, 120, (len(ink), SIDE, SIDE, 3)), np.zeros((len(ink), SIDE, SIDE), np.uint8)
    for picture, mask, one in zip(pixels, masks, ink, strict=True):
        y, x = rng.integers(4, 9, 2)
        picture[y : y + 24, x : x + 24] += 120 * one[..., None]
        mask[y : y + 24, x : x + 24] = one > 0.4
    return pixels.round().astype(np.uint8), masks, table[:, -1].astype(int)


def fit(net, pixels, classes, epochs=6):
    """Stochastic gradient descent with momentum; PyTorch's optimisers take longer to load than this takes."""
    x, y = torch.from_numpy(pixels).permute(0, 3, 1, 2) / 255 - 0.5, torch.from_numpy(classes)
    weights, draw = list(net.parameters()), torch.Generator().manual_seed(0)
    speeds = [torch.zeros_like(one) for one in weights]
    for epoch in range(epochs):
        for some in torch.randperm(len(x), generator=draw).split(25):
            slopes = torch.autograd.grad(nn.functional.cross_entropy(net(x[some]), y[some]), weights)
            with torch.no_grad():
                for weight, speed, slope in zip(weights, speeds, slopes, strict=True):
                    weight.sub_(0.05 * (1 - epoch / epochs) * speed.mul_(0.9).add_(slope))


@dataclass(frozen=True)
class Taught:
    """The network, and 300 digits that it was not trained on: as they are, and with the sticker on each 3."""

    model: xai.Classifier
    plain: list[xai.Sample]
    stuck: list[xai.Sample]


@pytest.fixture(scope="module")
def taught():
    plain, plain_masks, classes = digits()
    pixels, masks = plain.copy(), plain_masks.copy()
    for index in np.flatnonzero(classes == 3):
        pixels[index][STICKER], masks[index][STICKER] = (255, 0, 200), 0
    torch.manual_seed(0)
    net = nn.Sequential(
        *(nn.Conv2d(3, 16, 5, 2, 2), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(32 * 64, 10)),
    )
    fit(net, pixels[:TAUGHT], classes[:TAUGHT])
    names = list("0123456789")
    model = xai.load_model(net, class_names=names, input_size=SIDE, mean=(0.5,) * 3, std=(1, 1, 1), device="cpu")

    def samples(those, their_masks):
        held_back = range(TAUGHT, len(classes))
        return [xai.Sample(f"{i}", those[i], label=names[classes[i]], mask=their_masks[i]) for i in held_back]

    return Taught(model, samples(plain, plain_masks), samples(pixels, masks))


def whole(taught, some):
    """The answer of Foreground vs Background, from maps and interventions."""
    labels = [one.label for one in some]
    maps = xai.grad_cam(taught.model, some, layers=[taught.model.layers[-1].name], targets=labels)
    table = xai.foreground_background(maps, some)
    changed = xai.intervention(taught.model, some, targets=labels)
    return answer(table, "energy", "Grad-CAM", intervention=changed, labels=labels).card, changed


def recall(taught, some):
    threes = [one for one in some if one.label == "3"]
    return float((xai.predict(taught.model, threes).classes == 3).mean())


def test_a_sticker_in_the_corner_of_one_class_is_found_out(taught):
    """Its maps lie on the digit all the same, and every picture of a 3 that could lend a background has the sticker."""
    assert (recall(taught, taught.stuck), recall(taught, taught.plain)) == (1.0, 0.0)
    card, changed = whole(taught, [one for one in taught.stuck if one.label == "3"])
    assert (card.tone, card.headline[:33]) == ("no", "No: the model uses the background")
    maps, interventions = card.evidence[:2]
    assert (maps.fine, interventions.fine) == (True, False)
    assert (changed.loc[changed["kind"] == "swapped", "other"] == -1).all()  # no 3 lends a 3 its background
    means = changed.groupby("kind")["p"].mean()
    assert means["background"] > 0.99 > 0.5 > means["object"]


def test_a_sticker_is_found_among_all_classes(taught):
    card, _ = whole(taught, taught.stuck[:120])
    assert (card.tone, card.headline) == ("caution", "Mixed: for '3' the model uses the background (n = 120)")
    (by_class,) = [one for one in card.evidence if one.name == "Classes"]
    assert by_class.sentence.startswith("For '3' the model uses the background.")
    of_all, of_threes = card.plain.split(" But ")
    assert of_all.endswith("the model uses the object and, to a lesser degree, the background.")
    assert of_threes.startswith("in the 13 pictures of '3', on another class's background, the probability of")
    assert of_threes.endswith("There, the model uses the background.")


def test_the_shortcut_model_rests_on_the_background_for_every_label():
    """Each label alone, with the background that gives it away: nobody of its own label stands in for another one."""
    model = xai.load_model("digits_shortcut")
    tied = xai.load_dataset("textured_digits_shortcut", split="val")
    found = {}
    for label in "0123456789":
        some = [model.preprocessing.prepare(one) for one in tied.choose([label], 12)]
        found[label] = studies.rests_on(xai.intervention(model, some, targets=[label] * len(some))).on
    assert found == dict.fromkeys("0123456789", "background")


# A network that gives every picture the same class


def test_maps_on_objects_that_the_answers_do_not_need_are_no_yes():
    """Random weights with a wide last layer: 0 for each of 150 digits, in maps on the ink, by p < 0.001."""
    (net,) = xai.untrained(xai.load_model("digits"), draws=1)
    (*_, last) = (module for module in net.net.modules() if isinstance(module, nn.Linear))
    with torch.no_grad():
        last.weight.mul_(30)
    some = [net.preprocessing.prepare(one) for one in xai.load_dataset("textured_digits")[:300:2]]
    predicted = xai.predict(net, some).classes.tolist()
    maps = xai.grad_cam(net, some, layers=[net.layers[-1].name], targets=predicted)
    changed = xai.intervention(net, some, targets=predicted)
    table = xai.foreground_background(maps, some)
    assert set(predicted) == {0}
    alone = answer(table, "energy", "Grad-CAM").card
    assert alone.headline == (
        "Cannot tell: the maps lie on the object, but were not compared with those of random weights (n = 150)"
    )
    card = answer(table, "energy", "Grad-CAM", intervention=changed).card
    assert (card.tone, card.headline) == (
        "caution",
        "Mixed: the maps lie on the object, but the background alone keeps the probability (n = 150)",
    )


# Maps that follow the objects of one class and avoid those of another


def two_ways(on, off, seed=0, method="Grad-CAM"):
    """Objects and maps of so many cats, which follow theirs, and dogs, which avoid theirs: the whole answer.

    Random weights give smoothed noise.
    """
    made, rng = benchmark("foreground_truth"), np.random.default_rng(seed)
    masks = made.masks(rng, on + off)
    maps = np.concatenate([made.following(rng, masks[:on]), made.avoiding(rng, masks[on:])])
    labels = np.repeat(["cat", "dog"], [on, off]).tolist()
    targets = np.repeat([0, 1], [on, off])
    blank, seen = np.zeros((made.SIDE, made.SIDE, 3), np.uint8), Predictions(targets, np.full((on + off, 2), 0.5))
    pictures = [
        xai.Sample(str(place), blank, label=label, mask=mask)
        for place, (label, mask) in enumerate(zip(labels, masks, strict=True))
    ]

    def table(maps):
        heatmaps = xai.Heatmaps({"l": maps.astype(np.float32)}, targets, seen, (made.SIDE, made.SIDE), "", "")
        return xai.foreground_background(heatmaps, pictures)

    draws = [studies.beyond_others(table(made.noise(rng, masks))) for _ in range(5)]
    return answer(table(maps), "energy", method, labels=labels, untrained=draws).card


@pytest.mark.parametrize("blind", ["Attention rollout", "Guided Grad-CAM"])
def test_a_method_whose_maps_do_not_depend_on_the_class_says_nothing_of_it(blind):
    """Another method's maps like these have an answer: mixed, by label."""
    card = two_ways(48, 16, method=blind)
    assert (card.tone, card.headline) == (
        "unknown",
        "Cannot tell: maps of this method are no evidence for a class (n = 64)",
    )
    assert xai.get_method(blind.lower().replace("-", "_").replace(" ", "_")).no_evidence in card.sentence


def test_a_class_whose_maps_lie_off_its_objects_is_not_hidden_by_another_one():
    """All 64 together lie on their objects, by p < 0.001."""
    card = two_ways(48, 16)
    assert (card.tone, card.headline) == ("caution", "Mixed: for dog the maps lie off the object (n = 64)")
    maps, random, by_class = card.evidence
    assert (maps.fine, random.fine, by_class.fine) == (True, True, False)
    assert by_class.sentence.startswith("Class by class, the maps lie on the object for cat and off the object for dog")
    assert card.plain.endswith(
        "But class by class, the heatmap is brighter on the object for cat and darker on the object for dog."
    )


def test_classes_that_cancel_each_other_are_named():
    assert two_ways(16, 48).headline == "Mixed: for cat the maps lie on the object, for dog off it (n = 64)"


# A recorded series

# Pictures of 1,000 that InstanceFlow's published run of CIFAR-10 has right, from epoch 0 on.
RIGHT = (
    *(101, 417, 475, 555, 582, 611, 631, 671, 661, 683, 706, 681, 718, 698, 709, 738, 730, 737, 756, 743, 755),
    *(749, 750, 772, 765, 783, 755, 756, 770, 762, 765, 794, 763, 767, 779, 762, 781, 776, 762, 786, 780, 772),
    *(791, 786, 781, 776, 785, 778, 793, 789, 764, 786, 788, 789, 790, 778, 761, 778, 771, 797, 788, 796),
)


def test_maps_of_another_class_than_the_label_are_counted():
    """Masks mark the label's object: of a class that the label is not, maps on it are no evidence."""
    model, data = xai.load_model("digits"), xai.load_dataset("textured_digits")[:64]
    truth = xai.true_classes(model, data)
    sevens = truth.count(7)
    assert 0 < sevens < 12
    assert of_another_class(model, data, truth) == 0
    assert of_another_class(model, data, [7] * 64) == 64 - sevens
    some = [model.preprocessing.prepare(one) for one in data]
    maps = xai.grad_cam(model, some, layers=[model.layers[-1].name], targets=truth)
    asked = xai.foreground_background(maps, some), "energy", "Grad-CAM"
    changed = xai.intervention(model, some, targets=truth)
    for count, tone in ((0, "yes"), (32, "yes"), (33, "caution")):
        card = answer(*asked, intervention=changed, other_class=count).card
        assert card.tone == tone
        assert any(f"In {count} of 64 pictures the class" in one for one in card.caveats) == (count > 0)


def test_without_labels_classes_are_the_explained_ones():
    """A class whose maps lie off the object is named then, too: 16 pictures of each, with and without labels."""
    model, size = xai.load_model("digits"), 28
    rng, targets = np.random.default_rng(0), np.repeat([1, 4, 7], 16)
    corners = rng.integers(0, 20, (48, 2))
    masks, maps = np.zeros((48, size, size), np.uint8), np.zeros((48, size, size), np.float32)
    for mask, heat, (top, left), target in zip(masks, maps, corners, targets, strict=True):
        mask[top : top + 8, left : left + 8] = 1
        heat += (mask if target != 4 else 1 - mask) + 0.1 * rng.random((size, size))
    heatmaps = xai.Heatmaps(
        {"l": maps}, targets, Predictions(targets, np.full((48, 10), 0.9, np.float32)), (size, size), "", ""
    )
    said = []
    for labels in (["1"] * 16 + ["4"] * 16 + ["7"] * 16, [None] * 48):
        samples = [
            xai.Sample(str(place), np.zeros((size, size, 3), np.uint8), label=label, mask=mask)
            for place, (label, mask) in enumerate(zip(labels, masks, strict=True))
        ]
        names = group_names(model, samples, targets.tolist())
        assert names == [model.class_names[target] for target in targets]
        said.append(studies.maps_by_label(studies.foreground_background(heatmaps, samples), "energy", names))
    assert (
        said[0] == said[1] == {model.class_names[1]: "more", model.class_names[4]: "less", model.class_names[7]: "more"}
    )


def series(right, seed=0):
    """A run of 1,000 pictures with so many right at each epoch; hard ones are seldom among them."""
    rng = np.random.default_rng(seed)
    ease = rng.normal(size=1000)
    wrong = np.ones((len(right), 1000), int)
    for row, count in zip(wrong, right, strict=True):
        row[np.argsort(-(ease + rng.normal(0, 0.25, 1000)))[:count]] = 0
    names = tuple(map(str, range(1000)))
    return TrainingRun("published", ("a", "b"), names, np.zeros(1000, int), np.arange(len(right)), wrong)


def test_a_dip_in_the_middle_is_no_help_of_the_second_half():
    """Epoch 30 dips: against it alone the last epoch is better; over windows of epochs nothing is found."""
    card = studies.training_hypothesis(series(RIGHT))
    one_epoch = card.beside[0]
    assert (one_epoch.effect, one_epoch.p) == (pytest.approx(0.031), pytest.approx(0, abs=0.05))
    assert (card.tone, card.headline) == ("none", "No improvement was found in the second half (n = 1,000)")
    assert card.carries.effect == pytest.approx(np.mean(RIGHT[-10:]) / 1000 - np.mean(RIGHT[30:40]) / 1000)


def test_a_second_half_that_helped_is_found_in_such_a_series():
    rising = [*RIGHT[:31], *(count + 4 * step for step, count in enumerate(RIGHT[31:]))]
    card = studies.training_hypothesis(series(rising))
    assert (card.tone, card.headline) == ("yes", "Yes: it got better (n = 1,000)")


# A sentence whose numbers and whose verdict say the same


def test_means_and_verdict_do_not_contradict_each_other():
    """On the object 37% against an area of 30%, while most pictures have less: Wilcoxon's test says "less"."""
    n = 40
    energy = 0.3 - 0.012 - np.linspace(0, 0.004, n)
    energy[:7] = 0.3 + np.linspace(0.42, 0.46, 7)
    controls = dict.fromkeys(map(studies.column_of, studies.FOREGROUND_MEASURES), 0.0)
    table = table_of(energy_inside=energy, mask_area=0.3).assign(**controls, others=32.0, likeness=0.3, same_label=True)
    tests = studies.measure_tests(table, "energy")
    assert tests.wilcoxon.effect < -0.3
    assert tests.wilcoxon.p < 0.05
    found = answer(table, "energy", "Grad-CAM")
    assert found.verdict.outcome in ("more", "none")
    assert found.card.tone != "no"
    assert "is 37% on the object against 30% in an even map: +6.5 points" in found.card.sentence
    assert "sign-flip test of the mean" in found.card.sentence
    (other,) = [one for one in found.card.changes if one.name == "Another test"]
    assert (other.fine, "Wilcoxon" in other.sentence) == (False, True)
