"""Some pictures of a data set as a text in an address: the same ones again, or a sentence."""

import pytest

import xai_core as xai
from xai_core.data import at_places, places_text
from xai_core.errors import DataError

DIGITS = xai.load_dataset("textured_digits")


@pytest.mark.parametrize(
    ("places", "ranges"), [([0], "0"), ([2, 1, 0], "0-2"), ([5, 7, 8, 299], "5,7-8,299"), (range(300), "0-299")]
)
def test_a_text_gives_the_same_pictures(places, ranges):
    text = places_text(DIGITS, places)
    assert text.partition(".")[0] == ranges
    assert [one.name for one in at_places(DIGITS, text).items] == [DIGITS.items[place].name for place in sorted(places)]


def test_ranges_can_be_written_by_hand():
    assert len(at_places(DIGITS, "0-9, 12")) == 11


def test_other_pictures_at_the_same_places_are_noticed():
    with pytest.raises(DataError, match="other pictures at these places"):
        at_places(DIGITS[1:], places_text(DIGITS, [3, 4]))


@pytest.mark.parametrize("text", ["x", "1-", "-3", "1,,2", "0-9;1", "1" * 12, "0.zzzzzzzz", "0-1." + "0" * 9])
def test_what_is_no_list_of_places_is_said(text):
    with pytest.raises(DataError, match="named by their places"):
        at_places(DIGITS, text)


@pytest.mark.parametrize("text", ["300", "0-300", "9-3", "999999999"])
def test_places_that_are_not_there_are_said(text):
    with pytest.raises(DataError, match="has 300 pictures, at places from 0"):
        at_places(DIGITS, text)


def test_the_code_gives_them_again():
    some = at_places(DIGITS, places_text(DIGITS, [4, 2]))
    assert some.code == "xai.load_dataset('textured_digits').take([2, 4])"
