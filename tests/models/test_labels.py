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


def test_every_class_name_finds_its_class(imagenet_model):
    """Two differ in case only, Cardigan the dog and cardigan the jacket: each is found as it stands."""
    found = xai.true_classes(imagenet_model, [sample(name) for name in imagenet.class_names()])
    assert found == list(range(1000))


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


@pytest.mark.parametrize("label", ["panther", "panda", "sand viper", "horn", "wagon", "CARDIGAN"])
def test_a_synonym_of_two_classes_fits_none(imagenet_model, label):
    assert class_of(imagenet_model, label) is None


def test_of_two_names_that_differ_in_case_only_each_is_found_as_it_stands_and_others_fit_none():
    classifier = model(["Crane", "crane", "dog"])
    found = xai.true_classes(classifier, [sample("crane"), sample("Crane"), sample("CRANE"), sample("DOG")])
    assert found == [1, 0, None, 2]


def test_unknown_and_missing_labels_have_no_class(imagenet_model):
    samples = [sample("zzz"), sample(None), sample(""), sample("tench"), sample("class 0"), sample("n01440764")]
    assert xai.true_classes(imagenet_model, samples) == [None, None, None, 0, None, None]
    assert xai.true_classes(imagenet_model, []) == []


def test_numbered_classes_are_found_by_their_names():
    net = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2))
    classifier = xai.load_model(net, input_size=8, device="cpu")
    assert xai.true_classes(classifier, [sample("class 1"), sample("Class_0"), sample("1")]) == [1, 0, None]


DOGS = tuple(range(151, 269))


def test_a_dog_is_any_of_118_breeds(imagenet_model):
    assert imagenet.kinds_of("dog") == DOGS
    assert len(DOGS) == 118
    assert xai.models.possible_classes(imagenet_model, [sample("dog"), sample("Dog")]) == [DOGS, DOGS]


def test_everyday_words_are_for_imagenets_classes_only():
    samples = [sample("dog"), sample("sheep"), sample("cat")]
    assert xai.models.possible_classes(model(["cat", "dog"]), samples) == [(1,), (), (0,)]
    assert xai.models.possible_classes(model([f"class {i}" for i in range(1000)]), samples) == [(), (), ()]


def test_the_exact_class_comes_first(imagenet_model):
    samples = [sample("beagle"), sample("dining table"), sample("dog", "n02088364"), sample("dog", "n02084071")]
    assert xai.models.possible_classes(imagenet_model, samples) == [(162,), (532,), (162,), DOGS]


def test_unknown_and_missing_labels_may_be_nothing(imagenet_model):
    samples = [sample("zzz"), sample(None), sample(""), sample("person")]
    assert xai.models.possible_classes(imagenet_model, samples) == [(), (), (), ()]
    assert xai.models.possible_classes(imagenet_model, []) == []


@pytest.mark.parametrize(
    ("word", "count", "some"),
    [
        ("cat", 5, "tabby"),
        ("bird", 59, "king penguin"),
        ("sheep", 2, "ram"),
        ("bus", 3, "school bus"),
        ("aeroplane", 2, "airliner"),
        ("TV/monitor", 3, "television"),
        ("train", 5, "steam locomotive"),
        ("potted_plant", 1, "pot"),
        ("Sofa", 1, "studio couch"),
        ("bottle", 5, "wine bottle"),
        ("boat", 13, "canoe"),
    ],
)
def test_kinds_of_everyday_words(word, count, some):
    kinds = imagenet.kinds_of(word)
    assert len(kinds) == len(set(kinds)) == count
    assert some in [imagenet.class_names()[index] for index in kinds]


@pytest.mark.parametrize(
    ("word", "same"),
    [
        ("airplane", "aeroplane"),
        ("bike", "bicycle"),
        ("automobile", "car"),
        ("couch", "sofa"),
        ("ship", "boat"),
        ("motorcycle", "motorbike"),
        ("diningtable", "dining table"),
        ("pottedplant", "potted plant"),
        ("tvmonitor", "tv monitor"),
    ],
)
def test_words_for_the_same_have_the_same_kinds(word, same):
    assert imagenet.kinds_of(word) == imagenet.kinds_of(same) != ()


def test_a_word_that_nobody_listed_has_no_kinds():
    assert [imagenet.kinds_of(word) for word in ("", "person", "dogs", "hot dog")] == [()] * 4


def test_the_likeliest_of_the_possible_classes():
    said = np.array([[0.1, 0.6, 0.3], [0.5, 0.2, 0.3], [0.5, 0.2, 0.3], [0.4, 0.4, 0.2]], np.float32)
    assert xai.models.best_classes([(0, 2), (1, 2), (), (0, 1)], said) == [2, 2, None, 0]
    assert xai.models.best_classes([], np.zeros((0, 3), np.float32)) == []


def test_the_likeliest_breed(imagenet_model):
    said = np.zeros((1, 1000), np.float32)
    said[0, [1, 162, 200]] = 0.6, 0.25, 0.15
    possible = xai.models.possible_classes(imagenet_model, [sample("dog")])
    assert xai.models.best_classes(possible, said) == [162]
