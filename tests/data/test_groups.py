"""Groups: what pictures belong to, from the item to the sample and into the keys of results."""

from dataclasses import replace

import xai_core as xai
from xai_core.batch.opening import data_stamp
from xai_core.data.groups import in_group


def test_a_group_goes_with_the_picture_and_into_the_keys_of_results():
    digits = xai.load_dataset("textured_digits")[:2]
    item = in_group(digits.items[0], "patient 1")
    assert item.read().group == item.group == "patient 1"
    assert digits.items[0].group is None
    assert item.truth != in_group(digits.items[0], "patient 2").truth != digits.items[0].truth
    assert digits.items[0].truth == digits.items[0].label  # keys of results without groups stay as they were
    grouped = replace(digits, items=(item, digits.items[1]))
    assert data_stamp(grouped) != data_stamp(digits)


def test_a_view_of_a_picture_keeps_its_group():
    sample = in_group(xai.load_dataset("photos").items[0], "a").read()
    assert xai.load_model("digits").preprocessing.prepare(sample).group == "a"


def test_no_group_leaves_the_item_as_it_is():
    item = xai.load_dataset("photos").items[0]
    assert in_group(item, None) is item
