"""What labels stand for, said in the sidebar: in the numbers, in the address, on the next page, from a study."""

from urllib.parse import parse_qsl

import pytest
import torch

import xai_core as xai
from tests.support.command import study, summary, zoo
from tests.support.pages import address, navigate, open_page, press, run, text
from xai_core.models import ARCHITECTURES

DIGITS = next(info.title for info in xai.list_models() if info.key == "digits")
WORDS = {"3": "drei", "8": "acht", "0": "0"}


@pytest.fixture
def named(tmp_path):
    """Digits in class folders, two of which are named in German."""
    root = zoo(tmp_path / "data", 2, tuple(WORDS))
    for digit, word in WORDS.items():
        (root / digit).rename(root / word)
    return root


def opened(root, page="misclassifications", **more):
    return open_page(page, data="Folder", path=str(root), model=DIGITS, **more)


def box(at):
    return next(one.label for one in at.expander if one.label.startswith("Labels and classes"))


def test_labels_without_a_class_are_given_one(named):
    at = opened(named)
    assert box(at) == "Labels and classes · 2 of 3 labels without a class"
    assert "1 of 3 labels is among the model's 10 classes by name." in text(at)
    assert "as-0" not in [one.key for one in at.selectbox]
    before = text(at)
    at.selectbox(key="as-drei").select("3")
    at.selectbox(key="as-acht").select("8")
    run(at)
    assert box(at) == "Labels and classes · changed"
    said = {"drei": "3", "acht": "8"}
    table = xai.evaluate(xai.load_model("digits"), xai.load_dataset(named, label_map=said))
    assert set(table.true) == {0, 3, 8}
    assert f"{table.correct.sum()} of 6" in text(at)
    assert f"{table.correct.sum()} of 6" not in before
    at = navigate(at, "layer_explorer")  # and it goes along
    assert (address(at)["as-drei"], address(at)["as-acht"]) == ("3", "8")


def test_a_link_says_it_again_and_it_goes_along_to_the_next_page(named):
    at = opened(named, as_drei="3", as_acht="None of the classes")
    assert at.selectbox(key="as-drei").value == "3"
    assert box(at) == "Labels and classes · changed"
    at = navigate(at, "layer_explorer")
    assert at.selectbox(key="as-drei").value == "3"
    assert address(at)["as-drei"] == "3"
    assert "acht" in text(at)


def test_a_label_that_has_a_class_may_be_given_another(named):
    at = opened(named)
    at.toggle(key="matched-labels").set_value(True)
    run(at)
    assert at.selectbox(key="as-0").options[0] == "By name: 0"
    at.selectbox(key="as-0").select("8")
    run(at)
    assert at.selectbox(key="as-0").value == "8"  # also where there is nothing left to show
    assert "matched-labels" not in [one.key for one in at.toggle]


def test_rows_stay_where_they_are_when_one_is_chosen(named):
    at = opened(named)
    rows = [one.key for one in at.selectbox if one.key.startswith("as-")]
    at.selectbox(key=rows[-1]).select("8")
    assert [one.key for one in run(at).selectbox if one.key.startswith("as-")] == rows


def test_what_the_model_has_not_is_said(named):
    at = opened(named, as_drei="three")
    assert "The class of drei: the address asks for three, which is not here." in text(at)


def test_where_no_label_is_known_the_page_says_where_to_say_it(named, tmp_path):
    for word in ("0", "drei"):
        (named / word).rename(tmp_path / word)
    at = opened(named)
    assert "The label is none of the model's 10 classes. It is: acht." in text(at)
    assert "Say in the sidebar, under “Labels and classes”, what they stand for, or choose another model." in text(at)


def test_a_study_takes_a_file_and_its_link_shows_the_same(named, tmp_path):
    file = tmp_path / "map.csv"
    file.write_text("label,class\ndrei,3\nacht,8\nzwei,2\n", encoding="utf-8")
    common = ("--data", named, "--model", "digits")
    assert study("misclassified", tmp_path / "out", "--labels-file", file, common=common) == 0
    done = summary(tmp_path / "out")
    assert done["data_notes"] == [
        "Of the labels and classes that were given, 'zwei' occurs in no picture.",
        "Of 6 pictures 6 were looked at: all have 8 bits a channel and are used as they are.",
    ]
    assert "map_labels" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    page, _, query = done["address"].partition("?")
    at = open_page(page.strip("/"), **dict(parse_qsl(query)))
    assert at.selectbox(key="as-drei").value == "3"
    assert done["sentence"].split(",")[0] in text(at)
    assert study("misclassified", tmp_path / "out", common=common) == 4  # another study


OFFER = "Use the labels as class names"


def test_one_press_names_the_classes_of_weights_that_come_without_names(tmp_path):
    chosen, root = nameless(tmp_path)
    at = open_page("misclassifications", **chosen)
    assert "None of the 3 labels is one of the model's 3 classes" in text(at)
    press(at, "names-of-labels")
    assert at.text_area(key="classes").value.splitlines() == ["1", "10", "8"]  # by the alphabet
    assert box(at) == "Labels and classes"
    assert "of 6 pictures" in text(at)
    assert address(at)["classes"].splitlines() == ["1", "10", "8"]
    assert OFFER not in [one.label for one in at.button]  # they have names now
    assert "came without class names" not in text(at)
    (root / "8").rename(root / "9")
    (root / "7").mkdir()
    (root / "10" / next(iter((root / "10").iterdir())).name).rename(root / "7" / "one.png")
    at = open_page("misclassifications", **chosen)
    assert OFFER not in [one.label for one in at.button]  # four labels are not three classes
    assert "class 0 to class 2. Type their names in the sidebar." in text(at)


@pytest.mark.parametrize("page", ["layer_explorer", "foreground", "misclassifications", "discovery", "edit", "model"])
def test_every_page_says_that_classes_have_no_names_and_offers_the_labels_once(tmp_path, page):
    chosen, _ = nameless(tmp_path)
    at = open_page(page, **chosen)
    said = "The checkpoint came without class names, so its classes are called class 0 to class 2."
    assert [one for one in at.main.warning if said in one.value.replace("\\", "")]
    assert [one.label for one in at.button].count(OFFER) == 1
    press(at, "names-of-labels")
    assert at.text_area(key="classes").value.splitlines() == ["1", "10", "8"]
    assert "came without class names" not in text(at)


def nameless(folder):
    """Weights of three classes without names, and pictures of three labels."""
    torch.manual_seed(0)
    torch.save(ARCHITECTURES["small_resnet"].build(3).state_dict(), folder / "mine.pth")
    root = zoo(folder / "data", 2, ("1", "8", "0"))
    (root / "0").rename(root / "10")
    weights = {"model": "Checkpoint", "weights": str(folder / "mine.pth")}
    return {"data": "Folder", "path": str(root), **weights}, root
