"""What a map has to beat: on planted truths, and with the model that comes along."""

import numpy as np
import pytest
import torch

import xai_core as xai
from xai_core import studies
from xai_core.checks.random_hiding import hide_at_random
from xai_core.checks.references import CLASSES, reference_maps
from xai_core.studies.map_references import BLOB, CLASS, ELSEWHERE, NOISE, OWN, PICTURE, RANDOM_WEIGHTS, on_patches


def planted(seed=0, samples=160):
    """A model that reads three patches in the upper left, as a map (7, 7), and what hiding at random gives."""
    rng = np.random.default_rng(seed)
    truth = np.zeros((7, 7), np.float32)
    truth[1, 1], truth[1, 2], truth[2, 1] = 1, 0.8, 0.6
    shown = rng.random((samples, 49)) < 0.5
    return truth, shown, shown @ truth.ravel() / truth.sum() + rng.normal(0, 0.05, samples)


def blob(width, dy=0.0, dx=0.0):
    y, x = (np.mgrid[0:7, 0:7] + 0.5) / 7 - 0.5
    return np.exp(-((y - dy) ** 2 + (x - dx) ** 2) / (2 * width**2)).astype(np.float32)


def grade(heatmap, seed=0, **others):
    _, shown, p = planted(seed)
    return studies.reference_check(studies.reference_scores(heatmap, shown, p, **others)).grade


def test_the_truth_beats_every_reference():
    assert all(grade(planted(seed)[0], seed) == "holds" for seed in range(10))


@pytest.mark.parametrize("width", [0.1, 0.13, 0.2, 0.25, 0.35])
def test_a_centred_blob_never_holds_up(width):
    assert not any(grade(blob(width), seed) == "holds" for seed in range(10))


def test_noise_and_maps_of_other_places_do_not_hold_up():
    rng = np.random.default_rng(1)
    assert sum(grade(rng.uniform(0, 1, (7, 7)).astype(np.float32), seed) == "holds" for seed in range(40)) <= 2
    assert grade(planted()[0][::-1, ::-1].copy()) in ("care", "fails")


def test_a_map_that_another_class_has_as_well_needs_care():
    truth = planted()[0]
    scores = studies.reference_scores(truth, *planted()[1:], others={CLASS: [truth]})
    check = studies.reference_check(scores, "zebra")
    assert check.grade == "care"
    assert check.sentence.startswith(
        "Patches are hidden at random, and a good map tells which of them zebra needs. Some unrelated maps do so as "
        "well as this one, or better: another class's map (correlation: this map "
    )
    assert ", 95% of smoothed noise below " in check.sentence


def test_scores_are_the_correlation_that_is_left_without_the_number_shown():
    """By least squares on the count and its square, worked out the long way."""
    truth, shown, p = planted()
    count = shown.sum(axis=1)
    design = np.stack([np.ones(len(p)), count, count**2], axis=1)

    def left(values):
        return values - design @ np.linalg.lstsq(design, values, rcond=None)[0]

    expected = np.corrcoef(left(shown @ truth.ravel()), left(p))[0, 1]
    assert studies.finding_scores(truth.ravel()[None], shown, p)[0] == pytest.approx(expected)


def test_patches_hold_the_means_of_the_positive_part():
    fine = np.kron(np.arange(49, dtype=np.float32).reshape(7, 7), np.ones((4, 4), np.float32)) - 10
    np.testing.assert_allclose(on_patches(fine, 7), np.maximum(np.arange(49) - 10, 0), atol=1e-4)


@pytest.fixture(scope="module")
def digits():
    model = xai.load_model("digits", device="cpu")
    data = xai.load_dataset("textured_digits", limit=10)
    said = xai.predict(model, list(data))
    sure = np.argsort(-said.confidences)[:2]
    return model, [model.preprocessing.prepare(data[int(one)]) for one in sure], said.classes[sure]


def test_hiding_is_the_same_for_the_same_seed_and_what_is_shown_counts(digits):
    model, (sample, _), (target, _) = digits
    first, again = (hide_at_random(model, sample, int(target), samples=32) for _ in range(2))
    np.testing.assert_array_equal(first.p, again.p)
    assert 0.4 < first.shown.mean() < 0.6
    whole = xai.predict(model, [sample]).probabilities[0, target]
    assert first.p.mean() < whole


def test_references_come_from_other_classes_pictures_and_random_weights(digits):
    model, (sample, other), (target, _) = digits

    def maps_of(net, samples, targets):
        return list(xai.grad_cam(net, samples, layers=["stages.2"], targets=list(targets))["stages.2"])

    found = reference_maps(model, sample, int(target), maps_of, others=[sample, other], draws=2)
    assert {kind: len(maps) for kind, maps in found.items()} == {CLASS: 9, PICTURE: 1, RANDOM_WEIGHTS: 2}
    own = maps_of(model, [sample], [int(target)])[0]
    assert not any(np.array_equal(one, own) for maps in found.values() for one in maps)
    assert CLASSES == 12


def test_the_check_of_a_map_lists_every_kind_of_reference(digits):
    model, (sample, other), _ = digits
    found = xai.trust_map(model, sample, others=[other])
    assert list(found.references["kind"].unique()) == [OWN, CLASS, PICTURE, RANDOM_WEIGHTS, BLOB, ELSEWHERE, NOISE]


def test_no_grade_for_a_class_that_the_model_does_not_see(digits):
    model, (sample, _), _ = digits
    unlikely = int(xai.predict(model, [sample]).probabilities[0].argmin())
    found = xai.trust_map(model, sample, target=unlikely)
    assert found.trust.grade in ("unknown", "fails")  # fails: it has no positive evidence either
    zebra = studies.class_seen([0.0014], ["zebra"], 1000)
    trust = studies.judge([None], zebra)
    assert (trust.grade, trust.headline) == ("unknown", "Cannot tell: the model is only 0.14% sure of zebra")


class Dice(torch.nn.Module):
    """Dropout that is always on."""

    def __init__(self):
        super().__init__()
        self.conv, self.head = torch.nn.Conv2d(3, 8, 5, stride=4), torch.nn.Linear(8, 2)

    def forward(self, x):
        return 3 * self.head(torch.nn.functional.dropout(self.conv(x).relu().mean((2, 3)), 0.2))


def test_a_model_that_draws_random_numbers_is_cautioned(digits):
    torch.manual_seed(0)
    model = xai.load_model(Dice(), class_names=["a", "b"], input_size=64, device="cpu")
    (found,) = [
        one
        for one in xai.trust_map(model, digits[1][0].pixels, method="saliency").trust.checks
        if one.name == "The model answers the same twice"
    ]
    assert found.grade == "care"
    assert "draws random numbers at each call" in found.sentence


def test_seeds_are_judged_by_the_most_important_superpixels():
    first = np.array([9, 8, 7, 6, 5, *np.linspace(0, 1, 15)])
    shuffled = np.array([5, 6, 7, 8, 9, *np.linspace(1, 0, 15)])
    assert studies.shared_top(first, shuffled) == 1
    assert studies.seeds_check([0.1], [1.0]).grade == "holds"
    assert studies.seeds_check([0.9], [0.2]).grade == "fails"
    assert studies.seeds_check([0.9]).grade == "holds"
