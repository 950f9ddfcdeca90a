"""The page Discovery: what it says is what the function finds, and a click opens a picture with its neighbours."""

import shutil

import pytest
from PIL import Image
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

import xai_core as xai
from app.discovery import suspects
from tests.support.pages import gallery, open_page, press, run, text
from xai_core.data import label_address, places_text
from xai_core.questions.discovery.stored import other_split


@pytest.fixture(scope="module")
def page():
    return open_page("discovery", asked="3")


def test_the_page_says_what_is_found(page):
    found = xai.discover(
        xai.load_model("digits_shortcut"), xai.load_dataset("textured_digits_shortcut", split="val"), label="3"
    )
    said = text(page)
    assert "A shortcut is suspected in '3'" in said
    assert found.suspects[0].sentence in said
    assert said.count(found.suspects[0].plain) == 1  # on its own card, not in the headline as well
    assert "What this cannot find" in said
    assert all(one in said for one in found.sentences)


def test_the_answer_stands_first_in_the_tests_of_a_group(page):
    """On a narrow window the rest of the table has to be scrolled to."""
    tables = [list(one.value.columns) for one in page.dataframe if "part" in one.value]
    assert tables
    assert all(columns[:2] == ["part", "suspected"] for columns in tables)


def test_a_picture_has_neighbours(page):
    """Those of the layer's mean activations, by scikit-learn's search."""
    assert "The chosen picture and its nearest" not in text(page)
    press(page, "next")
    assert "The chosen picture and its nearest" in text(page)
    model, data = xai.load_model("digits_shortcut"), xai.load_dataset("textured_digits_shortcut", split="val")
    maps = xai.layer_maps(model, list(data), lambda activation, _: activation.mean((2, 3)), layers="stages.2")
    scaled = StandardScaler().fit_transform(maps["stages.2"].astype(float))
    near = NearestNeighbors(n_neighbors=13).fit(scaled).kneighbors(scaled[:1], return_distance=False)[0]
    assert gallery(page)[-13:] == [data[int(place)].id for place in near]  # behind the pictures of the groups


def test_a_named_group_keeps_its_name_in_card_and_report(page):
    suspect = next(one for one in page.text_input if one.label == "Name this group (all pictures of '3')")
    suspect.set_value("stripes").run()
    assert "All pictures of '3' “stripes”: a shortcut is suspected" in text(page)
    assert not page.exception


def test_a_typical_picture_of_a_group_can_be_chosen(page):
    """A click on it is a click in a gallery: its id is that of a picture of the group."""
    found = xai.discover(
        xai.load_model("digits_shortcut"), xai.load_dataset("textured_digits_shortcut", split="val"), label="3"
    )
    table = found.pictures.set_index("place")["id"]
    assert gallery(page)[:6] == [table[place] for place in found.suspects[0].typical]


def test_a_group_opens_on_another_page_with_its_pictures_alone(page):
    """The button's address names them by their places in the whole data set, and the other page shows no others."""
    data = xai.load_dataset("textured_digits_shortcut", split="val")
    at = press(page, "open-misclassifications-3, all")
    places = [place for place, item in enumerate(data.items) if item.label == "3"]
    assert at.text_input(key="only").value == places_text(data, places)
    assert "20 of the 200 pictures of this data set." in text(at)
    assert "20 pictures" in text(at)
    next(button for button in at.button if button.label == "All pictures").click()
    run(at)
    assert not [one for one in at.text_input if one.key == "only"]
    assert at.number_input(key="n").value > 20


def test_places_that_are_not_there_are_said():
    at = open_page("misclassifications", only="0-9999")
    assert "at places from 0; 0-9999 is not among them" in text(at)
    at.text_input(key="only").set_value("0-4")
    assert "5 of the " in text(run(at))


def test_near_duplicates_are_looked_for_in_another_split(tmp_path):
    """A folder whose train split holds copies of two test pictures, and labels that stand for classes."""
    data = xai.load_dataset("textured_digits", split="test").choose(["3", "5"], 44)
    for place, sample in enumerate(data):
        folder = tmp_path / "test" / f"number {sample.label}"
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(sample.pixels).save(folder / f"{place}.png")
    for label in ("3", "5"):
        first = sorted((tmp_path / "test" / f"number {label}").iterdir())[0]
        copy = tmp_path / "train" / f"number {label}" / first.name
        copy.parent.mkdir(parents=True)
        shutil.copy(first, copy)
    meant = {"number 3": "3", "number 5": "5"}
    loaded = xai.load_dataset(tmp_path, split="test", label_map=meant)
    assert xai.load_dataset(tmp_path, same="together").options == {"same": "together"}
    other = other_split(loaded, "train")
    assert [dict(item.label_map) for item in other.items] == [{"number 3": "3"}, {"number 5": "5"}]
    model = next(info.title for info in xai.list_models() if info.key == "digits")
    stands = {label_address(label): name for label, name in meant.items()}
    at = open_page("discovery", data="Folder", path=str(tmp_path), model=model, against="train", **stands)
    assert "have near duplicates in the other split" in text(at)


def test_what_cannot_be_tested_says_so_before_it_warns():
    """'too few pictures' is the answer; that a class is left out, or a model near chance, comes after it."""
    said = text(open_page("discovery", asked="3", n=10))
    assert said.index("Nothing could be tested") < said.index("To look for groups in one half")


def test_suspects_are_counted_in_a_sentence():
    counts = {"of an odd size": 20, "label may be wrong": 4, "dark": 1}
    said = "20 pictures are of an odd size, 4 may have a wrong label (or the model is mistaken) and 1 is dark."
    assert suspects.in_a_sentence(counts) == said
    assert suspects.in_a_sentence({"near duplicate": 1}) == "1 picture has a near duplicate."
