"""Pictures that belong together: what pages and studies say that they count."""

import shutil
from urllib.parse import parse_qsl

import pytest

import xai_core as xai
from tests.support.command import study, summary, zoo
from tests.support.pages import open_page, text

DIGITS = next(info.title for info in xai.list_models() if info.key == "digits")


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """Eighteen digits in class folders, the pictures of each class in two films; one of their maps is flat."""
    root = zoo(tmp_path_factory.mktemp("films") / "data", 6, ("0", "1", "2"))
    for folder in list(root.iterdir()):
        for place, path in enumerate(sorted(folder.iterdir())):
            film = folder / f"film {folder.name}{place % 2}"
            film.mkdir(exist_ok=True)
            shutil.move(path, film / path.name)
    return root


def test_layer_explorer_counts_groups(films):
    at = open_page("layer_explorer", data="Folder", path=str(films), model=DIGITS, subfolders="Groups")
    assert "Over 6 groups (17 pictures), " in text(at)
    assert "unit: the group" in text(at)
    plain = open_page("layer_explorer", data="Folder", path=str(films), model=DIGITS)
    assert "Over 17 pictures, " in text(plain)
    assert "unit: the picture" in text(plain)
    reading = next(one for one in plain.expander if one.label == "How the files were read")
    assert "subfolders" in [one.key for one in reading.button_group]  # folded: few need it


def test_misclassifications_counts_groups(films, tmp_path):
    """A film lies in the wrong class, so that there is something to test."""
    mixed = shutil.copytree(films, tmp_path / "mixed")
    shutil.move(mixed / "0" / "film 00", mixed / "1" / "film 00")
    at = open_page("misclassifications", data="Folder", path=str(mixed), model=DIGITS, subfolders="Groups")
    assert "n = 18, counting the 6 groups that pictures belong to). The expected calibration error" in text(at)


def test_a_study_counts_groups_and_its_link_shows_the_same(films, tmp_path):
    common = ("--data", films, "--model", "digits", "--option", "subfolders=groups")
    assert study("layers", tmp_path / "out", common=common) == 0
    done = summary(tmp_path / "out")
    assert done["sentence"].startswith("Over 6 groups (17 pictures), ")
    assert done["data_notes"][0].startswith(
        "18 pictures lie in folders within folders, such as 0/film 00/: the inner folder is what"
    )
    assert done["data_notes"][1].startswith("18 of 18 pictures belong to 6 groups, such as film 00; tests count groups")
    page, _, query = done["address"].partition("?")
    at = open_page(page.strip("/"), **dict(parse_qsl(query)))
    assert done["sentence"] in text(at)
