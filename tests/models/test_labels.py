"""A data set's labels in a model's numbering."""

import numpy as np
import pytest
from torch import nn

import xai_core as xai
from xai_core.models import imagenet

BY_WNID = dict(zip(imagenet.wnids(), range(1000), strict=True))


def model(class_names):
    count = 1000 if class_names == "imagenet" else len(class_names)
    net = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, count))
    return xai.load_model(net, class_names=class_names, input_size=8, device="cpu")


@pytest.fixture(scope="module")
def imagenet_model():
    return model("imagenet")


def sample(label=None, wnid=None):
    return xai.Sample("id", np.zeros((2, 2, 3), np.uint8), label, wnid)


def class_of(classifier, label=None, wnid=None):
    return xai.true_classes(classifier, [sample(label, wnid)])[0]


def test_the_wordnet_id_decides(imagenet_model):
    assert class_of(imagenet_model, wnid="n01440764") == 0
    assert class_of(imagenet_model, "goldfish", "n01440764") == 0
    assert class_of(imagenet_model, "crane", "n02012849") == 134
    assert class_of(imagenet_model, "crane", "n03126707") == 517


def test_an_id_that_the_model_lacks_is_not_overruled_by_the_label(imagenet_model):
    assert class_of(imagenet_model, "tench", "n99999999") is None


def test_the_label_decides_where_the_model_has_no_ids():
    assert class_of(model(["cat", "dog"]), "dog", "n02121620") == 1


def test_every_class_name_finds_its_class_except_the_one_that_two_share(imagenet_model):
    found = xai.true_classes(imagenet_model, [sample(name) for name in imagenet.class_names()])
    missed = [index for index, known in enumerate(found) if known != index]
    assert [(index, imagenet.class_names()[index], found[index]) for index in missed] == [
        (264, "Cardigan", None),
        (474, "cardigan", None),
    ]


def test_a_synonym_finds_its_class(imagenet_model):
    assert class_of(imagenet_model, "Tinca tinca") == 0
    assert class_of(imagenet_model, "Carcharodon carcharias") == 2


@pytest.mark.parametrize("label", ["Great_White  Shark", "GREAT WHITE SHARK", "great-white-shark", "man eater!"])
def test_case_and_punctuation_do_not_matter(imagenet_model, label):
    assert class_of(imagenet_model, label) == 2


def test_crane_is_the_class_of_that_very_name_and_the_bird_has_its_own(imagenet_model):
    """WordNet calls both a crane; torchvision, whose names the model shows, calls the bird "crane bird"."""
    assert all("crane" in imagenet.synonyms()[wnid] for wnid in ("n02012849", "n03126707"))
    assert class_of(imagenet_model, "crane") == BY_WNID["n03126707"] == 517
    assert class_of(imagenet_model, "crane bird") == BY_WNID["n02012849"] == 134


@pytest.mark.parametrize("label", ["panther", "panda", "sand viper", "horn", "wagon", "cardigan"])
def test_a_synonym_of_two_classes_fits_none(imagenet_model, label):
    assert class_of(imagenet_model, label) is None


def test_two_names_that_differ_in_case_only_fit_none():
    classifier = model(["Crane", "crane", "dog"])
    assert xai.true_classes(classifier, [sample("crane"), sample("dog")]) == [None, 2]


def test_unknown_and_missing_labels_have_no_class(imagenet_model):
    samples = [
        sample("zzz"),
        sample(None),
        sample(""),
        sample("tench"),
        sample("class 0"),
        sample("n01440764"),
    ]
    assert xai.true_classes(imagenet_model, samples) == [None, None, None, 0, None, None]
    assert xai.true_classes(imagenet_model, []) == []


def test_numbered_classes_are_found_by_their_names():
    net = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2))
    classifier = xai.load_model(net, input_size=8, device="cpu")
    assert xai.true_classes(classifier, [sample("class 1"), sample("Class_0"), sample("1")]) == [1, 0, None]
