"""A data set of torch's in the library."""

import datasets
import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import Dataset, Subset, TensorDataset

import xai_core as xai

PIXELS = np.random.default_rng(0).integers(0, 256, (4, 6, 5, 3), dtype=np.uint8)


class Pairs(Dataset):
    def __init__(self, pictures, numbers, **kept):
        self.pictures, self.numbers, self.read = pictures, numbers, []
        self.__dict__.update(kept)

    def __len__(self):
        return len(self.pictures)

    def __getitem__(self, index):
        self.read.append(index)
        return self.pictures[index], self.numbers[index]


FORMS = {
    "images": [Image.fromarray(pixels) for pixels in PIXELS],
    "palette": [Image.fromarray(pixels).quantize(64) for pixels in PIXELS],
    "arrays": list(PIXELS),
    "tensors": [torch.from_numpy(pixels).permute(2, 0, 1) / 255 for pixels in PIXELS],
    "tensors of bytes": [torch.from_numpy(pixels).permute(2, 0, 1) for pixels in PIXELS],
    "grey": [pixels[..., 0] for pixels in PIXELS],
    "a channel": [torch.from_numpy(pixels[None, ..., 0]) / 255 for pixels in PIXELS],
}


@pytest.mark.parametrize("form", FORMS)
def test_the_pixels_are_its_own(form):
    given = Pairs(FORMS[form], [0, 1, 1, 0])
    dataset = xai.load_dataset(given, class_names=["cat", "dog"])
    assert [item.label for item in dataset.items] == ["cat", "dog", "dog", "cat"]
    assert dataset[1].label == "dog"
    for sample, pixels in zip(dataset, PIXELS, strict=True):
        expected = pixels[..., :1] if form in ("grey", "a channel") else pixels
        if form == "palette":  # which has 30 colours of these
            assert len(np.unique(sample.pixels.reshape(-1, 3), axis=0)) <= 30
            assert abs(sample.pixels.astype(int) - expected).max() < 16
        else:
            assert (sample.pixels == expected).all()


@pytest.mark.parametrize("numbers", [torch.tensor([0, 1, 1, 0]), np.array([0, 1, 1, 0]), [0, 1, 1, 0]])
def test_classes_that_are_kept_need_no_reading(numbers):
    given = Pairs(FORMS["arrays"], [0, 1, 1, 0], targets=numbers, classes=["cat", "dog"])
    dataset = xai.load_dataset(given)
    assert (dataset.labels, given.read) == (("cat", "dog"), [])
    assert dataset[2].name == "Pairs[2]"
    assert given.read == [2]
    assert [item.label for item in xai.load_dataset(Subset(given, [3, 1])).items] == ["cat", "dog"]
    assert (xai.load_dataset(Subset(given, [3, 1]))[1].pixels == PIXELS[1]).all()


def test_forms_of_a_class():
    given = Pairs(FORMS["arrays"], [torch.tensor(1), np.int64(0), torch.tensor([1]), None])
    assert [item.label for item in xai.load_dataset(given).items] == ["1", "0", "1", None]
    tensors = TensorDataset(torch.from_numpy(PIXELS).permute(0, 3, 1, 2), torch.tensor([3, 2, 1, 0]))
    dataset = xai.load_dataset(tensors, class_names=["a", "b", "c", "d"], labels=["d", "a"])
    assert [item.label for item in dataset.items] == ["d", "a"]


def test_hugging_faces_datasets_are_such_sets():
    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=["cat", "dog"])})
    given = datasets.Dataset.from_dict({"image": FORMS["images"], "label": [0, 1, 1, 0]}, features=features)
    dataset = xai.load_dataset(given)
    assert [item.label for item in dataset.items] == ["cat", "dog", "dog", "cat"]
    assert (dataset[2].pixels == PIXELS[2]).all()


def test_it_is_explained_as_any_other():
    digits = xai.load_dataset("textured_digits")[:3]
    given = Pairs([sample.pixels for sample in digits], [int(sample.label) for sample in digits])
    model = xai.load_model("digits")
    predicted = xai.predict(model, list(xai.load_dataset(given, class_names=list("0123456789"))))
    assert (predicted.probabilities == xai.predict(model, list(digits)).probabilities).all()


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        (Pairs([], []), xai.DataError, "Pairs holds no pictures."),
        (Pairs(FORMS["arrays"], [0, 1, 7, 0]), xai.DataError, "Pairs[2] is of class 7, but there are 2 class names"),
        (Pairs(FORMS["arrays"], [0, 0.5, 1, 0]), xai.DataError, "has the class 0.5, where a whole number was expected"),
        (Pairs(FORMS["arrays"], [0, [1, 0], 1, 0]), xai.DataError, "has the class [1, 0], where"),
        (TensorDataset(torch.zeros(4, 3, 6, 5)), xai.PictureError, "TensorDataset[0] is tuple, where a pair"),
    ],
)
def test_what_is_no_pair_is_said(given, error, said):
    with pytest.raises(error) as caught:
        xai.load_dataset(given, class_names=["cat", "dog"])
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (torch.zeros(3, 6, 5) - 2.1, "holds values from -2.1 to -2.1; floats are read from 0 (black) to 1 (white)"),
        (torch.zeros(2, 6, 5), "is an array of shape (2, 6, 5)"),
        ("no picture", "is an array of shape ()"),
    ],
)
def test_a_picture_that_is_none_is_said(picture, said):
    with pytest.raises(xai.PictureError) as caught:
        xai.load_dataset(Pairs([picture], [0]))[0]
    assert said in str(caught.value)


def test_what_belongs_to_the_others_is_refused():
    with pytest.raises(xai.DataError, match="given as the split that is meant"):
        xai.load_dataset(Pairs(FORMS["arrays"], [0] * 4), split="test")
    with pytest.raises(xai.DataError, match="class_names is of data sets of torch's"):
        xai.load_dataset("photos", class_names=["cat"])


def test_rows_of_different_lengths_are_no_picture():
    samples, problems = xai.load_dataset(Pairs([PIXELS[0], [[1, 2], [3]]], [0, 1]), class_names=["a", "b"]).read()
    assert len(samples) == 1
    assert [one.reason for one in problems] == ["Pairs[1] is list, where an image, an array or a tensor was expected."]
