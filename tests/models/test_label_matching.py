"""Labels in any script, with signs, and what somebody said that they stand for."""

import unicodedata

import numpy as np
import pytest
from torch import nn

import xai_core as xai
from xai_core.models import ambiguous_sentence, match_label, match_labels
from xai_core.models.labels import true_labels
from xai_core.models.spelling_of_names import simplify


def model(*names):
    net = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, len(names)))
    return xai.load_model(net, class_names=names, input_size=8, device="cpu")


def decomposed(name):
    return unicodedata.normalize("NFD", name)


@pytest.mark.parametrize(
    "names",
    [
        ("猫", "狗", "鸟"),
        ("кошка", "собака"),
        ("HER2+", "HER2-"),
        ("+", "-"),
        ("C", "C++", "C#"),
        ("café", "cafe", "thé"),
        ("Müller", "Möller"),
        ("naïve", "nave"),
        ("Cat", "cat", "CAT"),
        ("a b", "a_b", "a-b"),
    ],
)
def test_every_class_is_found_by_its_own_name(names):
    classifier = model(*names)
    assert [match_label(classifier, name).index for name in names] == list(range(len(names)))
    assert [match_label(classifier, decomposed(name)).index for name in names] == list(range(len(names)))


@pytest.mark.parametrize(
    ("names", "label"),
    [
        (("cat", "dog", "其他"), "鸟"),
        (("猫", "狗"), "鸟"),
        (("HER2+", "HER2-"), "HER2"),
        (("HER2", "other"), "HER2-"),
        (("C", "C++"), "C#"),
        (("C", "other"), "C++"),
        (("naive", "other"), "naïve"),
        (("+", "-"), "±"),
        (("cat", "dog"), "?"),
        (("cat", "!"), "?"),
    ],
)
def test_what_differs_in_a_letter_or_a_sign_is_no_match(names, label):
    assert match_label(model(*names), label).classes == ()


@pytest.mark.parametrize(
    ("names", "label", "index"),
    [
        (("Кошка", "Собака"), "собака", 1),
        (("CAFÉ", "thé"), decomposed("café"), 0),
        (("Straße", "Weg"), "STRASSE", 0),
        (("HER2+", "HER2-"), "her2-", 1),
        (("hot_dog", "ice-cream"), "Hot Dog", 0),
        (("hot_dog", "ice-cream"), "ice cream", 1),
        (("jack-o'-lantern", "other"), "Jack o lantern", 0),
        (("большая кошка", "собака"), "Большая_кошка", 0),
    ],
)
def test_case_composition_and_punctuation_between_words_do_not_matter(names, label, index):
    assert match_label(model(*names), label).index == index


def test_a_closer_level_decides_before_a_wider_one():
    classifier = model("Hot dog", "hot_dog", "hot-dog")
    assert [match_label(classifier, name).classes for name in ("hot_dog", "HOT DOG", "hot.dog")] == [
        (1,),
        (0,),
        (0, 1, 2),
    ]


def test_ambiguous_labels_are_listed():
    classifier = model("Cat", "CAT", "dog")
    matches = [match_label(classifier, name) for name in ("cat", "dog", "bird")]
    assert [match.index for match in matches] == [None, 2, None]
    assert ambiguous_sentence(matches, classifier.class_names) == (
        "It cannot be told which class 'cat' is: it fits 'Cat' and 'CAT'."
    )
    assert ambiguous_sentence(matches[1:], classifier.class_names) == ""


def test_names_are_never_shortened_to_nothing():
    assert [simplify(name) for name in ("?!", "...", "")] == ["", "", ""]
    assert simplify("猫 (家)") == "猫 家"


def sample(label=None, **more):
    return xai.Sample("id", np.zeros((2, 2, 3), np.uint8), label, **more)


def test_what_a_label_was_said_to_stand_for_comes_first():
    classifier = model("cat", "dog", "7")
    said = {"chat": "cat", "cat": "dog", "autre": "", "nombre": "7", "deux": "1", "Chien": "DOG"}
    labels = ["chat", "cat", "autre", "nombre", "deux", "Chien", "dog"]
    found = xai.true_classes(classifier, [sample(label, label_map=said) for label in labels])
    assert found == [0, 1, None, 2, 1, 1, 1]
    assert xai.true_classes(classifier, [sample("cat", label_map={"dog": "cat"})]) == [0]


def test_a_map_counts_for_pictures_with_several_labels():
    classifier = model("cat", "dog", "bird")
    picture = sample("chat", labels=("chat",), annotated=("chat", "chien"), label_map={"chat": "cat", "chien": "dog"})
    assert true_labels(classifier, [picture]).tolist() == [[1, 0, -1]]


def test_a_map_comes_before_a_wordnet_id_and_before_everyday_words():
    imagenet = model(*(f"unused {i}" for i in range(1000)))
    assert match_label(imagenet, "crane", wnid="n02012849", label_map={"crane": "unused 5"}).index == 5
    photos = xai.load_model(
        nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 1000)),
        class_names="imagenet",
        input_size=8,
        device="cpu",
    )
    assert xai.models.possible_classes(photos, [sample("dog", label_map={"dog": ""})]) == [()]
    assert len(xai.models.possible_classes(photos, [sample("dog")])[0]) == 118


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            "dgo",
            "The label 'chien' was said to be 'dgo', which is none of the model's classes. The classes are: cat, dog.",
        ),
        ("2", "was said to be '2', which is none of the model's classes."),
    ],
)
def test_a_map_to_what_is_no_class_is_refused(said, reason):
    with pytest.raises(xai.DataError) as error:
        match_label(model("cat", "dog"), "chien", label_map={"chien": said})
    assert reason in str(error.value)


def test_a_map_to_a_name_of_two_classes_is_refused():
    with pytest.raises(xai.DataError, match="which fits 2 of the model's classes"):
        match_label(model("Cat", "CAT"), "chat", label_map={"chat": "cat"})


def test_labels_of_a_data_set_are_matched_without_reading_a_picture(monkeypatch):
    digits = xai.load_dataset("textured_digits")
    monkeypatch.setattr(xai.Dataset, "__getitem__", None)
    matches = match_labels(xai.load_model("digits"), digits.map_labels({"4": "9"}))
    assert {match.label: match.index for match in matches} == {str(i): 9 if i == 4 else i for i in range(10)}
    assert [match.stated for match in matches] == [match.label == "4" for match in matches]
