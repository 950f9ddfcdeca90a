"""Which of a model's independent labels are true of a picture, and of which nothing is known."""

from dataclasses import replace

import xai_core as xai
from tests.support.labels import squares, squares_model
from xai_core.inference.explained_labels import explained_labels
from xai_core.models import everyday_sentence, match_labels
from xai_core.models.labels import judged_classes, possible_classes, true_labels
from xai_core.types import Sample, content_id


def sample(label=None, labels=None, annotated=()):
    pixels = squares()
    return Sample(content_id(pixels), pixels, label, labels=labels, annotated=annotated)


def test_labels_that_are_annotated_are_true_or_not_and_others_unknown():
    model = squares_model()
    every = sample(labels=("green",), annotated=("red", "green", "sofa"))
    none = replace(every, labels=())
    case = replace(every, labels=("Green", "RED"), annotated=("Green", "RED"))
    assert true_labels(model, [every, none, case]).tolist() == [[0, 1, -1], [0, 0, -1], [1, 1, -1]]


def test_a_single_label_leaves_the_others_absent():
    found = true_labels(squares_model(), [sample("blue"), sample("sofa"), sample()])
    assert found.tolist() == [[0, 0, 1], [-1, -1, -1], [-1, -1, -1]]
    assert found.dtype == "int8"


def test_a_picture_with_several_labels_may_be_any_of_them():
    model = squares_model()
    several = sample("red", labels=("red", "sofa", "blue"), annotated=("red", "sofa", "blue"))
    one, other, none = sample("green"), sample("sofa"), sample(labels=(), annotated=("red",))
    assert possible_classes(model, [several, one, other, none]) == [(0, 2), (1,), (), ()]
    said = [replace(several, label_map={"sofa": "green", "blue": ""})]
    assert possible_classes(model, said) == [(0, 1)]


def test_of_several_labels_the_likeliest_is_explained():
    pixels = squares("green")
    seen = Sample(content_id(pixels), pixels, "red", labels=("red", "green"), annotated=("red", "green", "blue"))
    assert explained_labels(squares_model(), [seen, sample("blue"), sample(), sample(labels=())]) == [1, 2, None, None]


def test_a_word_for_several_classes_is_explained_by_the_likeliest_and_judged_by_none():
    model, photos = xai.load_model("efficientnet_lite0", device="cpu"), xai.load_dataset("photos")
    samples = [model.preprocessing.prepare(one) for one in photos.read()[0]]
    known = {one.name: (said, ours) for one, said, ours in explained(model, samples)}
    kinds = possible_classes(model, [one for one in samples if one.name == "motorcycle"])[0]
    assert len(kinds) > 1
    said, ours = known["motorcycle"]
    assert said in kinds
    assert ours is None
    assert known["coffee"] == (model.class_names.index("espresso"),) * 2
    assert [name for name, (said, _) in known.items() if said is None] == ["rocket", "astronaut", "flower"]
    assert everyday_sentence(model, match_labels(model, photos)) == (
        "'motorcycle' is a word for several classes: maps for the label explain the likeliest of them."
    )


def explained(model, samples):
    found = explained_labels(model, samples)
    return zip(samples, found, judged_classes(model, samples, found), strict=True)
