"""A picture and its edited copy as a data set: the same pixels, what is still true, and code that gives both again."""

from types import SimpleNamespace

import numpy as np
import pytest

import xai_core as xai
from xai_core.data import Item
from xai_core.types import Preprocessing

SIDE = 10
MASK = np.zeros((SIDE, SIDE), np.uint8)
MASK[2:4, 2:6] = 1
MODEL = SimpleNamespace(title="Tiny", preprocessing=Preprocessing(resize=SIDE, crop=SIDE))


def dataset(mask=MASK, label="cat"):
    rng = np.random.default_rng(0)
    items = []
    for name in ("one", "two"):
        pixels = rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
        sample = xai.Sample(name, pixels, label, mask=mask, name=name, group="cats")
        items.append(Item(name, label, lambda sample=sample: sample, f"stamp of {name}", group="cats"))
    return xai.Dataset("pets", "Pets", tuple(items), code="pets")


def both(*texts, **about):
    return xai.with_edits(dataset(**about), "one", [xai.Edit.parse(text) for text in texts], MODEL)


def test_the_copy_is_the_edited_view_and_the_unedited_picture_stands_first():
    found = both("grey:box.0.0.300.300", "move::300.200.100")
    before, after = found
    assert [item.name for item in found.items] == [before.name, after.name] == ["one", "one (edited)"]
    edits = [xai.Edit.parse(text) for text in ("grey:box.0.0.300.300", "move::300.200.100")]
    by_hand = xai.apply_edits(MODEL.preprocessing.prepare(before), edits)
    assert (after.pixels == by_hand.pixels).all()
    assert after.id == by_hand.id != before.id
    assert (after.mask == by_hand.mask).all()
    assert (np.argwhere(after.mask).min(axis=0) == (4, 5)).all()  # two pixels down, three to the right
    assert (after.label, after.group, after.view_of) == ("cat", "cats", MODEL.preprocessing)
    assert found.labels == ("cat",)
    assert found.title == "Pets: one and its edited copy"


def test_what_was_done_is_said_with_what_became_of_label_and_mask():
    (said,) = both("grey:box.0.0.300.300", "rotate::90").notes
    assert said == (
        "one (edited) is one after 2 edits, made to the picture as Tiny sees it: Fill with grey: the box from 0% to "
        "30% across and 0% to 30% down; Rotate by +90 degrees, anticlockwise. It has the label and mask of the "
        "unedited picture; the mask moves and turns with the object."
    )
    assert both("noise::5", mask=None).notes[0].endswith("It has the label of the unedited picture and no mask.")
    assert both("noise::5", mask=None, label=None).notes[0].endswith("It has no label and no mask.")
    assert (
        both("noise::5", label=None)
        .notes[0]
        .endswith("It has the mask of the unedited picture; the mask moves and turns with the object.")
    )


@pytest.mark.parametrize(
    "texts",
    [
        ["black:object"],
        ["blur:box.200.200.400.400", "white:box.400.200.600.400"],  # one half, then the other
        ["blur:box.200.200.400.400", "move::0.500.100", "white:box.400.700.600.900"],  # the other half where it is then
        ["move::1000.0.100"],
        ["paste:box.0.0.1000.1000:two"],
    ],
)
def test_nothing_is_said_of_an_object_of_which_nothing_is_left(texts):
    found = both(*texts)
    assert (found[1].label, found[1].mask, found.items[1].label) == (None, None, None)
    assert found.notes[0].endswith("Nothing of the object is left in it, so it has no label and no mask.")
    assert found[0].label == "cat"


@pytest.mark.parametrize("text", ["black:-object", "blur:box.200.200.500.400", "brightness::-90", "move::0.0.50"])
def test_an_object_that_is_partly_there_keeps_its_label(text):
    found = both(text)
    assert found[1].label == found.items[1].label == "cat"
    assert found[1].mask.any()


def test_a_picture_is_pasted_from_anywhere_in_the_data_set():
    found = both("paste:box.0.0.1000.500:two")
    assert (found[1].pixels[:5] == dataset()[1].pixels[:5]).all()
    with pytest.raises(ValueError, match="The picture three to paste from is not among these pictures"):
        both("paste:box.0.0.1000.500:three")


def test_results_of_other_edits_are_kept_apart():
    stamps = {both(*texts).items[1].stamp for texts in (["noise::5"], ["noise::6"], ["noise::5", "noise::6"])}
    assert len(stamps) == 3
    assert all("stamp of one" in stamp for stamp in stamps)


def test_a_model_with_another_input_refuses_the_copy():
    other = Preprocessing(resize=SIDE + 2, crop=SIDE)
    found = both("noise::5")
    other.prepare(found[0])
    with pytest.raises(xai.PictureError, match=r"one \(edited\) was already cut for a model with another input size"):
        other.prepare(found[1])


def test_what_cannot_be_edited_is_named():
    with pytest.raises(xai.DataError, match="Pets has no picture 'three' that could be edited"):
        xai.with_edits(dataset(), "three", [xai.Edit.parse("noise::5")], MODEL)
    with pytest.raises(ValueError, match="nothing to show without an edit"):
        xai.with_edits(dataset(), "one", [], MODEL)


def test_its_code_gives_it_again():
    model = xai.load_model("digits")
    digits = xai.load_dataset("textured_digits", limit=3)
    edits = [xai.Edit.parse(text) for text in ("grey:object", f"paste:box.0.0.500.500:{digits[2].name}")]
    found = xai.with_edits(digits, digits[1].name, edits, model)
    again = eval(found.code, {"xai": xai, "model": model})
    assert [sample.id for sample in again] == [sample.id for sample in found]
    assert again.notes == found.notes
    mapped = found.map_labels({found.labels[0]: "7"})
    assert xai.true_classes(model, list(mapped))[0] == 7
